"""WeChat's callbacks: the published sample, our own sample, and everything that must not be believed."""

import base64
import json
import time
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from wechatpayv3.utils import build_authorization, rsa_sign, rsa_verify

from refunds.gateways.interface import Malformed, NotAuthentic, NotUnderstood
from refunds.gateways.wechat import signature, webhook
from refunds.gateways.wechat.keys import Account, public_key

# From the tests of the official Go library; its sample key has 16 characters, real ones have 32.
SAMPLE_BODY = (
    '{"id":"3119dfba-e649-5eec-ab1e-3412bc4d2e17","create_time":"2021-06-24T16:37:26+08:00","resource_typ'
    'e":"encrypt-resource","event_type":"PAYSCORE.USER_OPEN_SERVICE","summary":"签约成功","resource":{"origin'
    'al_type":"payscore","algorithm":"AEAD_AES_256_GCM","ciphertext":"YDS3lKPaC4Y52Gf3uhft5qUBlIa8b428AWT'
    "tTauHQfQrRw+X1WpiuHIDy0vo1Vd6VEq67aVyqPdDYMkRVSDaZL3iZttevRMOoPKMifozg6XPWjIZumks/GpT48lI4NizyeaqLBo"
    "kNebthah3o1H76qSlO9NkDjp9bzmKLEYYH9TEklFUpsvPqOTOcgSLgh21YJXYR7dEBXFgRLiNIKRgO5JdXh1hccRUAlyVWxE54PX"
    'pnQ==","associated_data":"payscore","nonce":"Kj7QIyUiYx1q"}}'
)
SAMPLE_SIGNATURE = (
    "tJHIiIS9eB2hAYstmAmbbD3ZE5LiIm/Ug5tuL4fC0YOFRWIHV39UFIZXC0e9Wl6lBu6sKvkqDkzpqzBsVHyXFlbYZTOQrVdG4b6L"
    "fTnK4mikv9++ixJMd3vTf2yCqvBkh98zs3Ds5zsYQakzbcwhmw4fMJs4nPLws28H0UW9FjDR//rxELLwXvV1VEA1IBLX70xptjL8"
    "hrfUjEE8kkry6yNJTHZRU8CAc7qHli2Ng1V1qb9ARbK8A3ThmFmPQvRGrapI/jS2laKKgYUmfdEdkNO6B2Cke5e8VTxY406ArAmQ"
    "90GAihDwIcb16TQMnzCMBoutnwZKNiKRACrFmtxw2Q=="
)
SAMPLE_CERTIFICATE = (
    "MIIDVzCCAj+gAwIBAgIJANfOWdH1ItcBMA0GCSqGSIb3DQEBCwUAMEIxCzAJBgNVBAYTAlhYMRUwEwYDVQQHDAxEZWZhdWx0IENp"
    "dHkxHDAaBgNVBAoME0RlZmF1bHQgQ29tcGFueSBMdGQwHhcNMjEwNDI3MDg1NTIzWhcNMzEwNDI1MDg1NTIzWjBCMQswCQYDVQQG"
    "EwJYWDEVMBMGA1UEBwwMRGVmYXVsdCBDaXR5MRwwGgYDVQQKDBNEZWZhdWx0IENvbXBhbnkgTHRkMIIBIjANBgkqhkiG9w0BAQEF"
    "AAOCAQ8AMIIBCgKCAQEA2VCTd91fnUn73Xy9DLvt/V62TVxRTEEstVdeRaZ3B3leO0pldE806mXO4RwdHXagHQ4vGeZN0yqm++rD"
    "sGK+U3AH7kejyD2pXshNP9Cq5YwbptiLGtjcquw4HNxJQUOmDeJf2vg6byms9RUipiq4SzbJKqJFlUpbuIPDpSpWz10PYmyCNeDG"
    "UUK65E5h2B834uxl1zNLYQCrkdBzb8oUxwYeP5a2DNxmjL5lsJML7DGr5znsevnoqGRwTm9fxCGfy8wus7hwKz6clt3Whmmda7UA"
    "db1c08hEQFVRbF14AR73xbnd8N0obCWJPCbzMCtkaSef4FdEEgEXJiw0VAJT8wIDAQABo1AwTjAdBgNVHQ4EFgQUT1c7nd/SUO76"
    "HSoZumNUJv1R5PwwHwYDVR0jBBgwFoAUT1c7nd/SUO76HSoZumNUJv1R5PwwDAYDVR0TBAUwAwEB/zANBgkqhkiG9w0BAQsFAAOC"
    "AQEAfTjxKRQMzNB/U6ZoCUS+BSNfa2Oh0plMN6ZuzwiVVZwg1jywvv5yv04koS7Pd4i9E4gt9ZBUQXlpq+A3oOCEEHNRR6b2kyaz"
    "GRM7s0OP5X21WrbpSmKmU6K7hkfx30yYs08LVs/Q8DIhvaj1FCFeJzUCzYn/fHMq4tsbKO0dKAeydPM/nrUZBmaYQVKMVOORGLFj"
    "FKVO7JV6Kq/R86ouhjEPgJOe2xulNBUcjicqtZlBdEh/PWCYP2SpGVDclKm8jeo175T3EVAkdKzzmfpxtMmnMlmqcTJOU9TxuGvN"
    "ASMtjj7pYIerTx+xgZDXEVBWFW9PjJ0TV06tCRsgSHItgg=="
)
SAMPLE_CONTENT = (
    '{"mchid":"1234567890","appid":"054aa7d7a2a54ab5898df65bd96f001c","create_time":"2020-06-30T12:12:00+'
    '08:00","out_contract_code":"21640bdbd08e473e828f3206a2741c6e"}'
)
# Our own, of a refund: key 0123456789abcdef twice, nonce fdasflkja484, associated data refund.
REFUND_CONTENT = (
    '{"mchid":"1900000100","transaction_id":"1008450740201411110005820873","out_trade_no":"20150806125346'
    '","refund_id":"50200207182018070300011301001","out_refund_no":"7752501201407033233368018","refund_st'
    'atus":"SUCCESS","success_time":"2018-06-08T10:34:56+08:00","user_received_account":"招商银行信用卡0403","am'
    'ount":{"total":999,"refund":999,"payer_total":999,"payer_refund":999}}'
)
REFUND_SEALED = (
    "DUcegK33A8MEOgdCtMPWwAdrzVny3c3UTlJFYXUmurO3ZCgShoJjO5vSO4qYibkMXra1ukkyxQL685HCdZjDHMEqS5Qo2Xt6IlcR"
    "CD5fUpp4sg6e/wsFjX3qbdTCXdHbVA2ZzgqXwHxOT3H6YX5VmVaeZyUagOsGnHirNCYA5dUMMLCno0F4L3LP4W3vteCtZsfAOd9C"
    "V7R8BHT9TIjZh5zywR3AD2zSPrlixOwHXsxGeXsui1VNyMsaCIkTRk+i6Cj286Cqosa8KwEgdL7HIRgMpV18CsZ8irwtnXgRRn8g"
    "D6WbI8qwQ8uPg8GB2Bt7WUMFvmBy9ihtq4iug1G9IQ7sWxkor6PwF6iuVA1zt14uM1TiPikNFsyFSXtYPXiHCaEsxICwtVLf/Z/C"
    "cPbyo51syiMuMOIGo+T3uBlW9SJY7XTPupNt0lLn1pGZnNp6iMw1OggjocsemdxXbQbGHtJS4jF6XOLpUxnDhH/c685XnVOPlLsn"
    "aXeHOmZLJ/dj0M82u62L/W+yES/m4nAatQ=="
)

