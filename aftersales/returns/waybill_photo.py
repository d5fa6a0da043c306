"""A waybill number read from a photo: filled into the form for the customer to compare, never sent by itself.

Bars are read at once. Print is read by a worker, and the page looks again until it has been.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from aftersales.evidence import queries
from aftersales.evidence.models import WaybillPhoto
from aftersales.evidence.services import read_waybill
from logistics import couriers
from logistics.couriers import numbers
from returns_platform.kernel.errors import Refused

PHOTO, READ = "receipt", "read"  # the file, the button that reads it
LOOK, USE = "look", "use"  # the button that looks again at what was read, buttons that take a number
TYPED = 40  # characters of a number at most, as in the form


@dataclass(frozen=True, slots=True)
class Found:
    """carriers: whose number it may be, in words; empty when nobody's that is known here."""

    number: str
    carriers: str


@dataclass(frozen=True, slots=True)
class Reading:
    """filled: what the form shows now. taken: the number that stands there. others: further ones, each a button.
    printed: read from characters, which may be mistaken. waits: the id of a photo whose print is being read.
    wrong: why there is none."""

    filled: dict
    taken: Found | None = None
    others: tuple[Found, ...] = ()
    printed: bool = False
    waits: str = ""
    wrong: str = ""


def is_asked(sent: Mapping[str, str], files: Mapping[str, UploadedFile]) -> bool:
    """Enter in the number's field presses the first button, which is ours: a typed number alone is sent."""
    if USE in sent or LOOK in sent:
        return True
    typed, photo = bool(sent.get("waybill", "").strip()), bool(files.get(PHOTO))
    return (photo and READ in sent) or (not typed and (photo or READ in sent))


def read(
    sent: Mapping[str, str], files: Mapping[str, UploadedFile], *, case_ref: str, now: datetime
) -> Reading:  # fmt: skip
    typed = sent.get("waybill", "").strip()
    reading = Reading({"waybill": typed, "courier": sent.get("courier", ""), "shared": bool(sent.get("shared"))})
    if chosen := sent.get(USE, "")[:TYPED]:
        return _take(reading, _found(chosen))
    if waited_for := sent.get(LOOK, ""):
        return _show(reading, queries.waybill_photo(waited_for, case_ref=case_ref))
    if not files.get(PHOTO):
        return replace(reading, wrong=_("Choose a photo of the receipt or the parcel's label first."))
    try:
        return _show(reading, read_waybill(files[PHOTO], case_ref=case_ref, now=now))
    except Refused as refused:
        return replace(reading, wrong=str(refused.fields.get("file") or refused.message))


def look_again(waited_for: str, *, case_ref: str) -> Reading:
    """For the part of the page that looks by itself: every number is offered, since it does not know the form."""
    photo = queries.waybill_photo(waited_for, case_ref=case_ref)
    return _offered(Reading({}), photo)


def _show(reading: Reading, photo: WaybillPhoto | None) -> Reading:
    """A number that was typed stays until she takes another; else the likeliest one is filled in."""
    offered = _offered(reading, photo)
    typed = reading.filled["waybill"].upper()
    if not offered.others or (typed and typed != offered.others[0].number):
        return offered
    return _take(replace(offered, others=offered.others[1:]), offered.others[0])


def _take(reading: Reading, found: Found) -> Reading:
    return replace(reading, filled=reading.filled | {"waybill": found.number}, taken=found)


def _offered(reading: Reading, photo: WaybillPhoto | None) -> Reading:
    if photo is not None and photo.read_at is None:
        return replace(reading, waits=str(photo.public_id))
    found = _ranked(photo) if photo else []
    if not found:
        return replace(reading, wrong=_(
            "No number could be read. Take the bars closer and straight, in good light, or type the number."
        ))  # fmt: skip
    return replace(reading, others=tuple(found), printed=photo.printed)


def _ranked(photo: WaybillPhoto) -> list[Found]:
    """Those that a courier gives come first, those with letters of its own before all; print holds many other numbers
    (telephones, times), so that of it no others count."""
    found = [_found(number) for number in sorted(photo.numbers, key=str.isdigit)]
    return [one for one in found if one.carriers] + [one for one in found if not one.carriers and not photo.printed]


def _found(number: str) -> Found:
    names = [str(couriers.name(code)) for code in numbers.candidates(number)]
    return Found(number, pgettext("between alternatives", " or ").join(names))
