"""The Stripe gateway against its stand-in, over HTTP both ways."""

import json
from collections import Counter
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

import pytest

from refunds import gateways
from refunds.gateways.interface import (
    GatewayDown,
    GatewayRefused,
    NoNews,
    NotAuthentic,
    StatementNotReady,
    differences,
)
from refunds.gateways.stripe import gateway as module
from refunds.gateways.stripe import reports, simulator, statement, webhook
from refunds.gateways.stripe.client import Client
from refunds.gateways.stripe.gateway import StripeGateway
from refunds.gateways.stripe.simulator import Stripe
from refunds.tests.gateways.conftest import book, post, wait_until
from refunds.tests.gateways.stripe import gateway, next_time, order, stripe
from returns_platform.kernel.outbound import http
from returns_platform.kernel.stand_in import serve

__all__ = ["gateway", "next_time", "order", "stripe"]  # fixtures

CREATED = {"refund.created": 1, "charge.refunded": 1}


def ask(served, method, path, form=None, *, key="", secret=None):
    """A call that our own client would not make; the answer's status, body and headers."""
    headers = {"Authorization": f"Bearer {secret or served.stand_in.secret_key}"} | (
        {"Idempotency-Key": key} if key else {}
    )
    answer = http.call(method, served.url + path, headers=headers, body=urlencode(form or {}).encode())
    return answer.status, json.loads(answer.body), answer.headers


def events(shop) -> list[dict]:
    return [json.loads(body) for _, body in shop.taken]


def kinds(shop) -> Counter:
    return Counter(event["type"] for event in events(shop))


def news(delivery):
    headers, body = delivery
    return webhook.read(headers, body, datetime.now(UTC))


def heard(shop, kind):
    """What the door understands of the last event of that kind."""
    wait_until(lambda: kind in kinds(shop))
    return news([taken for taken in shop.taken if json.loads(taken[1])["type"] == kind][-1])


def test_a_refund_is_accepted_then_arrives_and_the_events_say_so(gateway, order, shop, stripe):
    accepted = gateway.refund(order)
    assert (accepted.state, differences(order, accepted)) == ("processing", ())
    assert (accepted.transaction_id, accepted.also_known_as, accepted.total) == ("pi_1", "ch_1", None)
    assert heard(shop, "refund.created").state == "processing"
    told = heard(shop, "refund.updated")
    assert (told.state, differences(order, told), told.merchant_id) == ("succeeded", (), webhook.our_merchant_id())
    assert told.channel_ref == accepted.channel_ref
    assert abs(told.succeeded_at - datetime.now(UTC)) < timedelta(seconds=10)
    now = gateway.query(order)
    assert now.state == "succeeded" and now.account.startswith("ARN ")
    assert book(stripe) == [("RF1", 3333, "succeeded")]
    assert kinds(shop) == CREATED | {"refund.updated": 1}


def test_asking_again_with_the_same_number_pays_once(gateway, order, stripe):
    first = gateway.refund(order)
    assert gateway.refund(order).channel_ref == first.channel_ref
    assert len(book(stripe)) == 1


def test_the_same_number_with_another_amount_is_refused(gateway, order, stripe):
    gateway.refund(order)
    with pytest.raises(GatewayRefused) as error:
        gateway.refund(replace(order, amount=1))
    assert (error.value.code, error.value.retry) == ("idempotency_error", False)
    assert [amount for _, amount, _ in book(stripe)] == [3333]


def test_a_refund_never_asked_for_is_not_known(gateway, order):
    assert gateway.query(order) is None
    assert gateway.query(replace(order, transaction_id="UNKNOWN_pi")) is None


def test_a_charge_is_refunded_as_well_as_a_payment_intent(gateway, order, shop):
    order = replace(order, transaction_id="ch_9")
    assert differences(order, gateway.refund(order)) == ()
    assert differences(order, gateway.query(order)) == ()
    assert differences(order, heard(shop, "refund.updated")) == ()


