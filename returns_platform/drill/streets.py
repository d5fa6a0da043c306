"""A street: several walks at the same time, step by step in any order, under one clock and before the same workers.

All chance comes from the street's own seed, and its time is the drill's: the same seed is the same street, alone or
among a thousand.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from random import Random

from returns_platform.drill import dump, town, truth, workers
from returns_platform.drill.clock import EPOCH
from returns_platform.drill.walks import Walk

WALKS = 10
STEPS = (6, 18)  # of each walk, until the world begins to behave
HEALING_ROUNDS = 60
LETTERS = 4  # in one street of so many all letters are sent at the end: they cost a fifth of a life and move no money


def starts_at(seed: int) -> datetime:
    """Any minute of a year."""
    return EPOCH + timedelta(minutes=Random(seed).randint(0, 500_000))


def lived(seed: int, **world) -> "Street":
    """So many walks, from the first purchase to the last repeated callback. world: what each `Walk` takes."""
    chance, trace = Random(seed), []
    walks = [Walk(chance.randrange(10**9), **world, trace=trace) for _ in range(WALKS)]
    return Street(seed, walks).live()


class Street:
    """`violations` is empty when all was well. What concerns everybody is done by the first walk."""

    def __init__(self, seed: int, walks: list[Walk]):
        self.seed, self.walks, self.chance = seed, walks, Random(seed)
        self.outside, self.clock, self.trace = walks[0].outside, walks[0].clock, walks[0].trace
        self._wrong: list[str] = []

    @property
    def violations(self) -> list[str]:
        return [line for walk in self.walks for line in walk.violations] + self._wrong

    @property
    def order_ids(self) -> list[int]:
        return [pk for walk in self.walks for pk in walk.order_ids]

    def live(self) -> "Street":
        self.outside.kept.clear()
        self.clock.set(starts_at(self.seed))
        first = self.walks[0]
        town.restock(first.shop, reference=f"street:{first.name}{self.seed}", now=self.clock.now)
        for walk in self.walks:
            walk.begin()
        steps = [walk for walk in self.walks for _ in range(self.chance.randint(*STEPS))]
        self.chance.shuffle(steps)
        for walk in steps:
            walk.do(walk.something)
        self._heal()
        self._say_it_all_again()
        return self

    def _heal(self) -> None:
        """The world behaves, people do their part, and everything ends."""
        self.outside.behave_well()
        for turn in range(HEALING_ROUNDS):
            self._do(self._keep_every_promise)
            self._do(self._every_worker)
            if self._all_ended():
                break
            self.clock.forward(timedelta(minutes=1 + 2 * turn))
        self._do(self._every_worker_at_last)
        self._wrong += truth.of_ends(self.order_ids)

    def _do(self, step: Callable[[], object]) -> None:
        self.walks[0].do(step)

    def _keep_every_promise(self) -> None:
        for name, job in self.outside.promised():
            self.outside.keep_promise(name, job)

    def _every_worker(self) -> None:
        workers.look_at_everything(self.clock.now)

    def _every_worker_at_last(self) -> None:
        workers.look_at_everything(self.clock.now)
        workers.look_for_missing(self.clock.now)
        if self.seed % LETTERS == 0:
            workers.send_notices(self.clock.now)

    def _all_ended(self) -> bool:
        """Also what the channels have still to say: a refund may fail after it arrived."""
        waits = self.outside.promised() or truth.of_ends(self.order_ids) or truth.of_tills(self.outside)
        return not (waits or workers.anything_due(self.order_ids))

    def _say_it_all_again(self) -> None:
        """I28: every callback once more, in another order, and what came of it all is the same."""
        before = dump.of_orders(self.order_ids)
        self._do(self._repeat_callbacks)
        self._do(self._every_worker)
        self._wrong += [f"said again: {line}" for line in dump.difference(before, dump.of_orders(self.order_ids))]

    def _repeat_callbacks(self) -> None:
        told = list(self.outside.kept)
        self.chance.shuffle(told)
        for name, job in told:
            self.outside.keep_promise(name, job, again=True)
