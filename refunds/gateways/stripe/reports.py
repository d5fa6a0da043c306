"""Stripe's report of one day: every movement of our balance, made on request and fetched as a file when it is done.

A day runs from midnight to midnight in UTC. The columns are those that `statement` reads.
"""

from datetime import UTC, date, datetime, time, timedelta
from secrets import token_hex
from typing import Any

from refunds.gateways.interface import GatewayDown, StatementNotReady
from refunds.gateways.reading import Unreadable, text, whole
from refunds.gateways.stripe.client import Client
from refunds.gateways.stripe.reading import NUMBER

REPORT = "balance_change_from_activity.itemized.3"
RUNS = "/v1/reporting/report_runs"
TYPES = "/v1/reporting/report_types"
COLUMNS = (
    "balance_transaction_id", "created_utc", "currency", "gross", "fee", "net", "reporting_category", "source_id",
    "customer_facing_amount", "customer_facing_currency", "charge_id", "payment_intent_id",
    f"refund_metadata[{NUMBER}]",
)  # fmt: skip


def of_day(client: Client, day: date) -> bytes:
    """The file. Raises StatementNotReady, having asked for it where nobody had, and as the client does."""
    begins = int(datetime.combine(day, time(), UTC).timestamp())
    ends = int(datetime.combine(day + timedelta(days=1), time(), UTC).timestamp())
    run = _run_of(client, begins, ends) or _new_run(client, begins, ends)
    if run.get("status") != "succeeded":
        raise StatementNotReady
    return _file(client, run)


def _run_of(client: Client, begins: int, ends: int) -> dict[str, Any] | None:
    """The latest run of that day that has not failed."""
    listed = client.get(RUNS, {"limit": "100"}).get("data")
    if not isinstance(listed, list):
        raise GatewayDown("answer: not a list")
    runs = [run for run in listed if isinstance(run, dict) and run.get("status") in ("pending", "succeeded")]
    return next((run for run in runs if _is_of(run, begins, ends)), None)


def _is_of(run: dict[str, Any], begins: int, ends: int) -> bool:
    asked = run.get("parameters")
    return (
        run.get("report_type") == REPORT
        and isinstance(asked, dict)
        and (asked.get("interval_start"), asked.get("interval_end")) == (begins, ends)
        and asked.get("columns") == list(COLUMNS)
    )


def _new_run(client: Client, begins: int, ends: int) -> dict[str, Any]:
    try:
        complete_until = whole(client.get(f"{TYPES}/{REPORT}", {}), "data_available_end")
    except Unreadable as error:
        raise GatewayDown(f"answer: {error}") from None
    if complete_until < ends:
        raise StatementNotReady
    form = {
        "report_type": REPORT,
        "parameters[interval_start]": str(begins),
        "parameters[interval_end]": str(ends),
        **{f"parameters[columns][{nth}]": name for nth, name in enumerate(COLUMNS)},
    }
    return client.post(RUNS, form, key=f"report:{token_hex(16)}")


def _file(client: Client, run: dict[str, Any]) -> bytes:
    """Whole, by the size that Stripe names."""
    result = run.get("result")
    try:
        if not isinstance(result, dict):
            raise Unreadable("a report without a file")
        size, url = whole(result, "size"), text(result, "url", longest=500)
    except Unreadable as error:
        raise GatewayDown(f"answer: {error}") from None
    raw = client.download(url)
    if len(raw) != size:
        raise GatewayDown(f"a file of {len(raw)} bytes instead of {size}")
    return raw
