"""Gift cards as accounts: what they hold follows from orders and from the shop's word, whoever comes first."""

import pytest
from django.db import DatabaseError, IntegrityError, transaction

from orders.tests import samples
from refunds.ledger.models import LedgerEntry
from refunds.tests.books import violations
from refunds.tests.payouts.conftest import NOW
from refunds.tests.payouts.test_races import at_once
from refunds.wallet.models import GiftCard, GiftCardEntry
from refunds.wallet.services import CardsNotFree, credit_card, disable_cards, enable_cards, keep_card, look_up
from returns_platform.kernel.errors import WrongState

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def books_hold(request):
    yield
    assert [line for line in violations() if "card" in line] == []


@pytest.fixture
def shop(db):
    return samples.shop()


def sold(shop, *codes, number="A1"):
    lines = [samples.line(quantity=len(codes), gift_cards=list(codes))]
    return samples.put(shop, number, lines=lines, payments=[samples.payment(4000 * len(codes), f"42{number}")])


def used(shop, code, amount, number="B1"):
    lines = [samples.line(quantity=1, unit_price=amount)]
    return samples.put(
        shop, number, lines=lines,
        payments=[samples.payment(amount, f"G{number}", channel="gift_card", gift_card=code)],
    )  # fmt: skip


def test_a_card_holds_what_it_was_sold_for_less_what_was_paid_with_it(shop):
    sold(shop, "C-1")
    used(shop, "C-1", 1500)

    for _again in range(2):
        assert look_up(shop, "C-1", currency="CNY", now=NOW).balance == 2500
    assert dict(LedgerEntry.objects.filter(account="gift_cards").values_list("transaction__kind", "amount")) != {}


def test_a_card_of_before_our_time_held_at_least_what_was_paid_with_it(shop):
    used(shop, "OLD", 1500)
    card = look_up(shop, "OLD", currency="CNY", now=NOW)

    assert (card.balance, list(card.entries.order_by("pk").values_list("kind", "amount"))) == (
        0, [("had", 1500), ("spent", -1500)],
    )  # fmt: skip


def test_a_payment_without_a_card_is_a_card_of_its_own(shop):
    order = samples.put(shop, payments=[samples.payment(12000, "GC-77", channel="gift_card")])
    for _again in range(2):
        credit_card(order.payments.get(), amount=700, reference="RF1-1", now=NOW)

    assert GiftCard.objects.get(code="GC-77").balance == 700


def test_a_deleted_card_takes_nothing(shop):
    order = used(shop, "C-1", 1500)
    keep_card(shop, "C-1", currency="CNY", deleted=True, left=None, now=NOW)

    assert credit_card(order.payments.get(), amount=700, reference="RF1-1", now=NOW) is None


def test_the_same_card_number_at_two_shops_is_two_cards(shop):
    sold(shop, "C-1")
    other = samples.shop("other")

    assert look_up(other, "C-1", currency="CNY", now=NOW).balance == 0
    assert look_up(shop, "C-1", currency="CNY", now=NOW).balance == 4000


def test_t65_disabled_once_and_enabled_again(shop):
    line = sold(shop, "C-1", "C-2").lines.get()
    for _again in range(2):
        assert len(disable_cards(line, quantity=1, case_ref="RT1", now=NOW)) == 1
    with pytest.raises(CardsNotFree):
        disable_cards(line, quantity=2, case_ref="RT2", now=NOW)
    assert sorted(GiftCard.objects.values_list("balance", flat=True)) == [0, 4000]

    enable_cards("RT1", now=NOW)
    assert list(GiftCard.objects.values_list("balance", "disabled_at")) == [(4000, None)] * 2


def test_a_returned_card_takes_no_word_of_money(shop):
    line = sold(shop, "C-1").lines.get()
    disable_cards(line, quantity=1, case_ref="RT1", now=NOW)

    with pytest.raises(WrongState):
        keep_card(shop, "C-1", currency="CNY", deleted=False, left=100, now=NOW)


def test_entries_are_only_added_and_a_card_never_goes_below_zero(shop):
    sold(shop, "C-1")
    look_up(shop, "C-1", currency="CNY", now=NOW)
    with pytest.raises(DatabaseError), transaction.atomic():
        GiftCardEntry.objects.update(amount=1)
    with pytest.raises(IntegrityError), transaction.atomic():
        GiftCard.objects.update(balance=-1)


@pytest.mark.django_db(transaction=True)
def test_ten_looks_at_once_enter_everything_once():
    shop = samples.shop()
    sold(shop, "C-1")
    used(shop, "C-1", 1500)
    at_once(*[lambda: look_up(shop, "C-1", currency="CNY", now=NOW)] * 10)

    assert (GiftCard.objects.get().balance, GiftCardEntry.objects.count()) == (2500, 2)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("turn", range(3))
def test_two_cases_never_take_the_same_card(turn):
    shop = samples.shop()
    line = sold(shop, "C-1", "C-2", "C-3").lines.get()
    results = at_once(*[
        lambda n=n: disable_cards(line, quantity=2, case_ref=f"RT{n}", now=NOW) for n in range(4)
    ])  # fmt: skip

    assert sum(isinstance(result, list) for result in results) == 1
    assert sorted(GiftCard.objects.values_list("balance", flat=True)) == [0, 0, 4000]
