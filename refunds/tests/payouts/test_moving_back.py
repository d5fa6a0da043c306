"""Money on the balance goes to the way that was paid with after all: once, while unspent, its bonus taken back."""

from datetime import timedelta

import pytest
from django.db import DatabaseError, IntegrityError, transaction

from orders.tests import samples
from refunds.ledger.models import LedgerEntry
from refunds.matching.services import look_for_missing
from refunds.payouts import services, states
from refunds.payouts.models import Break, Refund
from refunds.tests.payouts.conftest import CASE, SAM, SUE, state
from refunds.tests.payouts.test_races import at_once
from refunds.wallet.models import Wallet, WalletEntry
from refunds.wallet.services import spend, take_in_all_orders
from returns_platform.kernel.actors import Actor
from returns_platform.kernel.errors import Conflict, NotAllowed, WrongState
from returns_platform.kernel.fsm import reload

ANN = Actor("customer", id="5", name="Ann")


def on_the_balance(till, amount=10000, bonus=200) -> Refund:
    refund = till.promise(amount, destination="balance", bonus=bonus)
    till.pay()
    assert state(refund) == states.ARRIVED
    return refund


def balance() -> int:
    return Wallet.objects.get().balance


def move(till, refund, *, by=ANN) -> Refund:
    return services.move_to_original(refund.pk, by=by, now=till.later(hours=1))


@pytest.mark.django_db
def test_the_balance_moves_with_its_bonus_taken_back_as_postings_of_their_own(till, channel):
    refund = on_the_balance(till)
    assert balance() == 10200
    new = move(till, refund)

    assert (balance(), state(refund), till.payment.reserved) == (0, states.RETURNED_BY_BANK, 10000)
    assert (new.channel, new.amount, new.bonus, new.replaces_id) == ("wechat", 10000, 0, refund.pk)
    assert (new.authorisation.by, new.number) == (ANN, f"RF{CASE[2:]}-2")
    assert list(WalletEntry.objects.order_by("pk").values_list("kind", "amount")) == [
        ("refund", 10000), ("bonus", 200), ("moved", -10000), ("bonus_back", -200),
    ]  # fmt: skip
    back = LedgerEntry.objects.filter(transaction__reference=f"bonus_back:{refund.number}")
    assert dict(back.values_list("account", "amount")) == {"customer_wallet": -200, "bonus_expense": 200}


@pytest.mark.django_db
def test_it_is_sent_and_arrives_like_any_other_refund(till, channel):
    new = move(till, on_the_balance(till))
    till.pay()
    channel.becomes(new.number, "succeeded", succeeded_at=till.at)
    till.pay(minutes=1)

    assert (state(new), channel.created(new.number)) == (states.ARRIVED, 1)


@pytest.mark.django_db
def test_it_moves_once(till, channel):
    refund = on_the_balance(till)
    move(till, refund)

    with pytest.raises(WrongState):
        move(till, refund)


@pytest.mark.django_db
@pytest.mark.parametrize("spent", [1, 200, 10200])
def test_what_is_spent_stays_on_the_balance_and_nothing_changes(till, channel, spent):
    refund = on_the_balance(till)
    spend(till.order.customer, amount=spent, reference="A9", now=till.at)

    with pytest.raises(Conflict) as refused:
        move(till, refund)
    assert (refused.value.code, balance(), state(refund)) == ("spent", 10200 - spent, states.ARRIVED)
    assert till.payment.reserved == 10000


def shop_says_it_paid(till, amount) -> None:
    paid = samples.payment(amount, "BAL-9", channel="balance", paid_at=till.at.isoformat())
    order = samples.put(
        till.order.merchant, "A9", lines=[samples.line(quantity=1, unit_price=amount)], payments=[paid]
    )
    assert order.customer_id == till.order.customer_id


@pytest.mark.django_db
def test_what_an_order_was_paid_with_does_not_move_although_the_news_of_it_was_lost(till, channel):
    refund = on_the_balance(till)
    shop_says_it_paid(till, 1)

    with pytest.raises(Conflict):
        move(till, refund)


@pytest.mark.django_db
def test_moved_to_the_bank_and_spent_at_the_shop_is_told_to_finance(till, channel):
    move(till, on_the_balance(till))
    shop_says_it_paid(till, 4000)
    for _again in range(2):
        take_in_all_orders(now=till.at)
        look_for_missing(now=till.at)

    found = Break.objects.get()
    assert (found.kind, found.amount, found.number, found.is_open) == ("balance_spent_twice", 4000, "A9", True)
    samples.put(till.order.merchant, "A9", state="cancelled", lines=[samples.line(quantity=1, unit_price=4000)],
                payments=[])  # fmt: skip
    take_in_all_orders(now=till.at)
    look_for_missing(now=till.at)
    assert not reload(found).is_open


