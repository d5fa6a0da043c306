"""Keyed digests of what customers may share: two can be compared, none can be read back without the key."""

import hashlib
import hmac
import re
from collections.abc import Mapping

from django.conf import settings


def digest(kind: str, value: str) -> str:
    key = f"aftersales.risk.{kind}:{settings.SECRET_KEY}".encode()
    return hmac.new(key, value.encode(), hashlib.sha256).hexdigest()


def of_phone(number: str) -> str:
    """The last eleven digits: a number with and without its country is the same."""
    digits = re.sub(r"\D", "", number)[-11:]
    return digest("phone", digits) if len(digits) >= 7 else ""


def of_address(place: Mapping) -> str:
    """Everything but the name, without spaces and signs; nothing for an address without a street."""
    street = re.sub(r"[\W_]+", "", str(place.get("street") or "")).lower()
    region = re.sub(r"[\W_]+", "", "".join(str(place.get(part) or "") for part in ("city", "district"))).lower()
    return digest("address", region + street) if len(street) >= 4 else ""
