"""Reading evidence: which pictures were shown before, by whomever."""

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.db.models import Q

from .models import REPORT, TRANSFER, Evidence, Twin, WaybillPhoto


@dataclass(frozen=True, slots=True)
class Reuse:
    """A photo of ours that another case shows as well. distance: of 256 bits, 0 for the very same file."""

    photo: Evidence
    other: Evidence
    distance: int

    @property
    def same_order(self) -> bool:
        """Two requests about one order may well show one picture."""
        return self.photo.order_id is not None and self.photo.order_id == self.other.order_id


def reused(photos: Iterable[Evidence]) -> list[Reuse]:
    """Every other case, of any customer and shop, that shows a picture of these; two statements.

    Resized, cropped a little, mirrored, brightened and saved again it is still found, as soon as a worker has looked
    at both; the same file is found at once. What the shop's bench saw counts on neither side, nor does what nobody
    has used. Whom the cases may be told to, the caller knows.
    """
    ours = {photo.pk: photo for photo in photos if not photo.at_bench}
    if not ours:
        return []
    found: dict[tuple[int, int], Reuse] = {}
    for photo, other, distance in [*_twins(ours), *_same_files(ours)]:
        if _counts(photo, other):
            found[photo.pk, other.pk] = Reuse(photo, other, distance)
    return sorted(found.values(), key=lambda reuse: (reuse.photo.pk, reuse.other.case_ref))


def _twins(ours: dict[int, Evidence]) -> Iterable[tuple[Evidence, Evidence, int]]:
    pairs = Twin.objects.filter(Q(first__in=ours) | Q(second__in=ours))
    for pair in pairs.select_related("first__merchant", "second__merchant"):
        if pair.first_id in ours:
            yield ours[pair.first_id], pair.second, pair.distance
        if pair.second_id in ours:
            yield ours[pair.second_id], pair.first, pair.distance


def _same_files(ours: dict[int, Evidence]) -> Iterable[tuple[Evidence, Evidence, int]]:
    same = Evidence.objects.filter(sha256__in={photo.sha256 for photo in ours.values()}).exclude(pk__in=ours)
    others = list(same.exclude(case_ref="").select_related("merchant"))
    for photo in ours.values():
        yield from ((photo, other, 0) for other in others if other.sha256 == photo.sha256)


def _counts(photo: Evidence, other: Evidence) -> bool:
    is_a_case = other.case_ref and not other.case_ref.startswith(TRANSFER) and not other.case_ref.endswith(REPORT)
    return bool(is_a_case) and not other.at_bench and other.case_ref != photo.case_ref


def waybill_photo(public_id: str, *, case_ref: str) -> WaybillPhoto | None:
    """The photo that a page of that case waits for; None once another took its place, or for what is no id."""
    with suppress(ValidationError):
        return WaybillPhoto.objects.filter(public_id=public_id, case_ref=case_ref).first()
    return None
