"""The difference of an exchange, paid on the channel's own page (T68), and where it goes back to (T73)."""

import threading
from datetime import timedelta
from urllib.request import Request, urlopen

import pytest
from django.db import connection

from aftersales.credit.models import Standing
from aftersales.notifications.models import Notice
from aftersales.replacements import services as replacements
from aftersales.returns.models import ReturnRequest, SupportTask
from aftersales.returns.services import paying
from aftersales.returns.services.advancing import want_ahead
from aftersales.returns.services.choosing import money_instead
from aftersales.returns.services.deadlines import sweep_deadlines
from aftersales.returns.services.following import follow_due_cases
from aftersales.returns.services.paying import follow_charges, start_payment
from aftersales.returns.services.waiting import follow_due_replacements
from aftersales.returns.services.withdrawal import withdraw_return
from logistics.parcels.models import Parcel
from orders.purchases.models import Order, Payment
from refunds.charges.models import Charge
from refunds.charges.services import follow_due_charges
from refunds.gateways.alipay.simulator import Alipay
from refunds.gateways.stripe.simulator import Stripe
from refunds.gateways.wechat.simulator import WeChatPay
from refunds.payouts.models import Refund
from refunds.payouts.services import pay_due_refunds
from returns_platform.kernel import clock
from returns_platform.kernel.errors import WrongState
from returns_platform.kernel.stand_in import serve
from returns_platform.tests.journeys.shop import open_shop
from returns_platform.tests.journeys.test_main_job import must_balance
from returns_platform.tests.journeys.test_swaps import (
    ANN,
    OTTO,
    article,
    coat_order,
    comes_back,
    replacement_of,
    stock_of,
    swap,
    work,
)

pytestmark = pytest.mark.django_db(transaction=True)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def tills(tmp_path, settings, live_server):
    """The three channels over real HTTP, calling back to the live server."""
    settings.DATA_DIR, settings.SITE_URL = tmp_path, live_server.url
    with serve(WeChatPay(tmp_path)) as wechat, serve(Alipay(tmp_path)) as alipay, serve(Stripe(tmp_path)) as stripe:
        settings.WECHAT_BASE_URL, settings.ALIPAY_BASE_URL = wechat.url, alipay.url
        settings.STRIPE_BASE_URL = stripe.url
        yield {"wechat": wechat.stand_in, "alipay": alipay.stand_in, "stripe": stripe.stand_in}


@pytest.fixture
def coat():
    """Paid 90.00; the long one costs 120.00, and there is one."""
    shop = open_shop()
    article(shop, "COAT-M", 9000)
    article(shop, "COAT-LONG", 12000, stock=1)
    coat_order(shop)
    return shop


def dearer(shop) -> ReturnRequest:
    case = swap(shop, "COAT-LONG")
    work()
    return ReturnRequest.objects.get(pk=case.pk)


def pay(case: ReturnRequest, channel: str = "wechat") -> Charge:
    """As a customer does: the button, the channel's page, its one button there."""
    charge = start_payment(case.pk, channel=channel, by=ANN, now=clock.now())
    follow_due_charges(clock.now())
    charge = Charge.objects.get(pk=charge.pk)
    assert charge.state == "open", (charge.state, charge.last_error)
    page = urlopen(charge.pay_url).read().decode()
    assert "30.00 CNY" in page
    pay_at = (
        charge.pay_url if channel != "alipay" else f"{charge.pay_url.split('/gateway.do')[0]}/pay/{charge.number}"
    )
    urlopen(Request(pay_at, data=b"", method="POST")).read()
    return charge


def look(charge: Charge, *, until: str = "paid") -> Charge:
    follow_due_charges(clock.now() + 2 * MINUTE)
    follow_charges(now=clock.now())
    charge = Charge.objects.get(pk=charge.pk)
    assert charge.state == until, (charge.state, charge.problem, charge.last_error)
    return charge


@pytest.mark.parametrize("channel", ["wechat", "alipay", "stripe"])
def test_t68_the_difference_is_paid_before_anything_travels(coat, tills, channel):
    case = dearer(coat)
    assert (replacement_of(case).state, replacement_of(case).due, case.waits_for) == (
        "awaiting_payment",
        3000,
        "customer",
    )
    assert not Parcel.objects.exists()  # the old coat stays where it is until then
    must_balance()
    charge = look(pay(case, channel))
    assert (replacement_of(case).state, charge.paid_order.made_for, stock_of("COAT-LONG")) == (
        "reserved", "difference", (0, 1)
    )  # fmt: skip
    comes_back(coat, case)
    new_order = replacement_of(case).new_order
    parts = [(part.amount, part.channel) for part in new_order.payments.all()]
    assert (parts, new_order.lines.get().net) == ([(9000, "wechat"), (3000, channel)], 12000)
    must_balance()

    # T73: the new coat comes back, up to 90.00 to the first payment and 30.00 to the second
    line = {"line_no": "1", "quantity": 1, "reason": "UN.NOT_SHIPPED"}
    body = {"order_no": new_order.order_no, "kind": "refund_only", "send_back": "none", "lines": [line]}
    status, told = coat.post("/returns", body)
    assert (status, told["bill"]["refund"]) == (201, 12000)
    work()
    refunds = Refund.objects.filter(case_ref=told["return_no"]).order_by("serial")
    assert [(r.amount, r.payment.transaction.transaction_id) for r in refunds] == [
        (9000, "42C1"), (3000, charge.transaction_id)
    ]  # fmt: skip
    must_balance()
    pay_due_refunds(clock.now())
    assert {r.state for r in Refund.objects.all()} <= {"accepted", "arrived"}
    must_balance()


