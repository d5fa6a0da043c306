"""Stripe's report of a day is read whole and consistent, or not at all."""

from datetime import UTC, date, datetime

import pytest

from refunds.gateways.interface import StatementRow, StatementUnreadable
from refunds.gateways.stripe import statement
from refunds.gateways.stripe.reports import COLUMNS

DAY = date(2026, 11, 9)
FACTS = {
    "balance_transaction_id": "txn_1", "created_utc": "2026-11-09 10:00:00", "currency": "cny", "gross": "-33.33",
    "fee": "0.00", "net": "-33.33", "reporting_category": "refund", "source_id": "re_1", "charge_id": "ch_1",
    "payment_intent_id": "pi_1", "refund_metadata[refund_no]": "RF1",
}  # fmt: skip


def report(*rows: dict, titles=COLUMNS) -> bytes:
    lines = [titles, *([(FACTS | row).get(title, "") for title in titles] for row in rows)]
    return "".join(",".join(line) + "\n" for line in lines).encode()


def test_a_refund_and_its_return_are_told_apart_from_the_rest():
    back = {
        "balance_transaction_id": "txn_2",
        "reporting_category": "refund_failure",
        "gross": "33.33",
        "net": "33.33",
    }
    fee = {"balance_transaction_id": "txn_3", "reporting_category": "fee", "gross": "-1.00", "net": "-1.00",
           "source_id": "", "payment_intent_id": "", "charge_id": "", "refund_metadata[refund_no]": ""}  # fmt: skip
    nothing = fee | {"balance_transaction_id": "txn_4", "gross": "0.00", "net": "0.00"}
    rows = statement.read(report({}, back, fee, nothing), day=DAY).rows
    assert rows[0] == StatementRow(
        line=2, kind="refund", number="RF1", channel_ref="re_1", transaction_id="pi_1", amount=3333, currency="CNY",
        at=datetime(2026, 11, 9, 10, tzinfo=UTC), also_known_as="ch_1",
    )  # fmt: skip
    assert [(row.line, row.kind, row.amount) for row in rows[1:]] == [(3, "reversal", 3333), (4, "other", 100)]


def test_a_day_without_movements_is_a_report():
    assert statement.read(report(), day=DAY).rows == ()


def test_columns_may_stand_in_another_order_and_there_may_be_more_of_them():
    raw = report({}, titles=(*reversed(COLUMNS), "description"))
    assert statement.read(b"\xef\xbb\xbf" + raw, day=DAY).rows[0].number == "RF1"


def test_what_the_customer_got_counts_where_our_balance_is_in_another_currency():
    row = {"currency": "usd", "gross": "-4.61", "net": "-4.61", "customer_facing_amount": "-500",
           "customer_facing_currency": "jpy"}  # fmt: skip
    (read,) = statement.read(report(row), day=DAY).rows
    assert (read.amount, read.currency) == (500, "JPY")


def test_an_older_charge_has_no_intent():
    assert statement.read(report({"payment_intent_id": ""}), day=DAY).rows[0].transaction_id == "ch_1"


@pytest.mark.parametrize(
    ("row", "why"),
    [
        ({"created_utc": "2026-11-08 23:59:59"}, "another day"),
        ({"created_utc": "yesterday"}, "no time"),
        ({"gross": "33.33", "net": "33.33"}, "wrong direction"),
        ({"reporting_category": "refund_failure"}, "wrong direction"),
        ({"net": "-33.34"}, "add up"),
        ({"gross": "-33.333", "net": "-33.333"}, "parts"),
        ({"gross": "NaN"}, "no amount"),
        ({"gross": "", "net": ""}, "no amount"),
        ({"gross": "-1e13", "net": "-1e13"}, "no amount"),
        ({"currency": "yuan"}, "no currency"),
        ({"balance_transaction_id": ""}, "without a name"),
    ],
)
def test_a_line_that_is_wrong_is_named(row, why):
    with pytest.raises(StatementUnreadable, match=why) as error:
        statement.read(report({"balance_transaction_id": "txn_0"}, row), day=DAY)
    assert error.value.line == 3


@pytest.mark.parametrize(
    ("raw", "why"),
    [
        (b"", "no column"),
        (b"\xff\xfe", "no CSV"),
        (b"<html></html>\n", "no column"),
        (report({}, titles=COLUMNS[1:]), "no column balance_transaction_id"),
        (report({})[:-1], "cut off"),
        (report({}) + b"txn_9,2026\n", "line 3: not as many fields"),
        (report({}, {}), "line 3: a movement"),
    ],
)
def test_a_file_that_is_wrong_is_not_read(raw, why):
    with pytest.raises(StatementUnreadable, match=why):
        statement.read(raw, day=DAY)
