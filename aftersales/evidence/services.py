"""Keeping and clearing evidence."""

import unicodedata
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.core.files.uploadedfile import UploadedFile

from aftersales.evidence import media
from aftersales.evidence.models import Evidence, EvidenceRead
from orders.merchants.models import Merchant
from orders.purchases.models import Order
from returns_platform.kernel.actors import Actor

UNUSED_FOR = timedelta(hours=24)


def keep_upload(
    upload: UploadedFile, *, merchant: Merchant, by: Actor, now: datetime, order: Order | None = None
) -> Evidence:
    """Make an upload safe and keep it, unused until a request names it; after 24 h unused it is deleted."""
    safe = media.make_safe(upload)
    return Evidence.objects.create(
        merchant=merchant, order=order, kind=safe.kind, sha256=safe.sha256, copy_sha256=safe.copy_sha256,
        path=safe.path, width=safe.width, height=safe.height, size=safe.size, label=_label(upload.name or ""),
        taken_at=_taken_at(safe.taken_at, merchant), by_kind=by.kind, by_id=by.id, created_at=now,
    )  # fmt: skip


def _label(name: str) -> str:
    """The file's name as a label only: printable characters, no path, no direction tricks."""
    plain = name.replace("\\", "/").rsplit("/", 1)[-1]
    return "".join(char for char in plain if unicodedata.category(char)[0] != "C")[:100]


def _taken_at(text: str, merchant: Merchant) -> datetime | None:
    try:
        return datetime.strptime(text, "%Y:%m:%d %H:%M:%S").replace(tzinfo=ZoneInfo(merchant.zone))
    except ValueError:
        return None


def note_read(evidence: Evidence, *, by: Actor, now: datetime) -> None:
    EvidenceRead.objects.create(evidence=evidence, by_kind=by.kind, by_id=by.id, at=now)


def clear_unused_evidence(*, now: datetime) -> int:
    """Delete what nobody used for a day: the row first, then its file."""
    unused = list(Evidence.objects.filter(case_ref="", created_at__lt=now - UNUSED_FOR)[:500])
    for evidence in unused:
        gone, _rows = Evidence.objects.filter(pk=evidence.pk, case_ref="").delete()
        if gone:
            media.remove(evidence.path)
    return len(unused)
