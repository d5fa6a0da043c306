"""Another way for money whose own way is closed: one paid result in total, never less than owed."""

import pytest
from django.conf import settings as live_settings

from orders.purchases.models import Payment, Transaction
from refunds.ledger.models import LedgerEntry
from refunds.payouts import payees, services, states
from refunds.payouts.models import PayeeLook, Refund, RefundException, RouteChange, Transfer
from refunds.payouts.payees import Payee
from refunds.payouts.services.transfers import ProofUsed
from refunds.tests.payouts.conftest import SAM, SUE, state
from refunds.tests.payouts.fakes import refused
from refunds.tests.payouts.test_news import hear, told
from refunds.tests.payouts.test_races import at_once
from refunds.wallet.models import Wallet
from returns_platform.kernel.actors import Actor
from returns_platform.kernel.errors import Invalid, NotAllowed, WrongState

pytestmark = pytest.mark.django_db
ANN = Actor("customer", "1", "安小雨")
FAY, FLO = Actor("support", "81", "Fay"), Actor("support", "82", "Flo")
CARD = "6222020200112345679"


def her_account(till, name=None) -> Payee:
    return Payee(name or till.order.customer.name, "招商银行", CARD)


@pytest.fixture
def closed(till, channel):
    """The payer's account is closed: the channel said no for good."""
    refund = till.promise()
    channel.next = [refused("USER_ACCOUNT_ABNORMAL", hurdle="account", retry=False)]
    till.pay()
    return refund


def later_of(refund) -> Refund:
    return Refund.objects.get(replaces=refund)


def paid_out(customer) -> dict[str, int]:
    """What has left or was credited, by account."""
    sums = {}
    for account, amount in LedgerEntry.objects.values_list("account", "amount"):
        sums[account] = sums.get(account, 0) + amount
    return {account: amount for account, amount in sums.items() if amount}


# --- accounts ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "account"),
    [
        ("6222 0202 0011 2345 679", CARD),
        ("６２２２０２０２００１１２３４５６７９", CARD),
        ("6222-0202-0011-2345-679", CARD),
    ],
)
def test_an_account_is_read_as_people_write_it(typed, account):
    assert payees.clean_account(typed) == account
    assert payees.why_no_account(account) == ""


@pytest.mark.parametrize(
    "typed", ["", "1234567", "6222020200112345670", "12a45678", "1" * 29, "٣٣٣٣٣٣٣٣", "²²²²²²²²"]
)
def test_what_is_no_account_is_told(typed):
    assert payees.why_no_account(payees.clean_account(typed))


def test_names_are_compared_as_people_read_them():
    assert payees.same_name("ANN  LI", "ann li")
    assert payees.same_name("安 小雨", "安小雨")
    assert not payees.same_name("安小雨", "安晓雨")


# --- to the balance: her own choice -----------------------------------------------------------------------


def test_her_own_choice_of_the_balance_is_enough(till, channel, closed):
    services.choose_way(closed.pk, way="balance", bonus=66, by=ANN, now=till.later(hours=1))
    assert (state(closed), till.payment.reserved) == (states.CLOSED, 3333)
    later = later_of(closed)
    assert (later.amount, later.bonus, later.channel, later.number != closed.number) == (3333, 66, "balance", True)
    till.pay()

    assert state(later) == states.ARRIVED
    assert Wallet.objects.get().balance == 3399
    chosen = RouteChange.objects.get()
    assert (chosen.by_kind, chosen.at, chosen.replacement) == ("customer", till.at, later)
    assert not RefundException.objects.filter(closed_at=None).exists()
    assert channel.created(closed.number) == 1


def test_staff_never_chooses_the_balance_for_her(till, closed):
    with pytest.raises(NotAllowed):
        services.choose_way(closed.pk, way="balance", reason="she phoned", by=SAM, now=till.at)


def test_while_the_channel_has_the_money_nothing_else_is_paid(till, channel):
    """T94: abnormal; she chooses at once, and it is paid once the channel has closed it."""
    refund = till.promise()
    till.pay()
    hear(told(refund, state="abnormal"))
    services.choose_way(refund.pk, way="balance", by=ANN, now=till.at)
    services.carry_out_routes(till.later(hours=1))
    assert (state(refund), Refund.objects.count(), Refund.objects.get().other_way) == ("manual", 1, "balance")

    hear(told(refund, state="closed", event_id="2"))
    services.carry_out_routes(till.at)
    till.pay()
    assert state(later_of(refund)) == states.ARRIVED
    assert paid_out(till)["customer_wallet"] == 3333
    assert "channel:wechat" not in paid_out(till)


def test_or_once_two_people_prove_that_it_came_back(till, channel):
    refund = till.promise()
    till.pay()
    hear(told(refund, state="abnormal"))
    services.choose_way(refund.pk, way="balance", by=ANN, now=till.at)
    proposed = services.propose_settlement(refund.pk, outcome="not_paid", proof="console 9", by=SUE, now=till.at)
    services.confirm_settlement(proposed.pk, by=FAY, now=till.at)
    services.carry_out_routes(till.at)
    till.pay()

    assert (state(refund), state(later_of(refund))) == (states.CLOSED, states.ARRIVED)


