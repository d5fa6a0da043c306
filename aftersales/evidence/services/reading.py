"""Reading the number of a waybill from a photo: bars at once, print by a worker of the media queue.

Print takes half a gigabyte and some seconds; the queue's one worker reads one photo after the other. The photo goes
as soon as it is read, its numbers go an hour later.
"""

from contextlib import suppress
from datetime import datetime, timedelta

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction

from aftersales.evidence import media
from aftersales.evidence.models import WaybillPhoto
from returns_platform.kernel import nudge, work

READER = "aftersales.media.read_waybill_photos"
KEPT_FOR = timedelta(hours=1)
LEASE = timedelta(seconds=90)  # longer than the child may take


def read_waybill(upload: UploadedFile, *, case_ref: str, now: datetime) -> WaybillPhoto:
    """What the bars of a photo say, or the photo as one whose print is still to be read.

    It takes the place of the case's earlier photo. Raises Refused as `media.make_safe` does.
    """
    codes, path = media.bars_in(upload)
    forget(WaybillPhoto.objects.filter(case_ref=case_ref))
    if path:
        nudge.after_commit(READER)
    return WaybillPhoto.objects.create(
        case_ref=case_ref, path=path, numbers=codes, printed=bool(path), created_at=now,
        read_at=None if path else now, next_try_at=now if path else None,
    )  # fmt: skip


def read_waybill_photos(*, now: datetime, limit: int = 1) -> int:
    """Read the print of photos that are due. How many were taken."""
    photos = work.claim_due(WaybillPhoto, now=now, limit=limit, lease=LEASE)
    for photo in photos:
        with suppress(WaybillPhoto.DoesNotExist, work.LostClaim):  # another photo came, or somebody else reads
            _read(photo, now=now)
    return len(photos)


def _read(photo: WaybillPhoto, *, now: datetime) -> None:
    """Somebody waits in front of the page: a photo that nobody can read is told at once, not tried again."""
    try:
        numbers, error = media.print_in(photo.path), ""
    except (media.ChildLost, FileNotFoundError) as lost:
        numbers, error = [], str(lost)
    with transaction.atomic():
        row = WaybillPhoto.objects.select_for_update(no_key=True).get(pk=photo.pk)
        work.must_be_mine(row, photo)
        work.done(row)
        row.numbers, row.read_at, row.path, row.last_error = numbers, now, "", error
        row.save()
    media.remove(photo.path)


def clear_waybill_photos(*, now: datetime) -> None:
    """Also files without a row: who kept one was killed before it was written down, or after it was read."""
    forget(WaybillPhoto.objects.filter(created_at__lt=now - KEPT_FOR))
    media.remove_leftovers(before=now - KEPT_FOR)


def forget(photos) -> None:
    """Rows first, then their files."""
    for photo in photos:
        photo.delete()
        if photo.path:
            media.remove(photo.path)
