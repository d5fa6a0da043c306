"""Numbers in the barcodes of a photo of a waybill.

Everything found is text that a stranger may have printed: it is handed on as text of known shape, never followed.
"""

import re

from photo import opened, upright

MOST = 8  # codes of one photo
LIKE_A_NUMBER = re.compile(r"[A-Z0-9][A-Z0-9-]{5,31}", re.ASCII)


def read_numbers(source: str) -> dict:
    """{"codes": [...]} of a file as it was sent."""
    with opened(source) as image:
        return {"codes": codes(upright(image))}


def codes(image) -> list[str]:
    """Barcodes and QR codes whose text looks like a waybill number; addresses and sentences are left alone."""
    import zxingcpp

    found = zxingcpp.read_barcodes(image)[:MOST]
    return list(dict.fromkeys(filter(None, (as_number(code.text) for code in found))))


def as_number(text: str) -> str:
    tidy = text.strip().upper()
    return tidy if LIKE_A_NUMBER.fullmatch(tidy) and any(char.isdigit() for char in tidy) else ""
