"""`manage.py up` as a person sees it, from the first start to Ctrl-C."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest
from django.conf import settings

from returns_platform.stack import processes, runfile

PROJECT = settings.BASE_DIR
START_S = 120  # the first start, on a busy machine


class Running:
    """An `up` over its own data folder and port; its words in files, as nobody reads a pipe meanwhile."""

    def __init__(self, data: Path, environment: dict):
        self.data = data
        self.said, self.told = data / "said", data / "told"
        self.environment = environment
        with self.said.open("wb") as out, self.told.open("wb") as err:
            self.process = subprocess.Popen(
                command("up"), env=environment, stdout=out, stderr=err, cwd=settings.BASE_DIR
            )

    def wait_until_ready(self):
        deadline = time.monotonic() + START_S
        while "Ready" not in self.said.read_text():
            assert self.process.poll() is None and time.monotonic() < deadline, self.told.read_text()[-3000:]
            time.sleep(0.1)

    def get(self, path: str) -> tuple[int, str]:
        try:
            with urllib.request.urlopen(f"{runfile.read(self.data).address}{path}", timeout=30) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.read().decode()
        except OSError:
            return 0, "{}"

    def run(self, *arguments: str) -> subprocess.CompletedProcess:
        return subprocess.run(
            command(*arguments),
            env=self.environment,
            capture_output=True,
            text=True,
            cwd=settings.BASE_DIR,
            timeout=60,
        )

    def stop(self) -> int:
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(timeout=60)


def command(*arguments):
    return [sys.executable, "manage.py", *arguments]


def called(*arguments, environment) -> subprocess.CompletedProcess:
    return subprocess.run(
        command(*arguments), env=environment, capture_output=True, text=True, cwd=PROJECT, timeout=60
    )


@pytest.fixture
def up(data, environment):
    with socket.socket() as asked:
        asked.bind(("127.0.0.1", 0))
        port = asked.getsockname()[1]
    running = Running(data, {**environment, "PORT": str(port)})
    running.wait_until_ready()
    yield running
    if running.process.poll() is None:
        running.stop()


def wait_for(condition, *, seconds):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.1)


def test_it_starts_heals_and_leaves_nothing_running(up):
    assert up.get("/healthz") == (200, "ok\n")
    assert "Demo accounts" in up.said.read_text() and str(up.data) in up.said.read_text()

    stand_ins = up.run("stand_ins")
    assert all(re.fullmatch(r"\w+ http://127\.0\.0\.1:\d+", line) for line in stand_ins.stdout.splitlines())
    assert set(runfile.read(up.data).stand_ins) == set(settings.STAND_INS)

    second = up.run("up")
    assert second.returncode == 1 and "already runs" in second.stderr and second.stdout == ""

    before = runfile.read(up.data)
    os.kill(before.postgres.pid, signal.SIGKILL)
    os.kill(before.valkey.pid, signal.SIGKILL)
    parts_of_it = {name: child for name, child in before.children.items() if name != "demo"}  # which ends by itself
    for child in parts_of_it.values():
        os.kill(child.pid, signal.SIGKILL)
    wait_for(lambda: parts(up) >= {"database", "broker", "migrations"}, seconds=30)
    after = runfile.read(up.data)
    assert set(after.children) >= set(parts_of_it)
    assert not set(after.children.values()) & set(parts_of_it.values())

    everything = [after.keeper, after.postgres, after.valkey, *after.children.values()]
    assert up.stop() == 0
    assert not any(process.alive for process in everything)
    assert processes.working_in(up.data / "pg") == [] and not runfile.exists(up.data)


def parts(up) -> set[str]:
    """What readyz finds in order; nothing while nobody answers."""
    found = json.loads(up.get("/readyz")[1])
    return {name for name, outcome in found.items() if outcome == "ok"}


def test_a_taken_port_is_said_in_one_sentence(data, environment):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        refused = called("up", environment={**environment, "PORT": port})
    assert refused.returncode == 1
    assert refused.stderr.strip() == (
        f"CommandError: Port {port} cannot be used (Address already in use): choose another with PORT=8001."
    )
