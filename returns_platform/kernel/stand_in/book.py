"""A stand-in's own file: payments, what it did, how to behave next, what to do later."""

import json
import sqlite3
import threading
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

SCHEMA = """
CREATE TABLE IF NOT EXISTS payments (
    id TEXT PRIMARY KEY, amount INTEGER NOT NULL, currency TEXT NOT NULL, paid_at TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS book (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, number TEXT NOT NULL, state TEXT NOT NULL, data TEXT NOT NULL,
    at TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS book_number ON book (number);
CREATE TABLE IF NOT EXISTS behaviours (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, behaviour TEXT NOT NULL, times INTEGER NOT NULL,
    match TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS jobs (
    id INTEGER PRIMARY KEY AUTOINCREMENT, due REAL NOT NULL, job TEXT NOT NULL, args TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS jobs_due ON jobs (due);
CREATE TABLE IF NOT EXISTS notes (
    kind TEXT NOT NULL, key TEXT NOT NULL, note TEXT NOT NULL, PRIMARY KEY (kind, key));
"""


@dataclass(frozen=True)
class Payment:
    """`amount` in minor units."""

    id: str
    amount: int
    currency: str
    paid_at: datetime


@dataclass(frozen=True)
class Row:
    """One thing the stand-in really did. `row["waybill"]` reads what else was noted; `at` is RFC 3339."""

    seq: int
    number: str
    state: str
    data: dict[str, Any]
    at: str

    def __getitem__(self, name: str) -> Any:
        return self.data[name]


@dataclass(frozen=True)
class Job:
    id: int
    job: str
    args: dict[str, Any]


