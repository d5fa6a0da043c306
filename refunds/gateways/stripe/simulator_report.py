"""The stand-in's report of one day, as Stripe's itemized report of the balance gives it."""

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from operator import itemgetter

from refunds.gateways.stripe.reading import NUMBER
from refunds.gateways.stripe.reports import COLUMNS
from returns_platform.kernel.money import minor_digits
from returns_platform.kernel.stand_in import Row
from returns_platform.kernel.stand_in.book import Payment


def report(day: date, rows: Iterable[Row], payments: Iterable[Payment], *, columns: Sequence[str] = COLUMNS) -> str:
    lines = [*map(_charge, payments)]
    for row in rows:
        if row.state != "closed":
            lines.append(_refund(row))
        if row.state == "failed":
            lines.append(_came_back(row))
    of_day = [line for line in lines if line["created_utc"].startswith(f"{day}")]
    file = io.StringIO()
    table = csv.writer(file, lineterminator="\n")
    table.writerow(columns)
    of_day.sort(key=itemgetter("created_utc"))
    table.writerows([line.get(name, "") for name in columns] for line in of_day)
    return file.getvalue()


def _charge(payment: Payment) -> dict[str, str]:
    named = "payment_intent_id" if payment.id.startswith("pi_") else "charge_id"
    return {
        **_money("charge", payment.amount, payment.currency),
        "balance_transaction_id": f"txn_{payment.id}",
        "created_utc": _time(payment.paid_at),
        "source_id": payment.id,
        named: payment.id,
    }


def _refund(row: Row) -> dict[str, str]:
    return {
        **_money("refund", -row["amount"], row["currency"]),
        **_facts(row),
        "balance_transaction_id": f"txn_{row['refund_id'][3:]}",
        "created_utc": _time(datetime.fromtimestamp(row["created"], UTC)),
    }


def _came_back(row: Row) -> dict[str, str]:
    return {
        **_money("refund_failure", row["amount"], row["currency"]),
        **_facts(row),
        "balance_transaction_id": f"txn_f{row['refund_id'][3:]}",
        "created_utc": _time(datetime.fromtimestamp(row["failed_at"], UTC)),
    }


def _facts(row: Row) -> dict[str, str]:
    return {
        "source_id": row["refund_id"],
        "charge_id": row["charge"],
        "payment_intent_id": row["payment_intent"] or "",
        f"refund_metadata[{NUMBER}]": row["metadata"].get(NUMBER, ""),
    }


def _money(category: str, amount: int, currency: str) -> dict[str, str]:
    digits = minor_digits(currency)
    major = f"{Decimal(amount).scaleb(-digits):.{digits}f}"
    return {
        "reporting_category": category, "currency": currency.lower(), "gross": major, "fee": "0.00", "net": major,
        "customer_facing_amount": major, "customer_facing_currency": currency.lower(),
    }  # fmt: skip


def _time(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M:%S}"
