"""Numbers that people read aloud, and tokens nobody can guess."""

import secrets
from datetime import date


def return_no(day: date, serial: int) -> str:
    """RT, the day, six digits, and two check digits (ISO 7064 mod 97-10) that catch a mistyped number."""
    body = f"{day:%y%m%d}{serial % 1_000_000:06d}"
    return f"RT{body}{check_digits(body)}"


def is_return_no(text: str) -> bool:
    digits = text.removeprefix("RT")
    return len(digits) == 14 and digits.isascii() and digits.isdigit() and int(digits) % 97 == 1


def check_digits(body: str) -> str:
    return f"{98 - int(body) * 100 % 97:02d}"


def token(length: int = 24) -> str:
    return secrets.token_urlsafe(length)


def code() -> str:
    """A one-time code of six digits."""
    return f"{secrets.randbelow(1_000_000):06d}"
