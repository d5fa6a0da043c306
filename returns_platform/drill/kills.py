"""Real processes that die: SIGKILL at a named moment or at any, sessions cut, the broker and the database killed.

One process plays the outside world, one is our door, and workers are forked one after the other and run the real task
loop over a Valkey and a PostgreSQL of their own. Some workers are not killed but frozen until somebody else has done
their work, and then go on. Between two deaths the clock that they all share is moved on, so that leases end and
questions are due.
"""

import json
import os
import re
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from random import Random
from threading import Thread

from django.conf import settings
from django.db import OperationalError, connections

from aftersales.returns.models import ReturnRequest
from orders.merchants.services import issue_token
from orders.purchases.models import Order
from returns_platform.celery import app as celery
from returns_platform.drill import town, truth, workers
from returns_platform.drill.clock import Clock
from returns_platform.drill.crew import Crew, until
from returns_platform.drill.deaths import DEATHS, DOORS, Death
from returns_platform.drill.machine import Machine
from returns_platform.drill.outside import Neighbours
from returns_platform.drill.stages import STAGES, Stages
from returns_platform.drill.twins import use_broker_as
from returns_platform.kernel.outbound import http
from returns_platform.stack.forks import Fork

REACHES_IT_WITHIN_S = 3
ANSWERS_WITHIN_S = 2
GOES_ON_FOR_S = 0.5
FREEZES = 0.3  # of those that die where nothing is locked
TAKEN_OVER_AFTER = timedelta(minutes=6)  # longer than any lease
LOCKED = "lock timeout"
AT_ANY_MOMENT = (None,) * 6
SWEEPS = ("refunds.pay_due_refunds", "refunds.take_in_channel_news", "aftersales.follow_cases",
          "logistics.book_due_parcels", "refunds.look_after_exceptions", "refunds.match_statements")  # fmt: skip
HEALING_ROUNDS = 60
LOSSES = ("OperationalError", "InterfaceError", "ConnectionError", "TimeoutError", "ConnectionResetError",
          "BrokenPipeError", "ConnectionRefusedError")  # fmt: skip
BEHAVIOURS_AT_LEAST = ("apply_then_500", "drop_connection", "garbage", "callback_twice", "callback_before_answer",
                       "callback_never", "error_500", "frequency_limited")  # fmt: skip


