import subprocess
import threading
import time

import pytest

from returns_platform.stack import supervisor
from returns_platform.stack.folders import StackError
from returns_platform.stack.supervisor import Part, Supervisor, stop_programs


def sleeper():
    return subprocess.Popen(["sleep", "60"], start_new_session=True)


def nothing():
    """Neither a change nor a tick matters here."""


def test_a_part_that_died_is_started_again_after_a_second():
    part = Part("web", sleeper)
    part.start()
    watching = Supervisor(
        [part], changed=nothing, tick=lambda: part.pid_seen.append(part.process and part.process.pid)
    )
    part.pid_seen = []
    first, begun = part.process.pid, time.monotonic()
    part._child.kill()
    threading.Timer(2.5, watching.ask_to_stop).start()
    watching.run()
    assert part.alive and part.process.pid != first
    assert time.monotonic() - begun >= 1
    stop_programs([part])
    assert not part.alive


def test_what_a_dead_part_left_in_its_session_is_ended(tmp_path):
    part = Part(
        "web", lambda: subprocess.Popen(["sh", "-c", "sleep 60 & wait"], cwd=tmp_path, start_new_session=True)
    )
    part.start()
    while len(supervisor.processes.working_in(tmp_path)) < 2:
        time.sleep(0.02)
    part._child.kill()
    part._child.wait()
    part.bury(time.monotonic())
    supervisor.processes.wait_until_gone(supervisor.processes.working_in(tmp_path), 2)
    assert supervisor.processes.working_in(tmp_path) == []


def test_pauses_double_up_to_half_a_minute(capsys):
    part = Part("web", sleeper)
    pauses = []
    for death in range(7):
        now = death * 100.0
        part._started_at = now
        part.count_death(now, "ended")
        pauses.append(part.due_at - now)
    assert pauses == [1, 2, 4, 8, 16, 30, 30]


def test_a_part_that_lived_a_while_is_started_soon_again(capsys):
    part = Part("web", sleeper)
    for started, died in ((0.0, 1.0), (2.0, 3.0), (10.0, 100.0)):
        part._started_at = started
        part.count_death(died, "ended")
    assert part.due_at == 101.0


def test_five_deaths_within_a_minute_stop_everything(capsys):
    part = Part("web", sleeper)
    with pytest.raises(StackError, match=r"web ended, 5 times within a minute"):
        for death in range(5):
            part._started_at = death * 10.0
            part.count_death(death * 10.0, "ended")
