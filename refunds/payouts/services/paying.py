"""Handing refunds to their channel, and asking about them.

Three phases, each for itself: commit what is about to be asked, ask outside any transaction, commit what was
answered. A worker that dies in between leaves an attempt without an end; whoever takes the row over then asks the
channel first, and only "no such refund" lets the same number be sent again.
"""

import logging
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from time import monotonic

from django.db.models import Max

from refunds import gateways
from refunds.gateways.interface import Gateway, GatewayDown, GatewayRefused, RefundAnswer, RefundOrder
from refunds.payouts import queries, rules, states, texts
from refunds.payouts.models import Refund, RefundAttempt
from refunds.payouts.services import pace
from refunds.payouts.services.moves import channel_actor, moving_refund, moving_refund_and_payment
from refunds.payouts.services.words import open_break, take_word
from refunds.wallet import rules as wallet_rules
from refunds.wallet.models import StoreCoupon
from refunds.wallet.services import credit, credit_card, issue_coupon
from returns_platform.kernel import work
from returns_platform.kernel.actors import SYSTEM
from returns_platform.kernel.work import LostClaim

log = logging.getLogger(__name__)

CREATE, QUERY = RefundAttempt.Kind.CREATE, RefundAttempt.Kind.QUERY
PROBLEM_OF_HURDLE = {
    "rate": "too_fast",
    "funds": "not_enough",
    "account": "account_closed",
    "age": "too_old",
    "payment": "payment_unknown",
    "setup": "setup",
}


@dataclass(frozen=True)
class Question:
    """One call about to be made for a claimed refund. state: the refund's when the call was decided."""

    refund_id: int
    claim: int
    state: str
    attempt_id: int
    kind: str
    channel: str
    order: RefundOrder


@dataclass(frozen=True)
class Answer:
    """told: the channel's word; None with no outcome: it has no such refund. took: how long the call lasted."""

    outcome: str
    told: RefundAnswer | None = None
    code: str = ""
    message: str = ""
    hurdle: str = ""
    took: timedelta = timedelta(0)


def pay_due_refunds(now: datetime, *, limit: int = 100) -> int:
    """Take care of what is due, one refund at a time; returns how many rows were looked at."""
    handled = 0
    while handled < limit and pay_next_refund(now=now):
        handled += 1
    return handled


def pay_next_refund(*, now: datetime) -> bool:
    """Claim the refund that is due longest and take it one step further. False when none is due."""
    claimed = work.claim_due(Refund, now=now, limit=1)
    if not claimed:
        return False
    try:
        _take_further(claimed[0], now=now)
    except LostClaim:
        log.warning("refund %s was taken over by another worker", claimed[0].number)
    except Exception as error:
        log.exception("refund %s could not be taken further", claimed[0].number)
        _set_aside(claimed[0], error, now=now)
    return True


def _take_further(claimed: Refund, *, now: datetime) -> None:
    question = prepare(claimed, now=now)
    while question:
        answer = ask(question)
        now += answer.took
        question = take_answer(question, answer, now=now)


# --- phase one: what shall be asked -----------------------------------------------------------------------


def prepare(claimed: Refund, *, now: datetime) -> Question | None:
    """Commit the next call of a claimed refund; None when there is nothing to ask."""
    with moving_refund(claimed.pk, by=SYSTEM, now=now) as refund:
        work.must_be_mine(refund, claimed)
        return _next_question(refund, now=now)


def _next_question(refund: Refund, *, now: datetime) -> Question | None:
    if _nobody_saw_the_end(refund) and refund.state == states.SENDING:
        refund.lose_sight()
        refund.tries = 0
    if refund.state == states.ARRIVED and refund.next_try_at is None:
        return work.done(refund)  # it arrived between being claimed and being locked: nobody doubts that
    if refund.state in (states.UNKNOWN, states.ACCEPTED, states.MANUAL, states.ARRIVED):
        return _question(refund, QUERY, now=now)
    if refund.state in (states.PROMISED, states.SENDING) and refund.pays_itself:
        return _settle_here(refund, now=now)
    if refund.state in (states.PROMISED, states.SENDING):
        return _send(refund, now=now)
    return work.done(refund)


def _nobody_saw_the_end(refund: Refund) -> bool:
    """Whether a worker that sent it died before it could write what came of it."""
    lost = refund.attempts.filter(outcome="")
    sent = lost.filter(kind=CREATE).exists()
    lost.update(outcome="lost")
    return sent


def _send(refund: Refund, *, now: datetime) -> Question | None:
    """Ask for the money, within what the channel allows for one payment."""
    try:
        limits = gateways.of(refund.channel).limits
    except LookupError:
        return _hand_over(refund, "transfer" if refund.is_paid_by_hand else "no_gateway")
    earlier = queries.earlier_refunds(refund)
    if problem := rules.hurdle(limits, paid_at=refund.payment.paid_at, earlier=earlier, now=now):
        return _hand_over(refund, problem)
    first_at = rules.not_before(limits, earlier)
    if first_at and first_at > now:
        return work.due_again(refund, at=first_at)
    if refund.state != states.SENDING:
        refund.send()
    refund.asked_at = refund.asked_at or now
    return _question(refund, CREATE, now=now)


