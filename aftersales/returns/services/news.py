"""News from orders, parcels and refunds, taken in one case at a time. Signals bring it soon, the sweep surely."""

import logging
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

from django.db.models import F, Q, QuerySet

from aftersales.replacements import services as replacements
from aftersales.replacements.models import Replacement
from aftersales.returns import states
from aftersales.returns.models import ReturnRequest
from aftersales.returns.services import paying, replacing, turned_back
from aftersales.returns.services.goods import parcel_moved
from aftersales.returns.services.invoices import ask_for_red_letter, ask_for_red_letters
from aftersales.returns.services.money import money_moved
from aftersales.returns.services.tasks import open_task
from logistics.parcels import states as parcel_states
from logistics.parcels.models import Parcel
from orders.purchases.models import MadeFor, Order
from refunds.charges.models import Charge
from refunds.payouts.models import Refund
from refunds.payouts.states import RETURNED_BY_BANK

log = logging.getLogger(__name__)
LOOK_BACK = timedelta(hours=2)


def take_parcel_news(parcel_id: int, *, now: datetime) -> None:
    parcel = Parcel.objects.filter(pk=parcel_id).first()
    if parcel is not None and parcel.kind == Parcel.Kind.OUTBOUND:
        replacing.outbound_moved(parcel, now=now)
        turned_back.came_back(parcel, now=now)
    elif parcel is not None:
        parcel_moved(parcel.reference, now=now)


def take_replacement_news(replacement_id: int, *, now: datetime) -> None:
    """Another step of what replaces the goods: the request goes on with it."""
    found = Replacement.objects.filter(pk=replacement_id).first()
    if found is not None:
        replacing.replacement_moved(found, now=now)


def take_charge_news(charge_id: int, *, now: datetime) -> None:
    found = Charge.objects.filter(pk=charge_id).first()
    if found is not None:
        paying.charge_moved(found, now=now)


def take_refund_news(refund_id: int, *, now: datetime) -> None:
    refund = Refund.objects.filter(pk=refund_id).first()
    if refund is not None:
        money_moved(refund.case_ref, refund_id=refund.pk, now=now)
        ask_for_red_letter(refund.case_ref, now=now)


def take_order_news(order_id: int, note: str, *, now: datetime) -> None:
    """Units that were refunded before they left were sent all the same: somebody has to fetch them back."""
    order = Order.objects.filter(pk=order_id).first()
    if order is not None and order.made_for == MadeFor.REPLACEMENT:
        replacements.follow_new_order(order.pk, now=now)
    if order is not None and note == "shipped_in_use":
        open_task("refunded_units_shipped", order.order_no, order=order, now=now)


def catch_up(*, now: datetime) -> None:
    """What a lost signal would have told: parcels and refunds that moved while their case stood still."""
    _take_in(_parcels_ahead(), parcel_moved, now=now)
    _take_in(replacing.outbound_ahead(), replacing.outbound_moved, now=now)
    _take_in(turned_back.turned_back_lately(now - LOOK_BACK), turned_back.came_back, now=now)
    _take_in(replacing.ahead_of_their_case(), replacing.replacement_moved, now=now)
    _take_in(_refunds_ahead(now), _refund_moved, now=now)
    ask_for_red_letters(now=now)


def _take_in(ahead: Iterable, take: Callable[..., None], *, now: datetime) -> None:
    """One that cannot be taken in does not stop the others."""
    for each in ahead:
        try:
            take(each, now=now)
        except Exception:
            log.exception("news of %s could not be taken in", each)


def _refunds_ahead(now: datetime) -> QuerySet[Refund]:
    settling = ReturnRequest.objects.filter(state=states.SETTLING).values_list("return_no", flat=True)
    here = Q(case_ref__in=settling) | Q(state=RETURNED_BY_BANK, replaced_by=None)
    return Refund.objects.filter(here, moves__at__range=(now - LOOK_BACK, now)).distinct()


def _refund_moved(refund: Refund, *, now: datetime) -> None:
    money_moved(refund.case_ref, refund_id=refund.pk, now=now)


def _parcels_ahead() -> list[str]:
    """Parcels that are further than their case, or in trouble; not the many that are where their case is."""
    case = "order__returns__state"
    further = Q(state=parcel_states.BOOKED, **{case: states.APPROVED})
    further |= Q(state__in=(parcel_states.COLLECTED, parcel_states.IN_TRANSIT),
                 **{f"{case}__in": (states.APPROVED, states.AWAITING_GOODS)})  # fmt: skip
    further |= Q(state__in=(parcel_states.DELIVERED, *parcel_states.TROUBLE)) | Q(problem__in=Parcel.FOR_A_PERSON)
    ahead = Parcel.objects.filter(
        further, kind=Parcel.Kind.RETURN, order__returns__counted_at=None,
        order__returns__state__in=states.GOODS_ON_THE_WAY,
        reference__startswith=F("order__returns__return_no"),
    )  # fmt: skip
    return list(ahead.values_list("reference", flat=True))
