"""Bills against refunds, from the file to breaks, counters and postings."""

import random
from dataclasses import replace
from datetime import timedelta

import pytest

from orders.purchases.services.claims import RefundExceedsPayment
from refunds.ledger.models import LedgerEntry, LedgerTransaction
from refunds.matching import services
from refunds.matching.models import ExternalRefund, Match, StatementDay, StatementFile
from refunds.matching.services import matching
from refunds.payouts import services as payouts
from refunds.payouts import states
from refunds.payouts.models import Break
from refunds.tests.matching import statement
from refunds.tests.matching.conftest import DAY, NEXT_DAY, SAM, SUE, breaks, state
from refunds.tests.payouts.conftest import NOW, sent_back
from returns_platform.kernel.actors import SYSTEM
from returns_platform.kernel.errors import Conflict, Invalid
from returns_platform.kernel.fsm import reload

pytestmark = pytest.mark.django_db


def the_break() -> Break:
    return Break.objects.get()


def results() -> list[str]:
    return sorted(Match.objects.filter(line__file__in_force_for__isnull=False).values_list("result", flat=True))


def test_a_refund_on_the_bill_matches(desk):
    desk.bill(desk.row(desk.arrived()))

    assert (results(), breaks()) == (["matched"], [])


def test_a_success_that_we_have_not_heard_of_arrives_by_the_bill(desk, till):
    refund = till.promise()
    till.pay(minutes=2)
    desk.bill(desk.row(refund))
    move = reload(refund).moves.last()

    assert (state(refund), results(), breaks()) == (states.ARRIVED, ["matched"], [])
    assert (refund.arrived_at, move.by_kind, move.note) == (NOW, "channel", "statement")
    assert LedgerTransaction.objects.filter(kind="arrived").count() == 1


def test_another_amount_freezes_what_is_on_its_way_and_posts_nothing(desk, till):
    refund = till.promise()
    till.pay(minutes=2)
    desk.bill(desk.row(refund, amount=3334))
    found = the_break()

    assert (state(refund), refund.problem, results()) == (states.MANUAL, "mismatch", ["break"])
    assert (found.kind, found.amount, found.ours["amount"], found.theirs["amount"]) == (
        "amount_differs", 1, 3333, 3334,
    )  # fmt: skip
    assert not LedgerTransaction.objects.filter(kind="arrived").exists()


def test_a_payout_that_was_never_sent_is_stopped_before_it_is_sent_too(desk, till):
    refund = till.promise(by=SAM, hold_s=3600)
    desk.bill(desk.row(refund))
    till.pay(hours=2)

    assert (state(refund), refund.problem, breaks()) == (states.MANUAL, "unasked", ["paid_unasked"])


def test_a_closed_refund_that_was_paid_stays_closed(desk, till, bank):
    refund = till.promise()
    till.pay(minutes=2)
    bank.becomes(refund.number, "closed")
    till.pay(minutes=5)
    desk.bill(desk.row(refund))

    assert (state(refund), breaks()) == (states.CLOSED, ["paid_unasked"])


def test_the_same_bill_again_changes_nothing(desk):
    row = desk.row(desk.arrived())
    wrong = desk.row(number="HAND1")
    first, again = desk.bill(row, wrong), desk.bill(row, wrong)
    before = (list(Match.objects.values_list()), list(Break.objects.values_list()), desk.payment.reserved)
    StatementDay.objects.update(matched_at=None, next_try_at=NOW)
    desk.match()

    assert first == again and StatementFile.objects.count() == 1
    assert before == (list(Match.objects.values_list()), list(Break.objects.values_list()), desk.payment.reserved)


def test_a_corrected_bill_is_a_revision_and_what_no_longer_differs_is_closed(desk):
    refund = desk.arrived()
    desk.bill(desk.row(refund, amount=1), desk.row())
    assert breaks() == ["amount_differs", "external"]
    second = desk.bill(desk.row(refund))

    assert (second.revision, breaks(), results()) == (2, [], ["matched"])
    assert set(Break.objects.values_list("reason", "closed_by")) == {("agreed", "")}
    assert (desk.payment.external, desk.payment.reserved) == (0, 3333)


def test_a_difference_that_is_back_is_open_again_and_one_that_a_person_closed_is_not(desk):
    refund = desk.arrived()
    good, bad = desk.row(refund), desk.row(refund, amount=1)
    for row in (bad, good, bad):
        desk.bill(row)
    assert breaks() == ["amount_differs"]
    services.close_break(the_break().pk, reason="explained", proof="a fee of theirs", by=SAM, now=NOW)
    for row in (good, bad):
        desk.bill(row)

    assert breaks() == []
    assert [event.what for event in the_break().events.all()] == ["found", "gone", "again", "closed"]


