"""Whose waybill a number may be, by its look. Couriers change their patterns: a hint about whom to ask."""

import re

# The likeliest first. Some patterns belong to one carrier alone: those begin with its own letters.
_PATTERNS = (
    ("sf", r"SF\d{12,15}"),
    ("jd", r"JD[A-Z0-9]{11,15}"),
    ("yto", r"YT\d{13}"),
    ("jt", r"JT\d{13}"),
    ("debon", r"DP[KL]\d{9,12}"),
    ("ems", r"[A-Z]{2}\d{9}CN"),
    ("sto", r"77\d{13}"),
    ("zto", r"7[35678]\d{12}"),
    ("yunda", r"(31|43|46)\d{11}(\d{2})?"),
    ("post", r"9\d{12}"),
    ("ems", r"1[0-5]\d{11}"),
    ("sf", r"\d{12}"),
    ("sto", r"\d{12}"),
    ("zto", r"\d{12}"),
    ("yto", r"\d{10}"),
    ("debon", r"\d{9,10}"),
)
_COMPILED = tuple((carrier, re.compile(pattern, re.ASCII)) for carrier, pattern in _PATTERNS)


def candidates(waybill: str) -> list[str]:
    """Our codes of the carriers that give such numbers; empty for one that nobody here gives."""
    return list(dict.fromkeys(carrier for carrier, pattern in _COMPILED if pattern.fullmatch(waybill)))
