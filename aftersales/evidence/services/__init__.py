"""Everything that writes evidence: what people send, what workers see in it, what is deleted."""

from aftersales.evidence.services.keeping import (
    PHOTOS_A_CASE,
    VIDEOS_A_CASE,
    attach,
    attach_report,
    clear_unused_evidence,
    give_to_transfer,
    grade_photo,
    keep_report,
    keep_slip,
    keep_upload,
    look_at,
    note_read,
    slips_of,
    within_limits,
)
from aftersales.evidence.services.looking import WORKER, look_at_evidence
from aftersales.evidence.services.reading import READER, clear_waybill_photos, read_waybill, read_waybill_photos

__all__ = [
    "PHOTOS_A_CASE",
    "READER",
    "VIDEOS_A_CASE",
    "WORKER",
    "attach",
    "attach_report",
    "clear_unused_evidence",
    "clear_waybill_photos",
    "give_to_transfer",
    "grade_photo",
    "keep_report",
    "keep_slip",
    "keep_upload",
    "look_at",
    "look_at_evidence",
    "note_read",
    "read_waybill",
    "read_waybill_photos",
    "slips_of",
    "within_limits",
]
