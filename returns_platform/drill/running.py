"""The drill as a whole: its lanes, spread over processes, and what it says about them."""

import atexit
import gc
import os
import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from math import ceil
from pathlib import Path
from random import Random
from time import monotonic

from django.conf import settings
from django.db import connections
from django.urls import reverse

from aftersales.returns.models import ReturnRequest
from returns_platform.drill import contests, databases, machine, town, truth
from returns_platform.drill.clock import Clock
from returns_platform.drill.kills import Kills
from returns_platform.drill.outside import Outside
from returns_platform.drill.pieces import Died, done
from returns_platform.drill.races import Races
from returns_platform.drill.streets import WALKS, lived, starts_at
from returns_platform.drill.twins import live_twice, use_broker_as
from returns_platform.kernel import stand_in
from returns_platform.stack import programs, servers

# So many share a world and one look at the books: a world costs a second, and a violation is found among them again.
TOGETHER = {"streets": 4, "twins": 5, "kills": 15, "races": 60}


@dataclass
class Tally:
    """What was done, and what went wrong: each line names the seed that shows it again."""

    cases: int = 0
    kills: int = 0
    races: int = 0
    walks: int = 0
    writers: int = 0
    steps: Counter = field(default_factory=Counter)
    deaths: Counter = field(default_factory=Counter)
    violations: list[str] = field(default_factory=list)

    def __add__(self, other: "Tally") -> "Tally":
        return Tally(*(mine + theirs for mine, theirs in zip(self.values(), other.values(), strict=True)))

    def values(self) -> list:
        return list(vars(self).values())


@dataclass(frozen=True)
class Piece:
    """As much of a lane as shares one world."""

    lane: str
    seeds: tuple[int, ...]

    @property
    def name(self) -> str:
        return f"{self.lane}_{self.seeds[0]}"


def run(
    *, seed: int, walks: int, twins: int, races: int, kills: int, processes: int, say: Callable[[str], None]
) -> int:  # fmt: skip
    """The whole drill; the process's exit code."""
    began = monotonic()
    _make_ready(broker=bool(twins), machines=bool(kills))
    chance = Random(seed)
    lanes = {
        name: _pieces(name, [chance.randrange(10**9) for _ in range(count)], TOGETHER[name])
        for name, count in {"streets": ceil(walks / WALKS), "twins": twins, "kills": kills, "races": races}.items()
    }
    tally = Tally()
    jobs = [(piece.name, partial(_do, piece)) for piece in _mixed(lanes)]
    atexit.register(machine.end_leftovers, Path(settings.DATA_DIR))
    try:
        for name, part in done(jobs, at_once=processes, folder=settings.DATA_DIR):
            part = Tally(violations=[str(part)]) if isinstance(part, Died) else part
            tally += part
            for line in part.violations:
                say(f"VIOLATION in {name}: {line}")
            _show(f"{tally.walks} walks, {tally.races} races, {tally.kills} kills")
    except KeyboardInterrupt:
        say("stopped early; this is what was done")
    seconds = monotonic() - began
    say(f"writers {tally.writers}, {seconds:.0f} s")
    say("steps of walks: " + ", ".join(f"{name} {times}" for name, times in sorted(tally.steps.items())))
    for where, times in sorted(tally.deaths.items()):
        say(f"{times} times: {where}")
    say(summary(tally, seed=seed))
    return 1 if tally.violations else 0


def summary(tally: Tally, *, seed: int) -> str:
    return (
        f"drill: {tally.cases} cases, {tally.kills} kills, {tally.races} races, {tally.walks} walks, "
        f"{len(tally.violations)} violations (seed {seed})"
    )


def replay(seed: int, *, say: Callable[[str], None]) -> int:
    """One street alone, step by step, exactly as it went among the others."""
    _make_ready()
    with a_world(f"street_{seed}") as (outside, clock, faults):
        street = lived(seed, outside=outside, clock=clock, faults=faults, shop=town.open_shop())
        found = street.violations + truth.violations(outside)
    return _tell(street.trace, found, say=say)


def replay_twins(seed: int, *, say: Callable[[str], None]) -> int:
    """Both lives of one seed alone, the one that heard everything first."""
    _make_ready(broker=True)
    name = f"twins_{seed}"
    with a_world(name) as (outside, clock, faults):
        use_broker_as(name)
        twins, wrong = live_twice(seed, outside=outside, clock=clock, faults=faults, shop=town.open_shop())
        found = wrong + truth.violations(outside)
    return _tell([line for twin in twins for line in twin.trace], found, say=say)


def _tell(trace: list[str], found: list[str], *, say: Callable[[str], None]) -> int:
    for line in trace + [f"VIOLATION {line}" for line in found]:
        say(line)
    return 1 if found else 0


