"""Text that came from outside: what is kept of it, what is refused, how it is shown."""

import unicodedata

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from returns_platform.kernel.errors import Invalid, Malformed

# Marks that draw nothing. Alone they are an empty answer; between letters they join emoji and scripts and stay.
INVISIBLE = frozenset(
    "\u00ad\u034f\u115f\u1160\u17b4\u17b5\u180e\u200b\u200c\u200d\u200e\u200f\u2060\u2800\u3164\ufe0e\ufe0f\ufeff\uffa0"
)
MARKS_PER_LETTER = 8


def clean(value: str, *, max: int = 2000, multiline: bool = False) -> str:
    """`value` without surrounding space, or "" when there is nothing to see.

    max: code points, as the database counts them. Raises Malformed for what no keyboard types (NUL, lone surrogates,
    control characters), Invalid for text that is too long or piled up with marks.
    """
    must_be_text(value)
    text = value.replace("\r\n", "\n").replace("\r", "\n").strip()
    if not multiline:
        text = " ".join(text.split())
    if is_invisible(text):
        return ""
    if clipped(text) != text:
        raise Invalid(_("Use fewer accents on one letter"))
    if len(text) > max:
        raise Invalid(too_long(len(text), max))
    return text


def must_be_text(value: str) -> None:
    if broken(value):
        raise Malformed(_("The text holds characters that cannot be read. Type it again."))


def broken(value: str) -> bool:
    """True for NUL, other control characters and halves of a surrogate pair."""
    return any((c < " " and c not in "\t\n\r") or "\x7f" <= c <= "\x9f" or "\ud800" <= c <= "\udfff" for c in value)


def is_invisible(text: str) -> bool:
    return all(c in INVISIBLE or c.isspace() or unicodedata.category(c) == "Cf" for c in text)


def clipped(text: str) -> str:
    """`text` with at most eight marks on one letter, so that no pile of them covers the page."""
    kept, marks = [], 0
    for c in text:
        marks = marks + 1 if unicodedata.combining(c) or unicodedata.category(c) == "Mn" else 0
        if marks <= MARKS_PER_LETTER:
            kept.append(c)
    return "".join(kept)


def too_long(length: int, most: int) -> str:
    return ngettext(
        "Use %(most)s character or fewer; you have %(length)s",
        "Use %(most)s characters or fewer; you have %(length)s",
        most,
    ) % {"most": f"{most:,}", "length": f"{length:,}"}
