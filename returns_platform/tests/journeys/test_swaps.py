"""What replaces the goods, end to end: exchange (T67 to T74), repair (T77) and resend (T76); books at 0."""

from datetime import timedelta

import pytest

from aftersales.replacements import services as replacements
from aftersales.replacements.models import Replacement
from aftersales.returns.models import ReturnLine, ReturnRequest
from aftersales.returns.services.choosing import money_instead, say_it_is_gone, want_another
from aftersales.returns.services.deadlines import sweep_deadlines
from aftersales.returns.services.decisions import approve_return
from aftersales.returns.services.following import follow_due_cases
from aftersales.returns.services.mending import cannot_be_mended, is_mended, quote_repair, refuse_fee
from aftersales.returns.services.missing import pay_missing, release_missing
from aftersales.returns.services.news import catch_up, take_refund_news
from aftersales.returns.services.waiting import follow_due_replacements
from logistics.couriers.interface import Scan
from logistics.couriers.sf.simulator import SFExpress
from logistics.couriers.stages import DELIVERED, IN_TRANSIT, LOST, PICKED_UP
from logistics.parcels import services as parcels
from logistics.parcels.models import Parcel
from logistics.tracking import services as tracking
from orders.catalogue.models import Product, Stock
from orders.catalogue.services.stock import count_stock
from orders.purchases.models import Order
from refunds.payouts.models import Refund
from refunds.payouts.services import pay_due_refunds
from returns_platform.kernel import clock
from returns_platform.kernel.actors import SYSTEM, Actor
from returns_platform.kernel.errors import Conflict, Invalid, WrongState
from returns_platform.kernel.stand_in import serve
from returns_platform.tests.journeys.shop import Shop, open_shop, order_body
from returns_platform.tests.journeys.test_main_job import must_balance

pytestmark = pytest.mark.django_db

ANN = Actor("customer", "1", "安小雨")
OTTO = Actor("merchant", "7", "otto")
SAM = Actor("support", "9", "sam")


def article(shop: Shop, sku: str, price: int, *, stock: int | None = None, style: str = "coat", option="") -> None:
    Product.objects.create(
        merchant=shop.merchant, sku=sku, title=f"羊毛大衣 {option or sku}", category="apparel", price=price,
        style=style, option=option,
    )  # fmt: skip
    if stock is not None:
        count_stock(shop.merchant.pk, sku, available=stock, reference=f"first:{sku}", by=SYSTEM, now=clock.now())


def coat_order(shop: Shop, order_no: str = "C1", *, price: int = 9000, quantity: int = 1, **changes) -> Order:
    body = order_body(unit_price=price, quantity=quantity, discount=0, **changes)
    body["lines"][0] |= {"sku": "COAT-M", "title": "羊毛大衣 M", "category": "apparel"}
    for payment in body["payments"]:
        payment["transaction_id"] = f"42{order_no}"
    status, told = shop.put(order_no, body)
    assert status == 201, told
    return Order.objects.get(merchant=shop.merchant, order_no=order_no)


def swap(shop: Shop, sku: str, *, order_no: str = "C1", reason: str = "NR.SIZE_SMALL", **changes) -> ReturnRequest:
    line = {"line_no": "1", "quantity": 1, "reason": reason, "exchange_sku": sku}
    body = {"order_no": order_no, "kind": "exchange", "send_back": "self_ship", "lines": [line]} | changes
    status, told = shop.post("/returns", body)
    assert (status, told["state"]) == (201, "approved"), told
    return ReturnRequest.objects.get(return_no=told["return_no"])


def work() -> None:
    follow_due_cases(now=clock.now())


def comes_back(shop: Shop, case: ReturnRequest, *, quantity: int = 1, at_once: bool = False) -> None:
    """Counted and graded by the shop's program; at_once: before any worker has looked at the approval."""
    if not at_once:
        work()
    path, lines = f"/returns/{case.return_no}", [{"line_no": "1", "quantity": quantity}]
    assert shop.post(f"{path}/arrived", {"lines": lines})[0] == 200
    graded = {"grade": "A", "disposition": "RESTOCK", "note": ""}
    status, told = shop.post(f"{path}/inspected", {"lines": [lines[0] | graded]})
    assert (status, told["state"]) == (200, "settling"), told
    work()


