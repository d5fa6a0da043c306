"""run.json: what runs over a data folder. Every pid in it comes with its start time and is verified before use."""

import json
import os
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

from returns_platform.stack.processes import Process


@dataclass(frozen=True)
class Run:
    """keeper: the `up` that keeps the servers, if one does. sockets: the folder they listen in."""

    keeper: Process | None = None
    postgres: Process | None = None
    valkey: Process | None = None
    sockets: str = ""
    address: str = ""
    children: dict[str, Process] = field(default_factory=dict)
    stand_ins: dict[str, str] = field(default_factory=dict)


def read(data: Path) -> Run:
    """What really runs: entries whose process is gone are left out. A broken file reads as nothing."""
    try:
        return _verified(_parsed(json.loads(_path(data).read_text())))
    except (OSError, ValueError, TypeError, AttributeError):
        return Run()


def write(data: Path, run: Run) -> None:
    draft = _path(data).with_suffix(".new")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644), "w") as file:
        json.dump(asdict(run), file, indent=1)
    draft.replace(_path(data))


def change(data: Path, **changes) -> Run:
    """Writes the given fields beside what is there. Under the run lock."""
    run = replace(read(data), **changes)
    write(data, run)
    return run


def remove(data: Path) -> None:
    _path(data).unlink(missing_ok=True)


def exists(data: Path) -> bool:
    return _path(data).exists()


def _path(data: Path) -> Path:
    return data / "run.json"


def _parsed(found: dict) -> Run:
    processes = {name: _process(found.get(name)) for name in ("keeper", "postgres", "valkey")}
    children = {name: Process(**child) for name, child in found.get("children", {}).items()}
    texts = {name: str(found.get(name, "")) for name in ("sockets", "address")}
    return Run(**processes, **texts, children=children, stand_ins=dict(found.get("stand_ins", {})))


def _process(found: dict | None) -> Process | None:
    return Process(**found) if found else None


def _verified(run: Run) -> Run:
    """Stand-ins and address are `up`'s children: without it they are history."""
    alive = {name: _if_alive(getattr(run, name)) for name in ("keeper", "postgres", "valkey")}
    children = {name: child for name, child in run.children.items() if child.alive}
    of_up = {} if alive["keeper"] else {"stand_ins": {}, "address": ""}
    return replace(run, **alive, **of_up, children=children)


def _if_alive(process: Process | None) -> Process | None:
    return process if process and process.alive else None
