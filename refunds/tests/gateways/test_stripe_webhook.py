"""What the door for Stripe's events believes, understands, and keeps without news."""

import json
from datetime import UTC, datetime

import pytest

from refunds.gateways.interface import Malformed, NoNews, NotAuthentic, NotUnderstood
from refunds.gateways.stripe import signature, webhook

STAMP = 1_700_000_000
NOW = datetime.fromtimestamp(STAMP, UTC)
OURS, OLD = "whsec_test_secret", "whsec_the_old_one"


@pytest.fixture(autouse=True)
def account(settings, tmp_path):
    settings.DATA_DIR = tmp_path
    settings.STRIPE_SECRET_KEY = "sk_live_1"
    settings.STRIPE_WEBHOOK_SECRETS = [OURS, OLD]


def refund(**changes) -> dict:
    facts = {
        "id": "re_1", "object": "refund", "amount": 3333, "currency": "cny", "charge": "ch_1",
        "payment_intent": "pi_1", "status": "succeeded", "metadata": {"refund_no": "RF1"}, "created": STAMP,
    }  # fmt: skip
    return facts | changes


def event(kind="refund.updated", thing=None, **changes) -> bytes:
    facts = {
        "id": "evt_1", "object": "event", "type": kind, "created": STAMP, "livemode": True,
        "data": {"object": refund() if thing is None else thing},
    }  # fmt: skip
    return json.dumps(facts | changes).encode()


def read(body: bytes, *, secret=OURS, stamp=STAMP, header=None, now=NOW):
    v1 = signature.sign(body, secret=secret, stamp=str(stamp)).decode()
    return webhook.read({"Stripe-Signature": header or f"t={stamp},v1={v1},v0=00"}, body, now)


def test_the_published_vector_verifies():
    body = b'{"id":"evt_test_webhook","object":"event"}'
    right = b"d95c6b7477fbd7e9f90b1b0ef5f9c7ac25abca5382460e0d988c2b2a5b71b990"
    assert signature.sign(body, secret="whsec_test_secret", stamp="1700000000") == right
    with pytest.raises(NotUnderstood, match="type is no text"):
        read(body, header=f"t=1700000000,v1={right.decode()}")


def test_an_event_is_read_in_our_words():
    news = read(event())
    assert (news.event_id, news.kind, news.merchant_id) == ("evt_1", "refund.updated", "live")
    assert (news.number, news.channel_ref, news.state) == ("RF1", "re_1", "succeeded")
    assert (news.amount, news.total, news.currency) == (3333, None, "CNY")
    assert (news.transaction_id, news.also_known_as, news.succeeded_at) == ("pi_1", "ch_1", NOW)


@pytest.mark.parametrize(
    ("status", "state"),
    [("pending", "processing"), ("requires_action", "processing"), ("succeeded", "succeeded"),
     ("failed", "returned"), ("canceled", "closed")],
)  # fmt: skip
def test_each_status_has_one_meaning(status, state):
    news = read(event(thing=refund(status=status)))
    assert (news.state, bool(news.succeeded_at)) == (state, status == "succeeded")


@pytest.mark.parametrize(
    ("header", "why"),
    [
        ("", "not signed"),
        ("t=1700000000", "not signed"),
        ("t=1700000000,v0={v1}", "not signed"),
        ("t=1700000000,v1s={v1}", "not signed"),
        ("v1={v1}", "no time"),
        ("t=,v1={v1}", "no time"),
        ("t=1700000000,t=1700000000,v1={v1}", "no time"),
        ("t=-1700000000,v1={v1}", "no time"),
        ("t=１７００００００００,v1={v1}", "no time"),
        ("t=" + "9" * 5000 + ",v1={v1}", "no time"),
        ("t=1700000001,v1={v1}", "wrong"),
        ("t=1700000000,v1=" + "0" * 64, "wrong"),
        ("t=1700000000,v1=ä", "wrong"),
        ("t=1700000000,v1={upper}", "wrong"),
    ],
)
def test_a_header_that_proves_nothing(header, why):
    body = event()
    v1 = signature.sign(body, secret=OURS, stamp=str(STAMP)).decode()
    with pytest.raises(NotAuthentic, match=why):
        read(body, header=header.format(v1=v1, upper=v1.upper()) or "none")


def test_a_missing_header_and_another_case_of_its_name():
    body = event()
    with pytest.raises(NotAuthentic):
        webhook.read({}, body, NOW)
    v1 = signature.sign(body, secret=OURS, stamp=str(STAMP)).decode()
    assert webhook.read({"stripe-signature": f"t={STAMP}, v1={v1}"}, body, NOW).number == "RF1"


