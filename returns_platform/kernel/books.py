"""What must always hold, each as one query that returns no row."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Invariant:
    """name: what holds, in plain words. sql: one row per violation, its first column says which."""

    name: str
    sql: str
