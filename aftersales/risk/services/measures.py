"""Measures: proposed by signals or a person, decided by people, in force for a time, lifted or over."""

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from aftersales.credit.services import keep_measures
from aftersales.notifications.services import tell_customer
from aftersales.risk import queries, rules, states
from aftersales.risk.models import Measure, Signal
from orders.customers.models import Customer
from refunds.wallet.rules import DEPOSIT_BACK
from refunds.wallet.services import balance as wallet
from returns_platform.kernel.actors import SYSTEM, Actor
from returns_platform.kernel.errors import Conflict, Invalid, NotAllowed, WrongState
from returns_platform.kernel.fsm import begin, moving

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Terms:
    """What a person decides. finding: read by the customer. why: for colleagues. amount: minor units."""

    kind: str
    days: int
    finding: str = ""
    why: str = ""
    amount: int | None = None


# --- proposed ---------------------------------------------------------------------------------------------


def propose_by_signals(customer: Customer, *, now: datetime) -> Measure | None:
    """Signals above the threshold ask a person to look; once for what they show."""
    standing = queries.signals_of([customer], now=now)
    kind = rules.proposal(signal.weight for signal in standing)
    live = Measure.objects.filter(customer=customer, state__in=states.LIVE)
    if kind != "watch":  # a watch only watches: what it sees is a person's again
        live = live.exclude(kind="watch", state=states.IN_FORCE)
    if not kind or live.exists() or _was_looked_at(customer, standing):
        return None
    measure = Measure(
        customer=customer, kind=kind, proposed_at=now, signals=_as_told(standing), days=30,
        currency=customer.merchant.currency,
    )  # fmt: skip
    return begin(measure, by=SYSTEM, now=now, note="proposed")


def _was_looked_at(customer: Customer, standing: list[Signal]) -> bool:
    """A person has seen all of this already, and nothing was found since."""
    last = Measure.objects.filter(customer=customer, decided_at__isnull=False).order_by("-decided_at").first()
    seen = {
        case for told in (last.signals if last else []) for about in told["evidence"] if (case := about.get("case"))
    }
    return last is not None and all(set(signal.cases) <= seen for signal in standing)


def _as_told(standing: list[Signal]) -> list[dict]:
    return [{"code": signal.code, "evidence": signal.evidence} for signal in standing]


# --- decided ----------------------------------------------------------------------------------------------


def decide_anew(customer: Customer, terms: Terms, *, by: Actor, now: datetime) -> Measure:
    """A person decides a measure that nothing proposed. Raises Conflict while one of its kind is there."""
    try:
        with transaction.atomic():
            _must_be_sound(terms)
            measure = Measure(
                customer=customer, kind=terms.kind, proposed_at=now, currency=customer.merchant.currency,
                signals=_as_told(queries.signals_of([customer], now=now)),
            )  # fmt: skip
            begin(measure, by=by, now=now, note="proposed")
            return decide(measure.pk, terms, by=by, now=now)
    except IntegrityError as clash:
        raise _taken(clash) from clash


def decide(pk: int, terms: Terms, *, by: Actor, now: datetime) -> Measure:
    """Decide a proposal: in force at once, or for a second person where it is strong."""
    _must_be_sound(terms)
    try:
        with moving(Measure, pk, by=by, now=now, note="decided") as measure:
            _must_be_proposed(measure)
            _must_not_be_about(measure, by)
            measure.kind, measure.days, measure.amount = terms.kind, terms.days, terms.amount
            measure.finding, measure.why = terms.finding.strip(), terms.why.strip()
            measure.decided_by_kind, measure.decided_by_id, measure.decided_by_name = by.kind, by.id, by.name
            measure.decided_at = now
            if measure.is_strong:
                measure.decide_first()
            else:
                _start(measure, now=now)
    except IntegrityError as clash:
        raise _taken(clash) from clash
    return measure


def _taken(clash: IntegrityError) -> Exception:
    if "one_live_measure_of_a_kind" not in str(clash):
        return clash
    return Conflict(_("There is a measure of this kind already. Look at that one."))


def agree(pk: int, *, by: Actor, now: datetime) -> Measure:
    """The second person. A deposit is then offered to the customer; everything else is in force."""
    with moving(Measure, pk, by=by, now=now, note="agreed") as measure:
        if not measure.awaits_second:
            raise WrongState(state=measure.state)
        _must_not_be_about(measure, by)
        if measure.decided_by.same_person(by):
            raise NotAllowed(_("You decided this yourself. Somebody else must agree."))
        measure.second_kind, measure.second_id, measure.second_name = by.kind, by.id, by.name
        measure.second_at = now
        if measure.is_deposit:
            measure.offer()
            measure.until = now + timedelta(days=rules.OFFER_DAYS)
            tell(measure, "credit_deposit", now=now)
        else:
            _start(measure, now=now)
    return measure


def _start(measure: Measure, *, now: datetime) -> None:
    measure.start()
    measure.from_at, measure.until = now, now + timedelta(days=measure.days)
    follow(measure, now=now)
    if measure.is_told:
        tell(measure, "credit_decided", now=now)


