"""Wake a worker after commit. A lost nudge costs seconds: the sweep finds the row anyway."""

import logging
import time

from celery import current_app
from django.conf import settings
from django.db import transaction
from kombu.exceptions import OperationalError

log = logging.getLogger(__name__)

STALE_AFTER_S = 30  # sweeps have looked several times by then: hundreds of nudges must not queue up before them
QUIET_S = 5

_quiet_until = 0.0


def after_commit(task_name: str) -> None:
    """Ask a worker to look at what is due, once the current transaction is committed.

    The broker's failure is swallowed: the work is a committed row, not the message. While the broker is away only
    the first of a request's nudges waits for it.
    """

    def wake():
        global _quiet_until
        if not settings.NUDGE_WORKERS or time.monotonic() < _quiet_until:
            return
        try:
            current_app.send_task(task_name, retry=False, ignore_result=True, expires=STALE_AFTER_S)
        except (OperationalError, OSError) as error:
            _quiet_until = time.monotonic() + QUIET_S
            log.warning("nobody was woken for %s: %s", task_name, error)

    transaction.on_commit(wake)
