"""One life, lived twice: once with every message of the broker heard, once while it is emptied again and again.

Both must come to the same (I30). After each step the tasks that messages ask for are run as a worker would, then the
sweeps look; the other twin loses messages before anybody hears them.
"""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

import redis
from django.conf import settings

from aftersales.tasks import senders
from logistics.tasks import callers
from refunds.tasks import payers
from returns_platform.celery import app as celery
from returns_platform.drill import dump
from returns_platform.drill.streets import Street
from returns_platform.drill.walks import Walk
from returns_platform.stack import servers, valkey

QUEUES = ("money", "courier", "mail", "default")


def broker() -> redis.Redis:
    return redis.Redis(unix_socket_path=valkey.socket_in(os.environ[servers.SOCKETS_VARIABLE]))


def use_broker_as(name: str) -> None:
    """Messages are sent, and are this piece's own."""
    settings.NUDGE_WORKERS = True
    celery.conf.broker_transport_options |= {"global_keyprefix": f"{name}:"}


@dataclass
class Twin(Walk):
    """loses: None, or the chance by which the broker is emptied. It is no part of the life's own."""

    loses: Random | None = None

    def do(self, step) -> None:
        super().do(step)
        if self.loses and self.loses.random() < 0.5:
            broker().flushall()
        super().do(self.hear)
        super().do(self.every_worker)

    def hear(self) -> None:
        for task in set(messages()):
            celery.tasks[task]()
        for aside in (payers, callers, senders):
            aside.settle()


def messages() -> Iterator[str]:
    """What each message that waits asks for; none is left."""
    with celery.connection_for_read() as connection, connection.channel() as channel:
        for queue in QUEUES:
            while message := channel.basic_get(queue, no_ack=True):
                yield message.headers["task"]


def live_twice(seed: int, **world) -> tuple[list[Twin], list[str]]:
    """Both twins, each in a street of its own, and what differs between them, or was wrong in one."""
    twins = [Twin(seed, **world, name="H"), Twin(seed, **world, name="D", loses=Random(seed + 1))]
    streets = [Street(seed, [twin]) for twin in twins]
    ends = [dump.of_orders(street.live().order_ids) for street in streets]
    wrong = [line for street in streets for line in street.violations]
    return twins, wrong + [f"the broker mattered: {line}" for line in dump.difference(*ends)]