def replacement_of(case: ReturnRequest) -> Replacement:
    return Replacement.objects.filter(case_ref=case.return_no).order_by("-serial").first()


def stock_of(sku: str) -> tuple[int, int]:
    row = Stock.objects.get(sku=sku)
    return row.available, row.reserved


@pytest.fixture
def express(tmp_path, settings):
    settings.DATA_DIR = tmp_path
    with serve(SFExpress(tmp_path)) as sf:
        settings.SF_BASE_URL = sf.url
        yield sf.stand_in if hasattr(sf, "stand_in") else sf


@pytest.mark.django_db(transaction=True)
def test_t67_another_size_from_filing_to_the_door(express):
    """Difference 0: stock reserved at approval, a new order linked both ways, sent by the courier, done."""
    shop = open_shop()
    article(shop, "COAT-M", 9000)
    article(shop, "COAT-L", 9000, stock=3)
    coat_order(shop)
    case = swap(shop, "COAT-L")
    work()
    assert (replacement_of(case).state, stock_of("COAT-L")) == ("reserved", (2, 1))
    comes_back(shop, case)
    replacement = replacement_of(case)
    new_order = replacement.new_order
    assert (replacement.state, stock_of("COAT-L")) == ("to_send", (2, 1))
    assert (new_order.state, new_order.made_of.order_no, new_order.case_ref) == ("paid", "C1", case.return_no)
    carried = [(payment.amount, payment.carried_from.order.order_no) for payment in new_order.payments.all()]
    assert carried == [(9000, "C1")]
    must_balance()

    parcel = replacements.book_courier(replacement.pk, by=OTTO, now=clock.now())
    parcels.book_due_parcels(clock.now())
    parcel = Parcel.objects.get(pk=parcel.pk)
    assert (parcel.state, parcel.kind, parcel.receiver["name"]) == ("booked", "outbound", "安小雨")
    for event, state, stock in [("collected", "sent", (2, 0)), ("delivered", "delivered", (2, 0))]:
        express.push(waybill=parcel.waybill, event=event, at=clock.now())
        tracking.ask_where(Parcel.objects.get(pk=parcel.pk), now=clock.now())
        catch_up(now=clock.now())
        work()
        assert (replacement_of(case).state, stock_of("COAT-L")) == (state, stock)
    assert ReturnRequest.objects.get().state == "completed"
    assert Order.objects.get(pk=new_order.pk).state == "signed"
    assert not Refund.objects.exists()
    must_balance()


@pytest.mark.parametrize("kind", ["exchange", "repair"])
def test_goods_that_are_faster_than_the_worker_are_replaced_all_the_same(kind):
    shop = open_shop()
    article(shop, "COAT-M", 9000)
    article(shop, "COAT-L", 9000, stock=3)
    coat_order(shop)
    mended = {"kind": "repair", "lines": [{"line_no": "1", "quantity": 1, "reason": "QL.DEFECT"}]}
    case = swap(shop, "COAT-L", **({} if kind == "exchange" else mended))
    comes_back(shop, case, at_once=True)

    assert ReturnRequest.objects.get().state == "settling"
    assert replacement_of(case).state == {"exchange": "to_send", "repair": "reserved"}[kind]
    must_balance()


# --- the difference ---------------------------------------------------------------------------------------


def test_something_cheaper_pays_the_difference_back():
    """90.00 against 60.00: 30.00 go back by the ordinary way, 60.00 go along; later 60.00 come back (T73)."""
    shop = open_shop()
    article(shop, "SCARF", 6000, style="")
    coat_order(shop)
    case = swap(shop, "SCARF")
    assert (case.bill.refund, case.bill.due) == (3000, 0)
    comes_back(shop, case)
    new_order = replacement_of(case).new_order
    assert [refund.amount for refund in Refund.objects.filter(case_ref=case.return_no)] == [3000]
    assert [payment.amount for payment in new_order.payments.all()] == [6000]
    must_balance()
    line = {"line_no": "1", "quantity": 1, "reason": "UN.NOT_SHIPPED"}
    body = {"order_no": new_order.order_no, "kind": "refund_only", "send_back": "none", "lines": [line]}
    status, told = shop.post("/returns", body)
    assert (status, told["bill"]["refund"], told["outcome"]) == (201, 6000, "approve")
    work()
    assert sum(Refund.objects.values_list("amount", flat=True)) == 9000
    must_balance()