def decline(pk: int, *, why: str, by: Actor, now: datetime) -> Measure:
    """Nothing is done; the words say why not. The signals stay, and ask again only when there is something new."""
    if not why.strip():
        raise Invalid(fields={"why": _("Say why. Colleagues read it.")})
    with moving(Measure, pk, by=by, now=now, note="declined", data={"why": why[:500]}) as measure:
        if measure.state not in states.WAITING:
            raise WrongState(state=measure.state)
        _must_not_be_about(measure, by)
        if measure.decided_at is None:
            measure.decided_by_kind, measure.decided_by_id, measure.decided_by_name = by.kind, by.id, by.name
            measure.decided_at, measure.why = now, why.strip()
        measure.decline()
        measure.ended_at = now
    return measure


def lift(pk: int, *, why: str, by: Actor, now: datetime) -> Measure:
    """Take a measure back before its time. A strong one is lifted by somebody else than who decided it."""
    if not why.strip():
        raise Invalid(fields={"why": _("Say why. Colleagues read it.")})
    with moving(Measure, pk, by=by, now=now, note="lifted", data={"why": why[:500]}) as measure:
        if measure.state not in (states.IN_FORCE, states.OFFERED):
            raise WrongState(state=measure.state)
        _must_not_be_about(measure, by)
        if measure.is_strong and measure.decided_by.same_person(by):
            raise NotAllowed(_("You decided this yourself. Somebody else must lift it."))
        was_told = measure.is_told
        measure.lift()
        _over(measure, now=now)
        if was_told:
            tell(measure, "credit_lifted", now=now)
    return measure


# --- over -------------------------------------------------------------------------------------------------


def end_due(*, now: datetime, limit: int = 200) -> int:
    """Measures whose time is over end; a deposit goes back in the same breath, an offer lapses without a trace."""
    live = Measure.objects.filter(state__in=(states.IN_FORCE, states.OFFERED), until__lte=now)
    due = list(live.order_by("until").values_list("pk", flat=True)[:limit])
    for pk in due:
        try:
            _end(pk, now=now)
        except Exception:
            log.exception("measure %s could not be ended", pk)
    return len(due)


def _end(pk: int, *, now: datetime) -> None:
    with moving(Measure, pk, by=SYSTEM, now=now, note="time_over") as measure:
        if measure.state not in (states.IN_FORCE, states.OFFERED) or measure.until > now:
            return
        held = measure.is_deposit and measure.is_in_force
        measure.end()
        _over(measure, now=now)
        if held:
            tell(measure, "credit_deposit_back", now=now)


def _over(measure: Measure, *, now: datetime) -> None:
    measure.ended_at = now
    if measure.is_deposit and measure.from_at:
        give_deposit_back(measure, now=now)
    follow(measure, now=now)


def give_deposit_back(measure: Measure, *, now: datetime) -> None:
    """In full, always: nothing is ever taken from a deposit. Once, by its reference."""
    wallet.credit(
        measure.customer, amount=measure.amount, kind=DEPOSIT_BACK, reference=deposit_ref(measure),
        currency=measure.currency, now=now,
    )  # fmt: skip


def deposit_ref(measure: Measure) -> str:
    return f"measure-{measure.pk}"


def follow(measure: Measure, *, now: datetime) -> None:
    """The row of the customer says what is in force; judging reads the rows of all their account."""
    # Of two measures at once the later sees the first.
    customer = Customer.objects.select_for_update(no_key=True).get(pk=measure.customer_id)
    in_force = list(queries.in_force(customer, now=now).exclude(pk=measure.pk))
    if measure.is_in_force:
        in_force.append(measure)
    keep_measures(customer.pk, in_force, now=now)


def tell(measure: Measure, event: str, *, now: datetime, occasion: str = "") -> None:
    merchant = measure.customer.merchant
    params = {
        "return_no": number_of(measure), "shop": merchant.name, "shop_en": merchant.name_en or merchant.name,
        "zone": merchant.zone, "due_at": measure.until.isoformat() if measure.until else "",
        "amount": measure.amount or 0, "currency": measure.currency, "contact": merchant.contact,
        "is_over": measure.state in states.OVER,
    }  # fmt: skip
    tell_customer(
        measure.customer, case_ref=number_of(measure), event=event, params=params,
        occasion=occasion or str(measure.version), now=now,
    )  # fmt: skip


def number_of(measure: Measure) -> str:
    """What people call it: CR17."""
    return f"CR{measure.pk}"


# --- what must hold ---------------------------------------------------------------------------------------


def _must_be_sound(terms: Terms) -> None:
    wrong = {}
    if terms.kind not in rules.MEASURES:
        raise Invalid(fields={"kind": _("Choose a measure.")})
    if not 1 <= terms.days <= rules.MOST_DAYS[terms.kind]:
        wrong["days"] = _("Between 1 and %(most)s days.") % {"most": rules.MOST_DAYS[terms.kind]}
    if terms.kind in rules.WITH_AMOUNT and not terms.amount:
        wrong["amount"] = _("Say how much.")
    if terms.kind != "watch" and not terms.finding.strip():
        wrong["finding"] = _("Say what was found, calmly. The customer reads it.")
    if not terms.why.strip():
        wrong["why"] = _("Say why. Colleagues read it.")
    if wrong:
        raise Invalid(fields=wrong)


def _must_be_proposed(measure: Measure) -> None:
    if not measure.is_proposed:
        raise WrongState(state=measure.state)


def _must_not_be_about(measure: Measure, by: Actor) -> None:
    if by.kind == "support" and by.id and by.id == str(measure.customer.user_id or ""):
        raise NotAllowed(_("This is about yourself. Somebody else must decide."))