def test_a_late_success_after_all_pays_once_and_ends_the_choice(till, channel):
    refund = till.promise()
    till.pay()
    hear(told(refund, state="abnormal"))
    services.choose_way(refund.pk, way="balance", by=ANN, now=till.at)
    hear(told(refund, event_id="2"))
    services.carry_out_routes(till.at)

    assert (state(refund), Refund.objects.count()) == (states.ARRIVED, 1)
    with pytest.raises(WrongState):
        services.choose_way(refund.pk, way="balance", by=ANN, now=till.at)


def test_too_old_is_paid_another_way_at_once(till, channel):
    """T95: 366 days old."""
    till.at = till.payment.paid_at
    refund = till.promise(hold_s=0)
    till.pay(days=366)
    assert (state(refund), refund.problem, channel.calls) == (states.MANUAL, "too_old", [])
    services.choose_way(refund.pk, way="balance", by=ANN, now=till.at)
    till.pay()

    assert Wallet.objects.get().balance == 3333
    assert channel.calls == []


def test_two_tabs_choose_once(till, closed):
    services.choose_way(closed.pk, way="balance", by=ANN, now=till.at)
    with pytest.raises(WrongState):
        services.choose_way(closed.pk, way="bank_transfer", payee=her_account(till), by=ANN, now=till.at)
    assert Refund.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_two_tabs_and_staff_at_the_same_moment_open_one_number(till, channel):
    refund = till.promise()
    till.pay()
    hear(told(refund, state="closed"))
    at_once(
        *[lambda: services.choose_way(refund.pk, way="balance", by=ANN, now=till.at)] * 3,
        *[lambda: services.send_anew(refund.pk, by=SAM, now=till.at)] * 3,
    )
    assert Refund.objects.filter(replaces=refund).count() == 1
    assert till.payment.reserved == 3333


def test_what_moves_by_itself_has_no_other_way(till, channel):
    refund = till.promise()
    till.pay()
    with pytest.raises(WrongState):
        services.choose_way(refund.pk, way="balance", by=ANN, now=till.at)


# --- to a bank account: two people ------------------------------------------------------------------------


def chosen(till, refund, **more) -> RouteChange:
    facts = {"payee": her_account(till, more.pop("name", None)), "by": ANN, "now": till.at} | more
    return services.choose_way(refund.pk, way="bank_transfer", **facts)


def test_a_bank_account_takes_a_senior_and_finance_and_then_a_transfer_by_two(till, closed):
    change = chosen(till, closed)
    assert CARD not in change.payee_account and change.payee.endswith("****5679")
    with pytest.raises(WrongState):
        services.agree_second(change.pk, by=FAY, now=till.at)
    services.agree_first(change.pk, by=SUE, now=till.at)
    with pytest.raises(NotAllowed):
        services.agree_second(change.pk, by=SUE, now=till.at)
    assert Refund.objects.count() == 1
    services.agree_second(change.pk, by=FAY, now=till.at)

    later = later_of(closed)
    till.pay()
    assert (state(later), later.problem, later.account, later.amount) == ("manual", "transfer", change.payee, 3333)
    entered = services.enter_transfer(later.pk, proof_no="ICBC 2026-0001", by=FAY, now=till.later(hours=1))
    assert (state(later), later.accepted_at) == (states.ACCEPTED, till.at)
    with pytest.raises(NotAllowed):
        services.confirm_transfer(entered.pk, by=FAY, now=till.at)
    services.confirm_transfer(entered.pk, by=FLO, now=till.later(days=1))
    assert (state(later), later.arrived_at) == (states.ARRIVED, till.at)
    assert paid_out(till)["channel:bank_transfer"] == 3333
    assert not RefundException.objects.filter(closed_at=None).exists()
    assert RefundException.objects.get(refund=later).proof == "ICBC2026-0001"


def test_another_name_waits_and_can_be_stopped_meanwhile(till, closed):
    change = chosen(till, closed, name="王大力")
    assert change.name_differs
    services.agree_first(change.pk, by=SUE, now=till.at)
    services.agree_second(change.pk, by=FAY, now=till.at)
    services.carry_out_routes(till.later(seconds=live_settings.ROUTE_COOLING_OFF_S - 1))
    assert Refund.objects.count() == 1
    services.stop_route(change.pk, why="not her account", by=Actor("support", "91", "Rik"), now=till.at)
    services.carry_out_routes(till.later(days=2))
    assert Refund.objects.count() == 1
    assert Refund.objects.get().other_way == ""

    again = chosen(till, closed)
    services.agree_first(again.pk, by=SUE, now=till.at)
    services.agree_second(again.pk, by=FAY, now=till.at)
    assert Refund.objects.count() == 2


