"""Refunds over WeChat Pay, against the stand-in: each way it can behave."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from refunds import gateways
from refunds.gateways.interface import GatewayDown, GatewayRefused, NotAuthentic, differences
from refunds.gateways.wechat import webhook
from refunds.gateways.wechat.gateway import WeChatGateway
from refunds.gateways.wechat.simulator import WeChatPay
from refunds.gateways.wechat.simulator_messages import BEIJING
from refunds.tests.gateways.conftest import book, post, wait_until
from returns_platform.kernel.outbound import http
from returns_platform.kernel.stand_in import serve


def news(callback):
    headers, body = callback
    return webhook.read(headers, body, datetime.now(UTC))


def test_a_refund_is_accepted_then_arrives_and_the_callback_says_so(gateway, order, shop, wechat):
    accepted = gateway.refund(order)
    assert (accepted.state, differences(order, accepted)) == ("processing", ())
    told = news(shop.after(1)[0])
    assert (told.kind, told.state, differences(order, told)) == ("REFUND.SUCCESS", "succeeded", ())
    assert told.channel_ref == accepted.channel_ref and told.merchant_id == gateway.client.account.mchid
    now = gateway.query(order)
    assert now.state == "succeeded" and abs(now.succeeded_at - datetime.now(UTC)) < timedelta(seconds=10)
    assert book(wechat) == [("RF1", 3333, "succeeded")]


def test_asking_again_with_the_same_number_pays_once(gateway, order, wechat):
    first = gateway.refund(order)
    assert gateway.refund(order) == first
    assert len(book(wechat)) == 1


def test_the_same_number_with_another_amount_is_refused(gateway, order, wechat):
    gateway.refund(order)
    with pytest.raises(GatewayRefused) as error:
        gateway.refund(replace(order, amount=1))
    assert (error.value.code, error.value.retry) == ("INVALID_REQUEST", False)
    assert book(wechat)[0][1] == 3333


def test_a_refund_never_asked_for_is_not_known(gateway, order):
    assert gateway.query(replace(order, number="RF404|*@")) is None


@pytest.mark.parametrize(
    "behaviour", ["apply_then_500", "garbage", "unsigned", "drop_connection", "apply_then_timeout", "slow"]
)
def test_where_the_answer_is_lost_the_query_finds_the_refund(behaviour, gateway, order, wechat, next_time):
    next_time(behaviour)
    started = datetime.now(UTC)
    with pytest.raises(GatewayDown) as error:
        gateway.refund(order)
    assert datetime.now(UTC) - started < timedelta(seconds=10.5)
    assert not error.value.nothing_sent
    assert differences(order, gateway.query(order)) == ()
    assert len(book(wechat)) == 1


@pytest.mark.parametrize(
    ("behaviour", "hurdle", "retry"),
    [
        ("not_enough_balance", "funds", True),
        ("frequency_limited", "rate", True),
        ("account_abnormal", "account", False),
    ],
)
def test_where_it_is_refused_nothing_is_booked(behaviour, hurdle, retry, gateway, order, wechat, next_time):
    next_time(behaviour)
    with pytest.raises(GatewayRefused) as error:
        gateway.refund(order)
    assert (error.value.hurdle, error.value.retry) == (hurdle, retry)
    assert book(wechat) == [] and gateway.query(order) is None
    assert gateway.refund(order).state == "processing"


def test_an_error_of_the_server_leaves_the_outcome_unknown(gateway, order, wechat, next_time):
    next_time("error_500")
    with pytest.raises(GatewayDown):
        gateway.refund(order)
    assert gateway.query(order) is None and book(wechat) == []


@pytest.mark.parametrize("end", ["closed", "abnormal"])
def test_a_refund_may_be_accepted_and_end_badly(end, gateway, order, shop, next_time):
    next_time(end)
    assert gateway.refund(order).state == "processing"
    assert news(shop.after(1)[0]).state == end
    assert gateway.query(order).state == end


def test_money_of_a_closed_refund_may_be_asked_for_again(gateway, order, shop, wechat, next_time, monkeypatch):
    monkeypatch.setattr("refunds.gateways.wechat.simulator.SPACING", timedelta(0))
    next_time("closed")
    gateway.refund(replace(order, amount=10000))
    shop.after(1)
    assert gateway.refund(replace(order, number="RF2", amount=10000)).state == "processing"


def test_a_callback_may_come_before_the_answer(gateway, order, shop, next_time):
    next_time("callback_before_answer")
    assert gateway.refund(order).state == "succeeded"
    assert news(shop.taken[0]).number == order.number


def test_a_callback_may_come_twice(gateway, order, shop, next_time):
    next_time("callback_twice")
    gateway.refund(order)
    first, second = shop.after(2)
    assert news(first) == news(second)


def test_a_callback_may_never_come(gateway, order, shop, next_time):
    next_time("callback_never")
    gateway.refund(order)
    wait_until(lambda: gateway.query(order).state == "succeeded")
    assert shop.taken == []


def test_a_callback_with_a_bad_signature_is_not_believed(gateway, order, shop, next_time):
    next_time("callback_bad_signature")
    gateway.refund(order)
    with pytest.raises(NotAuthentic):
        news(shop.after(1)[0])


def test_a_signed_callback_may_still_name_another_amount(gateway, order, shop, next_time):
    next_time("callback_wrong_amount")
    gateway.refund(order)
    assert differences(order, news(shop.after(1)[0])) == ("amount",)


def test_a_callback_is_repeated_until_it_is_taken(gateway, order, shop):
    shop.answers = [500, 201]
    gateway.refund(order)
    callbacks = shop.after(3)
    assert len({news(callback).event_id for callback in callbacks}) == 1


def test_a_restart_keeps_the_book_and_the_callback_owed(order, shop, settings, tmp_path):
    settings.DATA_DIR = tmp_path
    shop.answers = [500] * 3
    with serve(WeChatPay(tmp_path)) as served:
        settings.WECHAT_BASE_URL = served.url
        accepted = WeChatGateway().refund(order)
        shop.after(1)
    with serve(WeChatPay(tmp_path)) as served:
        settings.WECHAT_BASE_URL = served.url
        assert WeChatGateway().query(order).channel_ref == accepted.channel_ref
        assert news(shop.after(4)[3]).number == order.number
        assert book(served) == [("RF1", 3333, "succeeded")]


def test_payments_of_unknown_ids_stay_unknown(gateway, order):
    with pytest.raises(GatewayRefused) as error:
        gateway.refund(replace(order, transaction_id="UNKNOWN1"))
    assert (error.value.hurdle, error.value.retry) == ("payment", False)


def test_the_payment_bounds_what_can_be_refunded(gateway, order, wechat, monkeypatch):
    monkeypatch.setattr("refunds.gateways.wechat.simulator.SPACING", timedelta(0))
    gateway.refund(replace(order, amount=9999))
    for wrong in (replace(order, amount=2), replace(order, amount=1, total=9999)):
        with pytest.raises(GatewayRefused, match="INVALID_REQUEST"):
            gateway.refund(replace(wrong, number="RF2"))
    gateway.refund(replace(order, number="RF3", amount=1))
    assert sum(amount for _, amount, _ in book(wechat)) == 10000


def test_refunds_of_one_payment_are_a_minute_apart(gateway, order):
    gateway.refund(order)
    with pytest.raises(GatewayRefused) as error:
        gateway.refund(replace(order, number="RF2"))
    assert (error.value.hurdle, error.value.retry) == ("rate", True)
    gateway.refund(replace(order, number="RF3", transaction_id="4200002"))


def test_a_payment_takes_fifty_parts(gateway, order, monkeypatch):
    monkeypatch.setattr("refunds.gateways.wechat.simulator.SPACING", timedelta(0))
    for part in range(gateway.limits.parts):
        gateway.refund(replace(order, number=f"RF{part}", amount=1))
    with pytest.raises(GatewayRefused, match="INVALID_REQUEST"):
        gateway.refund(replace(order, number="RF51", amount=1))


def test_a_payment_of_over_a_year_ago_is_too_old(gateway, order, wechat):
    long_ago = datetime.now(UTC) - gateway.limits.age - timedelta(minutes=1)
    payment = {"transaction_id": "OLD1", "amount": 10000, "currency": "CNY", "paid_at": long_ago.isoformat()}
    post(wechat, "/_payments", payment)
    with pytest.raises(GatewayRefused, match="INVALID_REQUEST"):
        gateway.refund(replace(order, transaction_id="OLD1"))


def test_behaviours_are_used_in_order_by_the_calls_they_match(gateway, order, next_time):
    next_time("account_abnormal", number="RF2")
    next_time("not_enough_balance", times=2, amount=3333, transaction_id="4200001")
    next_time("frequency_limited")
    codes = []
    for number in ("RF1", "RF1", "RF1", "RF2"):
        with pytest.raises(GatewayRefused) as error:
            gateway.refund(replace(order, number=number))
        codes.append(error.value.code)
    assert codes == ["NOT_ENOUGH", "NOT_ENOUGH", "FREQUENCY_LIMITED", "USER_ACCOUNT_ABNORMAL"]


def test_reason_is_cut_between_characters(gateway, order):
    assert gateway.refund(replace(order, reason="退" * 100)).state == "processing"


def test_a_wrong_merchant_key_is_refused_and_may_be_mended(gateway, order, wechat, tmp_path_factory):
    with serve(WeChatPay(tmp_path_factory.mktemp("other"))) as other:
        gateway.client.account = replace(gateway.client.account, base_url=other.url)
        with pytest.raises(GatewayRefused) as error:
            gateway.refund(order)
    assert (error.value.status, error.value.code, error.value.hurdle) == (401, "SIGN_ERROR", "setup")


def test_an_answer_signed_with_an_unknown_key_says_nothing(gateway, order):
    gateway.client.account = replace(gateway.client.account, platform_keys={"PUB_KEY_ID_OLD": None})
    with pytest.raises(GatewayDown, match="key we do not know"):
        gateway.query(order)


def test_without_a_connection_nothing_was_sent(gateway, order, wechat):
    gateway.client.account = replace(gateway.client.account, base_url="http://127.0.0.1:1")
    with pytest.raises(GatewayDown) as error:
        gateway.refund(order)
    assert error.value.nothing_sent


def test_without_a_stand_in_nothing_was_sent(settings, tmp_path, order):
    settings.DATA_DIR, settings.WECHAT_BASE_URL = tmp_path, ""
    with pytest.raises(GatewayDown) as error:
        WeChatGateway().refund(order)
    assert error.value.nothing_sent


def test_the_bill_of_the_day_lists_what_arrived(gateway, order, shop, wechat):
    gateway.refund(order)
    shop.after(1)
    day = gateway.query(order).succeeded_at.astimezone(BEIJING).date()
    answer = http.call("GET", f"{wechat.url}/_statement?date={day}", headers={})
    titles, row, _, summary = answer.body.decode().splitlines()
    fields = dict(zip(titles.split(","), row.removeprefix("`").split(",`"), strict=True))
    assert (fields["商户退款单号"], fields["申请退款金额"], fields["退款状态"]) == ("RF1", "33.33", "SUCCESS")
    assert summary.split(",")[2] == "`33.33"


def test_the_gateway_of_a_channel_is_named_in_the_settings(settings, wechat):
    settings.GATEWAYS = {"wechat": "refunds.gateways.wechat.gateway.WeChatGateway"}
    assert gateways.of("wechat").code == "wechat"
    with pytest.raises(LookupError):
        gateways.of("barter")
