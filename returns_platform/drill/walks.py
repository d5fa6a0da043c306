"""One walk: a random life of a few orders, step by step, while the channels and couriers misbehave.

All chance comes from the walk's own seed, and its time is the drill's: the same seed is the same life, alone or among
ten thousand. What a service refuses is an answer; what it logs as a fault, or raises otherwise, is a violation.
"""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random

from django.db import connection

from logistics.parcels.models import Parcel
from orders.merchants.models import Merchant
from returns_platform.drill import dump, town, truth, workers
from returns_platform.drill.clock import EPOCH, Clock
from returns_platform.drill.outside import Outside
from returns_platform.drill.people import NothingThere
from returns_platform.drill.treasury import Treasury
from returns_platform.kernel.errors import Refused

STEPS = (6, 18)
TRIES = 6
HEALING_ROUNDS = 60
SPANS = (
    timedelta(seconds=2), timedelta(seconds=40), timedelta(seconds=65), timedelta(minutes=6), timedelta(minutes=45),
    timedelta(hours=5), timedelta(hours=26), timedelta(days=4),
)  # fmt: skip
THE_END_OF_A_WAY = ("closed", "abnormal", "account_abnormal", "deposit_back_failed", "fails_later")
COURIER_EVENTS = ("collected", "in_transit", "delivered", "delivered", "delivered", "refused", "lost", "returned")


def starts_at(seed: int) -> datetime:
    """Any minute of a year."""
    return EPOCH + timedelta(minutes=Random(seed).randint(0, 500_000))


@dataclass
class Walk(Treasury):
    """`violations` is empty when all was well. counts: what was done how often."""

    seed: int
    outside: Outside
    clock: Clock
    faults: truth.Faults
    shop: Merchant
    name: str = "W"
    orders: list[town.Bought] = field(default_factory=list)
    violations: list[str] = field(default_factory=list)
    steps: int = 0
    refused: int = 0
    behaviours: int = 0
    trace: list[str] = field(default_factory=list)

    def __post_init__(self):
        self.chance = Random(self.seed)

    def walk(self) -> "Walk":
        self.outside.kept.clear()
        self.clock.set(starts_at(self.seed))
        for _ in range(self.chance.choice((1, 1, 2))):
            self.do(self.buy)
        while not self.orders:  # an order that cannot be was refused
            self.do(self.buy)
        self.do(self.file)
        for _ in range(self.chance.randint(*STEPS)):
            self.do(self.something)
        self.heal()
        return self

    def do(self, step: Callable[[], object]) -> None:
        """One step; a refusal is an answer, everything else that it raises is a violation."""
        self.steps += 1
        self.doing, said = step.__name__, ""
        try:
            step()
        except Refused as refused:
            self.refused += 1
            said = f" refused: {refused}"
        except Exception as error:
            self.violations.append(f"{self.doing}: {error!r}")
            connection.close()
        self.trace.append(f"{self.clock.now:%m-%d %H:%M:%S} {self.doing}{said}")
        self.violations += [f"{self.doing}: {fault}" for fault in self.faults.take()]

    def something(self) -> None:
        """The first of a few random steps that the walk has anything for."""
        for step in self.chance.choices(*_weighted(self), k=TRIES):
            self.doing = step.__name__
            with suppress(NothingThere):
                return step()
        raise NothingThere

    # --- what the outside world and time do ----------------------------------------------------------------

    def misbehave(self) -> None:
        name = self.chance.choice(sorted(self.outside.stand_ins))
        known = self.outside.stand_ins[name].behaviours
        ends = [behaviour for behaviour in THE_END_OF_A_WAY if behaviour in known]
        self.outside.behave(name, self.chance.choice((*known, *ends, *ends)))
        self.behaviours += 1

    def promise_kept(self) -> None:
        """Whatever a stand-in has still to do, in any order; sometimes it forgets that it did it."""
        if waiting := self.outside.promised():
            name, job = self.chance.choice(waiting)
            self.outside.keep_promise(name, job, again=self.chance.random() < 0.2)

    def promises_kept(self) -> None:
        for _ in range(4):
            self.promise_kept()

    def parcel_moves(self) -> None:
        known = Parcel.objects.filter(order__in=self.order_ids).exclude(waybill="").order_by("pk")
        if found := list(known):
            waybill, event = self.chance.choice(found).waybill, self.chance.choice(COURIER_EVENTS)
            moved = {"waybill": waybill, "event": event, "at": self.clock.now.isoformat()}
            self.outside.post("sf", "/_push", moved)

    def time_passes(self) -> None:
        self.clock.forward(self.chance.choice(SPANS))

    def some_worker(self) -> None:
        self.chance.choice((*workers.ALL, *workers.SELDOM))(self.clock.now)

    def every_worker(self) -> None:
        workers.look_at_everything(self.clock.now, seldom=self.chance.random() < 0.2)

    # --- the end: the world behaves, people do their part, and everything ends -----------------------------

    def heal(self) -> None:
        self.outside.behave_well()
        for turn in range(HEALING_ROUNDS):
            self.do(self._keep_every_promise)
            self.do(self.every_worker)
            if self._all_ended():
                break
            self.clock.forward(timedelta(minutes=1 + 2 * turn))
        self.do(self._every_worker_at_last)
        self.violations += truth.of_ends(self.order_ids)
        self._say_it_all_again()

    def _every_worker_at_last(self) -> None:
        workers.look_at_everything(self.clock.now, seldom=True)

    def _keep_every_promise(self) -> None:
        for name, job in self.outside.promised():
            self.outside.keep_promise(name, job)

    def _all_ended(self) -> bool:
        return not truth.of_ends(self.order_ids) and not workers.anything_due(self.order_ids)

    def _say_it_all_again(self) -> None:
        """I28: every callback once more, in another order, and what came of it all is the same."""
        before = dump.of_orders(self.order_ids)
        self.do(self._repeat_callbacks)
        self.do(self.every_worker)
        self.violations += [f"said again: {line}" for line in dump.difference(before, dump.of_orders(self.order_ids))]

    def _repeat_callbacks(self) -> None:
        told = list(self.outside.kept)
        self.chance.shuffle(told)
        for name, job in told:
            self.outside.keep_promise(name, job, again=True)


CHOICES: dict[str, int] = {
    "buy": 1, "file": 14, "withdraw": 3, "hand_in": 3, "appeal": 1, "answer": 2, "approve": 7, "refuse": 2,
    "ask_for_evidence": 1, "agree": 3, "count": 7, "inspect": 7, "find_missing": 2, "let_go_of_missing": 2,
    "retry": 1, "ask_channel": 2, "send_anew": 2, "settle_by_two": 1, "undo": 2, "reopen": 1,
    "compensate": 1, "bank_returns": 2, "take_to_the_bank": 2, "spend": 1, "misbehave": 9, "promise_kept": 4,
    "promises_kept": 4, "parcel_moves": 5, "time_passes": 10, "some_worker": 8, "every_worker": 12,
    "choose_way": 2, "agree_to_way": 3, "stop_way": 1, "transfer": 3, "see_transfer": 3, "fetch_bill": 1,
}  # fmt: skip


def _weighted(walk: Walk) -> tuple[list[Callable[[], object]], list[int]]:
    return [getattr(walk, name) for name in CHOICES], list(CHOICES.values())