def test_t68_unpaid_for_two_days_offers_money_or_the_end(coat, tills):
    case = dearer(coat)
    late = clock.now() + timedelta(hours=48, minutes=1)
    follow_due_replacements(now=late)
    replacement = replacement_of(case)
    assert (replacement.state, replacement.why, replacement.can_be_paid) == ("awaiting_payment", "unpaid", False)
    assert stock_of("COAT-LONG") == (1, 0)
    must_balance()
    with pytest.raises(WrongState):
        start_payment(case.pk, channel="wechat", by=ANN, now=late)
    money_instead(case.pk, by=ANN, now=late)
    follow_due_cases(now=late)
    case = ReturnRequest.objects.get(pk=case.pk)
    assert (case.kind, case.bill.refund, case.state) == ("return_refund", 9000, "awaiting_goods")
    must_balance()


def test_t68_silence_after_that_closes_it(coat, tills):
    case = dearer(coat)
    for hours in (49, 98):
        follow_due_replacements(now=clock.now() + timedelta(hours=hours))
    assert ReturnRequest.objects.get(pk=case.pk).state == "lapsed"
    assert replacement_of(case).state == "cancelled"
    must_balance()


def test_paid_and_then_withdrawn_goes_back(coat, tills):
    case = dearer(coat)
    charge = look(pay(case))
    withdraw_return(case.pk, by=ANN, now=clock.now())
    assert stock_of("COAT-LONG") == (1, 0)
    for _twice in range(2):
        follow_charges(now=clock.now())
        work()
    back = Refund.objects.get()
    assert (back.amount, back.payment.order_id, back.order.made_for) == (3000, charge.paid_order_id, "difference")
    assert Order.objects.get(order_no="C1").lines.get().returnable == 1
    must_balance()


def test_one_that_cannot_go_back_stops_no_other(coat, tills, monkeypatch):
    first, gives_back = look(pay(case := dearer(coat))), paying.give_back

    def give_back(charge, *, now):
        if charge.pk == first.pk:
            raise RuntimeError
        return gives_back(charge, now=now)

    monkeypatch.setattr(paying, "give_back", give_back)
    withdraw_return(case.pk, by=ANN, now=clock.now())
    second = look(pay(case := dearer(coat)))
    withdraw_return(case.pk, by=ANN, now=clock.now())
    follow_charges(now=clock.now())
    work()
    assert Refund.objects.get().payment.order_id == second.paid_order_id