@pytest.mark.parametrize("behaviour", ["apply_then_500", "garbage", "drop_connection", "apply_then_timeout", "slow"])
def test_where_the_answer_is_lost_the_query_finds_the_refund(
    behaviour, gateway, order, stripe, next_time, monkeypatch
):
    monkeypatch.setitem(http.call.__kwdefaults__, "timeout_s", 1)
    next_time(behaviour)
    with pytest.raises(GatewayDown) as error:
        gateway.refund(order)
    assert not error.value.nothing_sent
    assert differences(order, gateway.query(order)) == ()
    assert differences(order, gateway.refund(order)) == ()
    assert len(book(stripe)) == 1


@pytest.mark.parametrize(
    ("behaviour", "hurdle", "retry"),
    [
        ("not_enough_balance", "funds", True),
        ("frequency_limited", "rate", True),
        ("lock_timeout", "rate", True),
        ("account_abnormal", "account", False),
    ],
)
def test_where_it_is_refused_nothing_is_booked(behaviour, hurdle, retry, gateway, order, stripe, next_time):
    next_time(behaviour)
    with pytest.raises(GatewayRefused) as error:
        gateway.refund(order)
    assert (error.value.hurdle, error.value.retry) == (hurdle, retry)
    assert book(stripe) == [] and gateway.query(order) is None
    assert gateway.refund(order).state == "processing"
    assert len(book(stripe)) == 1


@pytest.mark.parametrize("behaviour", ["error_500", "key_in_use"])
def test_an_answer_that_says_nothing_leaves_the_outcome_unknown(behaviour, gateway, order, stripe, next_time):
    next_time(behaviour)
    with pytest.raises(GatewayDown):
        gateway.refund(order)
    assert gateway.query(order) is None and book(stripe) == []


def test_a_key_that_repeats_an_error_for_good_gives_way_to_the_next_one(gateway, order, stripe, next_time):
    next_time("error_500")
    with pytest.raises(GatewayDown):
        gateway.refund(order)
    first = gateway.refund(order)
    assert gateway.refund(order).channel_ref == first.channel_ref
    assert book(stripe) == [("RF1", 3333, "processing")]


def test_where_the_key_repeats_an_error_and_the_refund_exists_it_is_found(gateway, order, stripe, next_time):
    next_time("apply_then_500", times=3)
    for _ in range(3):
        with suppress(GatewayDown):
            gateway.refund(order)
    assert len(book(stripe)) == 1


def test_a_day_later_the_list_is_read_before_anything_is_sent(gateway, order, stripe, monkeypatch):
    gateway.refund(order)
    monkeypatch.setattr(simulator, "KEYS_LIVE", timedelta(0))
    old = replace(order, asked_at=datetime.now(UTC) - timedelta(hours=25))
    assert gateway.refund(old).number == "RF1"
    assert len(book(stripe)) == 1
    gateway.refund(replace(old, number="RF2"))
    assert len(book(stripe)) == 2


def test_without_that_look_a_dead_key_would_pay_twice(gateway, order, stripe, monkeypatch):
    """Why the test above matters: the stand-in forgets keys as Stripe does."""
    gateway.refund(order)
    monkeypatch.setattr(simulator, "KEYS_LIVE", timedelta(0))
    gateway.refund(order)
    assert len(book(stripe)) == 2
    with pytest.raises(GatewayDown, match="2 refunds carry the number RF1"):
        gateway.query(order)


def test_the_list_is_read_to_its_end(gateway, order, monkeypatch):
    monkeypatch.setattr(module, "A_PAGE", "2")
    for part in range(5):
        gateway.refund(replace(order, number=f"RF{part}", amount=1))
    assert [gateway.query(replace(order, number=f"RF{part}", amount=1)).number for part in range(5)] == [
        f"RF{part}" for part in range(5)
    ]
    assert gateway.query(replace(order, number="RF9")) is None


