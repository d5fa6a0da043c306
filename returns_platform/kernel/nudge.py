"""Wake a worker after commit. A lost nudge costs seconds: the sweep finds the row anyway."""

import logging

from celery import current_app
from django.conf import settings
from django.db import transaction
from kombu.exceptions import OperationalError

log = logging.getLogger(__name__)


def after_commit(task_name: str) -> None:
    """Ask a worker to look at what is due, once the current transaction is committed.

    The broker's failure is swallowed: the work is a committed row, not the message.
    """

    def wake():
        if not settings.NUDGE_WORKERS:
            return
        try:
            current_app.send_task(task_name, retry=False, ignore_result=True)
        except (OperationalError, OSError) as error:
            log.warning("nobody was woken for %s: %s", task_name, error)

    transaction.on_commit(wake)
