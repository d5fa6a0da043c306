"""Keeping what couriers send, before anybody answers or understands it."""

import hashlib
from datetime import datetime

from logistics.couriers.models import CourierPush, CourierTask
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


def about_to_ask(*, courier: str, number: str, content: str, now: datetime) -> CourierTask:
    """Noted before the courier is asked; what was asked first stays, since only the same again is the same order."""
    row, _new = CourierTask.objects.get_or_create(
        courier=courier, number=number, defaults={"asked": content, "asked_at": now}
    )
    return row


def keep_task(*, courier: str, number: str, task: str, order: str = "") -> None:
    """The courier's own number, from its answer or its message, whichever comes first. It never changes."""
    unknown = CourierTask.objects.filter(courier=courier, number=number, task="")
    unknown.update(task=task, order=order, asked="")


def nothing_was_done(*, courier: str, number: str) -> None:
    """The courier refused: the number may be asked for with other contents."""
    CourierTask.objects.filter(courier=courier, number=number, task="").delete()