SAMPLE_HEADERS = {
    "Wechatpay-Timestamp": "1624523846",
    "Wechatpay-Nonce": "EcZ9Cmy4Xyx1i6RlJQzLcCyEqDa26NBz",
    "Wechatpay-Serial": "D7CE59D1F522D701",
    "Wechatpay-Signature": SAMPLE_SIGNATURE,
}
SAMPLE_TIME = datetime.fromtimestamp(1624523846, UTC)
NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
API_V3_KEY = "0123456789abcdef0123456789abcdef"
OURS = rsa.generate_private_key(public_exponent=65537, key_size=2048)
WECHATS = rsa.generate_private_key(public_exponent=65537, key_size=2048)


def account_with(platform_keys, api_v3_key=API_V3_KEY) -> Account:
    return Account("", "1900000109", "SERIAL", platform_keys, OURS, api_v3_key)


def the_sample_account() -> Account:
    pem = f"-----BEGIN CERTIFICATE-----\n{SAMPLE_CERTIFICATE}\n-----END CERTIFICATE-----\n"
    return account_with({"D7CE59D1F522D701": public_key(pem)}, "testMchAPIv3Key0")


@pytest.fixture(autouse=True)
def _account(monkeypatch):
    monkeypatch.setattr(webhook, "account", lambda: account_with({"K1": WECHATS.public_key()}))