def test_t70_the_same_article_because_of_a_fault_costs_nothing_more():
    shop = open_shop()
    article(shop, "COAT-M", 12000, stock=1)
    coat_order(shop)
    case = swap(shop, "COAT-M", reason="QL.DEFECT")
    assert (case.bill.refund, case.bill.due, case.bill.lines[0]["carried"]) == (0, 0, 9000)
    comes_back(shop, case)
    assert [payment.amount for payment in replacement_of(case).new_order.payments.all()] == [9000]
    must_balance()


def test_t71_one_is_swapped_and_one_comes_back():
    shop = open_shop()
    article(shop, "COAT-L", 9000, stock=1)
    coat_order(shop, quantity=2)
    case = swap(shop, "COAT-L")
    line = {"line_no": "1", "quantity": 1, "reason": "NR.NO_LONGER_WANT"}
    body = {"order_no": "C1", "kind": "return_refund", "send_back": "self_ship", "lines": [line]}
    status, other = shop.post("/returns", body)
    assert (status, other["bill"]["refund"], case.bill.lines[0]["carried"]) == (201, 9000, 9000)
    comes_back(shop, case)
    comes_back(shop, ReturnRequest.objects.get(return_no=other["return_no"]))
    assert Refund.objects.get().amount == 9000
    must_balance()


def test_a_discounted_coat_swaps_evenly_for_another_size_at_the_same_price():
    shop = open_shop()
    article(shop, "COAT-M", 10000)
    article(shop, "COAT-L", 10000)
    article(shop, "SCARF", 10000, style="scarf")
    body = order_body(unit_price=10000, quantity=1, discount=1000)
    body["lines"][0] |= {"sku": "COAT-M", "title": "羊毛大衣 M", "category": "apparel"}
    assert shop.put("C1", body)[0] == 201
    line = {"line_no": "1", "quantity": 1, "reason": "NR.SIZE_SMALL"}
    quote = {"order_no": "C1", "kind": "exchange", "send_back": "self_ship"}
    due = []
    for sku in ("COAT-L", "SCARF", "NOT-IN-THE-CATALOGUE"):
        status, told = shop.post("/returns/quote", quote | {"lines": [line | {"exchange_sku": sku}]})
        assert status == 200, told
        due.append(told["bill"].get("due", 0))
    assert due == [0, 1000, 0]


# --- it comes to nothing ----------------------------------------------------------------------------------


@pytest.fixture
def coats():
    """A shop with one large coat left, and two customers' orders of a medium one."""
    shop = open_shop()
    article(shop, "COAT-M", 9000, stock=5)
    article(shop, "COAT-L", 9000, stock=1)
    coat_order(shop, "C1")
    coat_order(shop, "C2", customer={"external_id": "c-2", "name": "柏舟", "phone": "+8613800138001"})
    return shop


def test_the_last_one_goes_to_the_first_and_the_other_customer_chooses(coats):
    first, second = swap(coats, "COAT-L", order_no="C1"), swap(coats, "COAT-L", order_no="C2")
    work()
    assert [replacement_of(case).state for case in (first, second)] == ["reserved", "out_of_stock"]
    assert stock_of("COAT-L") == (0, 1)
    second.refresh_from_db(fields=["waits_for", "due_at"])
    assert (second.waits_for, second.due_at is not None) == ("customer", True)
    assert not Parcel.objects.filter(order=second.order).exists()
    must_balance()