# --- refunded past this platform ------------------------------------------------------------------------------


def test_a_refund_made_by_hand_is_booked_and_the_payment_holds_less(desk, till):
    desk.bill(desk.row(amount=9000))
    external = ExternalRefund.objects.get()
    posted = LedgerTransaction.objects.get(kind="external")

    assert (desk.payment.external, desk.payment.reserved, breaks()) == (9000, 9000, ["external"])
    assert {entry.account: entry.amount for entry in posted.entries.all()} == {
        "merchant": -9000, "channel:wechat": 9000,
    }  # fmt: skip
    assert (external.order, external.reserved, the_break().theirs["booked"]) == (till.order, True, "held")
    with pytest.raises(RefundExceedsPayment):
        till.promise(3001)
    till.promise(3000)


def test_where_the_payment_does_not_hold_it_the_break_says_so(desk, till):
    till.promise(4000)
    desk.bill(desk.row(amount=9000))

    assert (desk.payment.external, desk.payment.reserved) == (0, 4000)
    assert (ExternalRefund.objects.get().reserved, the_break().theirs["booked"]) == (False, "not_held")
    assert LedgerEntry.objects.filter(account="channel:wechat").get().amount == 9000


def test_a_payment_that_is_not_ours_books_nothing(desk):
    desk.bill(desk.row(transaction_id="4299999"))

    assert (breaks(), ExternalRefund.objects.count()) == (["foreign"], 0)


def test_a_payout_by_hand_that_was_one_of_ours_is_not_counted_twice(desk, till):
    refund = desk.arrived(700)
    sent_back(refund, now=till.at)
    anew = payouts.send_anew(refund.pk, by=SAM, now=till.at)
    desk.bill(desk.row(refund), desk.row(refund, kind="reversal", channel_ref="701"), desk.row(amount=700))
    found = the_break()
    assert (found.kind, desk.payment.reserved, desk.payment.external) == ("external", 1400, 700)

    with pytest.raises(Conflict, match="wrong_state|conflict"):
        services.link_external(found.pk, number=anew.number, by=SUE, now=till.at)
    with pytest.raises(Invalid):
        services.link_external(found.pk, number="RF9-9", by=SUE, now=till.at)
    till.pay(hours=1)
    proposed = _unknown_then_proposed(anew, till)
    payouts.confirm_settlement(proposed.pk, by=SUE, now=till.at)
    services.link_external(found.pk, number=anew.number, by=SUE, now=till.at)

    assert (desk.payment.reserved, desk.payment.external, breaks()) == (700, 0, [])
    assert LedgerTransaction.objects.filter(kind="external_undone").count() == 1
    StatementDay.objects.update(matched_at=None, next_try_at=till.at)
    desk.match()
    assert (desk.payment.external, breaks(), set(results())) == (0, [], {"matched"})


def _unknown_then_proposed(refund, till):
    from refunds.payouts.services.moves import moving_refund

    with moving_refund(refund.pk, by=SYSTEM, now=till.at) as locked:
        locked.hand_over("channel_down")
    return payouts.propose_settlement(refund.pk, outcome="paid", proof="row 4 of the bill", by=SAM, now=till.at)


def test_a_fault_in_one_refund_is_a_break_and_does_not_stop_the_others(desk, till, monkeypatch):
    first, second = till.promise(1000), till.promise(2000)
    till.pay(minutes=2)
    till.pay(minutes=2)
    tell = matching._tell
    monkeypatch.setattr(
        matching, "_tell", lambda refund, *about, **when: 1 / (refund.pk - first.pk) and tell(refund, *about, **when)
    )
    desk.bill(desk.row(first), desk.row(second))
    assert (state(first), state(second), breaks()) == (states.ACCEPTED, states.ARRIVED, ["state_differs"])
    monkeypatch.setattr(matching, "_tell", tell)
    services.look_for_missing(now=till.at)

    assert (state(first), breaks()) == (states.ARRIVED, [])


def test_two_bills_around_midnight_are_one_story(desk, till):
    refund = desk.arrived()
    late = desk.row(refund, at=till.at.replace(hour=16, minute=0, second=1))  # one second into the next day there
    desk.bill(late, day=NEXT_DAY)

    assert (breaks(), results()) == ([], ["matched"])
    desk.bill(late, day=DAY)
    assert breaks() == ["listed_twice"]
    desk.bill(day=DAY)
    assert breaks() == []