def signed(body: bytes, *, key=WECHATS, serial="K1", at=NOW) -> dict[str, str]:
    stamp = str(int(at.timestamp()))
    return {
        "Wechatpay-Timestamp": stamp,
        "Wechatpay-Nonce": "n",
        "Wechatpay-Serial": serial,
        "Wechatpay-Signature": rsa_sign(key, f"{stamp}\nn\n{body.decode()}\n"),
    }


def event(content: object, *, kind="REFUND.SUCCESS", key=API_V3_KEY) -> bytes:
    text = content if isinstance(content, str) else json.dumps(content)
    sealed = base64.b64encode(AESGCM(key.encode()).encrypt(b"fdasflkja484", text.encode(), b"refund")).decode()
    resource = {"algorithm": "AEAD_AES_256_GCM", "associated_data": "refund", "nonce": "fdasflkja484"}
    return json.dumps({"id": "EV-1", "event_type": kind, "resource": {**resource, "ciphertext": sealed}}).encode()


def content(**changes) -> dict:
    return {**json.loads(REFUND_CONTENT), **changes}


def read(body: bytes, headers=None, now=NOW):
    return webhook.read(headers or signed(body), body, now)


def test_the_published_sample_verifies_and_opens():
    us = the_sample_account()
    signature.verify(SAMPLE_HEADERS, SAMPLE_BODY.encode(), account=us, now=SAMPLE_TIME)
    assert webhook.decrypt(json.loads(SAMPLE_BODY), us) == json.loads(SAMPLE_CONTENT)


def test_a_request_is_signed_over_the_five_lines_of_the_documentation():
    text = build_authorization("/v3/certificates", "GET", "1234567890", "0123456789ABC", OURS, data="")
    scheme, _, attributes = text.partition(" ")
    said = {name: value.strip('"') for name, _, value in (part.partition("=") for part in attributes.split(","))}
    assert scheme == signature.SCHEME and abs(int(said["timestamp"]) - time.time()) < 5
    first = f"GET\n/v3/certificates\n{said['timestamp']}"
    assert rsa_verify(first, said["nonce_str"], "", said["signature"], OURS.public_key())


def test_a_refund_callback_is_read_in_our_words():
    sealed = {"ciphertext": REFUND_SEALED, "nonce": "fdasflkja484", "associated_data": "refund"}
    body = json.dumps(
        {"id": "EV-1", "event_type": "REFUND.SUCCESS", "resource": {"algorithm": "AEAD_AES_256_GCM", **sealed}}
    ).encode()
    news = read(body)
    assert (news.event_id, news.kind, news.state) == ("EV-1", "REFUND.SUCCESS", "succeeded")
    assert (news.number, news.channel_ref) == ("7752501201407033233368018", "50200207182018070300011301001")
    assert (news.amount, news.total, news.currency, news.merchant_id) == (999, 999, "CNY", "1900000100")
    assert news.account == "招商银行信用卡0403"
    assert news.succeeded_at == datetime.fromisoformat("2018-06-08T10:34:56+08:00")


@pytest.mark.parametrize("changes", [{"body": b" "}, {"Wechatpay-Nonce": "m"}, {"Wechatpay-Timestamp": "1624523847"}])
def test_anything_changed_after_signing_is_not_authentic(changes):
    body = SAMPLE_BODY.encode() + changes.pop("body", b"")
    with pytest.raises(NotAuthentic):
        signature.verify({**SAMPLE_HEADERS, **changes}, body, account=the_sample_account(), now=SAMPLE_TIME)


