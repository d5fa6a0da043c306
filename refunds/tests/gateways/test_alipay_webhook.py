"""Alipay's messages: what is a hint, and everything that must not be believed."""

import json
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from refunds.gateways.alipay import signature, webhook
from refunds.gateways.alipay.keys import Account
from refunds.gateways.interface import Malformed, NoNews, NotAuthentic, NotUnderstood

OURS = rsa.generate_private_key(65537, 2048)
ALIPAYS = rsa.generate_private_key(65537, 2048)
NOW = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)  # noon in Beijing

PAYMENT = {
    "notify_id": "2026112200222120000000000001", "notify_type": "trade_status_sync",
    "notify_time": "2026-11-22 12:00:00",
    "app_id": "2021000000000109", "seller_id": "2088000000000109", "charset": "utf-8", "version": "1.0",
    "trade_no": "2026112122001", "out_trade_no": "A1", "out_biz_no": "RF1", "trade_status": "TRADE_SUCCESS",
    "total_amount": "100.00", "refund_fee": "33.33", "gmt_refund": "2026-11-22 11:59:58.123",
    "subject": "坚果 & 果干 + 1", "buyer_logon_id": "159****5620",
}  # fmt: skip
CARD = {
    "notify_id": "2026112200222120000000000002", "msg_method": "alipay.trade.refund.depositback.completed",
    "utc_timestamp": "1795320000000", "app_id": "2021000000000109", "charset": "utf-8", "version": "1.1",
    "biz_content": json.dumps({
        "trade_no": "2026112122001", "out_trade_no": "A1", "out_request_no": "RF1", "dback_status": "S",
        "dback_amount": "33.33", "bank_ack_time": "2026-11-22 11:59:58",
        "est_bank_receipt_time": "2026-11-23 12:00:00",
    }),
}  # fmt: skip


@pytest.fixture(autouse=True)
def _account(monkeypatch):
    us = Account("", "2021000000000109", "2088000000000109", (ALIPAYS.public_key(),), OURS)
    monkeypatch.setattr(webhook, "account", lambda: us)


def signed(said: dict[str, str], *, key=ALIPAYS, **after) -> bytes:
    """As Alipay signs it: over everything but sign and sign_type; `after` is changed once it is signed."""
    proof = signature.sign("&".join(f"{name}={said[name]}" for name in sorted(said)), key)
    return urlencode({**said, "sign_type": "RSA2", "sign": proof, **after}).encode()


def read(body: bytes, now=NOW):
    return webhook.read({}, body, now)


def test_the_notification_of_a_payment_is_a_hint_about_one_refund():
    news = read(signed(PAYMENT))
    assert (news.event_id, news.kind) == ("2026112200222120000000000001", "trade_status_sync")
    assert (news.number, news.transaction_id, news.currency) == ("RF1", "2026112122001", "CNY")
    assert (news.state, news.amount, news.total, news.refunded) == (None, None, None, 3333)
    assert news.merchant_id == webhook.our_merchant_id()


@pytest.mark.parametrize("status", ["S", "F"])
def test_so_is_the_message_about_a_card(status):
    content = json.dumps({**json.loads(CARD["biz_content"]), "dback_status": status})
    news = read(signed({**CARD, "biz_content": content}))
    assert (news.number, news.transaction_id, news.state, news.refunded) == ("RF1", "2026112122001", None, None)
    assert news.merchant_id == webhook.our_merchant_id()


def test_success_alone_ends_the_retries():
    assert webhook.answer(200) == (b"success", "text/plain; charset=utf-8")
    assert webhook.answer(401, "not signed")[0] == b"fail: not signed"


@pytest.mark.parametrize(
    "changes", [{"app_id": "2021"}, {"seller_id": "2088"}, {"app_id": "2021", "seller_id": "2088"}], ids=str
)
def test_what_was_meant_for_another_merchant_says_so(changes):
    assert read(signed({**PAYMENT, **changes})).merchant_id != webhook.our_merchant_id()


