"""Reading Stripe's report of one day: every movement of our balance, a line each, amounts in the major unit.

The report has no totals of its own; each line's must add up, no movement may stand in it twice, and it ends with a
line break. Where the customer paid in another currency than our balance is in, the customer's is what counts.
"""

import csv
import io
from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import Literal

from refunds.gateways.interface import Statement, StatementRow, StatementUnreadable
from refunds.gateways.stripe.reading import NUMBER
from refunds.gateways.stripe.reports import COLUMNS
from returns_platform.kernel.money import minor_digits

KINDS: dict[str, Literal["refund", "reversal"]] = {"refund": "refund", "refund_failure": "reversal"}


def read(raw: bytes, *, day: date) -> Statement:
    """The whole report. Raises StatementUnreadable."""
    lines = _lines(raw)
    rows: list[StatementRow] = []
    seen: set[str] = set()
    for line, fields in lines:
        movement = fields["balance_transaction_id"]
        if not movement or movement in seen:
            raise StatementUnreadable("a movement without a name, or twice", line=line)
        seen.add(movement)
        row = _row(fields, day=day, line=line)
        if row.amount:
            rows.append(row)
    return Statement(day, tuple(rows))


def _lines(raw: bytes) -> list[tuple[int, dict[str, str]]]:
    """Each line with its number, counted from 1; the titles are the first."""
    try:
        content = raw.decode("utf-8-sig")
        table = csv.reader(io.StringIO(content, newline=""), strict=True)
        titles = next(table, [])
        lines = [(table.line_num, values) for values in table]
    except (UnicodeDecodeError, csv.Error) as error:
        raise StatementUnreadable(f"no CSV: {error}") from None
    if missing := set(COLUMNS) - set(titles):
        raise StatementUnreadable(f"no column {min(missing)}")
    if not content.endswith("\n"):
        raise StatementUnreadable("cut off")
    for line, values in lines:
        if len(values) != len(titles):
            raise StatementUnreadable("not as many fields as titles", line=line)
    return [(line, dict(zip(titles, values, strict=True))) for line, values in lines]


def _row(fields: Mapping[str, str], *, day: date, line: int) -> StatementRow:
    at = _moment(fields["created_utc"], line=line)
    if at.date() != day:
        raise StatementUnreadable("a movement of another day", line=line)
    gross, fee, net = (_decimal(fields[name], line=line) for name in ("gross", "fee", "net"))
    if gross - fee != net:
        raise StatementUnreadable("gross, fee and net do not add up", line=line)
    kind = KINDS.get(fields["reporting_category"], "other")
    if (kind == "refund" and gross >= 0) or (kind == "reversal" and gross <= 0):
        raise StatementUnreadable(f"a {fields['reporting_category']} in the wrong direction", line=line)
    amount, currency = _told_to_the_customer(fields, kind, gross, line=line)
    return StatementRow(
        line=line, kind=kind, number=fields[f"refund_metadata[{NUMBER}]"], channel_ref=fields["source_id"],
        transaction_id=fields["payment_intent_id"] or fields["charge_id"],
        amount=_minor(abs(amount), currency, line=line), currency=currency, at=at,
        also_known_as=fields["charge_id"],
    )  # fmt: skip


def _told_to_the_customer(fields: Mapping[str, str], kind: str, gross: Decimal, *, line: int) -> tuple[Decimal, str]:
    currency = fields["customer_facing_currency"] if kind != "other" else ""
    amount = _decimal(fields["customer_facing_amount"], line=line) if currency else gross
    currency = currency or fields["currency"]
    if len(currency) != 3 or not currency.isascii() or not currency.isalpha():
        raise StatementUnreadable("no currency", line=line)
    return amount, currency.upper()


def _minor(amount: Decimal, currency: str, *, line: int) -> int:
    minor = amount.scaleb(minor_digits(currency))
    if minor != minor.to_integral_value():
        raise StatementUnreadable("an amount with parts that the currency does not have", line=line)
    return int(minor)


def _decimal(value: str, *, line: int) -> Decimal:
    try:
        amount = Decimal(value)
    except InvalidOperation:
        amount = Decimal("NaN")
    if not amount.is_finite() or abs(amount) >= 10**12:
        raise StatementUnreadable("no amount", line=line)
    return amount


def _moment(value: str, *, line: int) -> datetime:
    try:
        return datetime.strptime(value, "%Y-%m-%d %H:%M:%S").replace(tzinfo=UTC)
    except ValueError:
        raise StatementUnreadable("no time", line=line) from None
