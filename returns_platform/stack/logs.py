"""Log files under the data folder, and what of them is shown at the terminal."""

import contextlib
import os
import shutil
import sys
from pathlib import Path
from typing import BinaryIO

LARGEST = 10_000_000


def open_log(path: Path) -> BinaryIO:
    """For appending, as bytes. A full disk stops no service."""
    try:
        return path.open("ab", buffering=0)
    except OSError:
        return open(os.devnull, "ab", buffering=0)


def tail(path: Path, lines: int = 8) -> str:
    try:
        with path.open("rb") as file:
            file.seek(max(path.stat().st_size - 8000, 0))
            return "\n".join(file.read().decode(errors="replace").splitlines()[-lines:])
    except OSError:
        return ""


def keep_small(path: Path) -> None:
    """A large log starts anew and is kept as NAME.1, so that a year of running fills no disk.

    Emptied in place: whoever writes it has it open for appending and goes on at the new end.
    """
    with contextlib.suppress(OSError):
        if path.stat().st_size > LARGEST:
            shutil.copyfile(path, path.with_name(f"{path.name}.1"))
            os.truncate(path, 0)


class Shown:
    """Shows at the terminal what is added to a log from now on, each line with its name before it.

    Programs write into the file themselves: a terminal that is stopped, or `up` itself being killed, holds up nobody.
    """

    def __init__(self, name: str, path: Path):
        self.name = name
        self.path = path
        self._seen = path.stat().st_size if path.exists() else 0

    def show(self) -> None:
        keep_small(self.path)
        with contextlib.suppress(OSError), self.path.open("rb") as file:
            if self.path.stat().st_size < self._seen:
                self._seen = 0
            file.seek(self._seen)
            whole = file.read().rpartition(b"\n")[0]
            if whole:
                self._seen += len(whole) + 1
                say(whole.decode(errors="replace"), name=self.name)


def say(text: str, *, name: str = "up") -> None:
    """To the person at the terminal, on standard error. A terminal that went away stops no service."""
    with contextlib.suppress(OSError, ValueError):
        for line in text.splitlines():
            print(f"{name:>9} | {line}", file=sys.stderr, flush=True)
