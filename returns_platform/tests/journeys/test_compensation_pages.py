"""Something for trouble, given on the shop's page and on the desk; never twice, never by oneself above the limit."""

from uuid import uuid4

import pytest
from django.contrib.auth.models import Group
from django.test import Client
from django.urls import reverse

from aftersales.desk.groups import ensure_groups
from aftersales.evidence.services import keep_upload
from aftersales.notifications.models import Notice
from aftersales.returns.models import ReturnRequest, SupportTask
from orders.accounts.models import User
from orders.merchants.services import add_member
from refunds.ledger.models import LedgerEntry
from refunds.payouts.models import Refund
from refunds.wallet.models import Compensation, PointsAccount, Wallet
from returns_platform.kernel import clock
from returns_platform.kernel.actors import SYSTEM
from returns_platform.tests.journeys.shop import open_shop, order_body
from returns_platform.tests.journeys.test_balance_pages import to_balance
from returns_platform.tests.journeys.test_benefits import file, order, pay
from returns_platform.tests.journeys.test_main_job import must_balance
from returns_platform.tests.journeys.town import a_photo

pytestmark = pytest.mark.django_db
GIFT = {"ground": "wait", "what": "balance", "amount": "15", "reason": "Nine days late."}


@pytest.fixture
def shop():
    yield open_shop()
    must_balance()


@pytest.fixture
def case(shop):
    order(shop, [("a", 1, 10000)], payments=[("wechat", 10000, {})])
    return ReturnRequest.objects.get(return_no=file(shop, ("a", 1))["return_no"])


def member(shop, role: str, name: str) -> Client:
    user = User.objects.create_user(name, password="demo-pass-2026", language="en")
    add_member(shop.merchant, user=user, role=role)
    return signed_in(user)


def staff(group: str, name: str) -> Client:
    ensure_groups()
    user = User.objects.create_user(name, password="demo-pass-2026", language="en", is_staff=True)
    user.groups.add(Group.objects.get(name=group))
    return signed_in(user)


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def give(client: Client, shop, case, **changes):
    said = {f"compensate-{name}": value for name, value in (GIFT | changes).items()}
    return client.post(f"/merchant/shop/returns/{case.return_no}/", said | {"do": "compensate"})


def text(answer) -> str:
    return answer.content.decode()


# --- the shop ---------------------------------------------------------------------------------------------


def test_s95_the_shop_gives_and_pays_it_apart_from_the_refund(shop, case):
    otto = member(shop, "owner", "otto")
    assert give(otto, shop, case).status_code == 302
    posted = LedgerEntry.objects.filter(transaction__kind="compensation").values_list("account", "amount")
    assert (Wallet.objects.get().balance, dict(posted)) == (1500, {"merchant": -1500, "customer_wallet": 1500})
    assert not Refund.objects.exists()
    assert "¥15.00 to the balance" in text(otto.get(f"/merchant/shop/returns/{case.return_no}/"))
    told = shop.get(f"/returns/{case.return_no}")[1]["benefits"]["compensations"]
    assert [(one["ground"], one["what"], one["amount"]) for one in told] == [("wait", "balance", 1500)]
    assert Notice.objects.filter(event="compensated", channel="inbox").count() == 1
    assert not Notice.objects.filter(event="compensated", channel="sms").exists()


def test_i15_the_same_ground_twice_is_told_and_gives_nothing(shop, case):
    otto = member(shop, "owner", "otto")
    give(otto, shop, case)
    again = give(otto, shop, case)
    assert again.status_code == 422 and "compensated already" in text(again)
    assert Wallet.objects.get().balance == 1500


def test_s102_points(shop, case):
    assert give(member(shop, "agent", "olga"), shop, case, what="points", amount="300").status_code == 302
    assert PointsAccount.objects.get().balance == 300