def test_a_refund_may_be_accepted_and_closed(gateway, order, shop, next_time):
    next_time("closed")
    assert gateway.refund(order).state == "processing"
    assert heard(shop, "refund.updated").state == "closed"
    assert gateway.query(order).state == "closed"


def test_a_refund_may_arrive_and_come_back(gateway, order, shop, stripe, next_time):
    next_time("fails_later")
    ref = gateway.refund(order).channel_ref
    told = heard(shop, "refund.failed")
    assert (told.state, told.channel_ref, differences(order, told)) == ("returned", ref, ())
    assert gateway.query(order).state == "returned"
    assert [state for _, _, state in book(stripe)] == ["failed"]
    states = [news(taken).state for taken in shop.taken if b'"charge.refunded"' not in taken[1]]
    assert set(states) == {"processing", "succeeded", "returned"}


def test_a_refund_may_wait_for_our_balance(gateway, order, shop, next_time):
    next_time("insufficient_funds")
    accepted = gateway.refund(order)
    assert (accepted.state, accepted.waits_for_funds) == ("processing", True)
    assert heard(shop, "refund.created").waits_for_funds
    told = heard(shop, "refund.updated")
    assert (told.state, told.waits_for_funds) == ("succeeded", False)


def test_money_that_came_back_may_be_refunded_again(gateway, order, stripe, shop, next_time):
    next_time("fails_later")
    gateway.refund(replace(order, amount=100_000_000))
    heard(shop, "refund.failed")
    assert gateway.refund(replace(order, number="RF2", amount=100_000_000)).state == "processing"


# --- events -----------------------------------------------------------------------------------------------


def test_an_event_may_come_before_the_answer(gateway, order, shop, next_time):
    next_time("callback_before_answer")
    answered = gateway.refund(order)
    assert kinds(shop) == {"refund.updated": 1} and answered.state == "succeeded"


def test_an_event_may_come_twice(gateway, order, shop, next_time):
    next_time("callback_twice")
    gateway.refund(order)
    wait_until(lambda: kinds(shop)["refund.updated"] == 2)
    ids = [event["id"] for event in events(shop) if event["type"] == "refund.updated"]
    assert len(set(ids)) == 1


def test_an_event_may_never_come(gateway, order, shop, next_time):
    next_time("callback_never")
    gateway.refund(order)
    wait_until(lambda: gateway.query(order).state == "succeeded")
    assert shop.taken == []


def test_events_may_come_in_another_order(gateway, order, shop, next_time):
    next_time("out_of_order")
    gateway.refund(order)
    wait_until(lambda: len(shop.taken) == 2)
    assert [news(taken).state for taken in shop.taken] == ["succeeded", "processing"]


def test_an_event_with_a_bad_signature_is_not_believed(gateway, order, shop, next_time):
    next_time("callback_bad_signature")
    gateway.refund(order)
    for taken in shop.after(3):
        with pytest.raises(NotAuthentic):
            news(taken)


def test_an_event_with_an_old_signature_is_believed_when_it_comes_again(gateway, order, shop, next_time):
    next_time("old_signature")
    shop.answers = [401] * 12  # whichever event comes first, each is told again
    gateway.refund(order)
    wait_until(lambda: kinds(shop)["refund.updated"] >= 2)
    old, fresh = [d for d in shop.taken if b'"refund.updated"' in d[1]][:2]
    with pytest.raises(NotAuthentic, match="another time"):
        news(old)
    assert news(fresh).state == "succeeded"


def test_while_a_secret_is_rolled_either_signature_is_enough(gateway, order, shop, next_time):
    next_time("two_signatures")
    gateway.refund(order)
    wait_until(lambda: "refund.updated" in kinds(shop))
    assert shop.taken[-1][0]["Stripe-Signature"].count("v1=") == 2
    assert heard(shop, "refund.updated").state == "succeeded"


