"""Reading parcels."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Avg, Count, Q, QuerySet, Value
from django.db.models.functions import StrIndex, Substr

from logistics.parcels import slots, states
from logistics.parcels.models import CourierOrder, Parcel, Weighing
from logistics.points.models import Point
from logistics.rates.rules import Record


def to_book_or_call_off() -> QuerySet[Parcel]:
    """Whose van is another parcel's, is booked with that one."""
    return Parcel.objects.filter(Q(state=states.REQUESTED, shares_with=None) | ~Q(stale_numbers=[]))


def to_ask_after() -> QuerySet[Parcel]:
    return Parcel.objects.filter(stale_numbers=[]).exclude(state=states.REQUESTED)


# One van for several returns


def vans_coming(order, *, sender: dict, receiver: dict, now: datetime) -> QuerySet[Parcel]:
    """Parcels whose van comes to this customer's address anyway, and goes where this one has to go."""
    return Parcel.objects.filter(
        kind=Parcel.Kind.RETURN, way=Parcel.Way.PICKUP, state__in=(states.REQUESTED, states.BOOKED),
        shares_with=None, merchant=order.merchant_id, order__customer=order.customer_id, sender=sender,
        receiver=receiver, slot_from__gt=now,
    ).order_by("slot_from", "pk")  # fmt: skip


def riders_of(van_id: int) -> QuerySet[Parcel]:
    """Those that the van is still to come for besides."""
    waiting = (*states.NOT_COLLECTED, states.FAILED)
    riding = Parcel.objects.filter(shares_with=van_id, way=Parcel.Way.PICKUP, state__in=waiting)
    return riding.order_by("pk")


def holder_of_number(number: str) -> int | None:
    """The key of the parcel that has this number now: a van may have been handed on while a courier was asked."""
    return Parcel.objects.filter(number=number).values_list("pk", flat=True).first()


def travelling_with(parcel: Parcel) -> list[str]:
    """Legs of the other returns in the same van or box."""
    box = parcel.shares_with_id or parcel.pk
    others = Parcel.objects.filter(_in_boxes("", [box])).exclude(pk=parcel.pk).exclude(state=states.CANCELLED)
    return list(others.order_by("pk").values_list("leg", flat=True))


def needing_a_person() -> QuerySet[Parcel]:
    """No courier could be booked or called off, or nobody knows the waybill that was given."""
    return Parcel.objects.filter(Q(state=states.MANUAL) | Q(problem__in=Parcel.FOR_A_PERSON))


OWN_FAULTS = (Parcel.Problem.NO_CAPACITY, Parcel.Problem.PICKUP_TIME)
RECORD_OF = timedelta(days=30)
REFUSED_FOR_GOOD = (Parcel.Problem.NOT_SERVED, Parcel.Problem.ACCOUNT)


def was_given(parcel: Parcel) -> bool:
    """A courier may have an order under its present number, whatever came of the call."""
    given = CourierOrder.objects.filter(number=parcel.number)
    return parcel.way == Parcel.Way.PICKUP and parcel.claim > 0 and given.exists()


def courier_of(parcel: Parcel, number: str) -> str:
    """To whom a number of this parcel was given."""
    given = CourierOrder.objects.filter(number=number).values_list("courier", flat=True).first()
    return given or parcel.asked_courier


def refusals(parcel: Parcel) -> dict[str, str]:
    """{courier: why it refused this pickup}: in this slot, or whatever the slot is."""
    refused = parcel.courier_orders.filter(outcome=CourierOrder.Outcome.REFUSED)
    told = refused.filter(Q(slot_from=parcel.slot_from) | Q(problem__in=REFUSED_FOR_GOOD))
    return dict(told.values_list("courier", "problem"))


def records(province: str, *, now: datetime) -> dict[str, Record]:
    """{courier: how it did where the sender lives, lately}."""
    lately = CourierOrder.objects.filter(province=province, given_at__gt=now - RECORD_OF).order_by()
    failed = Q(late=True) | Q(problem__in=OWN_FAULTS)
    told = lately.values("courier").annotate(asked=Count("pk"), failed=Count("pk", filter=failed))
    return {row["courier"]: Record(row["asked"], row["failed"]) for row in told}


def doings(merchant_id: int, *, now: datetime) -> dict[str, dict]:
    """{courier: {"asked", "refused", "late", "price"}} of a shop's pickups; price: on average, in minor units."""
    lately = CourierOrder.objects.filter(parcel__merchant=merchant_id, given_at__gt=now - RECORD_OF).order_by()
    counted = lately.values("courier").annotate(
        asked=Count("pk"), refused=Count("pk", filter=Q(outcome=CourierOrder.Outcome.REFUSED)),
        late=Count("pk", filter=Q(late=True)), price=Avg("amount"),
    )  # fmt: skip
    return {row["courier"]: row for row in counted}


def order_of(parcel: Parcel) -> CourierOrder | None:
    """To whom its present number was given, and why."""
    return CourierOrder.objects.filter(number=parcel.number).first()