def _question(refund: Refund, kind: str, *, now: datetime) -> Question:
    order = queries.refund_order(refund)
    seq = (refund.attempts.aggregate(last=Max("seq"))["last"] or 0) + 1
    attempt = RefundAttempt.objects.create(
        refund=refund, seq=seq, kind=kind, number=order.number, amount=order.amount, currency=order.currency,
        channel=refund.channel, transaction_id=order.transaction_id, at=now,
    )  # fmt: skip
    return Question(refund.pk, refund.claim, refund.state, attempt.pk, kind, refund.channel, order)


def _hand_over(refund: Refund, problem: str) -> None:
    refund.hand_over(problem)
    work.done(refund)


def _settle_here(refund: Refund, *, now: datetime) -> None:
    """To the balance, a gift card or as a coupon: no channel is called, all three truths are one moment (T62)."""
    if refund.state != states.SENDING:
        refund.send()
    refund.accept()
    refund.arrive()
    refund.asked_at = refund.accepted_at = refund.arrived_at = now
    work.done(refund)
    GIVES[refund.channel](refund, now=now)


def _to_the_balance(refund: Refund, *, now: datetime) -> None:
    gift = {"reference": refund.number, "now": now, "currency": refund.currency, "order": refund.order}
    credit(refund.customer, amount=refund.amount, kind=wallet_rules.REFUND, **gift)
    if refund.bonus:
        credit(refund.customer, amount=refund.bonus, kind=wallet_rules.BONUS, **gift)


def _as_a_coupon(refund: Refund, *, now: datetime) -> StoreCoupon:
    return issue_coupon(
        refund.customer, amount=refund.amount, kind=wallet_rules.REFUND, reference=refund.number, now=now,
        currency=refund.currency, order=refund.order,
    )  # fmt: skip


def _to_the_card(refund: Refund, *, now: datetime) -> None:
    """To the card that was paid with; where the shop has deleted it, the same amount as store credit (T64)."""
    card = credit_card(refund.payment, amount=refund.amount, reference=refund.number, now=now)
    refund.account = card.masked if card else f"{texts.INSTEAD}{_as_a_coupon(refund, now=now).code}"


GIVES = {"balance": _to_the_balance, "coupon": _as_a_coupon, "gift_card": _to_the_card}


# --- phase two: asking ------------------------------------------------------------------------------------


def ask(question: Question) -> Answer:
    """The call itself, in no transaction. Whatever goes wrong in it is an answer too."""
    started = monotonic()
    answer = _call(question)
    return replace(answer, took=timedelta(seconds=monotonic() - started))


def _call(question: Question) -> Answer:
    try:
        gateway = gateways.of(question.channel)
    except Exception as error:  # a key that is missing or unreadable
        return Answer("not_sent", code=type(error).__name__, message=str(error))
    pace.wait_for_turn(question.channel, question.kind, gateway.limits)
    answer = _told_by(gateway, question)
    if answer.told is None and answer.outcome not in ("not_found", "not_sent"):
        pace.slow_down(question.channel, question.kind, gateway.limits)
    return answer


def _told_by(gateway: Gateway, question: Question) -> Answer:
    try:
        told = gateway.refund(question.order) if question.kind == CREATE else gateway.query(question.order)
    except GatewayRefused as error:
        outcome = "postponed" if error.retry else "refused"
        return Answer(outcome, code=error.code, message=error.message, hurdle=error.hurdle)
    except GatewayDown as error:
        return Answer("not_sent" if error.nothing_sent else "unknown", message=str(error))
    except Exception as error:  # a fault of ours after the money may have moved: nobody knows
        log.exception("the gateway %s failed", question.channel)
        return Answer("unknown", code=type(error).__name__)
    return Answer(told.state, told=told) if told else Answer("not_found")


# --- phase three: what was answered -----------------------------------------------------------------------


def take_answer(question: Question, answer: Answer, *, now: datetime) -> Question | None:
    """Commit what came of a call; the next call of the same try, if there is one.

    Raises LostClaim, and writes nothing, when another worker took the refund over in the meantime.
    """
    with moving_refund_and_payment(
        question.refund_id, by=channel_actor(question.channel), now=now, note=f"{question.kind}:{answer.outcome}"
    ) as refund:
        if refund.claim != question.claim:
            raise LostClaim(refund.number)
        _end_attempt(question.attempt_id, answer, now=now)
        refund.claimed_until = None if answer.outcome != "not_found" else refund.claimed_until
        return _follow(refund, question, answer, now=now)


def _end_attempt(attempt_id: int, answer: Answer, *, now: datetime) -> None:
    RefundAttempt.objects.filter(pk=attempt_id).update(
        ended_at=now, outcome=answer.outcome, code=answer.code[:64], message=rules.scrubbed(answer.message)
    )