@pytest.mark.parametrize(
    "after",
    [
        {"sign": ""}, {"sign": "no base64"}, {"sign": "签名"}, {"sign_type": ""}, {"sign_type": "RSA"},
        {"sign_type": "MD5"}, {"sign_type": "rsa2"}, {"refund_fee": "33.34"}, {"out_biz_no": "RF2"},
        {"notify_id": "1"}, {"brand_new": "1"}, {"empty": ""},
    ],
    ids=str,
)  # fmt: skip
def test_anything_changed_after_signing_is_not_authentic(after):
    with pytest.raises(NotAuthentic):
        read(signed(PAYMENT, **after))


def test_another_signer_or_none_is_not_believed():
    for body in (signed(PAYMENT, key=OURS), urlencode(PAYMENT).encode(), b"a=1"):
        with pytest.raises(NotAuthentic):
            read(body)


@pytest.mark.parametrize(
    ("hours", "believed"),
    [(-0.1, False), (-0.05, True), (0, True), (24.4, True), (25, True), (25.1, False), (9000, False)],
)  # fmt: skip
def test_a_message_is_good_until_alipay_stops_repeating_it(hours, believed):
    for said in (PAYMENT, CARD):
        now = NOW + timedelta(hours=hours)
        if believed:
            assert read(signed(said), now).number == "RF1"
        else:
            with pytest.raises(NotAuthentic, match="another time"):
                read(signed(said), now)


@pytest.mark.parametrize(
    "body",
    [
        b"", b"{", b"[]", b"null", b"\xff\xfe", b"a=%ff", b"[" * 100_000, b'{"id": ' + b"9" * 5000 + b"}",
        b"<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>", b"&".join(b"a%d=1" % at for at in range(101)),
        signed(PAYMENT) + b"&out_biz_no=RF2",
    ],
    ids=range(11),
)  # fmt: skip
def test_what_is_no_message_is_malformed(body):
    with pytest.raises(Malformed):
        read(body)


@pytest.mark.parametrize(
    "said",
    [
        {name: text for name, text in PAYMENT.items() if name not in webhook.ABOUT_A_REFUND},
        {**PAYMENT, "notify_type": "dut_user_sign"},
        {**CARD, "msg_method": "alipay.open.app.something.new"},
    ],
    ids=range(3),
)
def test_what_is_about_no_refund_is_no_news(said):
    with pytest.raises(NoNews):
        read(signed(said))


def card(**changes) -> dict[str, str]:
    return {**CARD, "biz_content": json.dumps({**json.loads(CARD["biz_content"]), **changes})}


@pytest.mark.parametrize(
    "said",
    [
        {**PAYMENT, "out_biz_no": ""},  # paid back by hand: a person has to see it
        {**PAYMENT, "trade_status": "成功"},
        {**PAYMENT, "trade_status": "trade_success"},
        {**PAYMENT, "refund_fee": "33.3"},
        {**PAYMENT, "refund_fee": ""},
        {**PAYMENT, "trade_no": ""},
        {**PAYMENT, "notify_id": ""},
        {**PAYMENT, "notify_time": "soon"},
        {**PAYMENT, "app_id": ""},
        {**CARD, "utc_timestamp": "soon"},
        {**CARD, "utc_timestamp": "１７９５３２００００００"},
        {**CARD, "biz_content": "{"},
        {**CARD, "biz_content": "[" * 10_000},
        card(dback_status="P"),
        card(dback_status="ok"),
        card(dback_amount=33.33),
        card(out_request_no=1),
        card(trade_no="a\u0000b"),
    ],
    ids=range(18),
)
def test_authentic_nonsense_is_not_understood(said):
    with pytest.raises(NotUnderstood):
        read(signed(said))


def test_new_fields_are_no_reason_to_doubt():
    assert read(signed({**PAYMENT, "brand_new": "x=1&y"})).number == "RF1"
