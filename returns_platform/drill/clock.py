"""The drill's time: it stands still until it is moved, for every library in the process. Weeks pass in a second."""

from datetime import UTC, datetime, timedelta

import time_machine

EPOCH = datetime(2027, 3, 1, 2, 0, tzinfo=UTC)  # after the database's own start, which knows nothing of this clock


class Clock:
    """`with Clock() as clock: clock.now`. Waiting for the network or a lock takes its real time all the same.

    running: it goes on by itself, where several processes that share it work at the same time.
    """

    def __init__(self, start: datetime = EPOCH, *, running: bool = False):
        self._travel = time_machine.travel(start, tick=running)

    def __enter__(self) -> "Clock":
        self._traveller = self._travel.start()
        return self

    def __exit__(self, *exc_info: object) -> None:
        self._travel.stop()

    @property
    def now(self) -> datetime:
        return datetime.now(UTC)

    def forward(self, span: timedelta) -> datetime:
        self._traveller.shift(span)
        return self.now

    def set(self, at: datetime) -> None:
        self._traveller.move_to(at)
