"""A waybill number read from a photo: filled into the form for the customer to compare, never sent by itself."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from aftersales.evidence import media
from logistics import couriers
from logistics.couriers import numbers
from returns_platform.kernel.errors import Refused

PHOTO, READ, USE = "receipt", "read", "use"  # the file, the button that reads it, buttons that take a number
TYPED = 40  # characters of a number at most, as in the form


@dataclass(frozen=True, slots=True)
class Found:
    """carriers: whose number it may be, in words; empty when nobody's that is known here."""

    number: str
    carriers: str


@dataclass(frozen=True, slots=True)
class Reading:
    """filled: what the form shows now. taken: the number that stands there. others: further ones, each a button.
    printed: read from characters, which may be mistaken. wrong: why there is none."""

    filled: dict
    taken: Found | None = None
    others: tuple[Found, ...] = ()
    printed: bool = False
    wrong: str = ""


def is_asked(sent: Mapping[str, str], files: Mapping[str, UploadedFile]) -> bool:
    """Enter in the number's field presses the first button, which is ours: a typed number alone is sent."""
    typed = bool(sent.get("waybill", "").strip())
    return USE in sent or (bool(files.get(PHOTO)) and (READ in sent or not typed)) or (READ in sent and not typed)


def read(sent: Mapping[str, str], files: Mapping[str, UploadedFile]) -> Reading:
    typed = sent.get("waybill", "").strip()
    filled = {"waybill": typed, "courier": sent.get("courier", ""), "shared": bool(sent.get("shared"))}
    if chosen := sent.get(USE, "")[:TYPED]:
        return Reading(filled | {"waybill": chosen}, _found(chosen))
    if not files.get(PHOTO):
        return Reading(filled, wrong=_("Choose a photo of the receipt or the parcel's label first."))
    try:
        read = media.numbers_in(files[PHOTO])
    except Refused as refused:
        return Reading(filled, wrong=str(refused.fields.get("file") or refused.message))
    found = _ranked(read)
    if not found:
        return Reading(filled, wrong=_(
            "No number could be read. Take the bars closer and straight, in good light, or type the number."
        ))  # fmt: skip
    if typed and typed.upper() != found[0].number:  # it stays until she takes another
        return Reading(filled, others=tuple(found), printed=read.printed)
    return Reading(filled | {"waybill": found[0].number}, found[0], tuple(found[1:]), printed=read.printed)


def _ranked(read: media.Numbers) -> list[Found]:
    """Those that a courier gives come first, those with letters of its own before all; print holds many other numbers
    (telephones, times), so that of it no others count."""
    found = [_found(number) for number in sorted(read.found, key=str.isdigit)]
    return [one for one in found if one.carriers] + [one for one in found if not one.carriers and not read.printed]


def _found(number: str) -> Found:
    names = [str(couriers.name(code)) for code in numbers.candidates(number)]
    return Found(number, pgettext("between alternatives", " or ").join(names))
