"""Photos of a form: kept as soon as they arrive, so that no mistake elsewhere in the form loses them."""

import json
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from django.http import HttpRequest
from django.utils.translation import gettext as _

from aftersales.evidence.advice import LIMITS, WORDS
from aftersales.evidence.models import Evidence
from aftersales.evidence.services import PHOTOS_A_CASE, VIDEOS_A_CASE, keep_upload
from orders.purchases.models import Order
from returns_platform.kernel.actors import Actor
from returns_platform.kernel.errors import Refused

KEPT, NEW, DROP = "evidence", "photo", "drop"  # names of the form's fields
A_CASE = {Evidence.Kind.PHOTO: PHOTOS_A_CASE, Evidence.Kind.VIDEO: VIDEOS_A_CASE}
MOST_FILES = sum(A_CASE.values())


@dataclass
class Photos:
    """What a form carries so far. wrong: one sentence per upload that was not taken."""

    kept: list[Evidence] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)

    def add(self, kept: Evidence) -> None:
        """The same picture twice is one."""
        if kept in self.kept:
            return
        if [one.kind for one in self.kept].count(kept.kind) < A_CASE[kept.kind]:
            self.kept.append(kept)
        else:
            self.too_many()

    def too_many(self) -> None:
        told = _("At most nine photos and one video.")
        if told not in self.wrong:
            self.wrong.append(told)

    advice, limits = WORDS, json.dumps(LIMITS)  # for the browser, which looks before it sends

    @property
    def ids(self) -> tuple[UUID, ...]:
        return tuple(kept.public_id for kept in self.kept)


def take_photos(request: HttpRequest, order: Order, *, by: Actor, now: datetime) -> Photos:
    """The photos named in a POST that are this order's and unused, and the new ones that came with it."""
    names = set(request.POST.getlist(KEPT)) - {request.POST.get(DROP)}
    unused = Evidence.objects.filter(public_id__in=filter(_is_uuid, names), order=order, case_ref="")
    photos = Photos(kept=list(unused))
    uploads = request.FILES.getlist(NEW)
    for upload in uploads[:MOST_FILES]:
        _take(photos, upload, order, by=by, now=now)
    if uploads[MOST_FILES:]:
        photos.too_many()
    return photos


def _take(photos: Photos, upload, order: Order, *, by: Actor, now: datetime) -> None:
    try:
        kept = keep_upload(upload, merchant=order.merchant, order=order, by=by, now=now)
    except Refused as refused:
        told = refused.fields.get("file") or refused.message
        photos.wrong.append(_("%(name)s: %(told)s") % {"name": upload.name[:60], "told": told})
    else:
        photos.add(kept)


def _is_uuid(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True