@pytest.mark.parametrize(
    "changes",
    [
        {"amount": "0"}, {"amount": "-5"}, {"amount": "15.005"}, {"amount": "9" * 19}, {"amount": "abc"},
        {"amount": ""}, {"what": "gold"}, {"ground": "freight"}, {"reason": " "}, {"reason": "x" * 501},
        {"what": "points", "amount": "1.5"},
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_a_422_with_what_was_typed(shop, case, changes):
    answer = give(member(shop, "owner", "otto"), shop, case, **changes)
    assert answer.status_code == 422
    assert not Compensation.objects.exists()


@pytest.mark.parametrize("role", ["warehouse", "finance", "viewer"])
def test_other_roles_give_nothing(shop, case, role):
    assert give(member(shop, role, "wes"), shop, case).status_code == 403
    assert not Compensation.objects.exists()


def test_another_shop_gives_nothing(shop, case):
    elle = member(open_shop("other"), "owner", "elle")
    assert give(elle, shop, case).status_code == 404
    said = {f"compensate-{name}": value for name, value in GIFT.items()} | {"do": "compensate"}
    assert elle.post(f"/merchant/other/returns/{case.return_no}/", said).status_code == 404


def test_above_the_limit_it_waits_for_another_person(shop, case):
    otto, finn = member(shop, "owner", "otto"), member(shop, "finance", "finn")
    page = f"/merchant/shop/returns/{case.return_no}/"
    assert give(otto, shop, case, amount="50.01").status_code == 302
    row = Compensation.objects.get()
    assert row.waits and not Wallet.objects.exists()
    assert SupportTask.objects.filter(kind="compensation", closed_at=None).count() == 1
    answer = {"agree_gift-gift": row.pk, "do": "agree_gift"}
    assert otto.post(page, answer).status_code == 403
    assert finn.post(page, {**answer, "agree_gift-gift": row.pk + 1}).status_code == 404
    assert finn.post(page, answer).status_code == 302
    assert Wallet.objects.get().balance == 5001
    assert not SupportTask.objects.filter(closed_at=None).exists()
    assert finn.post(page, answer).status_code == 409


# --- the desk ---------------------------------------------------------------------------------------------


def do(client: Client, case, step: str, said: dict, *, confirmed: bool = True):
    """One step of the desk, as the page with the case of now sends it."""
    sent = {**said, "seen": str(ReturnRequest.objects.get(pk=case.pk).version)} | (
        {"confirmed": "on"} if confirmed else {}
    )
    return client.post(reverse(f"admin:aftersales_returnrequest_{step}", args=[case.pk]), sent)


def test_the_platform_gives_after_it_was_read_back(shop, case):
    sue = staff("senior", "sue")
    read_back = do(sue, case, "compensate", GIFT, confirmed=False)
    assert read_back.status_code == 200 and "¥15.00 to the balance" in text(read_back)
    assert not Compensation.objects.exists()
    assert do(sue, case, "compensate", GIFT).status_code == 302
    posted = LedgerEntry.objects.filter(transaction__kind="compensation").values_list("account", "amount")
    assert dict(posted) == {"compensation_expense": -1500, "customer_wallet": 1500}
    assert do(sue, case, "compensate", GIFT).status_code == 422
    assert do(sue, case, "compensate", GIFT | {"amount": "x"}).status_code == 422


def test_a_second_person_of_the_platform_agrees_or_declines(shop, case):
    sue, fay = staff("senior", "sue"), staff("finance", "fay")
    do(sue, case, "compensate", GIFT | {"amount": "80"})
    row = Compensation.objects.get()
    answer = {"gift": row.pk, "do": "agree"}
    assert do(sue, case, "gift", answer).status_code == 403
    assert do(staff("risk", "rik"), case, "gift", answer).status_code == 403
    assert do(fay, case, "gift", answer).status_code == 302
    assert Wallet.objects.get().balance == 8000


def test_staff_move_a_balance_to_the_bank_for_the_customer(shop):
    order(shop, [("a", 1, 10000)], payments=[("wechat", 10000, {})])
    case = ReturnRequest.objects.get(return_no=file(shop, ("a", 1), **to_balance())["return_no"])
    pay()
    sue = staff("senior", "sue")
    assert "lies on the balance" in text(sue.get(reverse("admin:aftersales_returnrequest_change", args=[case.pk])))
    assert "¥100.00" in text(do(sue, case, "to_the_bank", {}, confirmed=False))
    assert do(sue, case, "to_the_bank", {}).status_code == 302
    assert Wallet.objects.get().balance == 0
    assert do(sue, case, "to_the_bank", {}).status_code == 409


# --- the courier whom the customer paid -------------------------------------------------------------------


def faulty(shop, reason="QL.DEFECT", **changes) -> ReturnRequest:
    assert shop.put("A7", order_body(unit_price=10000, quantity=1, discount=0))[0] == 201
    wish = {"order_no": "A7", "kind": "return_refund", "send_back": "self_ship", "refund_to": "original",
            "lines": [{"line_no": "1", "quantity": 1, "reason": reason}]}  # fmt: skip
    status, told = shop.post("/returns", wish | changes)
    assert status == 201, told
    return ReturnRequest.objects.get(return_no=told["return_no"])


def a_receipt(shop) -> str:
    return str(keep_upload(a_photo(), merchant=shop.merchant, by=SYSTEM, now=clock.now()).public_id)


def freight(shop, case, **changes):
    body = {"paid": 1500, "evidence": [a_receipt(shop)]} | changes
    return shop.post(f"/returns/{case.return_no}/freight", body)


def test_t46_the_courier_is_repaid_up_to_the_cap_as_a_posting_of_its_own(shop):
    case = faulty(shop)
    status, told = freight(shop, case)
    assert (status, told["bill"]["refund"]) == (200, 10000)
    posted = LedgerEntry.objects.filter(transaction__kind="compensation").values_list("account", "amount")
    assert dict(posted) == {"merchant": -1200, "customer_wallet": 1200}
    assert [one["ground"] for one in told["benefits"]["compensations"]] == ["freight"]
    assert freight(shop, case)[0] == 409
    assert Wallet.objects.get().balance == 1200


def test_t46_nothing_without_a_receipt_and_nothing_above_what_was_paid(shop):
    case = faulty(shop)
    for wrong in ({"evidence": []}, {"evidence": ["x"]}, {"evidence": [str(uuid4())]}, {"paid": 0}, {"paid": "15"}):
        assert freight(shop, case, **wrong)[0] == 422
    assert not Wallet.objects.exists()
    assert freight(shop, case, paid=700)[0] == 200
    assert Wallet.objects.get().balance == 700


def test_t46_who_bears_the_way_back_is_not_repaid(shop):
    case = faulty(shop, "NR.NO_LONGER_WANT")
    assert freight(shop, case)[0] == 409
    other = open_shop("other")
    assert freight(other, case)[0] == 404
