"""Child processes that share what `up` has imported: started in a blink, and the memory is paid for once.

`up` has one thread only, so a fork is safe; it must not have a database or broker connection open.
"""

import os
import signal
import sys
import threading
import traceback
from collections.abc import Callable, Iterable
from pathlib import Path

from returns_platform.stack.logs import open_log


class Fork:
    """As much of `subprocess.Popen` as a supervisor needs."""

    def __init__(self, pid: int):
        self.pid = pid
        self.returncode: int | None = None

    def poll(self) -> int | None:
        """None while it lives; else its exit code, or minus the signal that ended it. Also reaps it."""
        if self.returncode is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self.returncode = os.waitstatus_to_exitcode(status)
        return self.returncode


def fork(main: Callable[[], None], *, log: Path, closing: Iterable[int]) -> Fork:
    """Runs `main` in a session of its own, with its output in `log` and without our descriptors `closing`.

    A Ctrl-C at the terminal therefore reaches `up` alone, and a lock of ours does not outlive us in a child.
    """
    assert threading.active_count() == 1
    sys.stdout.flush()
    sys.stderr.flush()
    pid = os.fork()
    if pid:
        return Fork(pid)
    code = 1
    try:
        _become_a_child(log, closing)
        main()
        code = 0
    except SystemExit as leaving:
        code = leaving.code if isinstance(leaving.code, int) else int(leaving.code is not None)
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def _become_a_child(log: Path, closing: Iterable[int]) -> None:
    os.setsid()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)
    for descriptor in closing:
        os.close(descriptor)
    with open(os.devnull, "rb") as nothing, open_log(log) as output:
        os.dup2(nothing.fileno(), 0)
        os.dup2(output.fileno(), 1)
        os.dup2(output.fileno(), 2)
