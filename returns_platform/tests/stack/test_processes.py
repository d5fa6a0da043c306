import os
import signal
import subprocess

from returns_platform.stack import processes
from returns_platform.stack.processes import Process


def test_another_process_with_the_same_pid_is_not_the_one_meant():
    assert Process.of(os.getpid()).alive
    assert not Process(os.getpid(), "another start").alive


def test_a_zombie_is_not_alive():
    child = subprocess.Popen(["true"])
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
    assert processes.start_time(child.pid) == ""
    child.wait()


def test_what_works_in_a_folder_is_found_by_the_folder(tmp_path):
    child = subprocess.Popen(["sleep", "60"], cwd=tmp_path, start_new_session=True)
    assert [process.pid for process in processes.working_in(tmp_path)] == [child.pid]
    processes.end(processes.working_in(tmp_path))
    assert child.wait() == -signal.SIGTERM


def test_what_does_not_leave_when_asked_is_ended(tmp_path):
    script = "trap '' TERM; echo deaf; while true; do sleep 0.1; done"
    child = subprocess.Popen(["sh", "-c", script], stdout=subprocess.PIPE, start_new_session=True)
    assert child.stdout.readline() == b"deaf\n"
    processes.end([Process.of(child.pid)], patience_s=0.2)
    assert child.wait() == -signal.SIGKILL
    processes.kill_session(child.pid)
    child.stdout.close()
