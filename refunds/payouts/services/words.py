"""What the channel says about a refund, taken over into our row: compared first, whatever way it came."""

from datetime import datetime

from orders.purchases.services.claims import release_payment
from refunds.gateways.interface import Notification, RefundAnswer, RefundOrder, differences
from refunds.ledger import rules as ledger
from refunds.ledger.services import post
from refunds.payouts import queries, rules, states
from refunds.payouts.models import Break, Refund
from refunds.payouts.services.moves import wake_the_payer
from refunds.payouts.services.moving_back import return_to_balance
from refunds.payouts.services.promising import take_promise_back
from returns_platform.kernel import work

Told = RefundAnswer | Notification
APPLIED, REPEATED, TOO_LATE, MISMATCH, FROZEN, UNASKED, ASKING = (
    "applied", "repeated", "too_late", "mismatch", "frozen", "unasked", "asking",
)  # fmt: skip
WAITS_FOR_FUNDS = "waits_for_funds"
FROZEN_BY = frozenset({"mismatch", "unasked"})  # problems that only a fresh question or two people end


def take_word(
    refund: Refund, told: Told, *, asked: RefundOrder, source: str, reference: str, now: datetime,
    answers: str = "",
) -> str:  # fmt: skip
    """Apply what the channel says to a locked refund; returns what became of it.

    A fact that differs from what we asked for never corrects our row: it freezes the refund and opens a break.
    source and reference: where it was said. answers: the state in which we asked, empty for news unasked for.
    """
    if different := differences(asked, told):
        return _freeze(refund, "mismatch", asked, told, different, source=source, reference=reference, now=now)
    if refund.state in states.NOT_SENT or (refund.state in (states.CANCELLED, states.CLOSED) and _paid(refund, told)):
        return _freeze(refund, "unasked", asked, told, ("state",), source=source, reference=reference, now=now)
    if refund.problem in FROZEN_BY and not answers:
        return FROZEN
    return WORDS[told.state](refund, told, source=source, reference=reference, now=now, answers=answers)


def take_hint(refund: Refund, told: Notification, *, asked: RefundOrder, source: str, reference: str,
              now: datetime) -> str:  # fmt: skip
    """Something happened to a locked refund, and the channel does not say what: it is asked now; its answer counts.

    What the hint does say is compared all the same. A call that is under way brings its own answer.
    """
    where = {"source": source, "reference": reference, "now": now}
    if different := differences(asked, told) + _beyond(refund, told):
        return _freeze(refund, "mismatch", asked, told, different, **where)
    if refund.state in (*states.NOT_SENT, states.CANCELLED, states.CLOSED):
        return _freeze(refund, "unasked", asked, told, ("state",), **where)
    if refund.problem in FROZEN_BY:
        return FROZEN
    if refund.state in (states.ARRIVED, states.RETURNED_BY_BANK):
        return REPEATED
    if refund.state != states.SENDING:
        refund.next_try_at = now
        wake_the_payer()
    return ASKING


def _beyond(refund: Refund, told: Notification) -> tuple[str, ...]:
    """A sum over all refunds of a payment is at least this one, and at most what we ever asked for."""
    if told.refunded is None or refund.amount <= told.refunded <= queries.refunded_at_most(refund):
        return ()
    return ("refunded",)


def _paid(refund: Refund, told: Told) -> bool:
    """Whether it tells of a payout that this refund never was; what came back had been paid before it was closed."""
    return told.state == "succeeded" or (told.state == "returned" and refund.state == states.CANCELLED)


def _freeze(
    refund: Refund, kind: str, asked: RefundOrder, told: Told, different: tuple[str, ...], *, source: str,
    reference: str, now: datetime,
) -> str:  # fmt: skip
    """The ledger is not touched; a row that has ended stays as it is, and the break calls a person."""
    ours = {name: _ours(name, refund, asked) for name in different}
    theirs = {name: _plain(getattr(told, name)) for name in different}
    open_break(kind, source=source, reference=reference, number=told.number, refund=refund, ours=ours,
               theirs=theirs, now=now)  # fmt: skip
    freeze(refund, kind)
    return {"mismatch": MISMATCH, "unasked": UNASKED}[kind]


def _ours(name: str, refund: Refund, asked: RefundOrder):
    match name:
        case "state":
            return refund.state
        case "refunded":
            return queries.refunded_at_most(refund)
    return _plain(getattr(asked, name))


def freeze(refund: Refund, problem: str) -> None:
    """A locked refund that is on its way moves no further until a person has looked."""
    if refund.state == states.MANUAL:
        refund.problem = problem
    elif refund.state in states.ON_ITS_WAY:
        refund.hand_over(problem)
        work.done(refund)


def open_break(
    kind: str, *, source: str, reference: str, number: str, now: datetime, refund: Refund | None = None,
    ours: dict | None = None, theirs: dict | None = None,
) -> Break:  # fmt: skip
    """A difference a person has to look into; the same finding twice is one row. It gets its owner by a sweep."""
    amount, currency = (refund.amount, refund.currency) if refund else _named(theirs or {})
    found, _ = Break.objects.get_or_create(
        kind=kind, source=source, reference=reference,
        defaults={"number": number[:64], "refund": refund, "ours": ours or {}, "theirs": theirs or {},
                  "amount": amount, "currency": currency, "opened_at": now},
    )  # fmt: skip
    return found


