"""Log files under the data folder. Each keeps one predecessor, so that a year of running fills no disk."""

import contextlib
import os
import sys
import threading
from pathlib import Path
from typing import BinaryIO

LARGEST = 10_000_000

_one_line = threading.Lock()


def open_log(path: Path) -> BinaryIO:
    """For appending, as bytes; a large one is set aside as NAME.1 first. A full disk stops no service."""
    try:
        if path.exists() and path.stat().st_size > LARGEST:
            path.replace(path.with_name(f"{path.name}.1"))
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


def follow(name: str, output: BinaryIO, path: Path) -> None:
    """Until the end of `output`: each line into the file and, with the name before it, to standard error."""
    for line in output:
        with contextlib.suppress(OSError), open_log(path) as log:
            log.write(line)
        say(line.decode(errors="replace").rstrip(), name=name)


def say(text: str, *, name: str = "up") -> None:
    """To the person at the terminal, on standard error. A terminal that went away stops no service."""
    with _one_line, contextlib.suppress(OSError, ValueError):
        for line in text.splitlines():
            print(f"{name:>9} | {line}", file=sys.stderr, flush=True)
