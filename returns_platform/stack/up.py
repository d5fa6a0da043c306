"""`manage.py up`: everything the product needs, started in order, kept alive, stopped in order."""

import gc
import json
import os
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from django.core.management import call_command
from django.db import OperationalError, connections

from returns_platform import production
from returns_platform.celery import app as celery
from returns_platform.kernel import stand_in
from returns_platform.stack import doors, locks, processes, programs, runfile, servers
from returns_platform.stack.folders import Folders, StackError
from returns_platform.stack.forks import Fork, fork
from returns_platform.stack.logs import Shown, keep_small, say
from returns_platform.stack.processes import Process, Server
from returns_platform.stack.runfile import Run
from returns_platform.stack.supervisor import Part, Supervisor, stop_programs

WEB_STATEMENT_S = 5
WORKER_STATEMENT_S = 30
PULSE_EVERY_S = 15
SWEEPS_BEGIN_WITHIN_S = 60
ACCOUNTS = """\
  customers   ann, bob
  merchants   mia (fresh), otto (style), elle (volt)
  centre      cai (takes returns in for style)
  support     sam, sue (senior), fay (finance), rik (risk), aud (auditor), root (administrator)
  password    demo-pass-2026"""


class Up:
    """`greet` writes to standard output, once the first page can be opened; all else goes to standard error."""

    def __init__(self, settings, *, greet: Callable[[str], None]):
        self.settings = settings
        self.data: Path = settings.DATA_DIR
        self.folders = Folders(self.data)
        self.servers: list[Part] = []
        self.programs: list[Part] = []
        self.stand_ins: dict[str, str] = {}
        self.demo: Fork | None = None
        self._logs: dict[str, Shown] = {}
        self.supervisor = Supervisor([], changed=self._write_down, tick=self._tick)
        self._greet = greet
        self._greeted = False
        self._begun = time.monotonic()
        self._next_pulse = self._begun + PULSE_EVERY_S

    def run(self) -> None:
        """Until Ctrl-C or SIGTERM; raises StackError when something cannot live."""
        self.folders.make()
        self._lock = self._alone()
        self.supervisor.stop_at_signals()
        try:
            self._take_over()
            self._listener = doors.listener(self.settings.PORT)
            self._start_servers()
            self._make_ready()
            self._start_programs()
            self.supervisor.run()
        finally:
            self._stop()

    # --- starting -----------------------------------------------------------------------------------------
    def _alone(self) -> int:
        try:
            return locks.hold_alone(self.folders.up_lock)
        except locks.Taken:
            address = runfile.read(self.data).address
            raise StackError(
                f"It already runs over {self.data}{f', at {address}' if address else ''}. Stop that one first."
            ) from None

    def _take_over(self) -> None:
        """Ends what an `up` that was killed left behind; servers that run already are kept."""
        with locks.exclusive(self.folders.run_lock):
            servers.take_share(self.folders)
            self._before = runfile.read(self.data)
            processes.end_sessions(list(self._before.children.values()), patience_s=2)
            mine = Process.of(os.getpid())
            runfile.write(self.data, replace(self._before, keeper=mine, children={}, stand_ins={}, address=""))

    def _start_servers(self) -> None:
        for name in self._embedded():
            part = Part(name, self._launcher(name), adopted=getattr(self._before, name))
            if not part.process:
                part.take(self._started(name))
            self.servers.append(part)
        self.supervisor.parts += self.servers

    def _embedded(self) -> list[str]:
        given = {"postgres": self.settings.DATABASE_URL, "valkey": self.settings.REDIS_URL}
        return [name for name, url in given.items() if not url]

    def _started(self, name: str) -> Server:
        with locks.exclusive(self.folders.run_lock):
            return servers.start(name, self.folders)

    def _launcher(self, name: str) -> Callable[[], Server]:
        def launch():
            with locks.exclusive(self.folders.run_lock):
                return servers.launch(name, self.folders)

        return launch

    def _make_ready(self) -> None:
        """What pages need before the first of them: tables, and under DEMO the keys of both sides."""
        self._sockets = runfile.read(self.data).sockets if self.servers else ""
        if self._sockets:
            os.environ[servers.SOCKETS_VARIABLE] = self._sockets
        try:
            call_command("migrate", interactive=False, verbosity=0)
            call_command("createcachetable", verbosity=0)
        except OperationalError as error:
            raise StackError(f"The database does not answer: {str(error).splitlines()[0]}") from None
        if found := production.faults():
            raise StackError("\n".join(found))
        connections.close_all()
        if self.settings.DEMO:
            stand_in.ensure_keys(self.data)

    def _start_programs(self) -> None:
        """Web before all that it does not need: the first page is what somebody waits for."""
        programs.import_web()
        gc.freeze()  # what is imported stays shared with the children: collecting would write into every page
        if self.settings.DEMO:
            ports = {name: doors.free_port() for name in self.settings.STAND_INS}
            self.stand_ins = {name: f"http://{doors.LOOPBACK}:{port}" for name, port in ports.items()}
            self._write_down()  # before anybody asks for their addresses
            self._add("stand_ins", lambda: programs.stand_ins(ports))
        self._add("web", lambda: programs.web(self._listener), statement_s=WEB_STATEMENT_S)
        programs.import_workers()
        gc.freeze()
        self._add("worker", lambda: programs.worker("worker", self._queues(), pool="prefork", processes=2))
        self._add("media", lambda: programs.worker("media", ["media"], pool="solo", processes=1))
        self._add("beat", lambda: programs.beat(self.data / "beat"))
        if self.settings.DEMO:
            self.demo = self._fork("demo", programs.demo, statement_s=0)
        self._write_down()

    def _queues(self) -> list[str]:
        return ["money", "courier", "mail", celery.conf.task_default_queue]

    def _add(self, name: str, main: Callable[[], None], *, statement_s: int = WORKER_STATEMENT_S) -> None:
        part = Part(name, lambda: self._fork(name, main, statement_s=statement_s))
        part.start()
        self.programs.append(part)
        self.supervisor.parts.append(part)

    def _fork(self, name: str, main: Callable[[], None], *, statement_s: int) -> Fork:
        def limited():
            os.environ["DB_STATEMENT_TIMEOUT_S"] = str(statement_s)
            main()

        log = self.folders.log / f"{name}.log"
        self._logs.setdefault(name, Shown(name, log))
        others = [] if name == "web" else [self._listener.fileno()]
        return fork(limited, log=log, closing=[self._lock, *others])

    # --- while it runs ------------------------------------------------------------------------------------
    def _write_down(self) -> None:
        run = Run(
            keeper=Process.of(os.getpid()),
            sockets=self._sockets,
            address=doors.address(self.settings.PORT),
            children=self._children(),
            stand_ins=self.stand_ins,
            **{part.name: part.process for part in self.servers},
        )
        with locks.exclusive(self.folders.run_lock):
            runfile.write(self.data, run)

    def _children(self) -> dict[str, Process]:
        found = {part.name: part.process for part in self.programs if part.process}
        return {**found, "demo": Process.of(self.demo.pid)} if self.demo else found

    def _tick(self) -> None:
        if not runfile.exists(self.data):  # somebody tidied up
            self._write_down()
        if not self._greeted and self._ask("/healthz"):
            self._greeted = True
            self._greet(self._greeting())
        for log in self._logs.values():
            log.show()
        for name in self._embedded():
            keep_small(self.folders.log / f"{name}.log")
        if self.demo and self.demo.poll() is not None:
            say("the demo data is there" if self.demo.returncode == 0 else "no demo data: see demo above")
            self.demo = None
            self._write_down()
        if time.monotonic() >= self._next_pulse:
            self._next_pulse = time.monotonic() + PULSE_EVERY_S
            self._end_workers_that_do_nothing()

    def _end_workers_that_do_nothing(self) -> None:
        """A worker may hold a connection and take nothing from it. Started anew it works; its rows wait meanwhile."""
        workers = [part for part in self.programs if part.name in ("worker", "beat")]
        if all(part.age_s > SWEEPS_BEGIN_WITHIN_S for part in workers) and self._nothing_but_sweeps_is_missing():
            say("no sweep has run for a minute: starting worker and beat again")
            for part in workers:
                part.end()

    def _nothing_but_sweeps_is_missing(self) -> bool:
        try:
            found = json.loads(self._ask("/readyz") or "{}")
        except ValueError:
            return False
        others = {"database", "broker", "migrations"}
        return found.get("sweeps") == doors.NO_SWEEP and all(found[name] == "ok" for name in others)

    def _ask(self, path: str) -> str | None:
        names = [name for name in self.settings.ALLOWED_HOSTS if name[:1] not in "*."]
        return doors.ask(path, port=self.settings.PORT, host=names[0] if names else doors.LOOPBACK)

    def _greeting(self) -> str:
        lines = [f"Ready after {time.monotonic() - self._begun:.1f} s: {doors.address(self.settings.PORT)}"]
        if self.settings.DEMO:
            lines += ["", "Demo accounts", ACCOUNTS]
        lines += ["", f"Data folder: {self.data}"]
        if self.servers and self.folders.servers != self.data:
            lines += [f"Database and broker: {self.folders.servers}"]
        lines += ["Back up with: python manage.py backup FILE", "Ctrl-C stops everything."]
        return "\n".join(lines)

    # --- stopping -----------------------------------------------------------------------------------------
    def _stop(self) -> None:
        if self.supervisor.parts:
            say("stopping")
        if self.demo:
            self.programs.append(Part("demo", lambda: self.demo, adopted=Process.of(self.demo.pid)))
        stop_programs(self.programs)
        for log in self._logs.values():
            log.show()
        os.environ.pop(servers.SOCKETS_VARIABLE, None)
        with locks.exclusive(self.folders.run_lock):
            runfile.change(self.data, keeper=None, children={}, stand_ins={}, address="")
        servers.leave(self.data)
        os.close(self._lock)
