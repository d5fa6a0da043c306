"""Freight insurance (S84): quoted, told with the order, shown in the bill, paid once when the way back was hers."""

from datetime import timedelta

import pytest
from django.urls import reverse

from aftersales.inspection.services import Arrived, Graded, count_goods, inspect_goods
from aftersales.notifications.models import Notice
from aftersales.policy.models import PolicyVersion
from aftersales.policy.services import draft_from, publish
from aftersales.returns.services.appeals import ask_a_person
from aftersales.returns.services.claims import moving_with_money
from aftersales.returns.services.compensating import agree_to_compensation, why_no_freight
from aftersales.returns.services.decisions import approve_return
from aftersales.returns.services.finding import put_reasons_back
from aftersales.returns.services.following import follow
from aftersales.returns.services.insuring import pay_insurance
from aftersales.returns.services.intake import submit_return
from aftersales.returns.services.wishes import Wish, WishLine
from aftersales.returns.services.withdrawal import withdraw_return
from aftersales.tests.desk.cases import ANN, BENCH, a_desk, again, must_balance
from aftersales.tests.returns.buyers import a_buyer
from orders.purchases import covers
from orders.purchases.models import FreightPolicy
from refunds.ledger.models import LedgerEntry
from refunds.wallet.models import Compensation, WalletEntry
from refunds.wallet.services import compensate
from returns_platform.kernel import clock, fsm
from returns_platform.kernel.actors import Actor
from returns_platform.kernel.errors import Invalid
from returns_platform.tests.journeys.shop import open_shop, order_body

pytestmark = pytest.mark.django_db
POLICY = {"insurer": "平安", "policy_no": "YF1", "cover": 1200, "premium": 60, "premium_payer": "shop"}
SUE = Actor("support", "902", "Sue")


@pytest.fixture
def desk(db):
    yield a_desk()
    must_balance()


def insured(desk, **policy):
    return desk.order(insurance=POLICY | policy, discount=0)


def filed(desk, *reason, **more):
    """To the balance, which arrives at once."""
    return desk.filed(*reason, refund_to="balance", refund_to_agreed_at=desk.at, **more)


def back(desk, row, grade="A"):
    """Followed, counted, graded and paid."""
    follow(row.pk, now=desk.at)
    count_goods(row.pk, [Arrived("1", row.lines.get().quantity)], by=BENCH, now=desk.at)
    inspect_goods(row.pk, [Graded("1", row.lines.get().quantity, grade, "RESTOCK")], by=BENCH, now=desk.at)
    return desk.paid(row)


def paid() -> list[tuple[str, int]]:
    return list(WalletEntry.objects.filter(kind="insurance").values_list("reference", "amount"))


def test_who_paid_the_courier_gets_the_cover_once_the_goods_are_there_and_the_insurer_gives_it(desk):
    row = filed(desk, order=insured(desk))
    assert row.bill.body["insured"] == 1200
    follow(row.pk, now=desk.at)
    assert paid() == []
    row = back(desk, row)
    assert (row.state, paid()) == ("completed", [(row.return_no, 1200)])
    assert sum(LedgerEntry.objects.filter(account="insurer").values_list("amount", flat=True)) == -1200
    assert Notice.objects.filter(event="insurance_paid", channel="inbox").count() == 1


def test_a_policy_pays_one_return_the_first(desk):
    order = insured(desk)
    first, second = (filed(desk, order=order) for _time in range(2))
    assert ("insured" in first.bill.body, "insured" in second.bill.body) == (True, False)
    back(desk, second)
    assert paid() == []
    back(desk, first)
    back_again = filed(desk, order=order)
    assert "insured" not in back_again.bill.body
    assert paid() == [(first.return_no, 1200)]


def test_a_withdrawn_return_leaves_the_policy_to_the_next(desk):
    order = insured(desk)
    first = filed(desk, order=order)
    withdraw_return(first.pk, by=ANN, now=desk.at)
    second = filed(desk, order=order)
    assert second.bill.body["insured"] == 1200
    back(desk, second)
    assert paid() == [(second.return_no, 1200)]


@pytest.mark.parametrize(("reason", "wish"), [
    ("QL.DEFECT", {}),  # the shop pays
    ("NR.NO_LONGER_WANT", {"send_back": "drop_off"}),  # nobody pays
    ("QL.DEFECT", {"kind": "refund_only", "send_back": "none"}),
])  # fmt: skip
def test_nothing_is_paid_where_she_paid_no_courier(desk, reason, wish):
    row = desk.filed(reason, order=insured(desk), **wish)
    assert row.bill is None or "insured" not in row.bill.body


@pytest.mark.parametrize(("cover", "pays"), [(800, 800), (2000, 1200)])
def test_a_deducted_pickup_is_paid_back_within_the_cover(desk, cover, pays):
    earlier = clock.now() - timedelta(days=60)
    draft = draft_from(PolicyVersion.objects.get())
    PolicyVersion.objects.filter(pk=draft.pk).update(deduct_pickup=True)
    publish(fsm.reload(draft), starts_at=earlier, by=SUE, now=earlier - timedelta(days=1))
    row = filed(desk, order=insured(desk, cover=cover), send_back="pickup")
    assert (row.bill.deducted, row.bill.body["insured"]) == (1200, pays)
    back(desk, row)
    assert paid() == [(row.return_no, pays)]


def test_a_closed_case_that_is_closed_again_pays_no_second_time(desk):
    row = back(desk, filed(desk, order=insured(desk)))
    with moving_with_money(row.pk, by=SUE, now=desk.at) as (request, _held):
        pay_insurance(request, now=desk.at)
    assert len(paid()) == 1


