"""Looking at kept photos, in the media queue: what they show, and who shows the same."""

from contextlib import suppress
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction

from aftersales.credit import services as credit
from aftersales.evidence import media, prints
from aftersales.evidence.models import Evidence, Print, Twin
from orders.purchases.models import Order
from returns_platform.kernel import work

WORKER = "aftersales.media.look_at_evidence"
LOOK_LEASE = timedelta(seconds=90)  # longer than the child may take
LOOK_AGAIN_MINUTES = (1, 5, 20)


def look_at_evidence(*, now: datetime, limit: int = 1) -> int:
    """Look at photos that are due: what they show, and who shows the same. How many were taken."""
    photos = work.claim_due(Evidence, now=now, limit=limit, lease=LOOK_LEASE)
    for photo in photos:
        with suppress(Evidence.DoesNotExist, work.LostClaim):  # deleted meanwhile, or somebody else looks
            _look_at(photo, now=now)
    return len(photos)


def _look_at(photo: Evidence, *, now: datetime) -> None:
    """First the prints are committed, then others are sought: of two at the same moment the later finds the other."""
    try:
        told = media.look(photo.path)
        if "wrong" in told:
            return _give_up(photo, told["wrong"])
        _keep_look(photo, told, now=now)
        _pair(photo, prints.twins_of(photo.pk), now=now)
    except FileNotFoundError:
        _give_up(photo, "gone")
    except (media.ChildLost, IntegrityError) as lost:  # killed, too slow; or a twin was deleted this moment
        _look_later(photo, str(lost), now=now)


@transaction.atomic
def _keep_look(photo: Evidence, told: dict, *, now: datetime) -> None:
    row = _mine(photo)
    Print.objects.filter(evidence=row).delete()
    Print.objects.bulk_create(prints.rows_of(row.pk, told["prints"]))
    row.features, row.codes, row.looked_at = told["features"], told["codes"], now
    row.save(update_fields=["features", "codes", "looked_at"])


@transaction.atomic
def _pair(photo: Evidence, found: list[tuple[int, int]], *, now: datetime) -> None:
    row = _mine(photo)
    pairs = [(*sorted((row.pk, other)), distance) for other, distance in found]
    Twin.objects.bulk_create(
        [Twin(first_id=first, second_id=second, distance=distance) for first, second, distance in pairs],
        ignore_conflicts=True,
    )
    if found:
        shown_by = Order.objects.filter(evidence__in=[row.pk, *(other for other, _distance in found)])
        credit.look_again(shown_by.values_list("customer", flat=True), now=now)
    work.done(row)
    row.save(update_fields=WORKED)


@transaction.atomic
def _give_up(photo: Evidence, error: str) -> None:
    """It cannot be looked at, now or later. People see the photo, and that nobody compared it."""
    row = _mine(photo)
    work.done(row)
    row.last_error = error
    row.save(update_fields=WORKED)


@transaction.atomic
def _look_later(photo: Evidence, error: str, *, now: datetime) -> None:
    row = _mine(photo)
    work.retry_later(row, now=now, minutes=LOOK_AGAIN_MINUTES, error=error)
    row.save(update_fields=WORKED)


WORKED = ["next_try_at", "claimed_until", "tries", "last_error"]


def _mine(photo: Evidence) -> Evidence:
    row = Evidence.objects.select_for_update(no_key=True).get(pk=photo.pk)
    work.must_be_mine(row, photo)
    return row
