"""Real workers that die: SIGKILL at a named moment or at any, with sessions cut and the broker emptied or killed.

One process plays the outside world and our door, as they are in production; workers are forked one after the other
and run the real task loop over the real Valkey and PostgreSQL. Between two deaths the clock that they all share is
moved on, so that leases end and questions are due.
"""

import os
import re
import signal
import time
from collections.abc import Callable
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from multiprocessing import RawValue
from pathlib import Path
from random import Random
from threading import Event, Thread
from wsgiref.simple_server import make_server

import redis
from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.db import connection, connections

from aftersales.returns.services import intake
from orders.purchases.models import Order
from refunds.payouts import services as payout
from refunds.payouts.models import WebhookDelivery
from returns_platform.celery import app as celery
from returns_platform.drill import races, town, truth, workers
from returns_platform.drill.clock import Clock
from returns_platform.drill.deaths import DEATHS, Death, arm
from returns_platform.drill.outside import Neighbours, Quiet
from returns_platform.drill.twins import broker, use_broker_as
from returns_platform.kernel import stand_in
from returns_platform.stack import doors, locks, programs, runfile, servers, valkey
from returns_platform.stack.folders import Folders
from returns_platform.stack.forks import Fork, fork
from returns_platform.stack.processes import Process

REACHES_IT_WITHIN_S = 6
QUEUES = ["money", "courier", "default"]
SWEEPS = ("refunds.pay_due_refunds", "refunds.take_in_channel_news", "aftersales.follow_cases",
          "logistics.book_due_parcels")  # fmt: skip
HEALING_ROUNDS = 60
LOSSES = ("OperationalError", "InterfaceError", "ConnectionError", "TimeoutError", "ConnectionResetError")
BEHAVIOURS_AT_LEAST = ("apply_then_500", "drop_connection", "garbage", "callback_twice", "callback_before_answer",
                       "callback_never", "error_500", "frequency_limited")  # fmt: skip