@dataclass
class Kills:
    """Kills over one machine, one after the other; `violations` is empty when all was well."""

    folder: Path
    machine: Machine
    clock: Clock
    faults: truth.Faults
    reached: dict[str, int] = field(default_factory=dict)  # how often something died where
    violations: list[str] = field(default_factory=list)

    def __enter__(self) -> "Kills":
        self.crew = Crew(self.folder, self.clock)
        settings.SITE_URL = self.crew.address
        use_broker_as(self.folder.name)
        self.neighbours = Neighbours(self.crew.start_outside())
        self.crew.start_door()
        self.shop = town.open_shop()
        self.token = issue_token(self.shop, now=self.clock.now)
        self.stages = Stages(self.crew, self.shop, self.neighbours.channels)
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.crew.end(self.crew.outside)
        self.crew.end(self.crew.door)

    @property
    def cases(self) -> int:
        return self.stages.cases

    def kill(self, seed: int) -> None:
        """One death; the work of whoever died goes on in the next one's life."""
        self.chance = Random(seed)
        if self.chance.random() < 0.4:
            self._misbehave()
        death = self.chance.choice((*DEATHS, *DOORS, *AT_ANY_MOMENT))
        if death in DOORS:
            self._kill_the_door(seed, death)
        else:
            self._kill_a_worker(seed, death)
        self.crew.forward(timedelta(seconds=self.chance.choice((1, 31, 65))))
        self.violations += [f"kill {seed}: {line}" for line in self.faults.take() + self._said(seed)]

    def heal(self) -> None:
        """The world behaves, workers live: everything ends, and once."""
        settings.NUDGE_WORKERS = False
        self.neighbours.behave_well()
        orders = list(Order.objects.values_list("pk", flat=True))
        for turn in range(HEALING_ROUNDS):
            self.crew.forward(timedelta(minutes=1 + turn))
            time.sleep(0.3)  # stand-ins do now what had become due
            workers.look_at_everything(self.clock.now)
            if not truth.of_ends(orders) and not workers.anything_due(orders):
                break
        workers.look_at_everything(self.clock.now, seldom=True)
        self.violations += [*self.faults.take(), *truth.of_ends(orders), *truth.violations(self.neighbours)]
        self.violations += _complaints(self.folder / "door.log")

    # --- workers -------------------------------------------------------------------------------------------

    def _kill_a_worker(self, seed: int, death: Death | None) -> None:
        self.stages.set(death.stage if death else self.chance.choice(STAGES), seed, self.chance)
        for name in SWEEPS:
            self._wake(name)
        freezes = bool(death and death.free and self.chance.random() < FREEZES)
        worker = self.crew.start_worker(seed, death, freezes=freezes)
        if freezes:
            self._see_it_freeze(worker, death)
        else:
            self._harm()
            self._see_it_die(worker, death)
        if worker.returncode != -signal.SIGKILL:
            self.violations.append(f"a worker ended by itself with {worker.returncode}")

    def _see_it_die(self, worker: Fork, death: Death | None) -> None:
        where = death.name if death else "at any moment"
        try:
            within_s = REACHES_IT_WITHIN_S if death else self.chance.random() * 1.5
            until(lambda: worker.poll() is not None, within_s=within_s)
        except TimeoutError:
            where = "at any moment"
            self.crew.end(worker)
        self._died(where)

    def _see_it_freeze(self, worker: Fork, death: Death) -> None:
        """Somebody else does its work; then it goes on, with a clock that stood still, and must change nothing."""
        try:
            until(lambda: worker.poll() is not None or self.crew.has_stopped(worker), within_s=REACHES_IT_WITHIN_S)
        except TimeoutError:
            self.crew.end(worker)
            return self._died("at any moment")
        self.crew.forward(TAKEN_OVER_AFTER)
        self._others_work()
        os.kill(worker.pid, signal.SIGCONT)
        time.sleep(GOES_ON_FOR_S)
        self.crew.end(worker)
        self._died(f"frozen: {death.name}")

    def _others_work(self) -> None:
        """Its other threads may have been frozen with something locked: what is locked is left for later."""
        for look in workers.ALL:
            try:
                look(self.clock.now)
            except OperationalError as busy:
                if LOCKED not in str(busy):
                    raise
        self.violations += [fault for fault in self.faults.take() if LOCKED not in fault]
        connections.close_all()

    def _died(self, where: str) -> None:
        self.reached[where] = self.reached.get(where, 0) + 1

    def _wake(self, task: str) -> None:
        """As beat does; a broker that is away loses it."""
        with suppress(OSError, celery.connection_for_write().transport.connection_errors):
            celery.send_task(task, ignore_result=True, retry=False)

    def _misbehave(self) -> None:
        name = self.chance.choice(self.neighbours.channels)
        self.neighbours.behave(name, self.chance.choice(BEHAVIOURS_AT_LEAST))

    def _harm(self) -> None:
        """Beside the death: sessions cut, messages lost, the broker or the database killed."""
        harms = (
            (self.machine.cut_sessions, 2), (self.machine.empty_the_broker, 2), (self.machine.kill_the_broker, 1),
            (self.machine.kill_the_database, 1), (None, 6),
        )  # fmt: skip
        harm = self.chance.choices(*zip(*harms, strict=True))[0]
        if harm:
            time.sleep(self.chance.random() * 0.4)
            harm()
            self._died(harm.__name__.replace("_", " "))

    # --- the door ------------------------------------------------------------------------------------------

    def _kill_the_door(self, seed: int, death: Death) -> None:
        """In the middle of a request; who asked asks once more, and it is done once."""
        self.crew.end(self.crew.door)
        self.crew.start_door(death)
        {"call": self._be_called, "file": self._file_through_the_door}[death.stage](seed, death)

    def _be_called(self, seed: int, death: Death) -> None:
        self.stages.set("call", seed, self.chance)
        self._see_the_door_die(death)

    def _file_through_the_door(self, seed: int, death: Death) -> None:
        """A program of the shop files, hears nothing, and asks again with the same key."""
        order = town.buy(self.chance, self.shop, number=f"K{seed}", now=self.clock.now, quantity=1).order
        asking = Asking(self.crew.address, self.token, order.order_no)
        self._see_the_door_die(death, sooner=lambda: asking.is_over)
        answer = Asking(self.crew.address, self.token, order.order_no).answer()
        filed = ReturnRequest.objects.filter(order=order).count()
        if answer is None or answer.status != 201 or filed != 1:
            self.violations.append(f"kill {seed}: asked twice with one key: {filed} cases, {answer}")
        self.stages.cases += 1

    def _see_the_door_die(self, death: Death, *, sooner: Callable[[], bool] = lambda: False) -> None:
        with suppress(TimeoutError):
            until(lambda: self.crew.door.poll() is not None or sooner(), within_s=ANSWERS_WITHIN_S)
        self._died("the door at any moment" if self.crew.door.returncode is None else death.name)
        self.crew.end(self.crew.door)
        self.crew.start_door()

    # --- what they said ------------------------------------------------------------------------------------

    def _said(self, seed: int) -> list[str]:
        """What the worker complained about, beyond what was taken away from it."""
        return _complaints(self.folder / f"worker_{seed}.log")


class Asking:
    """One filing of a shop's program, under way over HTTP; the same one again has the same key."""

    def __init__(self, address: str, token: str, order_no: str):
        self._url = f"{address}/api/v1/returns"
        self._headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": order_no}
        lines = [{"line_no": "1", "quantity": 1, "reason": "UN.NOT_SHIPPED"}]
        body = {"order_no": order_no, "kind": "refund_only", "send_back": "none", "lines": lines}
        self._body, self._answer = json.dumps(body).encode(), None
        self._thread = Thread(target=self._ask)
        self._thread.start()

    @property
    def is_over(self) -> bool:
        return not self._thread.is_alive()

    def answer(self) -> http.Answer | None:
        """None where the connection ended without one."""
        self._thread.join()
        return self._answer

    def _ask(self) -> None:
        headers = self._headers | {"Content-Type": "application/json"}
        with suppress(http.Down):
            self._answer = http.call("POST", self._url, headers=headers, body=self._body, timeout_s=10)


def _complaints(log: Path) -> list[str]:
    text = log.read_text(errors="replace") if log.exists() else ""
    ends = re.findall(r"^(?:[\w.]+\.)?(\w+(?:Error|Exception|Interrupted))\b(.*)$", text, re.MULTILINE)
    return [f"{name}{rest}" for name, rest in ends if name not in LOSSES]