def test_what_comes_in_is_kept_for_who_waits(coats):
    cases = [swap(coats, "COAT-L", order_no=number) for number in ("C1", "C2")]
    work()
    count_stock(coats.merchant.pk, "COAT-L", available=2, reference="delivery", by=SYSTEM, now=clock.now())
    later = clock.now() + timedelta(minutes=11)
    follow_due_replacements(now=later)
    follow_due_cases(now=later)
    assert [replacement_of(case).state for case in cases] == ["reserved", "reserved"]
    assert stock_of("COAT-L") == (1, 2)
    assert Parcel.objects.filter(leg=cases[1].return_no).exists()  # now the goods may be sent back
    must_balance()


def test_another_size_is_chosen_instead(coats):
    cases = [swap(coats, "COAT-L", order_no=number) for number in ("C1", "C2")]
    work()
    with pytest.raises(Invalid):
        want_another(cases[1].pk, {"1": "ELSEWHERE"}, by=ANN, now=clock.now())
    want_another(cases[1].pk, {"1": "COAT-M"}, by=ANN, now=clock.now())
    work()
    assert (replacement_of(cases[1]).state, stock_of("COAT-M")) == ("reserved", (4, 1))
    comes_back(coats, cases[1])
    assert replacement_of(cases[1]).new_order.lines.get().sku == "COAT-M"
    must_balance()


def test_money_instead_of_what_cannot_be_had(coats):
    cases = [swap(coats, "COAT-L", order_no=number) for number in ("C1", "C2")]
    work()
    for _twice in range(2):
        converted = money_instead(cases[1].pk, by=ANN, now=clock.now())
    assert (converted.kind, converted.bill.refund, replacement_of(cases[1]).state) == (
        "return_refund",
        9000,
        "converted",
    )
    must_balance()
    comes_back(coats, cases[1])
    assert Refund.objects.get().amount == 9000
    must_balance()


def test_money_instead_after_the_difference_was_paid_back(coats):
    """The 30.00 that were promised stay where they are, the other 60.00 come on top."""
    article(coats, "SCARF", 6000, style="", stock=1)
    case = swap(coats, "SCARF")
    comes_back(coats, case)
    new_order = replacement_of(case).new_order
    money_instead(case.pk, by=ANN, now=clock.now())
    work()
    assert sorted(Refund.objects.values_list("amount", flat=True)) == [3000, 6000]
    new_order = Order.objects.get(pk=new_order.pk)
    assert (new_order.state, new_order.payments.count(), stock_of("SCARF")) == ("cancelled", 0, (1, 0))
    must_balance()


@pytest.mark.parametrize("end", ["withdraw", "refuse", "silence"])
def test_what_ends_frees_the_stock(coats, end):
    case = swap(coats, "COAT-L")
    work()
    if end == "withdraw":
        assert coats.post(f"/returns/{case.return_no}/withdraw", {})[0] == 200
    elif end == "silence":
        sweep_deadlines(now=clock.now() + timedelta(days=8))
    else:
        path, lines = f"/returns/{case.return_no}", [{"line_no": "1", "quantity": 1}]
        coats.post(f"{path}/arrived", {"lines": lines})
        coats.post(
            f"{path}/inspected", {"lines": [lines[0] | {"grade": "D", "disposition": "SCRAP", "note": "洗过"}]}
        )
        assert coats.post(f"{path}/refuse", {"code": "R_NOT_INTACT", "text": "洗过了"})[0] == 200
    assert (replacement_of(case).state, stock_of("COAT-L")) == ("cancelled", (1, 0))
    assert Order.objects.get(order_no="C1").lines.get().returnable == 1
    must_balance()


def test_stock_that_never_comes_closes_what_did_not_travel(coats):
    cases = [swap(coats, "COAT-L", order_no=number) for number in ("C1", "C2")]
    work()
    follow_due_replacements(now=clock.now() + timedelta(days=8))
    assert [ReturnRequest.objects.get(pk=case.pk).state for case in cases] == ["awaiting_goods", "lapsed"]
    assert replacement_of(cases[1]).state == "cancelled"
    must_balance()


