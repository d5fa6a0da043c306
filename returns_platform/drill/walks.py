"""One walk: a random life of a few orders, step by step, while the channels and couriers misbehave.

What a service refuses is an answer; what it logs as a fault, or raises otherwise, is a violation.
"""

from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from random import Random

from django.db import connection

from logistics.parcels.models import Parcel
from orders.merchants.models import Merchant
from returns_platform.drill import town, truth, workers
from returns_platform.drill.clock import Clock
from returns_platform.drill.outside import Outside
from returns_platform.drill.people import NothingThere
from returns_platform.drill.swaps import Swaps
from returns_platform.drill.treasury import Treasury
from returns_platform.kernel.errors import Refused

TRIES = 20
SPANS = (
    timedelta(seconds=2), timedelta(seconds=40), timedelta(seconds=65), timedelta(minutes=6), timedelta(minutes=45),
    timedelta(hours=5), timedelta(hours=26), timedelta(days=4),
)  # fmt: skip
THE_END_OF_A_WAY = ("closed", "abnormal", "account_abnormal", "deposit_back_failed", "fails_later")
COURIER_EVENTS = ("collected", "in_transit", "delivered", "delivered", "delivered", "refused", "lost", "returned")


@dataclass
class Walk(Treasury, Swaps):
    """`violations` is empty when all was well. turns: how often it was asked for a step."""

    seed: int
    outside: Outside
    clock: Clock
    faults: truth.Faults
    shop: Merchant
    name: str = "W"
    orders: list[town.Bought] = field(default_factory=list)
    violations: list[str] = field(default_factory=list)
    turns: int = 0
    steps: Counter = field(default_factory=Counter)  # what was done, and not refused
    trace: list[str] = field(default_factory=list)

    def __post_init__(self):
        self.chance = Random(self.seed)

    def begin(self) -> None:
        """Something is bought, and there is a case or a refusal about it."""
        for _ in range(self.chance.choice((1, 1, 2))):
            self.do(self.buy)
        while not self.orders:  # an order that cannot be was refused
            self.do(self.buy)
        self.do(self.file)

    def do(self, step: Callable[[], object]) -> None:
        """One step; a refusal is an answer, everything else that it raises is a violation."""
        self.turns += 1
        self.doing, said = step.__name__, ""
        try:
            step()
            self.steps[self.doing.lstrip("_")] += 1
        except Refused as refused:
            said = f" refused: {refused}"
        except Exception as error:
            self.violations.append(f"{self.doing}: {truth.told(error)}")
            connection.close()
        self.trace.append(f"{self.clock.now:%m-%d %H:%M:%S} {self.name}{self.seed} {self.doing}{said}")
        self.violations += [f"{self.doing}: {fault}" for fault in self.faults.take()]

    def something(self) -> None:
        """People do something, or the world and the workers: the first step of some that there is anything for."""
        steps = self.chance.choices((PEOPLE, WORLD), (3, 2))[0]
        for name in self.chance.choices(list(steps), list(steps.values()), k=TRIES):
            self.doing = name
            with suppress(NothingThere):
                return getattr(self, name)()
        raise NothingThere

    # --- what the outside world and time do ----------------------------------------------------------------

    def misbehave(self) -> None:
        name = self.chance.choice(sorted(self.outside.stand_ins))
        known = self.outside.stand_ins[name].behaviours
        ends = [behaviour for behaviour in THE_END_OF_A_WAY if behaviour in known]
        self.outside.behave(name, self.chance.choice((*known, *ends, *ends)))

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


PEOPLE: dict[str, int] = {
    "buy": 1, "file": 6, "withdraw": 3, "hand_in": 4, "appeal": 1, "answer": 2, "approve": 7, "refuse": 2,
    "ask_for_evidence": 1, "agree": 3, "count": 9, "inspect": 9, "find_missing": 2, "let_go_of_missing": 2,
    "retry": 1, "ask_channel": 2, "send_anew": 2, "settle_by_two": 1, "undo": 2, "reopen": 1, "compensate": 1,
    "bank_returns": 2, "take_to_the_bank": 2, "spend": 1, "choose_way": 2, "agree_to_way": 3, "stop_way": 1,
    "transfer": 3, "see_transfer": 3, "make_batch": 1, "take_off": 1, "fetch_bill": 1, "ask_to_pay": 6,
    "pay_at_the_till": 6, "change_mind": 1, "want_another": 1, "confirm_receipt": 2, "mend": 4, "send_new": 6,
    "send_once_more": 3, "say_it_is_gone": 1, "count_fewer": 3, "find_late": 2, "pay_a_part": 1, "grant_a_part": 1,
}  # fmt: skip
WORLD: dict[str, int] = {
    "misbehave": 8, "promise_kept": 4, "promises_kept": 4, "parcel_moves": 7, "new_one_goes_astray": 2,
    "time_passes": 7, "some_worker": 9, "every_worker": 4,
}  # fmt: skip
