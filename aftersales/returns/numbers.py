"""Numbers of request sheets (S14), handed out from blocks so that most filings ask the database for none."""

from datetime import datetime
from threading import Lock
from zoneinfo import ZoneInfo

from django.db import connection

from returns_platform.kernel import references

BLOCK = 50  # the sequence grows by as many; a process that ends leaves the rest of its block unused


class _Block:
    """The serials this process may still give out."""

    def __init__(self):
        self.lock, self.left = Lock(), iter(())

    def next(self) -> int:
        with self.lock:
            serial = next(self.left, None)
            if serial is None:
                self.left = iter(range(first := _first_of_block(), first + BLOCK))
                serial = next(self.left)
            return serial


def _first_of_block() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval('return_serial')")
        return cursor.fetchone()[0]


_block = _Block()


def next_return_no(now: datetime, *, zone: str) -> str:
    """A number of the shop's day, never given out before."""
    return references.return_no(now.astimezone(ZoneInfo(zone)).date(), _block.next())