def test_a_signed_event_may_still_name_another_amount(gateway, order, shop, next_time):
    next_time("callback_wrong_amount")
    gateway.refund(order)
    assert differences(order, heard(shop, "refund.updated")) == ("amount",)


def test_an_event_is_repeated_until_it_is_taken(gateway, order, shop):
    shop.answers = [500, 500, 500, 302]
    gateway.refund(order)
    shop.after(7)
    assert len({event["id"] for event in events(shop)}) == 3


def test_the_event_about_the_charge_is_no_news(gateway, order, shop):
    gateway.refund(order)
    wait_until(lambda: "charge.refunded" in kinds(shop))
    with pytest.raises(NoNews):
        news(next(taken for taken in shop.taken if b'"charge.refunded"' in taken[1]))
    charge = next(event for event in events(shop) if event["type"] == "charge.refunded")["data"]["object"]
    assert (charge["amount_refunded"], charge["amount"], charge["refunded"]) == (3333, 100_000_000, False)


# --- what is refused --------------------------------------------------------------------------------------


def test_payments_of_unknown_ids_stay_unknown(gateway, order):
    with pytest.raises(GatewayRefused) as error:
        gateway.refund(replace(order, transaction_id="UNKNOWN1"))
    assert (error.value.code, error.value.hurdle, error.value.retry) == ("resource_missing", "payment", False)


def test_the_payment_bounds_what_can_be_refunded(gateway, order, stripe):
    paid = {"transaction_id": "pi_1", "amount": 10000, "currency": "CNY", "paid_at": order.paid_at.isoformat()}
    post(stripe, "/_payments", paid)
    gateway.refund(replace(order, amount=9999))
    with pytest.raises(GatewayRefused, match="amount_too_large"):
        gateway.refund(replace(order, number="RF2", amount=2))
    gateway.refund(replace(order, number="RF3", amount=1))
    with pytest.raises(GatewayRefused, match="charge_already_refunded") as error:
        gateway.refund(replace(order, number="RF4", amount=1))
    assert (error.value.hurdle, error.value.retry) == ("rule", False)
    assert sum(amount for _, amount, _ in book(stripe)) == 10000


@pytest.mark.parametrize(
    ("currency", "amount", "sent"), [("JPY", 500, 500), ("ISK", 5, 500), ("KWD", 1250, 1250), ("USD", 1999, 1999)]
)
def test_an_amount_travels_in_the_unit_that_stripe_has_for_the_currency(
    currency, amount, sent, gateway, order, stripe
):
    paid = {"transaction_id": "pi_x", "amount": 10**6, "currency": currency, "paid_at": order.paid_at.isoformat()}
    post(stripe, "/_payments", paid)
    order = replace(order, transaction_id="pi_x", amount=amount, currency=currency)
    assert differences(order, gateway.refund(order)) == ()
    _, said, _ = ask(stripe, "GET", "/v1/refunds?payment_intent=pi_x")
    assert [(row["amount"], row["currency"]) for row in said["data"]] == [(sent, currency.lower())]


def test_an_amount_that_stripe_cannot_tell_is_refused_before_it_is_sent(gateway, order, stripe):
    with pytest.raises(GatewayRefused) as error:
        gateway.refund(replace(order, currency="MGA", amount=150))
    assert (error.value.hurdle, error.value.retry) == ("rule", False)
    assert book(stripe) == []


def test_a_wrong_key_is_refused_and_may_be_mended(gateway, order, stripe, tmp_path_factory):
    with serve(Stripe(tmp_path_factory.mktemp("other"))) as other:
        gateway.account = replace(gateway.account, base_url=other.url)
        with pytest.raises(GatewayRefused) as error:
            gateway.refund(order)
    assert (error.value.status, error.value.hurdle, error.value.retry) == (401, "setup", True)


def test_without_a_connection_nothing_was_sent(gateway, order):
    gateway.account = replace(gateway.account, base_url="http://127.0.0.1:1")
    with pytest.raises(GatewayDown) as error:
        gateway.refund(order)
    assert error.value.nothing_sent