def _make_ready(*, broker: bool = False, machines: bool = False) -> None:
    sockets = servers.postgres_sockets(settings.DATA_DIR, durable=False)
    if broker:
        servers.valkey_socket(settings.DATA_DIR)
    os.environ[servers.SOCKETS_VARIABLE] = sockets
    stand_in.ensure_keys(settings.DATA_DIR)
    databases.make_template()
    if machines:
        machine.keep_tables()
    connections.close_all()
    programs.import_web()
    programs.import_workers()
    reverse("home")  # every address is read once, and not in each piece
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)  # pieces are short: looking for garbage would take a tenth of their time


def _pieces(lane: str, seeds: list[int], size: int) -> list[Piece]:
    return [Piece(lane, tuple(seeds[start : start + size])) for start in range(0, len(seeds), size)]


def _mixed(lanes: dict[str, list[Piece]]) -> list[Piece]:
    """Spread so that a drill that is stopped has done its part of each lane."""
    places = [(nth / len(pieces), piece.lane, piece) for pieces in lanes.values() for nth, piece in enumerate(pieces)]
    return [piece for _place, _lane, piece in sorted(places, key=lambda entry: entry[:2])]


def _do(piece: Piece) -> Tally:
    return {"streets": _streets, "twins": _twins, "races": _races, "kills": _kills}[piece.lane](piece)


def _streets(piece: Piece) -> Tally:
    """The books are looked at once; where they are wrong, all is lived again to find the street after which they are.

    The latest year's day comes first: for the sweeps of those that follow, the others' rows lie in the future.
    """
    tally = Tally()
    seeds = sorted(piece.seeds, key=starts_at, reverse=True)
    with a_world(piece.name) as (outside, clock, faults):
        world = {"outside": outside, "clock": clock, "faults": faults, "shop": town.open_shop()}
        for seed in seeds:
            street = lived(seed, **world)
            tally.violations += [f"street {seed}: {line}" for line in street.violations]
            for walk in street.walks:
                tally += Tally(walks=1, steps=walk.steps)
        found = truth.violations(outside)
        tally.cases = ReturnRequest.objects.count()
    if found:
        tally.violations += _lived_again(piece, seeds) or [f"streets {seeds}: {line}" for line in found]
    return tally


def _lived_again(piece: Piece, seeds: list[int]) -> list[str]:
    """What is wrong, and after which street; empty where this time nothing was."""
    with a_world(f"{piece.name}_again") as (outside, clock, faults):
        world = {"outside": outside, "clock": clock, "faults": faults, "shop": town.open_shop()}
        for seed in seeds:
            lived(seed, **world)
            if found := truth.violations(outside):
                return [f"street {seed}: {line}" for line in found]
    return []


def _twins(piece: Piece) -> Tally:
    tally = Tally()
    with a_world(piece.name) as (outside, clock, faults):
        use_broker_as(piece.name)
        world = {"outside": outside, "clock": clock, "faults": faults, "shop": town.open_shop()}
        for seed in piece.seeds:
            lived, wrong = live_twice(seed, **world)
            found = wrong + truth.violations(outside)
            tally.violations += [f"twins {seed}: {line}" for line in found]
            tally += Tally(walks=2, steps=sum((twin.steps for twin in lived), Counter()))
        tally.cases = ReturnRequest.objects.count()
    return tally


def _races(piece: Piece) -> Tally:
    with a_world(piece.name) as (outside, clock, faults):
        races = Races(outside, clock, faults, town.open_shop(), contests.KINDS)
        try:
            for seed in piece.seeds:
                races.race(seed)
        finally:
            races.close()
        found = races.violations + [f"races {piece.seeds}: {line}" for line in truth.violations(outside)]
        return Tally(cases=races.cases, races=len(piece.seeds), writers=races.writers, violations=found)


def _kills(piece: Piece) -> Tally:
    folder = Path(settings.DATA_DIR) / piece.name
    with (
        machine.running(folder) as own,
        truth.faults_seen() as faults,
        Clock(running=True) as clock,
        Kills(folder, own, clock, faults) as lane,
    ):
        for seed in piece.seeds:
            lane.kill(seed)
        lane.heal()
    return Tally(cases=lane.cases, kills=len(piece.seeds), deaths=Counter(lane.reached), violations=lane.violations)


@contextmanager
def a_world(name: str) -> Iterator[tuple[Outside, Clock, truth.Faults]]:
    """A database, stand-ins with empty books, and a clock that stands still, for one piece of the drill."""
    databases.create(name)
    folder = Path(settings.DATA_DIR) / name
    folder.mkdir(mode=0o711)
    try:
        with (
            databases.using(name),
            truth.faults_seen() as faults,
            Clock() as clock,
            Outside(folder, keys=Path(settings.DATA_DIR)) as outside,
        ):
            yield outside, clock, faults
    finally:
        databases.drop(name)
        shutil.rmtree(folder)


def _show(progress: str) -> None:
    """For a person who watches; standard output holds what counts."""
    if os.isatty(2):
        os.write(2, f"\r{progress} ".encode())