def _named(theirs: dict) -> tuple[int, str]:
    """The money that the channel names, where no refund of ours is meant."""
    return theirs.get("amount") or 0, theirs.get("currency") or ""


def _processing(refund: Refund, told: Told, *, now: datetime, answers: str, **where) -> str:
    """Accepted. An answer that was overtaken by a callback says nothing new."""
    if refund.state == states.ACCEPTED:
        _say_whether_it_waits(refund, told)
        return REPEATED
    if refund.state != answers or refund.state == states.ARRIVED:
        return TOO_LATE
    refund.accept()
    refund.accepted_at = refund.accepted_at or now
    refund.channel_ref, refund.account = told.channel_ref[:64], told.account[:100]
    refund.tries = 0
    work.due_again(refund, at=rules.next_poll(0, now=now))
    _say_whether_it_waits(refund, told)
    return APPLIED


def _say_whether_it_waits(refund: Refund, told: Told) -> None:
    """The channel took it and pays once our account there is topped up; every later word says whether it is."""
    if told.waits_for_funds:
        refund.problem = WAITS_FOR_FUNDS
    elif refund.problem == WAITS_FOR_FUNDS:
        refund.problem = ""


def _succeeded(refund: Refund, told: Told, *, now: datetime, **where) -> str:
    """Arrived: the one place where a channel's payout is posted."""
    if refund.state == states.ARRIVED:
        return REPEATED
    if refund.state not in states.ON_ITS_WAY:
        return TOO_LATE
    refund.arrive()
    refund.arrived_at = told.succeeded_at or now
    refund.accepted_at = refund.accepted_at or refund.arrived_at
    refund.channel_ref, refund.account = told.channel_ref[:64], told.account[:100] or refund.account
    work.done(refund)
    post_arrival(refund, now=now)
    return APPLIED


def post_arrival(refund: Refund, *, now: datetime) -> None:
    entries = ledger.arrived(refund.money, at=ledger.channel(refund.channel))
    post(f"{ledger.ARRIVED}:{refund.number}", kind=ledger.ARRIVED, entries=entries, at=now, order=refund.order)


def _closed(refund: Refund, told: Told, *, source: str, reference: str, now: datetime, **how) -> str:
    """Given up by the channel: the money is the payment's again. After an arrival it is not believed (T89)."""
    if refund.state in (states.ARRIVED, states.RETURNED_BY_BANK):
        return _contradiction(refund, told, source=source, reference=reference, now=now)
    if refund.state not in states.ON_ITS_WAY:
        return REPEATED
    refund.close()
    refund.channel_ref = told.channel_ref[:64]
    take_promise_back(refund, now=now)
    return_to_balance(refund, now=now)
    return APPLIED


def _abnormal(refund: Refund, told: Told, *, source: str, reference: str, now: datetime, **how) -> str:
    """The payer's account does not take it: the money waits at the channel and the refund with a person (T94)."""
    if refund.state in (states.ARRIVED, states.RETURNED_BY_BANK):
        return _contradiction(refund, told, source=source, reference=reference, now=now)
    if refund.state not in states.ON_ITS_WAY:
        return REPEATED
    refund.channel_ref = told.channel_ref[:64]
    if refund.state == states.MANUAL:
        refund.problem = "account_abnormal"
    else:
        refund.hand_over("account_abnormal")
    work.done(refund)
    return APPLIED


def _returned(refund: Refund, told: Told, *, source: str, reference: str, now: datetime, answers: str) -> str:
    """The money is back in our account at the channel: the payment's again (T100).

    After an arrival a message alone takes nothing back, however well it is signed, because the money could then be
    paid once more: the channel itself is asked, and its answer decides.
    """
    if refund.state == states.RETURNED_BY_BANK:
        return REPEATED
    if refund.state == states.ARRIVED and told.channel_ref != refund.channel_ref:
        return _contradiction(refund, told, source=source, reference=reference, now=now)
    if refund.state == states.ARRIVED and not answers:
        refund.tries = 0
        work.due_again(refund, at=now)
        wake_the_payer()
        return ASKING
    if refund.state == states.ARRIVED:
        undo_arrival(refund, now=now)
        return APPLIED
    return _closed(refund, told, source=source, reference=reference, now=now)


def undo_arrival(refund: Refund, *, now: datetime) -> None:
    """Payment and ledger are as before the promise; what follows is a person's (T100)."""
    refund.come_back()
    work.done(refund)
    release_payment(refund.payment_id, amount=refund.amount)
    entries = ledger.returned(refund.money, at=ledger.channel(refund.channel))
    post(f"{ledger.RETURNED}:{refund.number}", kind=ledger.RETURNED, entries=entries, at=now, order=refund.order)


def _contradiction(refund: Refund, told: Told, *, source: str, reference: str, now: datetime) -> str:
    open_break(f"{told.state}_after_success", source=source, reference=reference, number=told.number,
               refund=refund, ours={"state": refund.state}, theirs={"state": told.state}, now=now)  # fmt: skip
    return TOO_LATE


def _plain(value):
    return value.isoformat() if isinstance(value, datetime) else value


WORDS = {
    "processing": _processing, "succeeded": _succeeded, "closed": _closed, "abnormal": _abnormal,
    "returned": _returned,
}  # fmt: skip
