"""A part of the price is paid and the goods stay: unasked, or instead of all that was asked for (M3, T20, T29)."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import translation

from aftersales.inspection.services import Arrived, Graded, count_goods, inspect_goods
from aftersales.notifications.models import Notice
from aftersales.notifications.texts import for_customer
from aftersales.returns import answers
from aftersales.returns.headlines import Teller
from aftersales.returns.models import ReturnRequest
from aftersales.returns.queries import cases_of
from aftersales.returns.services import deadlines, following, news, offering, parts, undoing
from aftersales.returns.services.appeals import ask_a_person
from aftersales.returns.services.decisions import approve_return, refuse_return
from aftersales.returns.services.intake import FormUsedElsewhere
from aftersales.returns.shop_words import ShopTeller
from aftersales.tests.desk.cases import (
    ANN,
    BENCH,
    Desk,
    a_desk,
    again,
    door,
    must_balance,
    page_of,
    signed_in,
    staff,
)
from orders.purchases.models import OrderLine
from orders.tests import samples
from refunds.payouts import services as payout
from refunds.payouts.models import Refund
from refunds.tests.payouts.fakes import FakeChannel
from refunds.tests.payouts.test_races import at_once
from returns_platform.kernel.actors import Actor
from returns_platform.kernel.errors import Conflict, Invalid, NotAllowed, NotThere, WrongState

MIA = Actor("merchant", id="901", name="Mia")


@pytest.fixture
def desk(db, settings) -> Desk:
    settings.GATEWAYS = {"wechat": "refunds.tests.payouts.fakes.FakeChannel"}
    FakeChannel.forget()
    yield a_desk()
    must_balance()


def paid(desk, row) -> ReturnRequest:
    """Followed until the channel says that everything has arrived."""
    following.follow(row.pk, now=desk.at)
    payout.pay_due_refunds(desk.later(minutes=6))
    for refund in Refund.objects.filter(case_ref=row.return_no):
        FakeChannel.becomes(refund.number, "succeeded", succeeded_at=desk.at)
        payout.pay_due_refunds(desk.later(minutes=2))
        news.take_refund_news(refund.pk, now=desk.at)
    return again(row)


def pay(desk, order, amount, *, token="t1", by=MIA, **more) -> ReturnRequest:
    told = {"line_no": "1", "reason": "SV.PRICE_DIFF", "text": "The price fell on 11 November."} | more
    return parts.pay_part(order.pk, amount=amount, form_token=token, by=by, now=desk.at, **told)


def returned(desk, order, quantity) -> ReturnRequest:
    """The goods come back, are counted and graded, and are paid."""
    row = desk.filed(order=order, quantity=quantity)
    following.follow(row.pk, now=desk.at)
    count_goods(row.pk, [Arrived("1", quantity)], by=BENCH, now=desk.at)
    inspect_goods(row.pk, [Graded("1", quantity, "A", "RESTOCK")], by=BENCH, now=desk.at)
    return paid(desk, again(row))


def test_t20_price_protection_then_the_return(desk):
    order = desk.order(unit_price=10000, quantity=1, discount=0)
    row = paid(desk, pay(desk, order, 1000))
    assert (row.state, row.bill.refund, row.kind) == ("completed", 1000, "refund_only")
    told = Notice.objects.filter(event="approved", channel="inbox").get()
    with translation.override("en"):
        said = for_customer("approved", told.params, now=desk.at)
    assert "keep the goods" in said.title and "× 0" not in f"{said}"
    back = returned(desk, order, 1)

    assert (back.state, back.bill.refund) == ("completed", 9000)
    assert sum(Refund.objects.filter(state="arrived").values_list("amount", flat=True)) == 10000


def test_t29_goodwill_then_two_returns(desk):
    order = desk.order(unit_price=10000, quantity=2, discount=0)
    paid(desk, pay(desk, order, 3000, reason="OT.OTHER"))

    assert [returned(desk, order, 1).bill.refund for _unit in range(2)] == [8500, 8500]


def test_a_difference_that_the_customer_asked_for_is_paid_and_not_the_whole_price(desk):
    row = desk.filed("SV.PRICE_DIFF", kind="refund_only", send_back="none")
    assert (row.state, row.bill.refund) == ("in_review", 3333)
    with pytest.raises(Invalid) as refused:
        approve_return(row.pk, by=MIA, now=desk.at)
    assert "amount" in refused.value.fields

    done = paid(desk, parts.grant_part(row.pk, amount=500, by=MIA, now=desk.at))
    line = OrderLine.objects.get()
    assert (done.state, done.bill.refund, line.shipped_in_use, line.claimed) == ("completed", 500, 0, 500)
    assert [bill.refund for bill in (row.bill, done.bill)] == [3333, 500]


def test_silence_names_no_sum(desk):
    row = desk.filed("SV.PRICE_DIFF", kind="refund_only", send_back="none")
    told = Notice.objects.get(event="in_review", channel="inbox", customer__isnull=False)
    case = cases_of([row])[0]
    with translation.override("en"):
        said = " ".join(for_customer("in_review", told.params, now=desk.at).said)
        assert "the platform decides" in said and "granted" not in said
        assert "the platform decides" in Teller(case, now=desk.at).headline().line
        assert "a part of the price" in ShopTeller(case, now=desk.at).title()
    deadlines.sweep_deadlines(now=desk.later(hours=25))

    row = again(row)
    assert (row.state, row.waits_for, Refund.objects.count()) == ("in_review", "support", 0)


def test_the_same_form_twice_pays_once_and_nothing_for_another_order(desk):
    order, other = desk.order(), desk.order()
    assert pay(desk, order, 500).pk == pay(desk, order, 500).pk
    with pytest.raises(FormUsedElsewhere):
        pay(desk, other, 500)
    with pytest.raises(FormUsedElsewhere):
        desk.filed(order=other, form_token="t1")
    assert ReturnRequest.objects.count() == 1


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"line_no": "9"}, "line_no"), ({"reason": "QL.DEFECT"}, "reason"), ({"text": " "}, "text"),
        ({"amount": 0}, "amount"), ({"amount": -5}, "amount"), ({"amount": 10001}, "amount"),
    ],
)  # fmt: skip
def test_what_cannot_be_paid_is_refused_and_leaves_nothing(desk, wrong, field):
    order = desk.order()
    with pytest.raises(Invalid) as refused:
        pay(desk, order, **{"amount": 500} | wrong)

    assert field in refused.value.fields
    assert not ReturnRequest.objects.exists()


def test_no_more_than_is_left_of_the_line(desk):
    order = desk.order()
    pay(desk, order, 9000)
    with pytest.raises(Invalid):
        pay(desk, order, 1001, token="t2")
    assert pay(desk, order, 1000, token="t3").bill.refund == 1000


def test_another_shops_line_is_not_there(desk):
    desk.order()
    with pytest.raises(NotThere):
        parts.pay_part(0, line_no="1", amount=1, reason="OT.OTHER", text="x", form_token="t", by=MIA, now=desk.at)


def test_nobody_pays_themselves(desk, django_user_model):
    order = desk.order()
    user = django_user_model.objects.create_user("mia2")
    order.customer.user = user
    order.customer.save()
    with pytest.raises(NotAllowed):
        pay(desk, order, 500, by=Actor("merchant", id=str(user.pk), name="Mia"))
    assert not ReturnRequest.objects.exists()


def test_it_is_taken_back_refused_and_opened_again(desk):
    order = desk.order()
    row = pay(desk, order, 500)
    following.follow(row.pk, now=desk.at)
    undone = undoing.undo_decision(row.pk, by=MIA, anybodys=False, now=desk.at)
    assert (undone.state, order.payments.get().reserved, order.payments.get().held) == ("in_review", 0, 500)
    refuse_return(row.pk, code="R_NOT_DEFECT", text="Not this time.", by=MIA, now=desk.at)
    assert (order.payments.get().held, OrderLine.objects.get().claimed) == (0, 0)
    must_balance()


def test_a_part_that_took_the_place_of_what_was_asked_for_is_not_taken_back(desk):
    """Its units and their sum are gone from the request: a later yes would pay the part for all of it."""
    row = desk.filed("QL.DEFECT", kind="refund_only", send_back="none")
    parts.grant_part(row.pk, amount=500, by=MIA, now=desk.at)
    following.follow(row.pk, now=desk.at)
    with pytest.raises(WrongState):
        undoing.undo_decision(row.pk, by=MIA, anybodys=False, now=desk.at)
    assert paid(desk, again(row)).bill.refund == 500


def test_granted_once_however_often_it_is_clicked(desk):
    row = desk.filed("SV.PRICE_DIFF", kind="refund_only", send_back="none")
    for _again in range(2):
        parts.grant_part(row.pk, amount=500, by=MIA, now=desk.at)
    with pytest.raises(WrongState):
        parts.grant_part(row.pk, amount=501, by=MIA, now=desk.at)
    assert again(row).bill.refund == 500


def test_who_gets_less_than_was_asked_for_can_have_a_person_look(desk, client, django_user_model):
    client.force_login(user := django_user_model.objects.create_user("ann-x", language="en"))
    row = desk.filed("QL.DEFECT", kind="refund_only", send_back="none")
    row.customer.user = user
    row.customer.save()
    parts.grant_part(row.pk, amount=1, by=MIA, now=desk.at)
    with translation.override("en"):
        said = for_customer("approved", Notice.objects.get(event="approved", channel="inbox").params, now=desk.at)
        assert "let a person of the platform look" in " ".join(said.said)
    page = client.get(reverse("aftersales:case", args=[row.return_no]), headers={"accept-language": "en"})
    assert "You asked for ¥33.33, and ¥0.01 was granted." in page.content.decode()
    assert answers.request_answer(again(row))["appeal_until"] == desk.at + timedelta(days=15)
    done = paid(desk, row)
    assert client.post(reverse("aftersales:appeal", args=[row.return_no]), {"text": "¥0.01?", "seen": done.version})
    told = answers.request_answer(again(row))
    assert (done.state, told["next"]["step"], told["next"]["who"]) == ("completed", "appeal", "support")
    assert (set(told["next"]), told["appeal_until"]) == ({"step", "who", "by"}, None)
    sue = signed_in(staff("senior", "sue"))
    assert "The customer asked for ¥33.33, and ¥0.01 was granted." in sue.get(page_of(row)).content.decode()
    pay(desk, row.order, 3332, by=Actor("support", "902", "Sue"))  # what it lacked


def test_a_part_that_nobody_asked_for_or_that_she_agreed_to_is_not_contested(desk):
    unasked = pay(desk, desk.order(), 500)
    row = desk.filed("OT.OTHER")
    user = samples.member(desk.shop.merchant, "owner", "ow")
    mia = Actor("merchant", str(user.pk), "Mia")
    offer = offering.offer_to_keep(row.pk, amount=900, text="", by=mia, now=desk.at)
    accepted = offering.accept_offer(offer.pk, by=ANN, now=desk.at)
    for request in (unasked, accepted):
        with pytest.raises(WrongState):
            ask_a_person(request.pk, text="More.", by=ANN, now=desk.at)
    notices = Notice.objects.filter(event="approved", channel="inbox")
    assert {notice.params["less"] for notice in notices} == {False}


def test_a_large_sum_waits_for_a_second_person(desk):
    order = desk.order(unit_price=900000, quantity=1, discount=0)
    row = pay(desk, order, 500001)
    following.follow(row.pk, now=desk.at)

    assert Refund.objects.get().state == "held"


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("turn", range(2))
def test_a_part_and_a_return_at_once_never_pay_more_than_the_line(turn):
    desk = a_desk()
    order = desk.order(unit_price=10000, quantity=1, discount=0)
    results = at_once(
        lambda: pay(desk, order, 6000), lambda: pay(desk, order, 6000, token="t2"),
        lambda: desk.filed(order=order),
    )  # fmt: skip

    assert all(isinstance(each, ReturnRequest | Invalid | Conflict) for each in results), results
    assert OrderLine.objects.get().claimed <= 10000
    must_balance()


# --- at the doors -----------------------------------------------------------------------------------------


def test_the_shop_pays_a_part_on_the_orders_page(desk, client):
    order, agent = desk.order(), samples.member(desk.shop.merchant, "agent", "ag")
    client.force_login(agent)
    url = reverse("merchant:pay_part", args=[desk.shop.merchant.code, order.order_no])
    assert (
        reverse("merchant:pay_part", args=[desk.shop.merchant.code, order.order_no])
        in client.get(reverse("merchant:order", args=[desk.shop.merchant.code, order.order_no])).content.decode()
    )
    token = client.get(url).context["form"]["token"].value()
    sent = {"line_no": "1", "amount": "5.00", "reason": "SV.PRICE_DIFF", "text": "It fell.", "token": token}
    for _click in range(2):
        assert client.post(url, sent).status_code == 302
    row = ReturnRequest.objects.get()
    assert (row.bill.refund, row.decided_by_kind, row.decided_by_id) == (500, "merchant", str(agent.pk))
    assert client.get(reverse("merchant:case", args=[desk.shop.merchant.code, row.return_no])).status_code == 200


@pytest.mark.parametrize("amount", ["", "-1", "0", "1e3", "5.001", "99999999999999", "５.00.0", "abc", "100.01"])
def test_a_sum_that_is_none_is_told_and_pays_nothing(desk, client, amount):
    order = desk.order()
    client.force_login(samples.member(desk.shop.merchant, "owner", "ow"))
    url = reverse("merchant:pay_part", args=[desk.shop.merchant.code, order.order_no])
    sent = {"line_no": "1", "amount": amount, "reason": "OT.OTHER", "text": "It fell.", "token": "t"}
    answer = client.post(url, sent)

    assert (answer.status_code, ReturnRequest.objects.count()) == (422, 0)
    assert "It fell." in answer.content.decode()


def test_another_shops_order_is_not_there_and_a_warehouse_may_not(desk, client):
    order = desk.order()
    client.force_login(samples.member(samples.shop("other"), "owner", "eve"))
    for code in (desk.shop.merchant.code, "other"):
        assert client.post(reverse("merchant:pay_part", args=[code, order.order_no]), {}).status_code == 404
    client.force_login(samples.member(desk.shop.merchant, "warehouse", "wu"))
    url = reverse("merchant:pay_part", args=[desk.shop.merchant.code, order.order_no])
    assert client.get(url).status_code == 403


def test_the_shop_grants_a_part_on_the_page_of_the_case_and_by_api(desk, client):
    client.force_login(samples.member(desk.shop.merchant, "owner", "ow"))
    row = desk.filed("SV.PRICE_DIFF", kind="refund_only", send_back="none")
    url = reverse("merchant:case", args=[desk.shop.merchant.code, row.return_no])
    page = client.get(url).content.decode()
    assert 'value="part"' in page and 'value="approve"' not in page
    seen = {"seen": row.version}
    assert client.post(url, {"do": "approve", **seen}).status_code == 422
    assert client.post(url, {"do": "part", "part-amount": "33.34", **seen}).status_code == 302
    assert again(row).bill.refund == 3334

    other = desk.filed("SV.PRICE_DIFF", kind="refund_only", send_back="none")
    told = desk.shop.post(f"/returns/{other.return_no}/approve", {})
    assert (told[0], set(told[1]["fields"])) == (422, {"amount"})
    for body in ({"amount": 0}, {"amount": "5"}, {"amount": 1.5}, {"amount": 10**12}):
        assert desk.shop.post(f"/returns/{other.return_no}/approve", body)[0] == 422
    assert desk.shop.post(f"/returns/{other.return_no}/approve", {"amount": 700})[0] == 200
    assert again(other).bill.refund == 700


def test_a_senior_pays_a_part_and_support_does_not(desk):
    order = desk.order()
    url = reverse("admin:aftersales_returnrequest_pay_part", args=[order.pk])
    sam, sue = signed_in(staff("support", "sam")), signed_in(staff("senior", "sue"))
    assert sam.get(url).status_code == 403
    page = sue.get(url)
    sent = {"line_no": "1", "amount": "5", "reason": "OT.OTHER", "text": "Sorry.",
            "token": page.context["form"]["token"].value()}  # fmt: skip
    assert sue.post(url, sent).status_code == 302
    assert sue.post(url, sent | {"amount": "x", "token": "u"}).status_code == 422
    assert url in sue.get(reverse("admin:orders_order_change", args=[order.pk])).content.decode()
    assert ReturnRequest.objects.get().decided_by_kind == "support"


def test_staff_grants_a_part_of_what_waits_for_the_platform(desk):
    row = desk.for_review()
    sam = signed_in(staff("support", "sam"))
    sent = {"do": "part", "amount": "7.50", "seen": row.version}
    read_back = sam.post(door("decide", row), sent)
    assert "7.50" in read_back.content.decode()
    assert sam.post(door("decide", row), sent | {"amount": "7,5"}).status_code == 422
    assert sam.post(door("decide", row), sent | {"confirmed": "on"}).status_code == 302
    assert again(row).bill.refund == 750