def test_money_that_came_back_without_our_knowing(desk, till):
    refund = desk.arrived()
    desk.bill(desk.row(refund), desk.row(refund, kind="reversal", channel_ref="701"))
    assert breaks() == ["reversed"]
    sent_back(refund, now=till.at)
    services.look_for_missing(now=till.at)

    assert (breaks(), results()) == ([], ["matched", "matched"])


def test_after_a_row_about_money_that_came_back_the_channel_is_asked(desk, till, bank):
    refund = desk.arrived()
    desk.bill(desk.row(refund), desk.row(refund, kind="reversal"))
    assert (state(refund), breaks()) == (states.ARRIVED, ["reversed"])
    bank.becomes(refund.number, "returned")
    till.pay(minutes=1)
    services.look_for_missing(now=till.at)

    assert (state(refund), breaks(), desk.payment.reserved) == (states.RETURNED_BY_BANK, [], 0)


def test_a_payment_is_known_by_either_of_its_names(desk):
    row = desk.row(desk.arrived(), transaction_id="pi_1", also_known_as="4200001")
    desk.bill(row, desk.row(transaction_id="pi_1", also_known_as="4200001"))

    assert (breaks(), desk.payment.external) == (["external"], 700)


@pytest.mark.parametrize("seed", range(5))
def test_any_order_of_rows_and_bills_gives_the_same(desk, seed):
    one, two = desk.arrived(1000), desk.arrived(2000)
    rows = [
        desk.row(one), desk.row(one, channel_ref="777"), desk.row(two, amount=1), desk.row(amount=50),
        desk.row(amount=60, channel_ref="50HAND2"), desk.row(two, kind="reversal", channel_ref="702"),
    ]  # fmt: skip
    luck = random.Random(seed)
    luck.shuffle(rows)
    desk.bill(*rows[:3], day=DAY if seed % 2 else NEXT_DAY)
    desk.bill(*rows[3:], day=NEXT_DAY if seed % 2 else DAY)

    assert breaks() == ["amount_differs", "external", "external", "paid_twice", "reversed"]
    assert desk.payment.external == 110


# --- what is not there ----------------------------------------------------------------------------------------


def test_a_success_on_no_bill_is_missing_after_two_days_and_found_when_it_comes_late(desk, till):
    refund = desk.arrived()
    days = [DAY + timedelta(days=n) for n in (-1, 0, 1)]
    for day in days:
        desk.bill(day=day)
    services.look_for_missing(now=till.later(days=1))
    assert breaks() == []
    services.look_for_missing(now=till.later(days=1, minutes=1))
    services.look_for_missing(now=till.at)
    found = the_break()

    assert (found.kind, found.refund, found.amount) == ("missing_at_channel", refund, 3333)
    desk.bill(desk.row(refund))
    assert breaks() == []


def test_nothing_is_missing_where_a_bill_is_not_there_yet(desk, till):
    desk.arrived()
    desk.bill(day=DAY)
    services.look_for_missing(now=till.later(days=9))

    assert breaks() == []


def test_a_return_on_no_bill_is_missing_after_five_days(desk, till):
    refund = desk.arrived()
    desk.bill(desk.row(refund))
    sent_back(refund, now=till.later(days=1))
    for nth in range(1, 7):
        services.look_for_missing(now=till.later(days=1))
        assert breaks() == []
        desk.bill(day=DAY + timedelta(days=nth))
    services.look_for_missing(now=till.at)

    assert breaks() == ["return_missing"]
    desk.bill(desk.row(refund, kind="reversal", channel_ref="9", at=till.at), day=DAY + timedelta(days=7))
    assert breaks() == []


def test_rows_without_money_of_refunds_are_laid_aside(desk):
    desk.bill(desk.row(kind="other", number="", channel_ref="", amount=60))

    assert (results(), breaks()) == (["aside"], [])


def test_a_preview_says_what_would_come_and_writes_nothing(desk):
    refund = desk.arrived()
    raw = statement.write([replace(desk.row(refund), line=2), replace(desk.row(), line=3)])
    told = services.preview_statement("wechat", DAY, raw)

    assert (told.rows, told.matched, told.kinds, told.again, told.revision) == (2, 1, {"external": 1}, False, 1)
    assert told.sums == {"CNY": {"refund": 4033}}
    assert not StatementFile.objects.exists() and not Break.objects.exists()
    desk.bill(desk.row(refund), desk.row())
    assert services.preview_statement("wechat", DAY, raw).again is True