def _follow(refund: Refund, question: Question, answer: Answer, *, now: datetime) -> Question | None:
    if answer.told:
        return _told(refund, question, answer, now=now)
    if refund.state != question.state:
        return None  # a callback was faster and knows more than a failed call
    if refund.state == states.ARRIVED:
        return _return_still_open(refund, question, answer, now=now)
    if answer.outcome == "not_found":
        return _not_found(refund, now=now)
    if question.kind == QUERY:
        return _still_in_the_dark(refund, answer, now=now)
    return _not_accepted(refund, answer, now=now)


def _told(refund: Refund, question: Question, answer: Answer, *, now: datetime) -> None:
    was = refund.state
    take_word(
        refund, answer.told, asked=question.order, source=refund.channel,
        reference=f"attempt {question.attempt_id}", now=now, answers=question.state,
    )  # fmt: skip
    if refund.state == was == states.ACCEPTED:
        work.due_again(refund, at=rules.next_poll(refund.tries + 1, now=now))
        refund.tries += 1
    elif refund.state == was == states.MANUAL:
        work.done(refund)
    elif refund.state == was == question.state == states.ARRIVED:
        _arrival_stands(refund, question.attempt_id, answer, now=now)


def _arrival_stands(refund: Refund, attempt_id: int, answer: Answer, *, now: datetime) -> None:
    """We had heard that the money came back, and the channel, asked, does not say so: a person compares."""
    work.done(refund)
    open_break(
        "return_not_confirmed", source=refund.channel, reference=f"attempt {attempt_id}", number=refund.number,
        refund=refund, ours={"state": refund.state}, theirs={"state": answer.outcome}, now=now,
    )  # fmt: skip


def _return_still_open(refund: Refund, question: Question, answer: Answer, *, now: datetime) -> None:
    """Asked whether the money came back, and got no usable answer."""
    error = f"{answer.outcome} {answer.code}".strip()
    if answer.outcome == "not_found" or not work.retry_later(refund, now=now, minutes=rules.LADDER, error=error):
        _arrival_stands(refund, question.attempt_id, answer, now=now)


def _not_found(refund: Refund, *, now: datetime) -> Question | None:
    """The channel has no such refund: the call never reached it, and the same number may go again at once.

    Asked too soon after a call it may not know yet: then it is asked once more.
    """
    limits = queries.limits_of(refund.channel)
    sure_at = queries.last_sent_at(refund) + limits.silence
    if now < sure_at:
        return work.due_again(refund, at=sure_at)
    if refund.state == states.UNKNOWN:
        return _send(refund, now=now)
    if refund.state == states.ACCEPTED:
        again = limits.forgets and queries.times_taken(refund) < rules.FORGOTTEN_AT_MOST
        return _send(refund, now=now) if again else _hand_over(refund, "vanished")
    return work.done(refund)


def _still_in_the_dark(refund: Refund, answer: Answer, *, now: datetime) -> None:
    """The question failed. We go on asking, and beyond the ladder a person looks as well."""
    error = f"{answer.outcome} {answer.code}".strip()
    if refund.state == states.MANUAL:
        work.done(refund)
        refund.last_error = error
    elif refund.state == states.ACCEPTED:
        work.due_again(refund, at=rules.next_poll(refund.tries + 1, now=now), error=error)
        refund.tries += 1
    elif not work.retry_later(refund, now=now, minutes=rules.LADDER, error=error):
        refund.problem = "unknown_too_long"
        work.due_again(refund, at=now + rules.PATIENCE, error=error)


def _not_accepted(refund: Refund, answer: Answer, *, now: datetime) -> None:
    """`unknown`: perhaps it was taken. `not_sent`, `postponed`: surely not, later again. `refused`: a person."""
    error = f"{answer.outcome} {answer.code}".strip()
    if answer.outcome == "unknown":
        refund.lose_sight()
        _ask_when(refund, now=now, error=error)
    elif answer.outcome == "refused":
        _hand_over(refund, PROBLEM_OF_HURDLE.get(answer.hurdle, "refused"))
    elif not work.retry_later(refund, now=now, minutes=rules.LADDER, error=error):
        _hand_over(refund, PROBLEM_OF_HURDLE.get(answer.hurdle, "channel_down"))


def _ask_when(refund: Refund, *, now: datetime, error: str) -> None:
    """After a minute; where it was sent before and never taken, ever later, and then a person looks as well."""
    blind = refund.attempts.filter(kind=CREATE, outcome__in=("unknown", "lost")).count()
    refund.tries = max(0, blind - 2)
    if blind < 2:
        work.due_again(refund, at=now + rules.ASK_AFTER, error=error)
    elif not work.retry_later(refund, now=now, minutes=rules.LADDER, error=error):
        refund.problem = "unknown_too_long"
        work.due_again(refund, at=now + rules.PATIENCE, error=error)


def _set_aside(claimed: Refund, error: Exception, *, now: datetime) -> None:
    """A fault of ours in one row must not stop the others; after the ladder a person looks at it."""
    with moving_refund(claimed.pk, by=SYSTEM, now=now) as refund:
        if refund.claim != claimed.claim:
            return
        if not work.retry_later(refund, now=now, minutes=rules.LADDER, error=repr(error)):
            refund.problem = "fault"
            work.due_again(refund, at=now + rules.PATIENCE, error=repr(error))
