"""Replacements that go otherwise than asked: fewer old goods come, new ones are lost, a no or a yes is taken back."""

from datetime import timedelta

import pytest

from aftersales.credit.models import Standing
from aftersales.inspection.services import Arrived, Graded, count_goods, inspect_goods
from aftersales.notifications.models import Notice
from aftersales.replacements import services as replacements
from aftersales.returns.models import ReturnRequest, SupportTask
from aftersales.returns.services import appeals, decisions
from aftersales.returns.services.advancing import want_ahead
from aftersales.returns.services.choosing import money_instead, say_it_is_gone, want_another
from aftersales.returns.services.deadlines import sweep_deadlines
from aftersales.returns.services.following import follow_due_cases
from aftersales.returns.services.mending import is_mended
from aftersales.returns.services.missing import pay_missing, release_missing
from aftersales.returns.services.news import catch_up, take_refund_news
from aftersales.returns.services.paying import follow_charges, start_payment
from aftersales.returns.services.undoing import undo_decision
from aftersales.returns.services.withdrawal import withdraw_return
from logistics.couriers.interface import Scan
from logistics.couriers.stages import DELIVERED as THERE
from logistics.parcels.models import Parcel
from logistics.tracking import services as tracking
from orders.purchases.models import Order
from refunds.charges.models import Charge
from refunds.charges.services import following as charging
from refunds.charges.services.moving import moving_charge
from refunds.gateways.interface import ChargeAnswer
from refunds.payouts.models import Refund
from refunds.payouts.services import pay_due_refunds
from returns_platform.kernel import clock
from returns_platform.kernel.actors import SYSTEM
from returns_platform.kernel.errors import Conflict, WrongState
from returns_platform.kernel.fsm import moving
from returns_platform.tests.journeys.shop import Shop, open_shop, order_body
from returns_platform.tests.journeys.test_main_job import must_balance
from returns_platform.tests.journeys.test_swaps import (
    ANN,
    OTTO,
    SAM,
    article,
    coat_order,
    is_home_again,
    replacement_of,
    stock_of,
    swap,
    went_lost,
    work,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop() -> Shop:
    """A medium coat costs 90.00 like the large one; the long one 120.00, a scarf 60.00."""
    shop = open_shop()
    article(shop, "COAT-M", 9000)
    article(shop, "COAT-L", 9000, stock=9)
    article(shop, "LONG", 12000, stock=9, style="")
    article(shop, "SCARF", 6000, stock=9, style="")
    return shop


def swapped(
    shop: Shop, wanted: str | tuple[str, ...], *, quantity: int = 1, channel: str = "wechat"
) -> ReturnRequest:
    """So many medium coats for each article wanted, each a line of its own."""
    wanted = (wanted,) if isinstance(wanted, str) else wanted
    numbers = [str(number) for number in range(1, len(wanted) + 1)]
    body = order_body(unit_price=9000, quantity=quantity, discount=0)
    coat = body["lines"][0] | {"sku": "COAT-M", "category": "apparel"}
    body["lines"] = [coat | {"line_no": number} for number in numbers]
    body["parcels"][0]["items"] = [{"line_no": number, "quantity": quantity} for number in numbers]
    body["payments"][0] |= {"channel": channel, "amount": 9000 * quantity * len(wanted)}
    assert shop.put("C1", body)[0] == 201
    lines = [
        {"line_no": number, "quantity": quantity, "reason": "NR.SIZE_SMALL", "exchange_sku": sku}
        for number, sku in zip(numbers, wanted, strict=True)
    ]
    case = swap(shop, wanted[0], lines=lines)
    work()
    return again(case)


def mending(shop: Shop, *, quantity: int = 1) -> ReturnRequest:
    coat_order(shop, quantity=quantity)
    line = {"line_no": "1", "quantity": quantity, "reason": "QL.DEFECT"}
    told = shop.post("/returns", {"order_no": "C1", "kind": "repair", "send_back": "self_ship", "lines": [line]})[1]
    work()
    return ReturnRequest.objects.get(return_no=told["return_no"])


def pays(case: ReturnRequest) -> Charge:
    """What is due, by the word of the channel."""
    charge, now = start_payment(case.pk, channel="wechat", by=ANN, now=clock.now()), clock.now()
    told = ChargeAnswer(charge.number, "paid", charge.amount, charge.currency, f"T{charge.number}", now)
    with moving_charge(charge.pk, by=SYSTEM, now=now) as row:
        row.open(url="/", channel_ref="")
        charging._is_paid(row, told, now=now)
    follow_charges(now=now)
    work()
    return Charge.objects.get(pk=charge.pk)


def come(case: ReturnRequest, *units: int, grade: str = "A") -> None:
    """So many of each line, counted and graded."""
    came = {str(number): quantity for number, quantity in enumerate(units, start=1)}
    count_goods(case.pk, [Arrived(no, quantity) for no, quantity in came.items()], by=OTTO, now=clock.now())
    graded = [Graded(no, quantity, grade, "RESTOCK", note=".") for no, quantity in came.items() if quantity]
    inspect_goods(case.pk, graded, by=OTTO, now=clock.now())
    look_after_everything()


def look_after_everything() -> None:
    """Twice, as sweeps do: nothing happens twice because of it."""
    for _twice in range(2):
        work()
        catch_up(now=clock.now())
        follow_charges(now=clock.now())


def again(case: ReturnRequest) -> ReturnRequest:
    return ReturnRequest.objects.get(pk=case.pk)


def paid_back() -> list[tuple[str, int]]:
    """For what was paid, and how much of it goes back."""
    found = Refund.objects.values_list("payment__order__made_for", "amount")
    return sorted((made_for or "bought", amount) for made_for, amount in found)


# --- fewer came -------------------------------------------------------------------------------------------


def test_what_was_paid_on_top_for_a_unit_that_never_came_goes_back_once(shop):
    case = swapped(shop, "LONG", quantity=2)
    assert pays(case).amount == 6000
    come(case, 1)
    new_order = replacement_of(case).new_order
    assert [payment.amount for payment in new_order.payments.all()] == [9000, 3000]
    assert (paid_back(), stock_of("LONG")) == ([("difference", 3000)], (8, 1))
    assert [line.quantity for line in replacement_of(case).lines.all()] == [1]  # what the shop is asked to send
    release_missing(case.pk, by=SAM, now=clock.now())
    money_instead(case.pk, by=ANN, now=clock.now())
    look_after_everything()
    assert paid_back() == [("bought", 9000), ("difference", 3000), ("difference", 3000)]
    must_balance()


def test_of_a_line_of_which_nothing_came_nothing_is_sent_and_nothing_kept(shop):
    """A scarf and a dearer coat were set off against each other, and only the coat for the scarf comes."""
    article(shop, "FUR", 15000, stock=1, style="")
    case = swapped(shop, ("SCARF", "FUR"))
    assert pays(case).amount == 3000
    come(case, 1, 0)
    new_order = replacement_of(case).new_order
    assert [(line.sku, line.net) for line in new_order.lines.all()] == [("SCARF", 6000)]
    assert (paid_back(), stock_of("FUR")) == ([("bought", 3000), ("difference", 3000)], (1, 0))
    must_balance()


def test_a_unit_found_after_the_others_became_money_is_paid_as_well(shop):
    case = swapped(shop, "SCARF", quantity=2)
    come(case, 1)
    money_instead(case.pk, by=ANN, now=clock.now())
    look_after_everything()
    assert paid_back() == [("bought", 3000), ("bought", 6000)]
    pay_missing(case.pk, by=SAM, now=clock.now())
    assert sum(amount for _made_for, amount in paid_back()) == 18000
    must_balance()


def test_units_that_never_came_to_be_mended_are_hers_when_the_others_are_home(shop):
    case = mending(shop, quantity=2)
    come(case, 1)
    is_mended(case.pk, by=OTTO, now=clock.now())
    with pytest.raises(WrongState):  # it would stay behind
        pay_missing(case.pk, by=SAM, now=clock.now())
    is_home_again(case)
    assert not SupportTask.objects.filter(kind="units_missing", closed_at=None).exists()
    assert shop.get("/orders/C1")[1]["lines"][0]["returnable"] == 2
    must_balance()


def test_what_was_paid_back_for_something_cheaper_is_not_carried_along_to_something_dearer(shop):
    """The scarf is gone after its difference was promised: something at its price, or her money."""
    case = swapped(shop, "SCARF")
    come(case, 1)
    assert paid_back() == [("bought", 3000)]
    say_it_is_gone(case.pk, by=OTTO, now=clock.now())
    with pytest.raises(Conflict):
        want_another(case.pk, {"1": "LONG"}, by=ANN, now=clock.now())
    article(shop, "CAP", 6000, stock=1, style="")
    want_another(case.pk, {"1": "CAP"}, by=ANN, now=clock.now())
    look_after_everything()
    assert (replacement_of(case).state, paid_back()) == ("to_send", [("bought", 3000)])
    must_balance()


# --- a no or a yes is taken back --------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["exchange", "repair"])
def test_what_was_refused_or_undone_and_granted_after_all_is_replaced(shop, kind):
    case = swapped(shop, "COAT-L") if kind == "exchange" else mending(shop)
    come(case, 1, grade="X")
    if kind == "exchange":
        decisions.refuse_return(case.pk, code="R_NOT_INTACT", text="洗过", by=OTTO, now=clock.now())
        appeals.ask_a_person(case.pk, text="", by=ANN, now=clock.now())
        appeals.reopen(case.pk, text="看过了", by=SAM, now=clock.now())
    else:
        decisions.approve_return(case.pk, by=SAM, now=clock.now())
        work()
        undo_decision(case.pk, by=SAM, anybodys=True, now=clock.now())
    assert replacement_of(case).state == "cancelled"
    decisions.approve_return(case.pk, by=SAM, now=clock.now())
    look_after_everything()
    assert (again(case).state, replacement_of(case).serial) == ("settling", 2)
    assert replacement_of(case).state == {"exchange": "to_send", "repair": "reserved"}[kind]
    must_balance()


# --- the new one does not arrive --------------------------------------------------------------------------


def test_a_lost_one_has_a_clock_is_sent_once_more_and_may_turn_up_until_then(shop):
    case = swapped(shop, "COAT-L")
    come(case, 1)
    parcel = went_lost(case, 1)
    assert (again(case).waits_for, again(case).due_at is not None) == ("merchant", True)
    assert Notice.objects.filter(event="replacement_lost", channel="inbox").count() == 1
    replacements.send_once_more(replacement_of(case).pk, by=OTTO, now=clock.now())
    look_after_everything()
    assert (replacement_of(case).state, stock_of("COAT-L")) == ("to_send", (7, 1))  # the old news changes nothing
    scan = Scan(parcel.waybill, "80", clock.now(), THERE)
    tracking.take_scans(Parcel.objects.get(pk=parcel.pk), [scan], now=clock.now())
    look_after_everything()
    assert (replacement_of(case).state, again(case).state, stock_of("COAT-L")) == ("delivered", "completed", (8, 0))
    assert SupportTask.objects.filter(kind="parcel_lost").count() == 1
    must_balance()


def test_one_that_nobody_can_follow_is_sent_once_more_after_ten_days_or_becomes_money(shop):
    case = swapped(shop, "COAT-L")
    come(case, 1)
    sent = replacement_of(case).pk
    replacements.enter_waybill(sent, courier="yto", waybill="YT9876543210", by=OTTO, now=clock.now())
    with pytest.raises(WrongState):
        replacements.send_once_more(sent, by=OTTO, now=clock.now())
    late = clock.now() + timedelta(days=11)
    replacements.send_once_more(sent, by=OTTO, now=late)
    catch_up(now=late)
    assert (replacement_of(case).state, stock_of("COAT-L")) == ("to_send", (7, 1))
    money_instead(case.pk, by=ANN, now=late)
    follow_due_cases(now=late)
    assert (paid_back(), stock_of("COAT-L")) == ([("bought", 9000)], (8, 0))
    must_balance()


def test_who_has_the_money_of_a_new_order_that_never_came_waits_for_nothing(shop):
    case = swapped(shop, "COAT-L", channel="balance")
    come(case, 1)
    went_lost(case, 1)
    line = {"line_no": "1", "quantity": 1, "reason": "LG.NOT_RECEIVED"}
    body = {"order_no": replacement_of(case).new_order.order_no, "kind": "refund_only", "send_back": "none"}
    asked = ReturnRequest.objects.get(return_no=shop.post("/returns", body | {"lines": [line]})[1]["return_no"])
    decisions.approve_return(asked.pk, by=SAM, now=clock.now())
    work()
    pay_due_refunds(clock.now() + timedelta(minutes=6))
    take_refund_news(Refund.objects.get().pk, now=clock.now())
    look_after_everything()
    assert (again(case).state, replacement_of(case).state, paid_back()) == (
        "completed", "cancelled", [("replacement", 9000)],
    )  # fmt: skip
    must_balance()


def test_a_van_that_did_not_come_to_the_shop_holds_up_nothing(shop):
    case = swapped(shop, "COAT-L")
    come(case, 1)
    parcel = replacements.book_courier(replacement_of(case).pk, by=OTTO, now=clock.now())
    with moving(Parcel, parcel.pk, by=SYSTEM, now=clock.now()) as row:
        row.fail(problem="called_off")
    money_instead(case.pk, by=ANN, now=clock.now())
    work()
    assert paid_back() == [("bought", 9000)]
    must_balance()


def test_the_difference_for_a_new_order_that_was_cancelled_comes_back_with_it(shop):
    case = swapped(shop, "LONG")
    pays(case)
    come(case, 1)
    line = {"line_no": "1", "quantity": 1, "reason": "UN.NOT_SHIPPED"}
    body = {"order_no": replacement_of(case).new_order.order_no, "kind": "refund_only", "send_back": "none"}
    asked = shop.post("/returns", body | {"lines": [line]})[1]["return_no"]
    work()
    with moving(ReturnRequest, ReturnRequest.objects.get(return_no=asked).pk, by=SYSTEM, now=clock.now()) as row:
        row.complete()  # as soon as its money has arrived
        row.end(clock.now())
    look_after_everything()
    assert (replacement_of(case).why, paid_back()) == ("cancelled", [("replacement", 3000), ("replacement", 9000)])
    assert Order.objects.filter(made_for="difference", returns__isnull=False).count() == 0


# --- the new ones went first ------------------------------------------------------------------------------


def ahead(shop: Shop, wanted: str, *, quantity: int = 1) -> ReturnRequest:
    """The deposit is paid, and the new ones may go."""
    case = swapped(shop, wanted, quantity=quantity)
    Standing.objects.update_or_create(customer=case.customer, defaults={"level": "trusted", "score": 0})
    want_ahead(case.pk, by=ANN, now=clock.now())
    pays(case)
    return again(case)


def test_t74_the_deposit_for_a_unit_that_did_not_come_is_taken_and_goes_back_when_it_does(shop):
    case = ahead(shop, "SCARF", quantity=2)
    come(case, 1)
    assert paid_back() == [("bought", 6000), ("deposit", 9000)]  # both differences, and half of the deposit
    for _twice in range(2):
        release_missing(case.pk, by=SAM, now=clock.now())
        look_after_everything()
    assert replacement_of(case).deposit_taken_at is not None
    assert [payment.amount for payment in replacement_of(case).new_order.payments.all()] == [12000]
    assert (paid_back(), Notice.objects.filter(event="deposit_taken", channel="inbox").count()) == (
        [("bought", 6000), ("deposit", 9000)], 1,
    )  # fmt: skip
    pay_missing(case.pk, by=SAM, now=clock.now())
    look_after_everything()
    assert paid_back() == [("bought", 6000), ("deposit", 9000), ("deposit", 9000)]
    must_balance()


def test_t74_no_deposit_is_taken_for_a_new_one_that_was_not_sent_or_lost_and_one_that_is_there_stays(shop):
    case = ahead(shop, "COAT-L")
    sweep_deadlines(now=clock.now() + timedelta(days=8))
    assert (again(case).waits_for, SupportTask.objects.get().kind) == ("customer", "replacement_overdue")
    went_lost(case, 1)
    money_instead(case.pk, by=ANN, now=clock.now())
    look_after_everything()
    assert paid_back() == [("deposit", 9000)]
    sweep_deadlines(now=clock.now() + timedelta(days=16))
    assert (again(case).state, Notice.objects.filter(event="deposit_taken").count()) == ("lapsed", 0)
    must_balance()

    # another coat of hers, whose new one is there
    coat_order(shop, "C2")
    other = swap(shop, "COAT-L", order_no="C2")
    work()
    want_ahead(other.pk, by=ANN, now=clock.now())
    pays(other)
    replacements.enter_waybill(
        replacement_of(other).pk, courier="yto", waybill="YT9876543210", by=OTTO, now=clock.now()
    )
    replacements.confirm_receipt(replacement_of(other).pk, by=ANN, now=clock.now())
    with pytest.raises(WrongState):
        withdraw_return(other.pk, by=ANN, now=clock.now())
    must_balance()
