"""Log files under the data folder. Each keeps one predecessor, so that a year of running fills no disk."""

import os
from pathlib import Path
from typing import BinaryIO

LARGEST = 10_000_000


def open_log(path: Path) -> BinaryIO:
    """For appending, as bytes; a large one is set aside as NAME.1 first. A full disk stops no service."""
    try:
        if path.exists() and path.stat().st_size > LARGEST:
            path.replace(path.with_name(f"{path.name}.1"))
        return path.open("ab")
    except OSError:
        return open(os.devnull, "ab")


def tail(path: Path, lines: int = 8) -> str:
    try:
        with path.open("rb") as file:
            file.seek(max(path.stat().st_size - 8000, 0))
            return "\n".join(file.read().decode(errors="replace").splitlines()[-lines:])
    except OSError:
        return ""