def test_a_shop_that_finds_it_has_none_lets_the_customer_choose(coats):
    """F82: gone between approval and shipping."""
    case = swap(coats, "COAT-L")
    comes_back(coats, case)
    say_it_is_gone(case.pk, by=OTTO, now=clock.now())
    replacement = replacement_of(case)
    assert (replacement.state, stock_of("COAT-L")) == ("out_of_stock", (0, 0))
    must_balance()
    later = clock.now() + timedelta(days=8)
    follow_due_replacements(now=later)
    follow_due_cases(now=later)
    assert (replacement_of(case).state, Refund.objects.get().amount) == ("converted", 9000)
    must_balance()


def test_after_one_that_was_gone_another_is_chosen_and_sent(coats):
    """Its order has a number of its own: the one that came to nothing keeps the first."""
    case = swap(coats, "COAT-L")
    comes_back(coats, case)
    say_it_is_gone(case.pk, by=OTTO, now=clock.now())
    count_stock(coats.merchant.pk, "COAT-L", available=1, reference="found", by=SYSTEM, now=clock.now())
    want_another(case.pk, {"1": "COAT-L"}, by=ANN, now=clock.now())
    work()
    replacement = replacement_of(case)
    assert (replacement.state, replacement.new_order.state, stock_of("COAT-L")) == ("to_send", "paid", (0, 1))
    made = Order.objects.filter(case_ref=case.return_no).order_by("pk")
    assert [order.state for order in made] == ["cancelled", "paid"]
    assert made[1].order_no == f"{made[0].order_no}-2"
    must_balance()


def went_lost(case: ReturnRequest, number: int) -> Parcel:
    """The shop sends it by a courier of its own choice, who takes it and loses it."""
    waybill, now = f"SF98765432101{number:02d}", clock.now()
    replacements.enter_waybill(replacement_of(case).pk, courier="sf", waybill=waybill, by=OTTO, now=now)
    parcel = Parcel.objects.get(waybill=waybill)
    scans = [Scan(waybill, "50", now, PICKED_UP), Scan(waybill, "34", now, IN_TRANSIT, incident=LOST)]
    tracking.take_scans(parcel, scans, now=now)
    catch_up(now=now)
    work()
    assert (Parcel.objects.get(pk=parcel.pk).state, replacement_of(case).state) == ("lost", "sent")
    return parcel


def test_a_new_one_that_was_lost_on_its_way_is_money_instead(coats):
    case = swap(coats, "COAT-L")
    comes_back(coats, case)
    went_lost(case, 1)
    new_order = replacement_of(case).new_order
    money_instead(case.pk, by=ANN, now=clock.now())
    work()
    new_order = Order.objects.get(pk=new_order.pk)
    assert (replacement_of(case).state, new_order.state, new_order.payments.count()) == ("converted", "cancelled", 0)
    assert [refund.amount for refund in Refund.objects.all()] == [9000]
    must_balance()


def test_who_asks_for_the_money_of_the_new_order_has_it_from_there_and_not_twice(coats):
    case = swap(coats, "COAT-L")
    comes_back(coats, case)
    went_lost(case, 1)
    number = replacement_of(case).new_order.order_no
    line = {"line_no": "1", "quantity": 1, "reason": "LG.NOT_RECEIVED"}
    body = {"order_no": number, "kind": "refund_only", "send_back": "none", "lines": [line]}
    assert coats.post("/returns", body)[1]["state"] == "in_review"
    with pytest.raises(Conflict):
        money_instead(case.pk, by=ANN, now=clock.now())
    must_balance()


def test_a_lost_one_is_sent_once_more_from_the_stock_and_its_new_parcel_is_signed_for(coats):
    count_stock(coats.merchant.pk, "COAT-L", available=2, reference="more", by=SYSTEM, now=clock.now())
    case = swap(coats, "COAT-L")
    comes_back(coats, case)
    went_lost(case, 1)
    assert stock_of("COAT-L") == (1, 0)
    replacements.send_once_more(replacement_of(case).pk, by=OTTO, now=clock.now())
    assert (replacement_of(case).state, stock_of("COAT-L")) == ("to_send", (0, 1))
    must_balance()
    went_lost(case, 2)
    assert stock_of("COAT-L") == (0, 0)
    with pytest.raises(Conflict):
        replacements.send_once_more(replacement_of(case).pk, by=OTTO, now=clock.now())
    replacements.confirm_receipt(replacement_of(case).pk, by=ANN, now=clock.now())  # it turned up after all
    new_order = replacement_of(case).new_order
    assert (new_order.state, new_order.shipments.get().waybill) == ("signed", "SF9876543210102")
    must_balance()