def test_any_signature_of_any_of_our_secrets_is_enough():
    body = event()
    assert read(body, secret=OLD).number == "RF1"
    v1 = signature.sign(body, secret=OLD, stamp=str(STAMP)).decode()
    assert read(body, header=f"t={STAMP},v1={'0' * 64},v1={v1}").number == "RF1"
    with pytest.raises(NotAuthentic):
        read(body, secret="whsec_of_somebody_else")


@pytest.mark.parametrize(("seconds", "believed"), [(-300, True), (300, True), (-301, False), (301, False)])
def test_a_signature_is_good_for_five_minutes(seconds, believed):
    now = datetime.fromtimestamp(STAMP + seconds, UTC)
    if believed:
        assert read(event(), now=now).number == "RF1"
    else:
        with pytest.raises(NotAuthentic, match="another time"):
            read(event(), now=now)


def test_the_raw_bytes_are_what_is_signed():
    body = event()
    v1 = signature.sign(body, secret=OURS, stamp=str(STAMP)).decode()
    with pytest.raises(NotAuthentic, match="wrong"):
        webhook.read({"Stripe-Signature": f"t={STAMP},v1={v1}"}, body.replace(b": ", b":"), NOW)


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b"null", b"\xff\xfe", b"[" * 100_000, b'{"id": ' + b"9" * 5_000 + b"}", b'{"a": NaN}']
)
def test_what_is_no_message_is_malformed_whoever_signed_it(body):
    with pytest.raises(Malformed):
        read(body)


@pytest.mark.parametrize(
    "thing",
    [
        [], {"object": "charge"}, refund(status="Succeeded"), refund(status="arrived"), refund(status=None),
        refund(amount="3333"), refund(amount=0), refund(amount=-1), refund(amount=33.33), refund(amount=True),
        refund(currency="CNY"), refund(currency="yuan"), refund(currency=156), refund(currency="isk", amount=55),
        refund(id=""), refund(metadata={"refund_no": 1}), refund(metadata={"refund_no": ""}),
        refund(charge=None, payment_intent=None), refund(charge=1), refund(payment_intent={"object": "intent"}),
        refund(destination_details={"card": {"reference_status": "available"}}),
    ],
    ids=str,
)  # fmt: skip
def test_authentic_nonsense_is_not_understood(thing):
    with pytest.raises(NotUnderstood) as error:
        read(event(thing=thing))
    assert (error.value.event_id, error.value.kind) == ("evt_1", "refund.updated")


@pytest.mark.parametrize("changes", [{"livemode": 1}, {"livemode": None}, {"created": "now"}, {"created": 10**30},
                                     {"data": None}, {"data": {}}, {"id": None}, {"type": 5}])  # fmt: skip
def test_an_envelope_that_is_none_is_not_understood(changes):
    with pytest.raises(NotUnderstood):
        read(event(**changes))


@pytest.mark.parametrize("kind", ["charge.refunded", "customer.created", "refund.invented", "payout.failed"])
def test_what_tells_of_no_refund_is_kept_without_news(kind):
    with pytest.raises(NoNews, match=kind) as error:
        read(event(kind, {"object": "charge", "id": "ch_1"}))
    assert (error.value.event_id, error.value.kind) == ("evt_1", kind)


def test_money_of_the_sandbox_or_of_a_connected_account_is_not_ours():
    assert webhook.our_merchant_id() == "live"
    assert read(event(livemode=False)).merchant_id == "test"
    assert read(event(account="acct_9")).merchant_id == "acct_9 live"


def test_a_refund_made_by_hand_is_called_by_its_own_name():
    assert read(event(thing=refund(metadata={}))).number == "re_1"
    assert read(event(thing=refund(metadata=None))).number == "re_1"


def test_new_fields_missing_ones_and_whole_objects_are_no_reason_to_doubt():
    news = read(event(thing=refund(charge={"id": "ch_1", "object": "charge"}, payment_intent=None, colour="red")))
    assert (news.transaction_id, news.also_known_as) == ("ch_1", "")
    card = {"reference": "74980123", "reference_status": "available"}
    assert read(event(thing=refund(destination_details={"card": card}))).account == "ARN 74980123"
    assert read(event(thing=refund(destination_details={"card": {"reference_status": "pending"}}))).account == ""
    assert read(event(thing=refund(destination_details="card"))).account == ""


def test_only_a_status_is_believed_as_our_answer():
    assert webhook.answer(200) == (b"", "text/plain; charset=utf-8")
    assert webhook.answer(401, "not signed")[0] == b"not signed"
