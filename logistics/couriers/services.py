"""Keeping what couriers send, before anybody answers or understands it."""

import hashlib
from datetime import datetime

from logistics.couriers.models import CourierPush
from returns_platform.kernel import nudge


def keep_push(*, courier: str, kind: str, content: str, now: datetime) -> None:
    """One row per content, however often it comes."""
    digest = hashlib.sha256(content.encode()).hexdigest()
    _row, new = CourierPush.objects.get_or_create(
        courier=courier, kind=kind, digest=digest,
        defaults={"content": content, "received_at": now, "next_try_at": now},
    )  # fmt: skip
    if new:
        nudge.after_commit("logistics.take_in_courier_news")