@pytest.mark.parametrize("found", ["by a person", "in a box"])
def test_units_found_after_the_others_were_replaced_are_released_and_filed_anew(found):
    shop = open_shop()
    article(shop, "COAT-L", 9000, stock=2)
    coat_order(shop, quantity=2)
    line = {"line_no": "1", "quantity": 2, "reason": "QL.DEFECT", "exchange_sku": "COAT-L"}
    case = swap(shop, "COAT-L", lines=[line])
    work()
    path = f"/returns/{case.return_no}"
    if found == "in a box":
        shop.post(f"{path}/shipped", {"courier": "sf", "waybill": "SF1111111111111"})
        assert shop.post(f"{path}/box", {"courier": "sf", "waybill": "SF1111111111112"})[0] == 200
    comes_back(shop, case)
    assert (replacement_of(case).state, replacement_of(case).new_order.lines.get().quantity) == ("to_send", 1)
    must_balance()
    if found == "in a box":
        box = Parcel.objects.get(waybill="SF1111111111112")
        tracking.take_scans(box, [Scan(box.waybill, "80", clock.now(), DELIVERED)], now=clock.now())
        units = {"lines": [{"line_no": "1", "quantity": 1}], "box": True}
        assert shop.post(f"{path}/arrived", units)[0] == 200
    else:
        with pytest.raises(WrongState):
            pay_missing(case.pk, by=SAM, now=clock.now())
    must_balance()
    release_missing(case.pk, by=SAM, now=clock.now())
    assert (stock_of("COAT-L"), shop.get("/orders/C1")[1]["lines"][0]["returnable"]) == ((1, 1), 1)
    must_balance()


def two_coats(shop: Shop, skus: tuple[str, str]) -> ReturnRequest:
    """Two lines of one coat each, to be exchanged for these."""
    body = order_body(unit_price=9000, quantity=1, discount=0)
    coat = body["lines"][0] | {"sku": "COAT-M", "category": "apparel"}
    body["lines"] = [coat, coat | {"line_no": "2"}]
    body["payments"][0]["amount"] = 18000
    body["parcels"][0]["items"].append({"line_no": "2", "quantity": 1})
    status, told = shop.put("C1", body)
    assert status == 201, told
    wanted = zip("12", skus, strict=True)
    lines = [{"line_no": no, "quantity": 1, "reason": "QL.DEFECT", "exchange_sku": sku} for no, sku in wanted]
    return swap(shop, skus[0], lines=lines)


def test_what_would_have_paid_for_the_dearer_one_never_came_and_she_is_asked_for_the_difference():
    shop = open_shop()
    article(shop, "DEAR", 12000, stock=1)
    article(shop, "CHEAP", 6000, stock=1)
    case = two_coats(shop, ("DEAR", "CHEAP"))
    comes_back(shop, case)
    replacement = replacement_of(case)
    assert (replacement.state, replacement.due, replacement.new_order) == ("awaiting_payment", 3000, None)
    must_balance()
    for days in (3, 6):  # asked, and asked once more whether she wants her money
        follow_due_replacements(now=clock.now() + timedelta(days=days))
        follow_due_cases(now=clock.now() + timedelta(days=days))
    assert (replacement_of(case).state, Refund.objects.get().amount) == ("converted", 9000)
    must_balance()


@pytest.mark.parametrize("stock", [1, 0])
def test_a_line_of_which_nothing_came_is_not_replaced_and_its_new_unit_stays_in_stock(stock):
    """Also where another one had to be chosen for the line that came."""
    shop = open_shop()
    article(shop, "COAT-L", 9000, stock=stock)
    article(shop, "COAT-S", 9000, stock=1)
    article(shop, "HAT-L", 9000, stock=1)
    case = two_coats(shop, ("COAT-L", "HAT-L"))
    comes_back(shop, case)
    new = "COAT-L"
    if not stock:
        new = "COAT-S"
        want_another(case.pk, {"1": new}, by=ANN, now=clock.now())
        work()
    replacement = replacement_of(case)
    assert (replacement.state, [line.sku for line in replacement.new_order.lines.all()]) == ("to_send", [new])
    assert [line.sku for line in replacement.lines.all()] == [new]
    assert (stock_of(new), stock_of("HAT-L")) == ((0, 1), (1, 0))
    must_balance()