@pytest.mark.parametrize("channel", ["wechat", "alipay", "stripe"])
def test_a_callback_told_twice_is_one_payment(coat, tills, channel):
    tills[channel].book.queue_behaviour("callback_twice", times=1, match={})
    case = dearer(coat)
    charge = pay(case, channel)
    threads = [threading.Thread(target=_look_in_a_thread) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    look(charge)
    assert Payment.objects.filter(order__made_for="difference").count() == 1
    assert replacement_of(case).paid == 3000
    must_balance()


def _look_in_a_thread():
    try:
        follow_due_charges(clock.now() + MINUTE)
    finally:
        connection.close()


def test_another_sum_than_was_asked_for_is_frozen(coat, tills):
    tills["wechat"].book.queue_behaviour("callback_wrong_amount", times=1, match={})
    case = dearer(coat)
    charge = look(pay(case), until="frozen")
    assert (charge.problem, charge.paid_order, replacement_of(case).state) == ("amount", None, "awaiting_payment")
    follow_charges(now=clock.now())
    assert SupportTask.objects.filter(kind="charge_frozen").count() == 1
    must_balance()


def test_withdrawing_and_paying_at_once_ends_one_way(coat, tills):
    """Whoever is first: either the exchange goes on, or the money goes back. Never neither, never both."""
    case = dearer(coat)
    charge = pay(case)
    both = [
        threading.Thread(target=_closing, args=(lambda: withdraw_return(case.pk, by=ANN, now=clock.now()),)),
        threading.Thread(target=_closing, args=(lambda: follow_due_charges(clock.now() + MINUTE),)),
    ]
    for thread in both:
        thread.start()
    for thread in both:
        thread.join()
    look(charge)
    follow_charges(now=clock.now())
    work()
    assert ReturnRequest.objects.get(pk=case.pk).state == "withdrawn"
    assert [refund.amount for refund in Refund.objects.all()] == [3000]
    assert stock_of("COAT-LONG") == (1, 0)
    must_balance()


def _closing(act):
    try:
        act()
    finally:
        connection.close()


def test_another_channel_closes_the_first_page(coat, tills):
    case = dearer(coat)
    first = start_payment(case.pk, channel="wechat", by=ANN, now=clock.now())
    follow_due_charges(clock.now())
    second = start_payment(case.pk, channel="alipay", by=ANN, now=clock.now())
    assert start_payment(case.pk, channel="alipay", by=ANN, now=clock.now()).pk == second.pk
    follow_due_charges(clock.now())
    assert [Charge.objects.get(pk=one.pk).state for one in (first, second)] == ["closed", "open"]
    assert tills["wechat"].till.find(first.number)["state"] == "closed"
    must_balance()


def test_two_approvals_at_once_for_the_last_one(coat, tills):
    coat_order(coat, "C2", customer={"external_id": "c-2", "name": "柏舟", "phone": "+8613800138001"})
    cases = [swap(coat, "COAT-LONG", order_no=number) for number in ("C1", "C2")]
    threads = [threading.Thread(target=_closing, args=(work,)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    work()
    assert sorted(replacement_of(case).state for case in cases) == ["awaiting_payment", "out_of_stock"]
    assert stock_of("COAT-LONG") == (0, 1)
    must_balance()


# --- the new one first ------------------------------------------------------------------------------------


def ahead(shop, *, pays: bool = True) -> ReturnRequest:
    """An exchange for the same value by a trusted customer, whose new coat goes before the old one is back."""
    article(shop, "COAT-L", 9000, stock=1, option="L")
    case = swap(shop, "COAT-L")
    work()
    with pytest.raises(WrongState):  # nobody knows her yet
        want_ahead(case.pk, by=ANN, now=clock.now())
    Standing.objects.update_or_create(customer=case.customer, defaults={"level": "trusted", "score": 0})
    want_ahead(case.pk, by=ANN, now=clock.now())
    assert (replacement_of(case).due, replacement_of(case).due_for) == (9000, "deposit")
    if pays:
        charge = start_payment(case.pk, channel="wechat", by=ANN, now=clock.now())
        follow_due_charges(clock.now())
        url = Charge.objects.get(pk=charge.pk).pay_url
        urlopen(Request(url, data=b"", method="POST")).read()
        look(charge)
    return ReturnRequest.objects.get(pk=case.pk)


def test_t74_the_new_one_goes_first_and_the_deposit_comes_back_with_the_old_one(coat, tills):
    case = ahead(coat)
    replacement = replacement_of(case)
    assert (replacement.state, replacement.advance, case.state) == ("to_send", True, "awaiting_goods")
    assert [part.amount for part in replacement.new_order.payments.all()] == [9000]
    must_balance()
    replacements.enter_waybill(replacement.pk, courier="yto", waybill="YT9876543210", by=OTTO, now=clock.now())
    replacements.confirm_receipt(replacement.pk, by=ANN, now=clock.now())
    follow_charges(now=clock.now())
    assert not Refund.objects.exists()
    comes_back(coat, case)
    assert ReturnRequest.objects.get(pk=case.pk).state == "completed"
    for _twice in range(2):
        follow_charges(now=clock.now())
        work()
    back = Refund.objects.get()
    assert (back.amount, back.order.made_for) == (9000, "deposit")
    must_balance()


def test_t74_goods_that_never_come_cost_the_deposit_once_and_late_ones_bring_it_back(coat, tills):
    case = ahead(coat)
    replacement = replacement_of(case)
    replacements.enter_waybill(replacement.pk, courier="yto", waybill="YT9876543210", by=OTTO, now=clock.now())
    replacements.confirm_receipt(replacement.pk, by=ANN, now=clock.now())
    late = clock.now() + timedelta(days=8)
    for hours in range(3):
        sweep_deadlines(now=late + timedelta(hours=hours))
    taken = replacement_of(case)
    assert abs(taken.deposit_taken_at - late) < MINUTE
    assert Notice.objects.filter(event="deposit_taken", channel="inbox").count() == 1
    follow_charges(now=late)
    assert not Refund.objects.exists()
    must_balance()
    comes_back(coat, case)
    follow_charges(now=clock.now())
    work()
    assert [refund.amount for refund in Refund.objects.all()] == [9000]
    must_balance()


def test_t74_without_the_deposit_the_exchange_goes_on_as_usual(coat, tills):
    case = ahead(coat, pays=False)
    follow_due_replacements(now=clock.now() + timedelta(hours=49))
    assert (replacement_of(case).state, replacement_of(case).advance) == ("reserved", False)
    comes_back(coat, case)
    assert replacement_of(case).state == "to_send"
    must_balance()
