"""The customer chooses where money goes that could not go back: her pages, her notices, what the case says."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils.translation import override

from aftersales.notifications.models import Notice
from aftersales.returns.models import ReturnRequest
from aftersales.returns.services import following, news
from aftersales.tests.desk.cases import must_balance
from aftersales.tests.returns.buyers import a_buyer
from orders.visitors.queries import GUEST_ORDER, GUEST_UNTIL
from refunds.payouts import services as payout
from refunds.payouts.models import Refund, RouteChange
from refunds.tests.payouts.conftest import sent_back
from refunds.tests.payouts.fakes import FakeChannel, refused
from refunds.wallet.models import Wallet
from returns_platform.kernel import clock
from returns_platform.kernel.actors import Actor

pytestmark = pytest.mark.django_db
SUE, FAY = Actor("support", "72", "Sue"), Actor("support", "73", "Fay")
CARD = "6222020200112345679"
BANK = {"way": "bank_transfer", "name": "安小雨", "bank": "招商银行", "account": "6222 0202 0011 2345 679"}


@pytest.fixture
def channel(settings):
    settings.GATEWAYS = {"wechat": "refunds.tests.payouts.fakes.FakeChannel"}
    FakeChannel.forget()
    return FakeChannel


@pytest.fixture
def ann(db):
    return a_buyer()


def now_of(row) -> ReturnRequest:
    return ReturnRequest.objects.get(pk=row.pk)


def told(refund) -> None:
    news.take_refund_news(refund.pk, now=clock.now())


@pytest.fixture
def closed(ann, channel):
    """Unshipped goods are cancelled; the account that was paid with is closed."""
    order = ann.order(signed=False)
    row = ann.filed(reason="UN.NOT_SHIPPED", kind="refund_only", send_back="none", order=order)
    following.follow(row.pk, now=clock.now())
    channel.next = [refused("USER_ACCOUNT_ABNORMAL", hurdle="account", retry=False)]
    payout.pay_due_refunds(clock.now())
    told(Refund.objects.get(case_ref=row.return_no))
    return row


def page(row, name="another_way", *more) -> str:
    return reverse(f"aftersales:{name}", args=[row.return_no, *more])


def test_she_is_told_and_the_case_leads_to_the_choice(ann, closed):
    assert Notice.objects.filter(event="refund_choose_way", channel="inbox").count() == 1
    row = now_of(closed)
    assert (row.state, row.waits_for) == ("settling", "customer")
    shown = ann.client.get(page(closed, "case"), headers={"accept-language": "en"}).content.decode()
    assert page(closed, "another_way", 1) in shown
    assert "could not go back" in shown


def test_nothing_is_picked_for_her(ann, closed):
    shown = ann.client.get(page(closed, "another_way", 1)).content.decode()
    assert " checked" not in shown
    assert ann.client.post(page(closed, "another_way", 1), {}).status_code == 422


def test_the_balance_with_the_policys_bonus_is_there_at_once(ann, closed):
    answer = ann.client.post(page(closed, "another_way", 1), {"way": "balance"})
    assert answer.status_code == 302
    change = RouteChange.objects.get()
    assert (change.by_kind, change.by_id, change.bonus) == ("customer", str(ann.user.pk), 66)
    payout.pay_due_refunds(clock.now())
    told(Refund.objects.get(serial=2))

    assert Wallet.objects.get().balance == 3333 + 66
    assert now_of(closed).state == "completed"
    must_balance()


def test_a_stale_link_and_a_second_tab_say_what_is_true(ann, closed):
    here = page(closed, "another_way", 1)
    ann.client.post(here, {"way": "balance"})
    assert ann.client.get(here).status_code == 302
    with override("en"):
        shown = ann.client.get(here, follow=True, headers={"accept-language": "en"}).content.decode()
    assert "There is nothing to choose" in shown
    assert ann.client.post(here, BANK).status_code == 409
    assert Refund.objects.count() == 2


def test_a_bank_account_is_kept_sealed_and_shown_by_its_last_digits(ann, closed):
    here = page(closed, "another_way", 1)
    assert ann.client.post(here, BANK).status_code == 302
    change = RouteChange.objects.get()
    assert CARD not in change.payee_account
    pages = [ann.client.get(page(closed, "case")), ann.client.get(here)]
    letters = "".join(str(notice.params) for notice in Notice.objects.all())
    for text in [*(shown.content.decode() for shown in pages), letters]:
        assert CARD not in text
    assert "****5679" in pages[1].content.decode()
    assert (Refund.objects.count(), Refund.objects.get().other_way) == (1, "bank_transfer")

    payout.agree_first(change.pk, by=SUE, now=clock.now())
    payout.agree_second(change.pk, by=FAY, now=clock.now())
    payout.pay_due_refunds(clock.now())
    later = Refund.objects.get(serial=2)
    told(later)
    assert Notice.objects.filter(event="refund_by_hand").exists()
    assert not Notice.objects.filter(event="refund_delayed").exists()
    must_balance()


@pytest.mark.parametrize(
    "wrong",
    [{"account": "6222020200112345670"}, {"account": "12"}, {"account": "abc"}, {"name": ""}, {"bank": " "},
     {"way": "gold"}, {"account": "6" * 400}],
)  # fmt: skip
def test_what_is_wrong_is_told_and_what_was_typed_is_kept(ann, closed, wrong):
    answer = ann.client.post(page(closed, "another_way", 1), BANK | wrong)
    assert answer.status_code == 422
    assert BANK["name"] in answer.content.decode() or not wrong.get("name", "x")
    assert not RouteChange.objects.exists()


def test_nobody_else_chooses_for_her(ann, closed):
    other = a_buyer("other")
    assert other.client.get(page(closed, "another_way", 1)).status_code == 404
    assert other.client.post(page(closed, "another_way", 1), {"way": "balance"}).status_code == 404
    assert ann.client.get(page(closed, "another_way", 9)).status_code == 404


def test_a_guest_chooses_too(client, ann, closed):
    session = client.session
    session[GUEST_ORDER], session[GUEST_UNTIL] = closed.order_id, clock.now().timestamp() + 600
    session.save()
    assert client.post(page(closed, "another_way", 1), {"way": "balance"}).status_code == 302
    assert RouteChange.objects.get().by_id == f"guest-{closed.customer_id}"


def test_money_that_the_bank_returns_opens_the_case_again(ann, channel):
    row = ann.filed(reason="UN.NOT_SHIPPED", kind="refund_only", send_back="none", order=ann.order(signed=False))
    following.follow(row.pk, now=clock.now())
    payout.pay_due_refunds(clock.now())
    refund = Refund.objects.get()
    channel.becomes(refund.number, "succeeded", succeeded_at=clock.now())
    payout.pay_due_refunds(clock.now() + timedelta(minutes=2))
    told(refund)
    assert now_of(row).state == "completed"

    sent_back(refund, now=clock.now())
    told(refund)
    assert (now_of(row).state, now_of(row).waits_for) == ("settling", "customer")
    must_balance()
    ann.client.post(page(row, "another_way", 1), {"way": "balance"})
    payout.pay_due_refunds(clock.now())
    told(Refund.objects.get(serial=2))
    assert now_of(row).state == "completed"
    must_balance()


def test_a_case_whose_money_came_back_is_not_withdrawn_and_forgotten(ann, channel):
    row = ann.filed(reason="UN.NOT_SHIPPED", kind="refund_only", send_back="none", order=ann.order(signed=False))
    following.follow(row.pk, now=clock.now())
    channel.next = [refused("NO", hurdle="rule", retry=False)]
    payout.pay_due_refunds(clock.now())
    refund = Refund.objects.get()
    proposed = payout.propose_settlement(refund.pk, outcome="not_paid", proof="bill", by=SUE, now=clock.now())
    payout.confirm_settlement(proposed.pk, by=FAY, now=clock.now())
    answer = ann.client.post(page(row, "withdraw"))
    assert (answer.status_code, now_of(row).state) == (409, "settling")
    must_balance()


def test_filing_does_not_offer_a_way_back_that_is_too_old(ann):
    """T95: WeChat takes a payment back for 365 days."""
    old = (clock.now() - timedelta(days=366)).isoformat()
    order = ann.order(signed=False, placed_at=old, payments=[
        {"channel": "wechat", "transaction_id": "x", "amount": 10000, "paid_at": old}
    ])  # fmt: skip
    shown = ann.client.get(reverse("aftersales:file", args=[order.pk]))
    names = [outcome.name for outcome in shown.context["outcomes"]]
    with override(ann.user.language):
        assert any("bank account that you name" in name for name in names)
        assert any("balance" in name for name in names)
        assert not any("Back the way you paid" in name for name in names)