def test_who_cancels_the_new_order_before_it_is_sent_ends_the_exchange(coats):
    coat_order(coats, "C3", payments=[order_body()["payments"][0] | {"channel": "balance", "amount": 9000}])
    case = swap(coats, "COAT-L", order_no="C3")
    comes_back(coats, case)
    new_order = replacement_of(case).new_order
    line = {"line_no": "1", "quantity": 1, "reason": "UN.NOT_SHIPPED"}
    body = {"order_no": new_order.order_no, "kind": "refund_only", "send_back": "none", "lines": [line]}
    assert coats.post("/returns", body)[1]["bill"]["refund"] == 9000
    work()
    catch_up(now=clock.now())
    assert replacement_of(case).state == "to_send"  # until she has her money
    pay_due_refunds(clock.now())
    take_refund_news(Refund.objects.get().pk, now=clock.now())
    for _twice in range(2):
        catch_up(now=clock.now())
        work()
    assert (replacement_of(case).state, replacement_of(case).why, stock_of("COAT-L")) == (
        "cancelled",
        "cancelled",
        (1, 0),
    )
    assert ReturnRequest.objects.get(pk=case.pk).state == "completed"
    assert Refund.objects.get().amount == 9000
    must_balance()


def test_what_is_left_of_a_new_order_is_sent_after_a_part_of_it_was_cancelled(coats):
    count_stock(coats.merchant.pk, "COAT-L", available=2, reference="more", by=SYSTEM, now=clock.now())
    coat_order(coats, "C3", quantity=2)
    two = {"line_no": "1", "quantity": 2, "reason": "NR.SIZE_SMALL", "exchange_sku": "COAT-L"}
    case = swap(coats, "COAT-L", order_no="C3", lines=[two])
    comes_back(coats, case, quantity=2)
    new_order = replacement_of(case).new_order
    line = {"line_no": "1", "quantity": 1, "reason": "UN.NOT_SHIPPED"}
    body = {"order_no": new_order.order_no, "kind": "refund_only", "send_back": "none", "lines": [line]}
    assert coats.post("/returns", body)[1]["bill"]["refund"] == 9000
    work()
    found = replacement_of(case)
    assert [one["count"] for one in replacements.book_courier(found.pk, by=OTTO, now=clock.now()).goods] == [1]
    replacements.enter_waybill(found.pk, courier="yto", waybill="YT9876543210", by=OTTO, now=clock.now())
    assert (stock_of("COAT-L"), new_order.lines.get().shipped) == ((1, 0), 1)
    replacements.confirm_receipt(found.pk, by=ANN, now=clock.now())
    catch_up(now=clock.now())
    work()
    assert (ReturnRequest.objects.get(pk=case.pk).state, Order.objects.get(pk=new_order.pk).state) == (
        "completed", "signed",
    )  # fmt: skip
    must_balance()


# --- a missing part ---------------------------------------------------------------------------------------


def test_t76_a_missing_part_is_sent_and_the_unit_stays_returnable():
    shop = open_shop()
    coat_order(shop)
    line = {"line_no": "1", "quantity": 1, "reason": "FU.WRONG_ITEM"}
    status, told = shop.post("/returns", {"order_no": "C1", "kind": "resend", "send_back": "none", "lines": [line]})
    assert status == 201, told
    case = ReturnRequest.objects.get(return_no=told["return_no"])
    if case.state != "approved":
        approve_return(case.pk, by=OTTO, now=clock.now())
    work()
    replacement = replacement_of(case)
    assert (replacement.state, replacement.new_order) == ("to_send", None)
    replacements.enter_waybill(replacement.pk, courier="yto", waybill="YT9876543210", by=OTTO, now=clock.now())
    replacements.confirm_receipt(replacement.pk, by=ANN, now=clock.now())
    catch_up(now=clock.now())
    work()
    assert ReturnRequest.objects.get(pk=case.pk).state == "completed"
    kept = shop.get("/orders/C1")[1]["lines"][0]
    assert (kept["returnable"], kept["refundable"], Refund.objects.count()) == (1, 9000, 0)
    must_balance()