class Book:
    """Safe for many threads: one connection behind a lock. Every commit is on disk before it returns."""

    def __init__(self, path: Path, *, indexed: tuple[str, ...] = ()):
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)  # it holds the tokens of callback addresses
        self._lock = threading.RLock()
        self._connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=10)
        self._connection.execute("PRAGMA journal_mode = WAL")
        self._connection.execute("PRAGMA synchronous = FULL")
        self._connection.executescript(SCHEMA)
        for name in indexed:
            self._run(f"CREATE INDEX IF NOT EXISTS book_{name} ON book ({_fact(name)})")

    def close(self) -> None:
        with self._lock:
            self._connection.close()

    @contextmanager
    def writing(self) -> Iterator[None]:
        """One transaction that nobody else writes beside; nested, it is the same transaction."""
        with self._lock:
            if self._connection.in_transaction:
                yield
                return
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                self._connection.execute("ROLLBACK")
                raise
            self._connection.execute("COMMIT")

    # Payments

    def open_payment(self, payment: Payment) -> Payment:
        """The payment as kept: the first opening counts."""
        self._run(
            "INSERT OR IGNORE INTO payments VALUES (?, ?, ?, ?)",
            (payment.id, payment.amount, payment.currency, payment.paid_at.isoformat()),
        )
        return self.payment(payment.id)

    def payment(self, payment_id: str) -> Payment | None:
        rows = self._run("SELECT * FROM payments WHERE id = ?", (payment_id,))
        return Payment(*rows[0][:3], paid_at=datetime.fromisoformat(rows[0][3])) if rows else None

    # What it did

    def add(self, number: str, *, state: str, at: datetime | None = None, **data: Any) -> Row:
        """`at`: when it was done, if not now."""
        rows = self._run(
            "INSERT INTO book (number, state, data, at) VALUES (?, ?, ?, ?) RETURNING *",
            (number, state, json.dumps(data), (at or datetime.now(UTC)).isoformat()),
        )
        return _row(rows[0])

    def change(self, row: Row, *, state: str, **data: Any) -> Row:
        """The row in another state, with these facts added to what it says."""
        rows = self._run(
            "UPDATE book SET state = ?, data = ? WHERE seq = ? RETURNING *",
            (state, json.dumps({**row.data, **data}), row.seq),
        )
        return _row(rows[0])

    def find(self, number: str) -> Row | None:
        """The latest row of that number."""
        rows = self._run("SELECT * FROM book WHERE number = ? ORDER BY seq DESC LIMIT 1", (number,))
        return _row(rows[0]) if rows else None

    def rows(self, **facts: Any) -> list[Row]:
        """All rows in the order they were done; `waybill="SF1"` keeps those that say so."""
        where = " AND ".join(["TRUE", *(f"{_fact(name)} = ?" for name in facts)])
        sql = f"SELECT * FROM book WHERE {where} ORDER BY seq"
        return [_row(row) for row in self._run(sql, tuple(facts.values()))]

    # What else it has to remember

    def write_note(self, kind: str, key: str, note: dict[str, Any]) -> None:
        """In place of an earlier note of that kind and key."""
        self._run("INSERT OR REPLACE INTO notes VALUES (?, ?, ?)", (kind, key, json.dumps(note)))

    def note(self, kind: str, key: str) -> dict[str, Any] | None:
        rows = self._run("SELECT note FROM notes WHERE kind = ? AND key = ?", (kind, key))
        return json.loads(rows[0][0]) if rows else None

    def notes(self, kind: str) -> list[dict[str, Any]]:
        """All of that kind, the oldest first."""
        rows = self._run("SELECT note FROM notes WHERE kind = ? ORDER BY rowid", (kind,))
        return [json.loads(note) for (note,) in rows]

    # How to behave next

    def queue_behaviour(self, behaviour: str, *, times: int, match: dict[str, Any]) -> None:
        self._run(
            "INSERT INTO behaviours (behaviour, times, match) VALUES (?, ?, ?)",
            (behaviour, times, json.dumps(match)),
        )

    def take_behaviour(self, facts: dict[str, Any], *, except_for: Collection[str] = ()) -> str | None:
        """The oldest behaviour whose match these facts fulfil, used up by one call only."""
        with self.writing():
            for seq, behaviour, times, match in self._run("SELECT * FROM behaviours ORDER BY seq"):
                if behaviour not in except_for and all(
                    facts.get(key) == value for key, value in json.loads(match).items()
                ):
                    self._use_up(seq, times)
                    return behaviour
        return None

    def queued_behaviours(self) -> list[dict[str, Any]]:
        """[{behaviour, times, match}], the next one first."""
        rows = self._run("SELECT behaviour, times, match FROM behaviours ORDER BY seq")
        return [{"behaviour": name, "times": times, "match": json.loads(match)} for name, times, match in rows]

    def _use_up(self, seq: int, times: int) -> None:
        if times > 1:
            self._run("UPDATE behaviours SET times = times - 1 WHERE seq = ?", (seq,))
        else:
            self._run("DELETE FROM behaviours WHERE seq = ?", (seq,))

    def forget_behaviours(self) -> None:
        self._run("DELETE FROM behaviours")

    # What to do later

    def add_job(self, job: str, *, due: float, args: dict[str, Any]) -> None:
        self._run("INSERT INTO jobs (due, job, args) VALUES (?, ?, ?)", (due, job, json.dumps(args)))

    def due_jobs(self, now: float) -> list[Job]:
        rows = self._run("SELECT id, job, args FROM jobs WHERE due <= ? ORDER BY due, id", (now,))
        return [Job(id, job, json.loads(args)) for id, job, args in rows]

    def next_due(self) -> float | None:
        return self._run("SELECT min(due) FROM jobs")[0][0]

    def finish_job(self, job: Job) -> None:
        self._run("DELETE FROM jobs WHERE id = ?", (job.id,))

    def _run(self, sql: str, values: Any = ()) -> list[tuple]:
        with self._lock:
            return self._connection.execute(sql, values).fetchall()


def _fact(name: str) -> str:
    return f"json_extract(data, '$.{name}')"


def _row(row: tuple) -> Row:
    seq, number, state, data, at = row
    return Row(seq, number, state, json.loads(data), at)
