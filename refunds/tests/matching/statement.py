"""The bills of the fake channel: a row per line, as JSON."""

import json
from dataclasses import asdict
from datetime import date, datetime

from refunds.gateways.interface import Statement, StatementRow, StatementUnreadable


def write(rows: list[StatementRow]) -> bytes:
    return "\n".join(json.dumps(asdict(row) | {"at": row.at.isoformat()}) for row in rows).encode()


def read(raw: bytes, *, day: date) -> Statement:
    try:
        rows = [json.loads(line) for line in raw.decode().splitlines()]
    except ValueError:
        raise StatementUnreadable("not JSON", line=1) from None
    return Statement(day, tuple(StatementRow(**row | {"at": datetime.fromisoformat(row["at"])}) for row in rows))
