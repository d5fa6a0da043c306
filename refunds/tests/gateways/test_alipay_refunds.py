"""Refunds over Alipay, against the stand-in: each way it can behave."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from refunds import gateways
from refunds.gateways.alipay import reading, signature, webhook
from refunds.gateways.alipay.client import BUSINESS_FAILED, Client
from refunds.gateways.alipay.gateway import AlipayGateway
from refunds.gateways.alipay.keys import Account
from refunds.gateways.alipay.simulator import Alipay
from refunds.gateways.interface import GatewayDown, GatewayRefused, NotAuthentic, differences
from refunds.tests.gateways.alipay import alipay, gateway, next_time, told
from refunds.tests.gateways.conftest import book, post, wait_until
from returns_platform.kernel.outbound import http
from returns_platform.kernel.stand_in import serve

__all__ = ["alipay", "gateway", "next_time", "told"]  # fixtures


def news(callback):
    headers, body = callback
    return webhook.read(headers, body, datetime.now(UTC))


def arrived(gateway, order):
    wait_until(lambda: gateway.query(order))
    return gateway.query(order)


def test_a_refund_is_accepted_then_arrives_and_a_hint_says_that_something_happened(gateway, order, told, alipay):
    accepted = gateway.refund(order)
    assert (accepted.state, accepted.account, differences(order, accepted)) == ("processing", "159****5620", ())
    assert gateway.query(order) is None
    hint = news(told.after(1)[0])
    assert (hint.kind, hint.state, hint.refunded) == ("trade_status_sync", None, order.amount)
    assert (differences(order, hint), hint.merchant_id) == ((), gateway.client.account.app_id)
    now = gateway.query(order)
    assert (now.state, now.amount, now.account, differences(order, now)) == ("succeeded", 3333, "ALIPAYACCOUNT", ())
    assert abs(now.succeeded_at - datetime.now(UTC)) < timedelta(seconds=10)
    assert book(alipay) == [("RF1", 3333, "succeeded")]


def test_asking_again_with_the_same_number_pays_once(gateway, order, alipay, next_time):
    next_time("at_once")
    assert gateway.refund(order).state == "succeeded"
    again = gateway.refund(order)
    assert (again.state, differences(order, again)) == ("processing", ())  # fund_change N: ask, and never count twice
    assert gateway.query(order).state == "succeeded"
    assert book(alipay) == [("RF1", 3333, "succeeded")]


def test_where_the_number_has_paid_another_amount_that_amount_is_told(gateway, order, alipay, next_time):
    next_time("at_once")
    gateway.refund(order)
    assert differences(replace(order, amount=1), gateway.refund(replace(order, amount=1))) == ("amount",)
    assert book(alipay) == [("RF1", 3333, "succeeded")]


def test_the_same_number_with_another_amount_before_it_has_paid_is_refused(gateway, order, alipay):
    gateway.refund(order)
    with pytest.raises(GatewayRefused, match="DISCORDANT_REPEAT_REQUEST"):
        gateway.refund(replace(order, amount=1))


def test_the_sum_of_all_refunds_is_never_taken_for_this_one(gateway, order, next_time, monkeypatch):
    monkeypatch.setattr("refunds.gateways.alipay.simulator.SPACING", timedelta(0))
    next_time("at_once", times=2)
    first, second = gateway.refund(order), gateway.refund(replace(order, number="RF2", amount=1))
    assert (first.amount, second.amount) == (3333, 1)
    assert gateway.query(replace(order, number="RF2", amount=1)).amount == 1


def test_a_refund_never_asked_for_is_not_known(gateway, order):
    assert gateway.query(replace(order, number="RF404")) is None
    assert gateway.query(replace(order, transaction_id="UNKNOWN1")) is None


@pytest.mark.parametrize(
    "behaviour",
    ["apply_then_500", "garbage", "unsigned", "forged_signature", "apply_then_system_error", "drop_connection",
     "apply_then_timeout", "slow"],
)  # fmt: skip
def test_where_the_answer_is_lost_the_query_finds_the_refund(
    behaviour, gateway, order, alipay, next_time, monkeypatch
):
    monkeypatch.setitem(http.call.__kwdefaults__, "timeout_s", 1.5)
    next_time(behaviour)
    with pytest.raises(GatewayDown) as error:
        gateway.refund(order)
    assert not error.value.nothing_sent
    assert differences(order, arrived(gateway, order)) == ()
    assert book(alipay) == [("RF1", 3333, "succeeded")]


@pytest.mark.parametrize(
    ("behaviour", "hurdle", "retry"),
    [
        ("not_enough_balance", "funds", True),
        ("frequency_limited", "rate", True),
        ("account_abnormal", "account", False),
    ],
)
def test_where_it_is_refused_nothing_is_booked(behaviour, hurdle, retry, gateway, order, alipay, next_time):
    next_time(behaviour)
    with pytest.raises(GatewayRefused) as error:
        gateway.refund(order)
    assert (error.value.hurdle, error.value.retry) == (hurdle, retry)
    assert book(alipay) == [] and gateway.query(order) is None
    assert gateway.refund(order).state == "processing"


@pytest.mark.parametrize("behaviour", ["error_500", "system_error", "service_unavailable"])
def test_an_error_of_the_server_leaves_the_outcome_unknown(behaviour, gateway, order, alipay, next_time):
    next_time(behaviour)
    with pytest.raises(GatewayDown):
        gateway.refund(order)
    assert gateway.query(order) is None and book(alipay) == []


def test_a_refund_may_be_taken_and_come_to_nothing(gateway, order, told, alipay, next_time):
    next_time("closed")
    assert gateway.refund(order).state == "processing"
    assert arrived(gateway, order).state == "closed"
    assert told.taken == []
    assert gateway.refund(order).state == "processing"  # the same number begins anew: still one row
    wait_until(lambda: book(alipay) == [("RF1", 3333, "succeeded")])


def test_a_refund_may_be_taken_and_never_heard_of_again(gateway, order, alipay, next_time):
    next_time("forgotten")
    assert gateway.refund(order).state == "processing"
    assert gateway.query(order) is None and book(alipay) == [("RF1", 3333, "closed")]
    next_time("at_once")
    assert gateway.refund(order).state == "succeeded"
    assert book(alipay) == [("RF1", 3333, "succeeded")]


def test_a_query_within_ten_seconds_may_find_nothing(gateway, order, told, next_time, monkeypatch):
    next_time("empty_query")
    gateway.refund(order)
    told.after(1)
    assert gateway.query(order) is None
    monkeypatch.setattr("refunds.gateways.alipay.simulator.SILENT_FOR", timedelta(0))
    assert gateway.query(order).state == "succeeded"


@pytest.mark.parametrize(
    ("behaviour", "account"), [("deposit_back", "BANKCARD"), ("deposit_back_failed", "ALIPAYACCOUNT")]
)
def test_money_to_a_card_has_arrived_when_the_bank_has_answered(behaviour, account, gateway, order, told, next_time):
    next_time(behaviour)
    assert gateway.refund(order).state == "processing"
    waiting = gateway.query(order)
    assert (waiting.state, waiting.account[:12], differences(order, waiting)) == ("processing", "BANKCARD by:", ())
    kinds = [news(callback).kind for callback in told.after(2)]
    assert kinds == ["trade_status_sync", "alipay.trade.refund.depositback.completed"]
    assert (gateway.query(order).state, gateway.query(order).account) == ("succeeded", account)


def test_a_callback_may_come_before_the_answer(gateway, order, told, next_time):
    next_time("callback_before_answer")
    assert gateway.refund(order).state == "succeeded"
    assert news(told.taken[0]).number == order.number


def test_a_callback_may_come_twice(gateway, order, told, next_time):
    next_time("callback_twice")
    gateway.refund(order)
    first, second = told.after(2)
    assert news(first) == news(second)


def test_a_callback_may_never_come(gateway, order, told, next_time):
    next_time("callback_never")
    gateway.refund(order)
    assert arrived(gateway, order).state == "succeeded"
    assert told.taken == []


def test_a_callback_with_a_bad_signature_is_not_believed(gateway, order, told, next_time):
    next_time("callback_bad_signature")
    gateway.refund(order)
    with pytest.raises(NotAuthentic):
        news(told.after(1)[0])


def test_a_signed_callback_may_still_name_another_sum(gateway, order, told, next_time):
    next_time("callback_wrong_amount")
    gateway.refund(order)
    assert news(told.after(1)[0]).refunded == order.amount + 1


def test_a_callback_is_repeated_until_success_is_said(order, told, settings, tmp_path):
    settings.DATA_DIR = tmp_path
    told.answers = [500, 204]
    with serve(Alipay(tmp_path, time_scale=2400)) as served:  # 4 minutes are a tenth of a second
        settings.ALIPAY_BASE_URL = served.url
        AlipayGateway().refund(order)
        callbacks = told.after(3)
    assert len({news(callback).event_id for callback in callbacks}) == 1


def test_a_restart_keeps_the_book_and_the_callback_owed(order, told, settings, tmp_path):
    settings.DATA_DIR = tmp_path
    with serve(Alipay(tmp_path)) as served:
        settings.ALIPAY_BASE_URL = served.url
        AlipayGateway().refund(order)
    with serve(Alipay(tmp_path)) as served:
        settings.ALIPAY_BASE_URL = served.url
        assert news(told.after(1)[0]).number == order.number
        assert book(served) == [("RF1", 3333, "succeeded")]


def test_payments_of_unknown_ids_stay_unknown(gateway, order):
    with pytest.raises(GatewayRefused) as error:
        gateway.refund(replace(order, transaction_id="UNKNOWN1"))
    assert (error.value.hurdle, error.value.retry) == ("payment", False)


def test_the_payment_bounds_what_can_be_refunded(gateway, order, alipay, monkeypatch):
    monkeypatch.setattr("refunds.gateways.alipay.simulator.SPACING", timedelta(0))
    yesterday = (datetime.now(UTC) - timedelta(days=1)).isoformat()
    post(
        alipay, "/_payments", {"transaction_id": "4200001", "amount": 10000, "currency": "CNY", "paid_at": yesterday}
    )
    gateway.refund(replace(order, amount=9999))
    with pytest.raises(GatewayRefused, match="REASON_TRADE_REFUND_FEE_ERR"):
        gateway.refund(replace(order, number="RF2", amount=2))
    gateway.refund(replace(order, number="RF3", amount=1))
    with pytest.raises(GatewayRefused, match="TRADE_HAS_CLOSE"):
        gateway.refund(replace(order, number="RF4", amount=1))
    assert sum(amount for _, amount, _ in book(alipay)) == 10000


def test_a_payment_never_seen_is_of_a_million(gateway, order):
    with pytest.raises(GatewayRefused, match="REASON_TRADE_REFUND_FEE_ERR"):
        gateway.refund(replace(order, amount=100_000_001))
    assert gateway.refund(replace(order, amount=100_000_000)).state == "processing"


def test_refunds_of_one_payment_are_three_seconds_apart(gateway, order):
    gateway.refund(order)
    with pytest.raises(GatewayRefused) as error:
        gateway.refund(replace(order, number="RF2"))
    assert (error.value.hurdle, error.value.retry) == ("rate", True)
    gateway.refund(replace(order, number="RF3", transaction_id="4200002"))


def test_a_payment_of_over_a_year_ago_is_too_old(gateway, order, alipay):
    long_ago = datetime.now(UTC) - gateway.limits.age - timedelta(minutes=1)
    payment = {"transaction_id": "OLD1", "amount": 10000, "currency": "CNY", "paid_at": long_ago.isoformat()}
    post(alipay, "/_payments", payment)
    with pytest.raises(GatewayRefused) as error:
        gateway.refund(replace(order, transaction_id="OLD1"))
    assert (error.value.code, error.value.hurdle) == ("ACQ.TRADE_HAS_FINISHED", "age")


def test_another_currency_is_never_sent_as_yuan(gateway, order, alipay):
    with pytest.raises(GatewayRefused) as error:
        gateway.refund(replace(order, currency="USD"))
    assert (error.value.hurdle, error.value.retry) == ("rule", False)
    assert book(alipay) == []


# --- proofs -----------------------------------------------------------------------------------------------


def test_a_request_is_signed_over_the_text_of_the_documentation():
    said = {
        "version": "1.0", "app_id": "2014072300007148", "method": "alipay.trade.refund", "format": "JSON",
        "charset": "utf-8", "sign_type": "RSA2", "timestamp": "2014-07-24 03:07:50", "sign": "x", "notify_url": "",
        "biz_content": '{"out_trade_no":"20150320010101001","refund_amount":"200.12","out_request_no":"HZ01RF001"}',
    }  # fmt: skip
    assert signature.request_text(said) == (
        'app_id=2014072300007148&biz_content={"out_trade_no":"20150320010101001","refund_amount":"200.12",'
        '"out_request_no":"HZ01RF001"}&charset=utf-8&format=JSON&method=alipay.trade.refund&sign_type=RSA2'
        "&timestamp=2014-07-24 03:07:50&version=1.0"
    )


def test_a_wrong_merchant_key_is_refused_and_may_be_mended(gateway, order, alipay):
    gateway.client.account = replace(gateway.client.account, private_key=rsa.generate_private_key(65537, 2048))
    with pytest.raises(GatewayRefused) as error:
        gateway.refund(order)
    assert (error.value.code, error.value.hurdle) == ("isv.invalid-signature", "setup")
    assert error.value.retry and book(alipay) == []


def test_to_an_app_it_does_not_know_nothing_is_signed_and_nothing_believed(gateway, order):
    gateway.client.account = replace(gateway.client.account, app_id="2021")
    with pytest.raises(GatewayDown, match="not signed"):
        gateway.refund(order)


def test_an_answer_signed_with_an_unknown_key_says_nothing(gateway, order):
    stranger = rsa.generate_private_key(65537, 2048).public_key()
    account, known = gateway.client.account, gateway.client.account.alipay_keys
    gateway.client.account = replace(account, alipay_keys=(stranger,))
    with pytest.raises(GatewayDown, match="the signature is wrong"):
        gateway.query(order)
    gateway.client.account = replace(account, alipay_keys=(stranger, *known))  # while one key takes over from another
    assert gateway.query(order) is None


OURS, ALIPAYS = rsa.generate_private_key(65537, 2048), rsa.generate_private_key(65537, 2048)
NODE = '{"code":"10000","msg":"Success","trade_no":"4200001","note":"a\\/b \\u9000"}'


def told_by(raw: bytes, monkeypatch):
    account = Account("https://openapi.example", "2021", "2088", (ALIPAYS.public_key(),), OURS)
    monkeypatch.setattr(http, "call", lambda *args, **how: http.Answer(200, {}, raw))
    return Client(account).call("alipay.trade.refund", {})


def envelope(node: str = NODE, *, name="alipay_trade_refund_response", sign=None, over=None, key=ALIPAYS) -> str:
    proof = signature.sign(over or node, key) if sign is None else sign
    return f'{{"{name}":{node},"sign":"{proof}"}}'


def test_the_raw_text_of_the_node_is_what_is_verified(monkeypatch):
    assert told_by(envelope().encode(), monkeypatch)["note"] == "a/b 退"
    turned = f' {{ "sign" : "{signature.sign(NODE, ALIPAYS)}" , "alipay_trade_refund_response" : {NODE} }} '
    assert told_by(turned.encode(), monkeypatch)["code"] == "10000"


@pytest.mark.parametrize(
    "raw",
    [
        "", "{", "[]", "null", "{}", '{"sign":"x"}', "[" * 100_000, "\udcff",
        envelope(sign=""),
        envelope(sign="no base64"),
        envelope(sign="签名"),
        envelope(key=OURS),
        envelope(over=NODE.replace("\\/", "/")),  # verified only by who writes it anew
        envelope(name="alipay_trade_query_response"),
        f'{{"alipay_trade_refund_response":{NODE}}}',
        f'{{"alipay_trade_refund_response":{NODE},"sign":7}}',
        # one of two of the same name would be verified, and the other believed
        envelope()[:-1] + ',"alipay_trade_refund_response":{"code":"10000","fund_change":"Y"}}',
        envelope('{"code":10000}'),
        envelope('"10000"'),
        envelope('{"msg":"Success"}'),
        envelope('{"code":"99999","msg":"new"}'),
        envelope('{"code":"20000","sub_code":"isp.unknow-error"}'),
        envelope('{"code":"40004","sub_code":"ACQ.SYSTEM_ERROR"}'),
        envelope('{"code":"40004","sub_code":7}'),
    ],
    ids=range(24),
)  # fmt: skip
def test_an_answer_that_proves_nothing_leaves_the_outcome_unknown(raw, monkeypatch):
    with pytest.raises(GatewayDown):
        told_by(raw.encode(errors="surrogateescape"), monkeypatch)


@pytest.mark.parametrize(
    ("sub_code", "hurdle", "retry"),
    [
        ("ACQ.SELLER_BALANCE_NOT_ENOUGH", "funds", True),
        ("ACQ.TRADE_HAS_FINISHED", "age", False),
        ("ACQ.TRADE_HAS_CLOSE", "rule", False),
        ("ACQ.BUYER_NOT_EXIST", "account", False),
        ("ACQ.SOMETHING_NEW", "other", False),
    ],
)
def test_a_business_error_is_a_refusal_with_its_hurdle(sub_code, hurdle, retry, monkeypatch):
    node = json.dumps({"code": BUSINESS_FAILED, "msg": "Business Failed", "sub_code": sub_code, "sub_msg": "说明"})
    with pytest.raises(GatewayRefused) as error:
        told_by(envelope(node).encode(), monkeypatch)
    refused = error.value
    assert (refused.code, refused.message, refused.hurdle, refused.retry) == (sub_code, "说明", hurdle, retry)


@pytest.mark.parametrize(("code", "hurdle"), [("40001", "setup"), ("40006", "setup"), ("40005", "rate")])
def test_a_refusal_of_the_gateway_itself_may_go_again(code, hurdle, monkeypatch):
    with pytest.raises(GatewayRefused) as error:
        told_by(envelope(f'{{"code":"{code}","msg":"m"}}', name="error_response").encode(), monkeypatch)
    assert (error.value.code, error.value.hurdle, error.value.retry) == (code, hurdle, True)


# --- what answers may say ---------------------------------------------------------------------------------


def answering(node: dict, order, monkeypatch, *, ask="query"):
    gateway = AlipayGateway.__new__(AlipayGateway)
    gateway.client = type("Client", (), {"call": lambda *_: {"code": "10000", "trade_no": "4200001", **node}})()
    return getattr(gateway, ask)(order)


FOUND = {"out_request_no": "RF1", "refund_amount": "33.33", "refund_status": "REFUND_SUCCESS"}


@pytest.mark.parametrize(
    ("node", "state"),
    [
        (FOUND, "succeeded"),
        ({"out_request_no": "RF1", "refund_amount": "33.33"}, "succeeded"),  # older accounts
        ({"out_request_no": "RF1", "refund_amount": "33.33", "error_code": "REFUND_FAIL"}, "closed"),
        ({"out_trade_no": "A1"}, None),
        ({**FOUND, "deposit_back_info": {"has_deposit_back": "true"}}, "processing"),
        ({**FOUND, "deposit_back_info": {"has_deposit_back": "true", "dback_status": "F"}}, "succeeded"),
        ({**FOUND, "deposit_back_info": {"has_deposit_back": "false"}}, "succeeded"),
    ],
)
def test_what_a_query_says(node, state, order, monkeypatch):
    found = answering(node, order, monkeypatch)
    assert (found and found.state) == state
    assert not found or differences(order, found) == ()


@pytest.mark.parametrize(
    "changes",
    [{"refund_amount": "33.30"}, {"out_request_no": "RF2"}, {"trade_no": "4200002"}],
)
def test_a_query_that_names_other_facts_shows_it(changes, order, monkeypatch):
    assert len(differences(order, answering({**FOUND, **changes}, order, monkeypatch))) == 1


@pytest.mark.parametrize(
    "changes",
    [
        {"refund_status": ""}, {"refund_status": "REFUND_PROCESSING"}, {"refund_status": "成功"},
        {"refund_amount": "33.3"},
        {"refund_amount": "33.333"}, {"refund_amount": 33.33}, {"refund_amount": "-33.33"},
        {"refund_amount": "0033.33"}, {"refund_amount": "３３.33"}, {"refund_amount": "1e3"},
        {"refund_amount": None}, {"out_request_no": None}, {"trade_no": ""},
        {"gmt_refund_pay": "2026-11-30"}, {"gmt_refund_pay": "2026-13-30 10:00:00"},
        {"gmt_refund_pay": "0001-01-01 00:00:00"}, {"deposit_back_info": "none"},
        {"deposit_back_info": {"has_deposit_back": "true", "dback_status": "X"}},
        {"refund_detail_item_list": {}}, {"refund_detail_item_list": [7]},
    ],
    ids=str,
)  # fmt: skip
def test_a_query_in_other_words_leaves_the_outcome_unknown(changes, order, monkeypatch):
    with pytest.raises(GatewayDown):
        answering({**FOUND, **changes}, order, monkeypatch)


def test_times_are_beijings(order, monkeypatch):
    found = answering({**FOUND, "gmt_refund_pay": "2026-11-30 08:00:00"}, order, monkeypatch)
    assert found.succeeded_at == datetime(2026, 11, 30, tzinfo=UTC)


def test_money_that_moved_is_at_least_this_refund(order, monkeypatch):
    moved = {"fund_change": "Y", "refund_fee": "33.32"}
    assert differences(order, answering(moved, order, monkeypatch, ask="refund")) == ("amount",)
    assert answering({"fund_change": "Y", "refund_fee": "99.99"}, order, monkeypatch, ask="refund").amount == 3333


@pytest.mark.parametrize(("amount", "written"), [(1, "0.01"), (10, "0.10"), (3333, "33.33"), (100, "1.00")])
def test_sums_are_written_and_read_in_yuan(amount, written):
    assert reading.yuan(amount) == written and reading.fen({"sum": written}, "sum") == amount


# --- where it is ------------------------------------------------------------------------------------------


def test_without_a_connection_nothing_was_sent(gateway, order):
    gateway.client.account = replace(gateway.client.account, base_url="http://127.0.0.1:1")
    with pytest.raises(GatewayDown) as error:
        gateway.refund(order)
    assert error.value.nothing_sent


def test_without_a_stand_in_nothing_was_sent(settings, tmp_path, order):
    settings.DATA_DIR, settings.ALIPAY_BASE_URL = tmp_path, ""
    with pytest.raises(GatewayDown) as error:
        AlipayGateway().refund(order)
    assert error.value.nothing_sent


@pytest.mark.parametrize(
    ("changes", "sub_code"),
    [
        ({"method": "alipay.trade.pay"}, "isv.invalid-method"),
        ({"sign_type": "RSA"}, "isv.invalid-signature-type"),
        ({"timestamp": "now"}, "isv.invalid-timestamp"),
        ({"version": "2.0"}, "isv.invalid-charset"),
        ({"biz_content": "{"}, "ACQ.INVALID_PARAMETER"),
        ({"biz_content": '{"trade_no":"1","out_request_no":"R","refund_amount":"1"}'}, "ACQ.INVALID_PARAMETER"),
        ({"biz_content": '{"trade_no":"1","out_request_no":"R","refund_amount":"0.00"}'}, "ACQ.REFUND_FEE_ERROR"),
        ({"biz_content": '{"trade_no":"1","refund_amount":"1.00"}'}, "ACQ.INVALID_PARAMETER"),
    ],
)
def test_the_stand_in_takes_only_what_the_protocol_allows(changes, sub_code, gateway, alipay):
    said = {
        "app_id": gateway.client.account.app_id, "method": "alipay.trade.refund", "charset": "utf-8",
        "sign_type": "RSA2", "version": "1.0", "timestamp": reading.written(datetime.now(UTC)), "biz_content": "{}",
        **changes,
    }  # fmt: skip
    said["sign"] = signature.sign(signature.request_text(said), gateway.client.account.private_key)
    answer = http.call("POST", f"{alipay.url}/gateway.do", headers={}, body=urlencode(said).encode())
    (node, sign) = reading.members(answer.body).values()
    signature.verify(node, json.loads(sign), keys=gateway.client.account.alipay_keys)
    assert json.loads(node)["sub_code"] == sub_code and book(alipay) == []


def test_the_gateway_of_the_channel_is_named_in_the_settings(alipay):
    assert gateways.of("alipay").code == "alipay"
    assert gateways.door("alipay") is webhook