@pytest.mark.django_db
def test_a_shop_that_kept_a_balance_of_its_own_is_no_difference(till, channel):
    shop_says_it_paid(till, 4000)
    take_in_all_orders(now=till.at)
    look_for_missing(now=till.at)

    assert not Break.objects.exists()


@pytest.mark.django_db
def test_other_money_on_the_balance_is_as_good(till, channel):
    refund = on_the_balance(till, amount=5000, bonus=100)
    till.promise(2000, case_ref="RT2", destination="balance", bonus=0)
    till.pay()
    spend(till.order.customer, amount=2000, reference="A9", now=till.at)
    move(till, refund)

    assert balance() == 0


@pytest.mark.django_db
def test_when_the_channel_gives_up_the_money_and_its_bonus_return_to_the_balance(till, channel):
    new = move(till, on_the_balance(till))
    till.pay()
    channel.becomes(new.number, "closed")
    till.pay(minutes=1)
    till.pay(minutes=1)

    last = Refund.objects.order_by("-serial").first()
    assert (state(new), last.replaces_id, last.channel, state(last)) == ("closed", new.pk, "balance", "arrived")
    assert (balance(), till.payment.reserved) == (10200, 10000)
    with pytest.raises(WrongState):  # it had its one time
        move(till, last)


@pytest.mark.django_db
def test_two_people_who_say_that_it_was_not_paid_return_it_to_the_balance(till, channel):
    channel.next = ["down"]
    new = move(till, on_the_balance(till))
    till.pay()
    proposed = services.propose_settlement(new.pk, outcome="not_paid", proof="bill", by=SAM, now=till.at)
    services.confirm_settlement(proposed.pk, by=SUE, now=till.at)
    till.pay()

    assert balance() == 10200


@pytest.mark.django_db
def test_a_payment_that_is_too_old_keeps_it_on_the_balance(till, channel):
    refund = on_the_balance(till)

    with pytest.raises(WrongState):
        services.move_to_original(refund.pk, by=ANN, now=till.at + timedelta(days=400))


@pytest.mark.django_db
@pytest.mark.parametrize("destination", ["original", "coupon"])
def test_only_what_went_to_the_balance_by_choice_moves(till, channel, destination):
    refund = till.promise(1000, destination=destination)
    till.pay()

    with pytest.raises(WrongState):
        move(till, refund)


@pytest.mark.django_db
def test_nobody_moves_money_to_themselves_as_staff(till, channel, django_user_model):
    refund = on_the_balance(till)
    user = django_user_model.objects.create_user("sam", password="demo-pass-2026")
    customer = till.order.customer
    customer.user = user
    customer.save()

    with pytest.raises(NotAllowed):
        move(till, refund, by=Actor("support", id=str(user.pk), name="Sam"))
    assert balance() == 10200


@pytest.mark.django_db
def test_a_moved_refund_is_not_cancelled_with_the_case(till, channel):
    move(till, on_the_balance(till))

    with pytest.raises(WrongState):
        services.cancel_refunds(CASE, by=SAM, now=till.at)


@pytest.mark.django_db
def test_the_database_refuses_a_balance_below_zero_and_edits_of_entries(till, channel):
    on_the_balance(till)
    with pytest.raises(IntegrityError), transaction.atomic():
        Wallet.objects.update(balance=-1)
    with pytest.raises(DatabaseError), transaction.atomic():
        WalletEntry.objects.update(amount=1)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("turn", range(3))
def test_ten_clicks_at_once_move_it_once(till, channel, turn):
    refund = on_the_balance(till)
    at = till.later(hours=1)
    results = at_once(*[lambda: services.move_to_original(refund.pk, by=ANN, now=at)] * 10)

    assert sum(isinstance(result, Refund) for result in results) == 1
    assert (balance(), till.payment.reserved) == (0, 10000)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("turn", range(5))
def test_either_it_moves_or_it_is_spent(till, channel, turn):
    refund = on_the_balance(till)
    at, customer = till.later(hours=1), till.order.customer
    moved, spent = at_once(
        lambda: services.move_to_original(refund.pk, by=ANN, now=at),
        lambda: spend(customer, amount=10200, reference="A9", now=at),
    )

    assert isinstance(moved, Refund) != isinstance(spent, WalletEntry)
    assert balance() == 0
    assert state(refund) == (states.RETURNED_BY_BANK if isinstance(moved, Refund) else states.ARRIVED)
