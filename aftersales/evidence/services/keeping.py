"""Keeping what people send, giving it to a case, and deleting what nobody used."""

import unicodedata
from datetime import datetime, timedelta
from uuid import UUID

from django.core.files.uploadedfile import UploadedFile
from django.db import connection
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from aftersales.evidence import media, signs
from aftersales.evidence.models import REPORT, TRANSFER, Evidence, EvidenceRead, Grade
from aftersales.evidence.services.looking import WORKER
from orders.merchants.models import Merchant
from orders.purchases.models import Order
from returns_platform.kernel import nudge
from returns_platform.kernel.actors import Actor
from returns_platform.kernel.errors import Invalid, NotThere, Refused

UNUSED_FOR = timedelta(hours=24)
PHOTOS_A_CASE, VIDEOS_A_CASE = 9, 1


def keep_upload(
    upload: UploadedFile, *, merchant: Merchant, by: Actor, now: datetime, order: Order | None = None
) -> Evidence:
    """Make an upload safe and keep it, unused until a request names it; after 24 h unused it is deleted.

    The same file again for the same order is the one that is there, as long as no request has it.
    """
    safe = media.make_safe(upload)
    if same := _unused(order, safe):
        media.remove(safe.path)
        return same
    is_photo = safe.kind == Evidence.Kind.PHOTO
    if is_photo:
        nudge.after_commit(WORKER)
    return Evidence.objects.create(
        merchant=merchant, order=order, kind=safe.kind, sha256=safe.sha256, copy_sha256=safe.copy_sha256,
        path=safe.path, width=safe.width, height=safe.height, size=safe.size, label=_label(upload.name or ""),
        facts=safe.facts, taken_at=signs.taken_at(safe.facts, merchant.zone), by_kind=by.kind, by_id=by.id,
        created_at=now, next_try_at=now if is_photo else None,
    )  # fmt: skip


def _unused(order: Order | None, safe: media.Safe) -> Evidence | None:
    return order and Evidence.objects.filter(order=order, case_ref="", sha256=safe.sha256).first()


def _label(name: str) -> str:
    """The file's name as a label only: printable characters, no path, no direction tricks."""
    plain = name.replace("\\", "/").rsplit("/", 1)[-1]
    return "".join(char for char in plain if unicodedata.category(char)[0] != "C")[:100]


def keep_report(
    upload: UploadedFile, *, merchant: Merchant, order: Order, by: Actor, now: datetime
) -> list[Evidence]:
    """The pages of a report, made safe, as yet unused; people read them, no worker compares them. Raises Invalid."""
    try:
        pages = media.report_made_safe(upload)
    except Refused as refused:
        raise Invalid(fields={"file": refused.fields.get("file") or refused.message}) from refused
    name = _label(upload.name or "")
    return [
        Evidence.objects.create(
            merchant=merchant, order=order, kind=page.kind, sha256=page.sha256, copy_sha256=page.copy_sha256,
            path=page.path, width=page.width, height=page.height, size=page.size, label=f"{name[:90]} {nth}",
            facts=page.facts, by_kind=by.kind, by_id=by.id, created_at=now, at_bench=True, looked_at=now,
        )
        for nth, page in enumerate(pages, start=1)
    ]  # fmt: skip


def attach_report(ids: tuple[UUID, ...], order: Order, *, case_ref: str) -> None:
    """Give unused pages to a case, apart from what its customer and its bench showed. Raises Invalid."""
    mine = Evidence.objects.filter(public_id__in=ids, order=order, case_ref="")
    if mine.update(case_ref=case_ref + REPORT) != len(set(ids)):
        raise Invalid(fields={"file": _("One of the pages is not there any more. Please add the report again.")})


def keep_slip(upload: UploadedFile, *, merchant: Merchant, by: Actor, now: datetime) -> Evidence:
    """The photo of a bank's slip, made safe, as yet unused. Raises Invalid for whatever else it is."""
    try:
        kept = keep_upload(upload, merchant=merchant, by=by, now=now)
    except Refused as refused:
        raise Invalid(fields={"photo": refused.fields.get("file") or refused.message}) from refused
    if kept.kind != Evidence.Kind.PHOTO:
        raise Invalid(fields={"photo": _("A photo or a screenshot of the slip, please.")})
    return kept


def give_to_transfer(kept: Evidence, transfer_id: int) -> None:
    kept.case_ref = f"{TRANSFER}{transfer_id}"
    kept.save(update_fields=["case_ref"])


def slips_of(transfer_id: int) -> list[Evidence]:
    return list(Evidence.objects.filter(case_ref=f"{TRANSFER}{transfer_id}"))


def look_at(ids: tuple[UUID, ...], order: Order) -> tuple[int, int]:
    """How many photos and videos these ids are; raises Invalid for one that is not there, not yours or used."""
    usable = Evidence.objects.filter(Q(order=order) | Q(order=None), merchant=order.merchant_id, case_ref="")
    return _counted(ids, list(usable.filter(public_id__in=ids).values_list("kind", flat=True)) if ids else [])


def attach(ids: tuple[UUID, ...], order: Order, *, case_ref: str, at_bench: bool = False) -> tuple[int, int]:
    """Give unused evidence to a case, in one statement; how many photos and videos. Raises Invalid as `look_at`."""
    kinds = []
    if ids:
        with connection.cursor() as cursor:
            cursor.execute(ATTACH, [case_ref, at_bench, list(map(str, ids)), order.merchant_id, order.pk])
            kinds = [kind for (kind,) in cursor.fetchall()]
    return _counted(ids, kinds)


ATTACH = """
    UPDATE aftersales_evidence SET case_ref = %s, at_bench = %s
    WHERE public_id = ANY(%s::uuid[]) AND merchant_id = %s AND (order_id = %s OR order_id IS NULL) AND case_ref = ''
    RETURNING kind
"""


def _counted(ids: tuple[UUID, ...], kinds: list[str]) -> tuple[int, int]:
    if len(kinds) != len(set(ids)):
        raise Invalid(fields={"evidence": _("One of the photos is not there any more. Please add it again.")})
    return within_limits(kinds.count("photo"), kinds.count("video"))


def within_limits(photos: int, videos: int) -> tuple[int, int]:
    if photos > PHOTOS_A_CASE or videos > VIDEOS_A_CASE:
        raise Invalid(fields={"evidence": _("At most nine photos and one video.")})
    return photos, videos


def note_read(evidence: Evidence, *, by: Actor, now: datetime) -> None:
    EvidenceRead.objects.create(evidence=evidence, by_kind=by.kind, by_id=by.id, at=now)


def grade_photo(public_id: UUID, *, case_ref: str, share: int, by: Actor, now: datetime) -> Grade:
    """How much of the goods a person sees as bad, in percent; again changes it. Raises NotThere for other photos."""
    shown = Evidence.objects.filter(public_id=public_id, case_ref=case_ref, kind=Evidence.Kind.PHOTO, at_bench=False)
    photo = shown.exclude(features=[]).first()
    if photo is None or not case_ref:
        raise NotThere
    saw = {"share": share, "by_kind": by.kind, "by_id": by.id, "at": now}
    return Grade.objects.update_or_create(evidence=photo, defaults=saw)[0]


def clear_unused_evidence(*, now: datetime) -> int:
    """Delete what nobody used for a day: the row first, then its file."""
    unused = list(Evidence.objects.filter(case_ref="", created_at__lt=now - UNUSED_FOR)[:500])
    for evidence in unused:
        gone, _rows = Evidence.objects.filter(pk=evidence.pk, case_ref="").delete()
        if gone:
            media.remove(evidence.path)
    return len(unused)