def waybill_in_use(courier: str, waybill: str, *, by_another_than: int) -> bool:
    return holder_of(courier, waybill, other_than=by_another_than) is not None


def holder_of(courier: str, waybill: str, *, other_than: int) -> Parcel | None:
    """The live parcel that has this waybill; one whose carrier is not known yet may be anybody's."""
    others = Parcel.objects.exclude(pk=other_than).exclude(waybill="")
    same = Q(courier__in=(courier, "")) if courier else Q()
    return others.filter(same, waybill=waybill, state__in=states.LIVE, shares_with=None).first()


@dataclass(frozen=True, slots=True)
class Together:
    """Legs whose goods travelled together, and what their parcel weighed.

    rounded_up: a courier said so. in_part: some of their goods travel in further boxes.
    """

    legs: frozenset[str]
    grams: int
    rounded_up: bool
    in_part: bool


def weighed_together(legs: Iterable[str]) -> list[Together]:
    """Of these legs those that were weighed, with others that shared a parcel with them."""
    cases = list(dict.fromkeys(legs))
    back = Parcel.objects.filter(kind=Parcel.Kind.RETURN).exclude(state=states.CANCELLED)
    own = back.filter(leg__in=cases).values_list("pk", "shares_with")
    boxes = {shared or pk for pk, shared in own}
    if not boxes or not Weighing.objects.filter(_in_boxes("parcel__", boxes)).exists():
        return []
    travelling = defaultdict(set)
    for pk, shared, leg in back.filter(_in_boxes("", boxes)).values_list("pk", "shares_with", "leg"):
        travelling[shared or pk].add(leg)
    weights = _weights(boxes)
    more = _with_more_boxes(back, [leg for box in weights for leg in travelling[box]])
    return [
        Together(frozenset(travelling[box]), *weights[box], in_part=bool(travelling[box] & more))
        for box in sorted(boxes)
        if box in weights
    ]


def _with_more_boxes(back: QuerySet[Parcel], legs: list[str]) -> set[str]:
    """Of these legs those whose goods did not fit into one box (RT… and RT….2)."""
    first = Substr("leg", 1, StrIndex("leg", Value(".")) - 1)
    boxes = back.filter(leg__contains=".").annotate(first=first).filter(first__in=legs)
    return set(boxes.values_list("first", flat=True))


def _in_boxes(prefix: str, boxes: Iterable[int]) -> Q:
    """boxes: keys of the parcels that others travel in, or of those that travel alone."""
    keys = list(boxes)
    return Q(**{f"{prefix}pk__in": keys}) | Q(**{f"{prefix}shares_with__in": keys})


def _weights(boxes: set[int]) -> dict[int, tuple[int, bool]]:
    """{box: (grams, by the courier)}: the newest by the scale, else the newest by the courier."""
    found: dict[int, tuple[int, bool]] = {}
    rows = Weighing.objects.filter(_in_boxes("parcel__", boxes)).order_by("pk")
    for pk, shared, grams, source in rows.values_list("parcel", "parcel__shares_with", "grams", "source"):
        box, by_courier = shared or pk, source == Weighing.Source.COURIER
        if not by_courier or found.get(box, (0, True))[1]:
            found[box] = (grams, by_courier)
    return found


def booked_slots(merchant_id: int, *, now: datetime) -> Mapping[datetime, int]:
    """Pickups of a shop that are still to come, per start of their slot."""
    coming = Parcel.objects.filter(
        merchant_id=merchant_id, state__in=states.LIVE, slot_from__gte=now, shares_with=None
    )
    return dict(coming.values_list("slot_from").annotate(Count("pk")))


def slots_of(merchant, *, now: datetime) -> list[slots.Slot]:
    """What a customer of this shop can pick from, full ones included."""
    return slots.free_slots(now, merchant.zone, booked=booked_slots(merchant.pk, now=now))


def next_slot_of(merchant, *, now: datetime) -> slots.Slot:
    return slots.next_slot(now, merchant.zone, booked=booked_slots(merchant.pk, now=now))


def must_be_free(slot: slots.Slot, merchant, *, now: datetime) -> None:
    """Raises Invalid with the next three slots of this shop when it is not."""
    slots.must_be_free(slot, now=now, zone=merchant.zone, booked=booked_slots(merchant.pk, now=now))


def taken_in(points: Iterable[Point], *, since: datetime) -> Mapping[int, int]:
    """How many parcels each point has taken in from then on; those with none are not named."""
    counted = Parcel.objects.filter(point__in=list(points), collected_at__gte=since).order_by()
    return dict(counted.values_list("point").annotate(Count("pk")))


def to_be_sent_on(merchant) -> QuerySet[Parcel]:
    """What stations have taken in and no courier has yet; the longest there first."""
    there = Parcel.objects.filter(merchant=merchant, point__isnull=False, state=states.COLLECTED, waybill="")
    return there.select_related("point").order_by("collected_at", "pk")
