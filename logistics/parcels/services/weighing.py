"""What a parcel weighs, by the shop's scale or its courier's word. A fact beside the parcel: nothing moves by it."""

from datetime import datetime

from logistics.parcels.models import Parcel, Weighing
from logistics.parcels.services.moving import moving_parcel
from returns_platform.kernel.actors import Actor


def weigh(parcel_id: int, grams: int, *, by: Actor, now: datetime) -> None:
    """As `note_weight`, for a parcel that is not locked yet."""
    with moving_parcel(parcel_id, by=by, now=now) as parcel:
        note_weight(parcel, grams, by=by, now=now)


def note_weight(parcel: Parcel, grams: int, *, by: Actor, now: datetime) -> None:
    """Kept once; another weight is another row, and the newest of each counts. The parcel is locked."""
    source = Weighing.Source.COURIER if by.kind == "courier" else Weighing.Source.SCALE
    last = parcel.weighings.filter(source=source).order_by("-pk").first()
    if last is None or last.grams != grams:
        Weighing.objects.create(
            parcel=parcel, grams=grams, source=source, by_kind=by.kind, by_name=by.name or by.id, at=now
        )