def test_after_the_time_the_other_name_is_paid(till, closed):
    change = chosen(till, closed, name="王大力")
    services.agree_first(change.pk, by=SUE, now=till.at)
    services.agree_second(change.pk, by=FAY, now=till.at)
    services.carry_out_routes(till.later(seconds=live_settings.ROUTE_COOLING_OFF_S))
    assert later_of(closed).channel == "bank_transfer"


def test_staff_asks_with_a_reason_and_neither_agrees_nor_pays(till, closed):
    with pytest.raises(Invalid):
        chosen(till, closed, by=SAM)
    change = chosen(till, closed, by=SAM, reason="read out on the phone, called back")
    with pytest.raises(NotAllowed):
        services.agree_first(change.pk, by=SAM, now=till.at)
    services.agree_first(change.pk, by=SUE, now=till.at)
    with pytest.raises(NotAllowed):
        services.agree_second(change.pk, by=SAM, now=till.at)
    services.agree_second(change.pk, by=FAY, now=till.at)
    till.pay()
    with pytest.raises(NotAllowed):
        services.enter_transfer(later_of(closed).pk, proof_no="ABC123456", by=SAM, now=till.at)


def test_she_may_choose_anew_until_somebody_has_agreed(till, closed):
    first = chosen(till, closed)
    second = chosen(till, closed, name="王大力")
    assert not RouteChange.objects.get(pk=first.pk).stands
    with pytest.raises(WrongState):
        services.agree_first(first.pk, by=SUE, now=till.at)
    services.agree_first(second.pk, by=SUE, now=till.at)
    with pytest.raises(WrongState):
        chosen(till, closed)


def test_who_reads_an_account_is_kept(till, closed):
    change = chosen(till, closed)
    with pytest.raises(Invalid):
        services.reveal_payee(change.pk, reason=" ", by=FAY, now=till.at)
    assert services.reveal_payee(change.pk, reason="transfer", by=FAY, now=till.at).account == CARD
    assert list(PayeeLook.objects.values_list("by_name", "reason")) == [("Fay", "transfer")]


# --- orders that were paid by bank transfer ---------------------------------------------------------------


@pytest.fixture
def by_transfer(till):
    Transaction.objects.filter(pk=till.payment.transaction_id).update(channel="bank_transfer")
    Payment.objects.filter(pk=till.payment.pk).update(channel="bank_transfer")
    refund = till.promise()
    till.pay()
    return refund


def test_it_waits_in_the_queue_of_transfers_and_nothing_asks_a_channel(till, by_transfer):
    assert (by_transfer.channel, state(by_transfer), by_transfer.problem) == ("bank_transfer", "manual", "transfer")
    assert RefundException.objects.get().kind == "transfer"
    for act in (services.retry, services.ask_again):
        with pytest.raises(WrongState):
            act(by_transfer.pk, by=SAM, now=till.at)
    with pytest.raises(WrongState):
        services.propose_settlement(by_transfer.pk, outcome="paid", proof="slip", by=SAM, now=till.at)


def test_a_number_of_the_bank_is_used_once(till, by_transfer):
    services.enter_transfer(by_transfer.pk, proof_no="abc 123456", by=FAY, now=till.at)
    services.enter_transfer(by_transfer.pk, proof_no="ABC123456", by=FAY, now=till.at)
    assert Transfer.objects.count() == 1
    other = till.promise(100, case_ref="RT2")
    till.pay()
    with pytest.raises(ProofUsed):
        services.enter_transfer(other.pk, proof_no="ABC123456", by=FLO, now=till.at)
    with pytest.raises(Invalid):
        services.enter_transfer(other.pk, proof_no="1", by=FLO, now=till.at)


def test_what_is_not_on_the_statement_waits_again(till, by_transfer):
    entered = services.enter_transfer(by_transfer.pk, proof_no="ABC123456", by=FAY, now=till.at)
    services.drop_transfer(entered.pk, why="not on the statement", by=FLO, now=till.at)
    assert (state(by_transfer), by_transfer.problem, by_transfer.accepted_at) == ("manual", "transfer", None)
    again = services.enter_transfer(by_transfer.pk, proof_no="ABC123456", by=FAY, now=till.at)
    services.confirm_transfer(again.pk, by=FLO, now=till.at)
    assert state(by_transfer) == states.ARRIVED
    with pytest.raises(WrongState):
        services.drop_transfer(again.pk, why="late", by=FLO, now=till.at)


@pytest.mark.django_db(transaction=True)
def test_two_people_enter_at_once_and_one_transfer_is_kept(till, by_transfer):
    at_once(
        lambda: services.enter_transfer(by_transfer.pk, proof_no="AAA111111", by=FAY, now=till.at),
        lambda: services.enter_transfer(by_transfer.pk, proof_no="BBB222222", by=FLO, now=till.at),
    )
    assert Transfer.objects.filter(dropped_at=None).count() == 1
