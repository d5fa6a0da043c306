"""Phones and mailboxes as people type them."""

import re
import unicodedata

import phonenumbers


def e164(text: str, *, region: str) -> str | None:
    """A phone number as E.164; without a country code it is read as the region's. None for no number."""
    try:
        number = phonenumbers.parse(unicodedata.normalize("NFKC", text), region)
    except phonenumbers.NumberParseException:
        return None
    if number.extension or not phonenumbers.is_possible_number(number):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def digits(text: str) -> str:
    """A typed code: full-width digits and spaces inside are what phones make of it."""
    return re.sub(r"[\s-]", "", unicodedata.normalize("NFKC", text))