@pytest.mark.parametrize(
    "changes",
    [
        {"Wechatpay-Signature": ""},
        {"Wechatpay-Signature": "no base64"},
        {"Wechatpay-Signature": "WECHATPAY/SIGNTEST/" + "A" * 325},
        {"Wechatpay-Signature": "签名"},
        {"Wechatpay-Timestamp": "soon"},
        {"Wechatpay-Timestamp": "１７９５３４８８００"},
        {"Wechatpay-Serial": "K2"},
        {"Wechatpay-Nonce": "\ud800"},
        {"Wechatpay-Signature-Type": "WECHATPAY2-SM2-WITH-SM3"},
    ],
)
def test_a_missing_or_odd_header_is_not_authentic(changes):
    body = event(content())
    with pytest.raises(NotAuthentic):
        read(body, {**signed(body), **changes})


def test_header_names_ignore_case():
    body = event(content())
    assert read(body, {name.lower(): text for name, text in signed(body).items()}).event_id == "EV-1"


@pytest.mark.parametrize(("seconds", "believed"), [(-300, False), (-299, True), (299, True), (300, False)])
def test_a_signature_is_good_for_less_than_five_minutes(seconds, believed):
    body = event(content())
    headers = signed(body, at=NOW + timedelta(seconds=seconds))
    if believed:
        assert read(body, headers).event_id == "EV-1"
    else:
        with pytest.raises(NotAuthentic):
            read(body, headers)


def test_another_signer_is_not_believed_under_a_known_serial():
    body = event(content())
    with pytest.raises(NotAuthentic):
        read(body, signed(body, key=OURS))


def test_bytes_that_are_no_text_are_malformed():
    with pytest.raises(Malformed):
        webhook.read(signed(b""), b"\xff", NOW)


def test_a_content_sealed_with_another_key_is_not_authentic():
    with pytest.raises(NotAuthentic):
        read(event(content(), key="f" * 32))


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b"null", b"[" * 100_000, b'{"id": ' + b"9" * 5000 + b"}"], ids=range(6)
)
def test_what_is_no_message_is_malformed_whoever_signed_it(body):
    with pytest.raises(Malformed):
        read(body)


@pytest.mark.parametrize(
    "body",
    [
        b'{"id": 1, "event_type": "REFUND.SUCCESS"}',
        b'{"id": "EV-1", "event_type": "REFUND.SUCCESS"}',
        b'{"id": "EV-1", "event_type": "REFUND.SUCCESS", "resource": {"algorithm": "none"}}',
        event("{"),
        event(content(), kind="PAYSCORE.USER_OPEN_SERVICE"),
        event(content(), kind="REFUND.CLOSED"),
        event(content(refund_status="success")),
        event(content(refund_status="成功")),
        event(content(amount={"total": "999", "refund": 999})),
        event(content(amount={"total": 999, "refund": 9.99})),
        event(content(amount={"total": 999, "refund": True})),
        event(content(amount={"total": 999, "refund": -1})),
        event(content(success_time="2018-06-08")),
        event(content(success_time=None)),
        event(content(success_time="0001-01-01T00:00:00+09:00")),
        event(content(mchid=1900000100)),
        event(content(out_refund_no="")),
        event(content(out_refund_no="a\u0000b")),
    ],
)
def test_authentic_nonsense_is_not_understood(body):
    with pytest.raises(NotUnderstood):
        read(body)


@pytest.mark.parametrize(
    ("kind", "status", "state"),
    [("REFUND.CLOSED", "CLOSED", "closed"), ("REFUND.ABNORMAL", "ABNORMAL", "abnormal")],
)
def test_bad_news_carries_no_time_of_success(kind, status, state):
    news = read(event(content(refund_status=status), kind=kind))
    assert (news.state, news.succeeded_at) == (state, None)


def test_new_fields_are_no_reason_to_doubt():
    assert read(event(content(brand_new={"x": 1}))).state == "succeeded"
