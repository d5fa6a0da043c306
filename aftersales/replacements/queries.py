"""Reading replacements."""

from collections.abc import Iterable

from django.db.models import QuerySet

from aftersales.replacements import states
from aftersales.replacements.models import Replacement
from logistics.parcels import states as parcel_states
from logistics.parcels.models import Parcel
from orders.merchants.models import Merchant

PARTS = ("lines__order_line",)


def replacements_of(case_ref: str) -> QuerySet[Replacement]:
    return Replacement.objects.filter(case_ref=case_ref)


def replacement_of(case_ref: str) -> Replacement | None:
    """The newest of a request, whatever became of it."""
    return replacements_of(case_ref).select_related("new_order").order_by("-serial").first()


def live_replacement(case_ref: str) -> Replacement | None:
    return replacements_of(case_ref).exclude(state__in=states.ENDED).first()


def went_ahead(case_ref: str) -> bool:
    """The new goods went before the old ones were back, for all units that were announced."""
    return replacements_of(case_ref).filter(advance=True).exclude(state__in=states.NOTHING).exists()


def newest_of(case_refs: Iterable[str]) -> dict[str, Replacement]:
    """{request's number: its newest replacement}, with lines and the new order."""
    case_refs = list(case_refs)
    if not case_refs:
        return {}
    found = Replacement.objects.filter(case_ref__in=case_refs).select_related("new_order").order_by("serial")
    return {row.case_ref: row for row in found.prefetch_related(*PARTS)}


def cancelled_units(replacement: Replacement) -> dict[str, int]:
    """{line number: units of the new order that the customer cancelled before they were sent}."""
    if replacement.new_order is None:
        return {}
    return dict(replacement.new_order.lines.values_list("line_no", "unshipped_in_use"))


def outbound_parcel(replacement: Replacement) -> Parcel | None:
    """The parcel that brings it, the newest where one was lost or called off."""
    return Parcel.objects.filter(leg=replacement.reference, kind=Parcel.Kind.OUTBOUND).order_by("-pk").first()


def parcel_for_it(replacement: Replacement) -> Parcel | None:
    """The same, but for one that the shop has given up: another one is to be sent."""
    parcel = outbound_parcel(replacement)
    return None if parcel is None or was_given_up(replacement, parcel) else parcel


def was_given_up(replacement: Replacement, parcel: Parcel) -> bool:
    """The shop sends another one. Until then only that this one is there after all is news."""
    return replacement.can_be_sent and parcel.requested_at < replacement.to_send_at


def is_lost(replacement: Replacement) -> bool:
    """It was sent and will not arrive: lost, turned back at the door, or never collected."""
    parcel = outbound_parcel(replacement)
    astray = (parcel_states.LOST, parcel_states.REFUSED, parcel_states.FAILED)
    return replacement.is_on_its_way and parcel is not None and parcel.state in astray


def outbound_parcels(references: Iterable[str]) -> dict[str, Parcel]:
    """{replacement's reference: its newest parcel}."""
    found = Parcel.objects.filter(leg__in=list(references), kind=Parcel.Kind.OUTBOUND).order_by("pk")
    return {parcel.leg: parcel for parcel in found}


def next_parcel_ref(replacement: Replacement) -> str:
    """A new reference after each parcel that was called off, lost or turned back."""
    sent = Parcel.objects.filter(leg=replacement.reference, kind=Parcel.Kind.OUTBOUND).count()
    return f"{replacement.reference}-R{sent}" if sent else replacement.reference


def of_shop(merchant: Merchant) -> QuerySet[Replacement]:
    found = Replacement.objects.filter(merchant=merchant).select_related("order", "new_order", "customer", "merchant")
    return found.prefetch_related(*PARTS)


def to_send(merchant: Merchant) -> QuerySet[Replacement]:
    """What the shop has to send, the longest waiting first."""
    return of_shop(merchant).filter(state=states.TO_SEND).order_by("to_send_at", "pk")


def open_of_shop(merchant: Merchant) -> QuerySet[Replacement]:
    """Everything of the shop that is not over, for `pages.keyset(..., order=("opened_at", "pk"))`."""
    return of_shop(merchant).exclude(state__in=states.ENDED)