@dataclass
class Kills:
    """Kills workers over one database, one after the other; `violations` is empty when all was well."""

    folder: Path
    clock: Clock
    faults: truth.Faults
    cases: int = 0
    reached: dict[str, int] = field(default_factory=dict)  # how often a worker died where
    violations: list[str] = field(default_factory=list)

    def __enter__(self) -> "Kills":
        self._lead = RawValue("d", 0.0)  # seconds that the shared clock is before its start's own run
        self._pid = os.getpid()
        settings.SITE_URL = f"http://127.0.0.1:{(port := doors.free_port())}"
        settings.DATA_DIR = self.folder
        use_broker_as(self.folder.name)
        self._outside = fork(lambda: self._be_the_outside(port), log=self.folder / "outside.log", closing=())
        self.neighbours = Neighbours(self._until(lambda: runfile.read(self.folder).stand_ins, within_s=30))
        self.shop = town.open_shop()
        return self

    def __exit__(self, *exc_info: object) -> None:
        os.kill(self._outside.pid, signal.SIGKILL)
        self._until(lambda: self._outside.poll() is not None)

    def kill(self, seed: int) -> None:
        """One worker's life and death; its work goes on in the next one's."""
        self.chance = Random(seed)
        if self.chance.random() < 0.4:
            self._misbehave()
        death = self.chance.choice((*DEATHS, None, None, None, None))
        self._stage(death.stage if death else self.chance.choice(("money", "news", "case", "parcel")), seed)
        for name in SWEEPS:
            self._wake(name)
        connections.close_all()
        worker = fork(lambda: self._be_a_worker(death), log=self.folder / f"worker_{seed}.log", closing=())
        self._harm()
        self._see_it_die(worker, death)
        self._forward(timedelta(seconds=self.chance.choice((1, 31, 65))))
        self.violations += [f"kill {seed}: {line}" for line in self.faults.take() + self._said(seed)]

    def heal(self) -> None:
        """The world behaves, workers live: everything ends, and once."""
        settings.NUDGE_WORKERS = False
        self.neighbours.behave_well()
        orders = list(Order.objects.values_list("pk", flat=True))
        for turn in range(HEALING_ROUNDS):
            self._forward(timedelta(minutes=1 + turn))
            time.sleep(0.3)  # stand-ins do now what had become due
            workers.look_at_everything(self.clock.now)
            if not truth.of_ends(orders) and not workers.anything_due(orders):
                break
        self.violations += [*self.faults.take(), *truth.of_ends(orders), *truth.violations(self.neighbours)]

    # --- what there is to do when the worker comes --------------------------------------------------------

    def _stage(self, stage: str, seed: int) -> None:
        shape = {"signed": True} if stage == "parcel" else {}
        order = town.buy(self.chance, self.shop, number=f"K{seed}", now=self.clock.now, quantity=1, **shape).order
        wish = races.asked("UN.NOT_SHIPPED", 1)
        if stage == "parcel":
            wish = races.asked("NR.NO_LONGER_WANT", 1, kind="return_refund", send_back="pickup")
        intake.submit_return(order.pk, wish, by=town.ANN, now=self.clock.now)
        self.cases += 1
        if stage != "case":
            workers.follow_cases(self.clock.now)
        if stage == "news":
            payout.pay_due_refunds(self.clock.now)
            self._forward(timedelta(seconds=3))
            due = WebhookDelivery.objects.filter(next_try_at__isnull=False)
            with suppress(TimeoutError):  # that one calls back never, or later
                self._until(due.exists, within_s=1.5)

    def _misbehave(self) -> None:
        name = self.chance.choice(self.neighbours.channels)
        self.neighbours.behave(name, self.chance.choice(BEHAVIOURS_AT_LEAST))

    def _wake(self, task: str) -> None:
        """As beat does; a broker that is away loses it."""
        with suppress(OSError, celery.connection_for_write().transport.connection_errors):
            celery.send_task(task, ignore_result=True, retry=False)

    def _forward(self, span: timedelta) -> None:
        self.clock.forward(span)
        self._lead.value += span.total_seconds()

    # --- what happens to it -------------------------------------------------------------------------------

    def _harm(self) -> None:
        """Beside the death: sessions cut, messages lost, the broker killed."""
        match self.chance.randrange(10):
            case 0 | 1:
                time.sleep(self.chance.random() * 0.4)
                self._cut_sessions()
            case 2 | 3:
                time.sleep(self.chance.random() * 0.3)
                with suppress(redis.ConnectionError):
                    broker().flushall()
            case 4:
                self._kill_the_broker()

    def _cut_sessions(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                           "WHERE datname = current_database() AND pid <> pg_backend_pid()")  # fmt: skip

    def _kill_the_broker(self) -> None:
        """And start it again, as `up` does within seconds."""
        with suppress(redis.ConnectionError, ProcessLookupError):  # another piece did it just now
            os.kill(broker().info("server")["process_id"], signal.SIGKILL)
        folders = Folders(self.folder.parent)
        with locks.exclusive(folders.run_lock):
            valkey.start(folders, Path(os.environ[servers.SOCKETS_VARIABLE]))

    def _see_it_die(self, worker: Fork, death: Death | None) -> None:
        where = death.name if death else "at any moment"
        try:
            within_s = REACHES_IT_WITHIN_S if death else self.chance.random() * 1.5
            self._until(lambda: worker.poll() is not None, within_s=within_s)
        except TimeoutError:
            where = "at any moment"
            os.kill(worker.pid, signal.SIGKILL)
            self._until(lambda: worker.poll() is not None)
        self.reached[where] = self.reached.get(where, 0) + 1
        if worker.returncode != -signal.SIGKILL:
            self.violations.append(f"a worker ended by itself with {worker.returncode}")

    def _said(self, seed: int) -> list[str]:
        """What the worker complained about, beyond what was taken away from it."""
        text = (self.folder / f"worker_{seed}.log").read_text(errors="replace")
        ends = re.findall(r"^(?:[\w.]+\.)?(\w+(?:Error|Exception|Interrupted))\b(.*)$", text, re.MULTILINE)
        return [f"{name}{rest}" for name, rest in ends if name not in LOSSES]

    # --- the processes ------------------------------------------------------------------------------------

    def _be_a_worker(self, death: Death | None) -> None:
        celery._after_fork()
        Thread(target=self._leave_with_the_drill, daemon=True).start()
        if death:
            arm(death)
        os.environ["DB_STATEMENT_TIMEOUT_S"] = "30"
        programs.worker("drill", QUEUES, pool="solo", processes=1)

    def _be_the_outside(self, port: int) -> None:
        """Stand-ins with their own threads, and our door; the clock follows the one that everybody shares."""
        with ExitStack() as stack:
            served = {name: stack.enter_context(stand_in.serve(each))
                      for name, each in stand_in.installed(self.folder).items()}  # fmt: skip
            urls = {name: each.url for name, each in served.items()}
            runfile.write(self.folder, runfile.Run(keeper=Process.of(os.getpid()), stand_ins=urls))
            door = make_server("127.0.0.1", port, get_wsgi_application(), handler_class=Quiet)
            Thread(target=door.serve_forever, args=(0.02,), daemon=True).start()
            moved = 0.0
            Thread(target=self._leave_with_the_drill, daemon=True).start()
            while not Event().wait(0.01):
                if (lead := self._lead.value) != moved:
                    self.clock.forward(timedelta(seconds=lead - moved))
                    moved = lead

    def _leave_with_the_drill(self) -> None:
        while os.getppid() == self._pid:
            time.sleep(0.2)
        os._exit(1)

    def _until(self, true: Callable[[], object], *, within_s: float = 10):
        end = time.monotonic() + within_s
        while not (found := true()):
            if time.monotonic() > end:
                raise TimeoutError
            time.sleep(0.01)
        return found
