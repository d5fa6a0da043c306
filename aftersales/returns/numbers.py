"""Numbers of request sheets (S14), handed out from blocks so that most filings ask the database for none."""

import os
from datetime import datetime
from threading import Lock
from zoneinfo import ZoneInfo

from django.db import connection, transaction

from returns_platform.kernel import references

BLOCK = 50  # the sequence grows by as many; a process that ends leaves the rest of its block unused


class _Block:
    """The serials this process may still give out.

    The rest of a block is kept once the transaction that asked for it is committed: of one that was lost with the
    database's last second, the database may give out the same block again.
    """

    def __init__(self):
        self.lock, self.left = Lock(), iter(())

    def next(self) -> int:
        with self.lock:
            serial = next(self.left, None)
        if serial is None:
            serial = _first_of_block()
            transaction.on_commit(lambda: self._keep(range(serial + 1, serial + BLOCK)))
        return serial

    def _keep(self, rest: range) -> None:
        with self.lock:
            self.left = iter(rest)


def _first_of_block() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval('return_serial')")
        return cursor.fetchone()[0]


_block = _Block()
os.register_at_fork(after_in_child=_block.__init__)  # the rest is the parent's


def next_return_no(now: datetime, *, zone: str) -> str:
    """A number of the shop's day, never given out before."""
    return references.return_no(now.astimezone(ZoneInfo(zone)).date(), _block.next())