@pytest.mark.parametrize("repaid", ["given", "asked for", ""])
def test_the_courier_is_paid_once_by_the_shop_or_by_the_insurer_whatever_the_reason_turns_out_to_be(desk, repaid):
    row = filed(desk, "QL.DEFECT", order=insured(desk))
    follow(row.pk, now=desk.at)
    if repaid:  # on a receipt (T46), before the bench finds another reason (T49)
        compensate(
            row.order, case_ref=row.return_no, ground="freight", what="balance", amount=1200, payer="merchant",
            reason="15.00", by=BENCH, now=desk.at, asked_for=repaid == "asked for",
        )  # fmt: skip
    count_goods(row.pk, [Arrived("1", 1)], by=BENCH, now=desk.at)
    found = Graded("1", 1, "A", "RESTOCK", note="It works.", reason="NR.NO_LONGER_WANT")
    inspect_goods(row.pk, [found], by=BENCH, now=desk.at)
    approve_return(row.pk, by=BENCH, now=desk.at)
    row = desk.paid(row)
    assert (row.state, paid()) == ("completed", [] if repaid == "given" else [(row.return_no, 1200)])
    must_balance()
    if repaid == "asked for":
        wish = Compensation.objects.get(case_ref=row.return_no)
        with pytest.raises(Invalid):
            agree_to_compensation(row.pk, wish.pk, by=SUE, now=desk.at)
    if not repaid:
        ask_a_person(row.pk, text="", by=ANN, now=desk.at)
        put_reasons_back(row.pk, text="She was right.", by=SUE, now=desk.at)
        assert why_no_freight(again(row)) and paid() == [(row.return_no, 1200)]


def test_it_is_told_before_she_files_and_on_her_case():
    buyer = a_buyer()
    order = buyer.order(insurance=POLICY)
    line = order.lines.get()
    shown = buyer.client.get(
        reverse("aftersales:file", args=[order.pk]),
        {"line": line.pk, f"reason_{line.pk}": "NR.NO_LONGER_WANT", "send_back": "self_ship"},
    ).content.decode()
    assert "insured: ¥12.00" in shown
    asked = Wish(kind="return_refund", send_back="self_ship", lines=(WishLine("1", 1, "NR.NO_LONGER_WANT"),))
    row = submit_return(order.pk, asked, by=buyer.actor, now=clock.now())
    assert "insured: ¥12.00" in buyer.client.get(reverse("aftersales:case", args=[row.return_no])).content.decode()
    assert "平安" in buyer.client.get(reverse("aftersales:order", args=[order.pk])).content.decode()


# --- the order's body -------------------------------------------------------------------------------------


def test_a_policy_comes_with_its_order_stays_the_same_and_belongs_to_no_other():
    shop = open_shop()
    body = order_body()
    assert shop.put("A1", body | {"insurance": POLICY})[1]["insurance"] == POLICY
    assert shop.put("A1", body)[1]["insurance"] == POLICY
    assert shop.put("A1", body | {"insurance": POLICY | {"cover": 1500}})[0] == 409
    body["payments"][0]["transaction_id"] = "420-other"
    assert shop.put("A2", body | {"insurance": POLICY})[0] == 409
    other = open_shop("other")
    body["payments"][0]["transaction_id"] = "420-else"
    assert other.put("A2", body | {"insurance": POLICY})[0] == 201
    assert FreightPolicy.objects.count() == 2


@pytest.mark.parametrize("wrong", [
    {"cover": 0}, {"cover": 10_001}, {"cover": "1200"}, {"cover": True}, {"premium": -1}, {"premium_payer": "nobody"},
    {"policy_no": ""}, {"insurer": "x" * 101}, {"more": 1},
])  # fmt: skip
def test_a_policy_that_is_none_is_refused(wrong):
    assert open_shop().put("A1", order_body() | {"insurance": POLICY | wrong})[0] == 422


def test_the_way_back_of_a_return_that_is_under_way_cannot_be_insured(desk):
    order = desk.order()
    desk.filed(order=order)
    kept = desk.shop.get(f"/orders/{order.order_no}")[1]
    body = order_body()
    body["payments"][0]["transaction_id"] = kept["payments"][0]["transaction_id"]
    body["parcels"][0]["waybill"] = kept["parcels"][0]["waybill"]
    status, told = desk.shop.put(order.order_no, body | {"insurance": POLICY})
    assert (status, "insurance" in told["fields"]) == (409, True)


# --- quotes -----------------------------------------------------------------------------------------------

HERE = {"province": "浙江省", "city": "杭州市"}


@pytest.mark.parametrize(("there", "cover"), [
    (HERE, 800), (HERE | {"city": "宁波市"}, 1000), ({"province": "上海市", "city": "上海市"}, 1200),
    ({"province": "新疆维吾尔自治区", "city": "喀什市"}, 1800), ({}, 1200),
])  # fmt: skip
def test_the_cover_follows_the_way(there, cover):
    assert covers.quote(there, HERE, sent=0, back=0).cover == cover


def test_the_premium_follows_how_much_comes_back():
    premiums = [covers.quote(HERE, HERE, sent=1000, back=back).premium for back in (0, 100, 300, 1000)]
    assert premiums == sorted(premiums) and premiums[0] >= 10 and premiums[-1] <= 800


def test_a_shop_asks_for_a_quote_and_nothing_is_kept():
    shop = open_shop()
    status, told = shop.post("/insurance/quote", {"ship_to": order_body()["ship_to"]})
    assert (status, told["currency"], told["cover"] > 0, told["premium"] > 0) == (200, "CNY", True, True)
    assert shop.post("/insurance/quote", {})[0] == 422
    assert not FreightPolicy.objects.exists()