def test_without_a_stand_in_nothing_was_sent(settings, tmp_path, order):
    settings.DATA_DIR, settings.STRIPE_BASE_URL = tmp_path, ""
    with pytest.raises(GatewayDown) as error:
        StripeGateway().refund(order)
    assert error.value.nothing_sent


def test_all_calls_of_one_question_share_one_deadline(gateway, order, stripe, next_time, monkeypatch):
    """The first call is answered with an error that the key repeats; the second is never answered."""
    next_time("error_500")
    with pytest.raises(GatewayDown):
        gateway.refund(order)
    monkeypatch.setattr("refunds.gateways.stripe.client.WITHIN_S", 1)
    next_time("ok")
    next_time("apply_then_timeout")
    began = datetime.now(UTC)
    with pytest.raises(GatewayDown) as error:
        gateway.refund(order)
    assert datetime.now(UTC) - began < timedelta(seconds=3)
    assert not error.value.nothing_sent
    assert gateway.query(order).number == "RF1" and len(book(stripe)) == 1


def test_a_restart_keeps_the_book_the_keys_and_the_event_owed(order, shop, settings, tmp_path):
    settings.DATA_DIR = tmp_path
    shop.answers = [500] * 3
    with serve(Stripe(tmp_path, time_scale=3000)) as served:
        settings.STRIPE_BASE_URL = served.url
        accepted = StripeGateway().refund(order)
        shop.after(1)
    with serve(Stripe(tmp_path, time_scale=3000)) as served:
        settings.STRIPE_BASE_URL = served.url
        assert StripeGateway().refund(order).channel_ref == accepted.channel_ref
        assert heard(shop, "refund.updated").number == order.number
        assert book(served) == [("RF1", 3333, "succeeded")]


# --- the stand-in's own manners ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("form", "code"),
    [
        ({}, "parameter_missing"),
        ({"charge": "ch_1", "payment_intent": "pi_1"}, "parameter_missing"),
        ({"charge": "ch_1", "amount": "1.5"}, "parameter_invalid_integer"),
        ({"charge": "ch_1", "amount": "-1"}, "parameter_invalid_integer"),
        ({"charge": "ch_1", "amount": "٣"}, "parameter_invalid_integer"),
        ({"charge": "ch_1", "reason": "because"}, "parameter_unknown"),
        ({"charge": "ch_1", "colour": "red"}, "parameter_unknown"),
        ({"charge": "ch_1", "amount[x]": "1"}, "parameter_invalid_integer"),
        ({"charge[x]": "ch_1"}, "parameter_invalid_string_blank"),
        ({"charge": "ch_1", "metadata[a": "1"}, "parameter_unknown"),
        ({"charge": "ch_1", "metadata": "1"}, "parameter_invalid_empty"),
    ],
)
def test_a_form_that_is_none_is_refused_and_not_kept(stripe, form, code):
    status, said, _ = ask(stripe, "POST", "/v1/refunds", form, key="k1")
    assert (status, said["error"]["code"]) == (400, code)
    assert ask(stripe, "POST", "/v1/refunds", {"charge": "ch_1"}, key="k1")[0] == 200


def test_what_a_key_was_answered_is_repeated_word_by_word(stripe, next_time):
    next_time("error_500")
    first = ask(stripe, "POST", "/v1/refunds", {"charge": "ch_1", "amount": "5"}, key="k1")
    again = ask(stripe, "POST", "/v1/refunds", {"charge": "ch_1", "amount": "5"}, key="k1")
    assert first[:2] == again[:2] and first[0] == 500
    assert ("Idempotent-Replayed" in first[2], again[2]["Idempotent-Replayed"]) == (False, "true")
    other = ask(stripe, "POST", "/v1/refunds", {"charge": "ch_1", "amount": "6"}, key="k1")
    assert (other[0], other[1]["error"]["type"]) == (400, "idempotency_error")


