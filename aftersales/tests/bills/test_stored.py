"""A bill as JSON."""

from aftersales.bills.stored import as_body, from_body, quoted
from aftersales.tests.bills.purchases import Book, bought

SAMPLE = {
    "currency": "CNY",
    "refund": 3333,
    "lines": [
        {
            "line_no": "1",
            "quantity": 1,
            "amount": 3333,
            "points": 0,
            "shares": {"shop": 667, "platform": 0, "points": 0},
        }
    ],
    "freight_out": 0,
    "freight_return": {"payer": "customer", "amount": 1200, "deducted": 0},
    "points_back": 0,
    "points_taken": 0,
    "bonus": 0,
    "tenders": [{"transaction_id": "T0", "channel": "wechat", "amount": 3333}],
}


def the_sample():
    order = bought((4000, 3), discounts=[("shop", 2000, {"line_nos": ("1",)})])
    return Book(order).file(("1", 1), send_back="self_ship", return_freight=1200)


def test_a_quote_reads_as_the_contract_says():
    assert quoted(the_sample()) == SAMPLE


def test_the_kept_body_has_what_readers_look_for():
    body = as_body(the_sample())
    line, part = body["lines"][0], body["tenders"][0]
    assert (line["line_no"], line["quantity"], line["shares"]["shop"]) == ("1", 1, 667)
    assert part == {"payment_id": 0, "transaction_id": "T0", "channel": "wechat", "amount": 3333}
    assert (body["freight_out"], body["deducted"]) == (0, 0)


def test_the_kept_body_gives_the_bill_back_and_may_be_added_to():
    bill = the_sample()
    body = as_body(bill)
    body["lines"][0] |= {"line_id": 7, "title": "Nuts"}
    assert from_body(body) == bill
    assert from_body(body).claim == bill.claim
