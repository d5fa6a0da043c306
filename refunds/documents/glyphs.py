"""The one font that documents are set in, and text made fit for it.

A character that the font lacks is drawn as an empty square and named at the end: nothing vanishes without a word,
and nothing is fetched from anywhere.
"""

import unicodedata
from functools import cache
from pathlib import Path

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont

FONT = "NotoSansSC"
FILE = Path(__file__).parent / "font" / "NotoSansSC-Regular-subset.ttf"
SQUARE = "□"
BREAKS_AFTER = " -/·,;，。；、）"


@cache
def glyph_widths() -> dict[int, float]:
    """Width by code point, in thousandths of the size; reading the file registers the font with reportlab."""
    font = TTFont(FONT, str(FILE))
    pdfmetrics.registerFont(font)
    return dict(font.face.charWidths)


def width(text: str, size: float) -> float:
    widths = glyph_widths()
    return sum(widths[ord(letter)] for letter in text) * size / 1000


def fit(text: object, lacking: set[str]) -> str:
    """One line of text in characters that the font has; what it lacks goes into `lacking` and becomes a square."""
    widths, fitted = glyph_widths(), []
    for letter in " ".join(unicodedata.normalize("NFC", str(text)).split()):
        if ord(letter) in widths:
            fitted.append(letter)
        else:
            lacking.add(letter)
            fitted.append(SQUARE)
    return "".join(fitted)


def named(letters: set[str], *, most: int = 24) -> str:
    """U+05D0, U+1F600 …: what the squares stand for."""
    codes = [f"U+{ord(letter):04X}" for letter in sorted(letters)]
    return ", ".join(codes[:most]) + (" …" if len(codes) > most else "")


def wrapped(text: str, size: float, room: float) -> list[str]:
    """Lines that fit the room: broken at blanks in Latin text, anywhere in Chinese or where nothing else fits."""
    widths, lines = glyph_widths(), []
    line, used, last = "", 0.0, 0
    for letter in text:
        step = widths[ord(letter)] * size / 1000
        if line and used + step > room:
            cut = last if last and not _is_wide(letter) else len(line)
            lines.append(line[:cut].rstrip())
            line = line[cut:].lstrip()
            used, last = width(line, size), 0
        line, used = line + letter, used + step
        if letter in BREAKS_AFTER or _is_wide(letter):
            last = len(line)
    return [*lines, line] if line or not lines else lines


def _is_wide(letter: str) -> bool:
    return ord(letter) >= 0x2E80