def test_a_channel_that_is_too_busy_says_to_come_again(stripe, next_time):
    next_time("frequency_limited")
    status, said, headers = ask(stripe, "POST", "/v1/refunds", {"charge": "ch_1"}, key="k1")
    assert (status, said["error"]["code"], headers["Stripe-Should-Retry"]) == (429, "rate_limit", "true")
    assert ask(stripe, "POST", "/v1/refunds", {"charge": "ch_1"}, key="k1")[0] == 200


def test_one_refund_is_told_by_its_id_and_not_cancelled(stripe):
    _, refund, _ = ask(stripe, "POST", "/v1/refunds", {"charge": "ch_1", "amount": "5", "metadata[refund_no]": "RF1"})
    assert ask(stripe, "GET", f"/v1/refunds/{refund['id']}")[1]["metadata"] == {"refund_no": "RF1"}
    assert ask(stripe, "GET", "/v1/refunds/re_404")[0] == 404
    assert ask(stripe, "POST", f"/v1/refunds/{refund['id']}/cancel")[0] == 400


# --- the day's report -------------------------------------------------------------------------------------


def test_the_report_of_the_day_lists_what_was_paid_and_what_came_back(gateway, order, shop, stripe, next_time):
    gateway.refund(order)
    next_time("fails_later")
    gateway.refund(replace(order, number="RF2", amount=5))
    heard(shop, "refund.failed")
    day = datetime.now(UTC).date()
    raw = http.call("GET", f"{stripe.url}/_statement?date={day}", headers={}).body
    rows = statement.read(raw, day=day).rows
    assert sorted((row.kind, row.number, row.amount, row.currency, row.transaction_id) for row in rows) == [
        ("refund", "RF1", 3333, "CNY", "pi_1"), ("refund", "RF2", 5, "CNY", "pi_1"),
        ("reversal", "RF2", 5, "CNY", "pi_1"),
    ]  # fmt: skip
    yesterday = day - timedelta(days=1)
    raw = http.call("GET", f"{stripe.url}/_statement?date={yesterday}", headers={}).body
    assert [(row.kind, row.amount) for row in statement.read(raw, day=yesterday).rows] == [("other", 100_000_000)]


def test_a_report_is_asked_for_and_fetched_when_it_is_made(gateway, order, stripe):
    gateway.refund(order)
    yesterday = datetime.now(UTC).date() - timedelta(days=1)
    with pytest.raises(StatementNotReady):
        gateway.statement(yesterday)
    wait_until(lambda: _made(gateway, yesterday))
    assert len(statement.read(gateway.statement(yesterday), day=yesterday).rows) == 1
    assert len(stripe.stand_in.book.notes("report")) == 1


def _made(gateway, day) -> bool:
    try:
        return bool(gateway.statement(day))
    except StatementNotReady:
        return False


def test_the_report_of_a_day_that_goes_on_is_not_ready(gateway, stripe):
    with pytest.raises(StatementNotReady):
        gateway.statement(datetime.now(UTC).date())
    assert stripe.stand_in.book.notes("report") == []


def test_our_key_goes_to_stripe_alone(gateway, shop):
    with pytest.raises(GatewayDown, match="not Stripe's"):
        Client(gateway.account).download(shop.url)
    assert shop.taken == []


def test_a_report_that_was_cut_off_on_the_way_is_no_report(gateway, order, monkeypatch):
    gateway.refund(order)
    yesterday = datetime.now(UTC).date() - timedelta(days=1)
    wait_until(lambda: _made(gateway, yesterday))
    monkeypatch.setattr(Client, "download", lambda *_: b"half")
    with pytest.raises(GatewayDown, match="4 bytes"):
        gateway.statement(yesterday)


def test_the_gateway_is_named_in_the_settings(stripe):
    assert gateways.of("stripe").code == "stripe"
    assert gateways.door("stripe") is webhook and gateways.statements("stripe") is statement
    assert reports.COLUMNS
