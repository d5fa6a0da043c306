"""Looking for signals in a customer's cases. Each is a row with its evidence; nothing else happens because of one."""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from aftersales.credit.rules import Marked
from aftersales.risk import queries
from aftersales.risk.models import Signal, Trace
from aftersales.risk.rules import Found, habits
from orders.customers.models import Customer
from returns_platform.kernel.actors import Actor
from returns_platform.kernel.errors import Invalid, NotThere, WrongState

FORGOTTEN_AFTER = timedelta(days=365)


def find_signals(customer: Customer, *, now: datetime) -> tuple[Marked, ...]:
    """Bring the signals of a customer up to date, and give those that stand."""
    leave_traces(customer, now=now)
    found = [*habits(queries.lines_of(customer, now=now), now=now), *queries.shared_things(customer, now=now)]
    known = {signal.code: signal for signal in Signal.objects.filter(customer=customer).order_by("pk")}
    for one in found:
        _keep(customer, one, known.get(one.code), now=now)
    return queries.marked([customer], now=now)


def _keep(customer: Customer, found: Found, known: Signal | None, *, now: datetime) -> None:
    """One row of a kind. What a person has dismissed stays dismissed, until something is seen that was not there."""
    told = {"weight": found.weight, "evidence": found.evidence, "expires_at": found.expires_at}
    if known is None or known.dismissed_at:
        if known and not _is_new(found, known):
            return
        Signal.objects.create(customer=customer, code=found.code, found_at=now, **told)
    elif any(getattr(known, name) != value for name, value in told.items()):
        Signal.objects.filter(pk=known.pk).update(**told)


def _is_new(found: Found, known: Signal) -> bool:
    """Another case, or, where it is about none, another finding."""
    return any(about not in known.evidence for about in found.evidence if about.get("case") not in known.cases)


def leave_traces(customer: Customer, *, now: datetime) -> None:
    """Remember by digests which phone, addresses and devices the customer used lately."""
    traces = [
        Trace(customer=customer, kind=kind, digest=digest, seen_at=at)
        for (kind, digest), at in queries.traces_of(customer).items()
        if at > now - FORGOTTEN_AFTER
    ]
    Trace.objects.bulk_create(
        traces, update_conflicts=True, unique_fields=["customer", "kind", "digest"], update_fields=["seen_at"]
    )


def forget_old_traces(*, now: datetime) -> int:
    """What nobody used for a year is nobody's business any more."""
    return Trace.objects.filter(seen_at__lte=now - FORGOTTEN_AFTER).delete()[0]


@transaction.atomic
def dismiss_signal(pk: int, *, note: str, by: Actor, now: datetime) -> Signal:
    """A person looked and found that it is nothing; the words are kept."""
    if not note.strip():
        raise Invalid(fields={"note": _("Say what you found. Colleagues read it.")})
    signal = Signal.objects.select_for_update().filter(pk=pk).first()
    if signal is None:
        raise NotThere
    if signal.dismissed_at:
        raise WrongState(_("%(who)s has done this already.") % {"who": signal.dismissed_by}, state="dismissed")
    signal.dismissed_at, signal.dismissed_by, signal.dismissed_note = now, by.name, note
    signal.save(update_fields=["dismissed_at", "dismissed_by", "dismissed_note"])
    return signal