# --- repair -----------------------------------------------------------------------------------------------


def repair(shop: Shop, reason: str = "QL.DEFECT") -> ReturnRequest:
    """At the workshop: filed, sent back, counted and graded."""
    line = {"line_no": "1", "quantity": 1, "reason": reason}
    body = {"order_no": "C1", "kind": "repair", "send_back": "self_ship", "lines": [line]}
    status, told = shop.post("/returns", body)
    assert (status, told["state"]) == (201, "approved"), told
    case = ReturnRequest.objects.get(return_no=told["return_no"])
    comes_back(shop, case)
    return ReturnRequest.objects.get(pk=case.pk)


def is_home_again(case: ReturnRequest, number: int = 1) -> None:
    replacement = replacement_of(case)
    waybill = f"YT987654321{number}"
    replacements.enter_waybill(replacement.pk, courier="yto", waybill=waybill, by=OTTO, now=clock.now())
    replacements.confirm_receipt(replacement.pk, by=ANN, now=clock.now())
    catch_up(now=clock.now())
    work()
    assert ReturnRequest.objects.get(pk=case.pk).state == "completed"


def test_t77_a_fee_that_is_refused_sends_it_back_and_refunds_nothing():
    shop = open_shop()
    coat_order(shop)
    case = repair(shop)
    ReturnLine.objects.filter(request=case).update(fault=False)  # worn out: not the shop's fault
    assert (case.waits_for, replacement_of(case).state) == ("merchant", "reserved")
    quote_repair(case.pk, fee=4000, text="换拉链", by=OTTO, now=clock.now())
    assert (replacement_of(case).state, replacement_of(case).due) == ("awaiting_payment", 4000)
    must_balance()
    for _twice in range(2):
        refuse_fee(case.pk, by=ANN, now=clock.now())
    assert (replacement_of(case).state, replacement_of(case).why) == ("to_send", "fee_refused")
    is_home_again(case)
    kept = shop.get("/orders/C1")[1]["lines"][0]
    assert (kept["returnable"], kept["refundable"], Refund.objects.count()) == (1, 9000, 0)
    must_balance()


def test_t77_no_answer_about_a_fee_is_a_refusal():
    shop = open_shop()
    coat_order(shop)
    case = repair(shop)
    ReturnLine.objects.filter(request=case).update(fault=False)
    quote_repair(case.pk, fee=4000, text="", by=OTTO, now=clock.now())
    follow_due_replacements(now=clock.now() + timedelta(hours=49))
    assert replacement_of(case).state == "to_send"
    must_balance()


def test_a_fault_of_the_shop_is_mended_for_nothing_and_at_most_twice():
    shop = open_shop()
    coat_order(shop)
    for number in (1, 2):
        case = repair(shop)
        with pytest.raises(Invalid):
            quote_repair(case.pk, fee=4000, text="", by=OTTO, now=clock.now())
        is_mended(case.pk, by=OTTO, now=clock.now())
        is_home_again(case, number)
    line = {"line_no": "1", "quantity": 1, "reason": "QL.DEFECT"}
    body = {"order_no": "C1", "kind": "repair", "send_back": "self_ship", "lines": [line]}
    status, told = shop.post("/returns", body)
    assert (status, list(told["fields"])) == (422, ["lines.0.reason"])
    assert shop.post("/returns", body | {"kind": "return_refund"})[0] == 201
    must_balance()


def test_what_cannot_be_mended_is_paid_back():
    shop = open_shop()
    coat_order(shop)
    case = repair(shop)
    cannot_be_mended(case.pk, by=OTTO, now=clock.now())
    work()
    assert (replacement_of(case).state, Refund.objects.get().amount) == ("converted", 9000)
    must_balance()
