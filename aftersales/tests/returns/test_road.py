"""Every clock of a request, to the second: the reminder, the stored deadline, what silence leads to."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation

from aftersales.notifications.models import Notice
from aftersales.policy import queries as policies
from aftersales.replacements import services as replacements
from aftersales.returns import clocks, times
from aftersales.returns.headlines import Teller
from aftersales.returns.models import ReturnRequest, SupportTask
from aftersales.returns.queries import cases_of, parcel_of
from aftersales.returns.services import replacing, road
from aftersales.returns.services.deadlines import sweep_deadlines
from aftersales.returns.services.following import follow, follow_due_cases
from aftersales.returns.services.goods import change_slot, enter_waybill
from aftersales.returns.services.intake import submit_return
from aftersales.returns.services.news import take_parcel_news
from aftersales.returns.services.wishes import Wish, WishLine
from aftersales.tests.shop_cases import BUYER, ShopCases, open_cases
from logistics.couriers import stages
from logistics.couriers.interface import Scan
from logistics.parcels import states as parcel_states
from logistics.parcels.models import Parcel
from logistics.tracking.services import take_scans
from orders.accounts.models import User
from orders.customers.models import Customer
from returns_platform.kernel import clock
from returns_platform.kernel.actors import SYSTEM, Actor
from returns_platform.kernel.errors import WrongState
from returns_platform.kernel.fsm import moving
from returns_platform.tests.journeys.shop import open_shop
from returns_platform.tests.journeys.test_main_job import must_balance
from returns_platform.tests.journeys.test_swaps import (
    OTTO,
    article,
    coat_order,
    comes_back,
    replacement_of,
    swap,
    work,
)

pytestmark = pytest.mark.django_db
SECOND = timedelta(seconds=1)
SAM = Actor("support", "9", "sam")


@pytest.fixture
def cases() -> ShopCases:
    return open_cases()


def now_of(row: ReturnRequest) -> ReturnRequest:
    return ReturnRequest.objects.get(pk=row.pk)


def told(row: ReturnRequest, event: str) -> int:
    return Notice.objects.filter(case_ref=row.return_no, event=event, channel="inbox").count()


def tasks(row: ReturnRequest) -> set[str]:
    return set(SupportTask.objects.filter(request=row, closed_at=None).values_list("kind", flat=True))


def at_its_end(row: ReturnRequest) -> ReturnRequest:
    """Swept at the last second that still counts, when nothing may happen, and one second later."""
    due, before = now_of(row).due_at, now_of(row)
    sweep_deadlines(now=due)
    still = now_of(row)
    assert (still.state, still.waits_for, still.due_at) == (before.state, before.waits_for, due)
    sweep_deadlines(now=due + SECOND)
    return now_of(row)


def pickup(cases: ShopCases, reason: str = "NR.NO_LONGER_WANT") -> ReturnRequest:
    row = cases.filed(WishLine("1", 1, reason), send_back="pickup")
    follow(row.pk, now=clock.now())
    assert now_of(row).state == "approved"
    return now_of(row)


def sent(cases: ShopCases, reason: str = "NR.NO_LONGER_WANT", **wish) -> ReturnRequest:
    """Handed in by the customer at a courier's."""
    row = cases.filed(WishLine("1", 1, reason), **wish)
    follow(row.pk, now=clock.now())
    enter_waybill(row.pk, courier="sf", waybill=f"SF{row.pk:013d}", by=BUYER, now=clock.now())
    return now_of(row)


def scan(row: ReturnRequest, *said: tuple[str, str]) -> None:
    """(stage, incident): the courier tells it now, one second after the other."""
    parcel, now = parcel_of(row), clock.now()
    if not parcel.waybill:
        parcel.waybill, parcel.courier = f"SF{row.pk:013d}", "sf"
        parcel.save(update_fields=["waybill", "courier"])
    scans = [
        Scan(parcel.waybill, str(place), now - timedelta(minutes=9 - place), stage, incident=incident)
        for place, (stage, incident) in enumerate(said)
    ]
    take_scans(parcel, scans, now=now)
    take_parcel_news(parcel.pk, now=now)


TAKEN, LOST = (stages.PICKED_UP, ""), (stages.IN_TRANSIT, stages.LOST)


def test_what_is_with_a_person_shuts_nobody_out_of_a_sweep(cases):
    """It stays overdue until the person acts, and may fill every sweep: all the same each has its turn."""
    stuck, silent = cases.in_review(), cases.in_review()
    ReturnRequest.objects.filter(pk=stuck.pk).update(waits_for="support")
    later = silent.due_at + timedelta(days=1)
    for _sweep in range(40):
        sweep_deadlines(now=later, limit=1)
    assert now_of(silent).state != "in_review"


# --- nobody sends, nobody comes ---------------------------------------------------------------------------


def test_t107_who_sends_nothing_is_reminded_two_days_before_and_closed_after_the_last_second(cases):
    row = cases.approved()
    follow(row.pk, now=clock.now())
    due = now_of(row).due_at
    sweep_deadlines(now=due - times.REMIND_SENDER - SECOND)
    assert told(row, "reminder") == 0
    for _twice in range(2):
        sweep_deadlines(now=due - times.REMIND_SENDER)
    assert told(row, "reminder") == 1
    assert at_its_end(row).state == "lapsed"
    must_balance()


def test_a_pickup_is_waited_for_until_a_day_after_its_window(cases):
    row = pickup(cases)
    assert (row.waits_for, row.due_at) == ("courier", row.slot_to + times.VAN_LATE)


def test_nobody_came_the_van_is_called_off_and_the_customer_has_her_days_anew(cases):
    row = pickup(cases)
    over = row.due_at + SECOND
    row = at_its_end(row)
    days = policies.terms_of(row).customer_send_days
    assert (row.state, row.waits_for, row.due_at) == ("approved", "customer", over + timedelta(days=days))
    assert (parcel_of(row).state, parcel_of(row).problem) == ("failed", "not_collected")
    assert told(row, "pickup_failed") == 1
    sweep_deadlines(now=over + timedelta(days=1))
    assert now_of(row).state == "approved"
    enter_waybill(row.pk, courier="sf", waybill="SF7777777777777", by=BUYER, now=over)
    assert now_of(row).state == "in_transit"
    must_balance()


def test_t112_where_no_courier_could_be_booked_who_sends_nothing_is_closed_all_the_same(cases):
    row = pickup(cases)
    with moving(Parcel, parcel_of(row).pk, by=SYSTEM, now=clock.now()) as parcel:
        parcel.give_up(problem="not_served")
    take_parcel_news(parcel.pk, now=clock.now())
    row = now_of(row)
    assert (row.state, row.waits_for, tasks(row)) == ("approved", "customer", {"parcel_manual"})
    assert at_its_end(row).state == "lapsed"
    assert (row.order.lines.get().returnable, parcel_of(row).state) == (3, "cancelled")
    must_balance()


def test_another_time_is_waited_for_as_long_as_the_first(cases):
    row = pickup(cases)
    later = row.slot_from + timedelta(days=2)
    change_slot(row.pk, slot_from=later, slot_to=later + timedelta(hours=2), by=BUYER, now=clock.now())
    row = now_of(row)
    assert (row.waits_for, row.due_at) == ("courier", row.slot_to + times.VAN_LATE)


def test_a_van_that_the_courier_moved_to_a_later_window_is_waited_for(cases):
    row, parcel = pickup(cases), None
    parcel = parcel_of(row)
    parcel.slot_to += timedelta(days=1)
    parcel.save(update_fields=["slot_to"])
    sweep_deadlines(now=row.due_at + SECOND)
    assert (now_of(row).waits_for, now_of(row).due_at) == ("courier", parcel.slot_to + times.VAN_LATE)
    assert parcel_of(row).state == "requested"


# --- the courier is silent --------------------------------------------------------------------------------


def test_a_silent_courier_is_asked_by_a_person_and_the_customer_hears_of_it_once(cases):
    row = sent(cases)
    assert row.waits_for == "courier"
    row = at_its_end(row)
    assert (row.state, row.waits_for, tasks(row)) == ("in_transit", "courier", {"overdue_in_transit"})
    SupportTask.objects.update(closed_at=clock.now())
    assert at_its_end(row).state == "in_transit"
    assert (tasks(row), told(row, "parcel_late")) == ({"overdue_in_transit"}, 1)


# --- lost -------------------------------------------------------------------------------------------------


def test_t115_lost_after_the_first_scan_of_our_courier_is_paid_as_approved_and_claimed_even_if_it_turns_up(cases):
    row = pickup(cases)
    scan(row, TAKEN)
    scan(row, TAKEN, LOST)
    row = now_of(row)
    assert (row.state, row.waits_for, tasks(row)) == ("settling", "channel", {"parcel_lost"})
    assert (told(row, "parcel_lost"), told(row, "parcel_with_a_person")) == (1, 0)
    follow_due_cases(now=clock.now())
    assert [refund.amount for refund in row.order.refunds.all()] == [row.bill.refund]
    scan(row, TAKEN, LOST)
    assert told(row, "parcel_lost") == 1
    must_balance()
    scan(row, TAKEN, (stages.DELIVERED, ""))
    assert tasks(row) == {"parcel_lost", "parcel_found"}
    assert now_of(row).state == "settling"
    must_balance()


def test_a_number_that_she_entered_herself_is_never_paid_by_itself(cases):
    """Also after a pickup that failed: whose the lost parcel is, only its receipt says."""
    row = pickup(cases, "LG.DAMAGED")
    sweep_deadlines(now=row.due_at + SECOND)
    enter_waybill(row.pk, courier="sf", waybill="SF7777777777777", by=BUYER, now=clock.now())
    scan(row, TAKEN, LOST)
    row = now_of(row)
    assert (row.state, row.waits_for) == ("in_transit", "support")
    assert not row.order.refunds.exists()


def test_a_number_that_was_delivered_before_it_was_told_gives_the_shop_its_whole_time(cases):
    """Its week to inspect was over before it could know: the money would have left within a minute."""
    row = sent(cases)
    parcel, told_at = parcel_of(row), parcel_of(row).booked_at
    long_ago = Scan(parcel.waybill, "80", told_at - timedelta(days=10), stages.DELIVERED)
    take_scans(parcel, [long_ago], now=clock.now())
    take_parcel_news(parcel.pk, now=clock.now())
    row = now_of(row)
    assert (row.state, row.delivered_at, row.due_at) == ("arrived", told_at, told_at + timedelta(hours=48))
    sweep_deadlines(now=clock.now())
    assert now_of(row).state == "arrived"


def test_the_same_number_again_changes_nothing_however_it_is_written(cases):
    row = sent(cases)
    again = enter_waybill(row.pk, courier="SF", waybill=f"sf {row.pk:013d}", by=BUYER, now=clock.now())
    assert (again.state, again.version) == ("in_transit", row.version)


def test_a_mistyped_number_is_corrected_until_the_courier_has_scanned_it(cases):
    row = sent(cases)
    page = reverse("aftersales:waybill", args=[row.return_no])
    ann, account = Client(), User.objects.create_user("ann")
    ann.force_login(account)
    Customer.objects.filter(pk=row.customer_id).update(user=account)
    assert page in ann.get(reverse("aftersales:case", args=[row.return_no])).content.decode()
    assert ann.post(page, {"courier": "sf", "waybill": "SF9999999999999"}).status_code == 302
    row = now_of(row)
    assert (row.state, parcel_of(row).waybill) == ("in_transit", "SF9999999999999")
    scan(row, TAKEN)
    assert page not in ann.get(reverse("aftersales:case", args=[row.return_no])).content.decode()
    with pytest.raises(WrongState):
        enter_waybill(row.pk, courier="sf", waybill="SF9999999999998", by=BUYER, now=clock.now())


@pytest.mark.parametrize("reason", ["NR.NO_LONGER_WANT", "LG.DAMAGED"])
def test_what_she_sent_with_her_own_courier_is_a_persons(cases, reason):
    row = sent(cases, reason)
    scan(row, TAKEN, LOST)
    row = now_of(row)
    assert (row.state, row.waits_for, tasks(row)) == ("in_transit", "support", {"parcel_lost"})
    assert (told(row, "parcel_lost"), told(row, "parcel_with_a_person")) == (0, 1)
    with translation.override("en"):
        paid = road.pay_without_goods(row.pk, by=SAM, now=clock.now())
    assert (paid.state, told(row, "parcel_lost")) == ("settling", 1)
    assert road.pay_without_goods(row.pk, by=SAM, now=clock.now()).state == "settling"
    follow_due_cases(now=clock.now())
    must_balance()


def test_lost_without_any_scan_moves_no_money(cases):
    row = pickup(cases)
    scan(row, LOST)
    row = now_of(row)
    assert row.state != "settling" or parcel_of(row).collected_at is not None


# --- turned away ------------------------------------------------------------------------------------------


def test_a_parcel_that_the_shop_turned_away_gives_it_its_time_and_then_a_person(cases):
    row = sent(cases)
    scan(row, TAKEN, (stages.DELIVERY_FAILED, stages.REFUSED))
    row = now_of(row)
    hours = timedelta(hours=policies.terms_of(row).merchant_count_hours)
    assert row.waits_for == "merchant" and abs(row.due_at - clock.now() - hours) < timedelta(minutes=1)
    assert (told(row, "parcel_refused"), tasks(row)) == (1, {"parcel_refused"})
    with translation.override("en"):
        says = Teller(cases_of([row])[0], now=clock.now())
        assert "did not accept the parcel" in says.headline().title
        assert says.next_thing() == "The parcel did not get through"
    due = row.due_at
    sweep_deadlines(now=due - times.REMIND_SENDING)
    assert told(row, "parcel_refused") == 2
    assert at_its_end(row).state == "in_transit"
    assert tasks(row) == {"parcel_refused", "overdue_in_transit"}
    closed = road.close_without_goods(row.pk, by=SAM, now=clock.now())
    assert (closed.state, closed.refusal_code) == ("rejected", "R_NOT_RETURNED")
    assert now_of(row).order.lines.get().returnable == 3
    with pytest.raises(WrongState):
        road.pay_without_goods(row.pk, by=SAM, now=clock.now())
    must_balance()


def test_the_desk_pays_or_closes_on_the_page_of_the_case(cases):
    row = sent(cases)
    scan(row, TAKEN, LOST)
    root = User.objects.create_superuser("root")
    client = Client()
    client.force_login(root)
    page = client.get(reverse("admin:aftersales_returnrequest_change", args=[row.pk]))
    address = reverse("admin:aftersales_returnrequest_road", args=[row.pk])
    assert address in page.content.decode()
    assert client.post(address, {"do": "keep", "text": "x"}).status_code == 422
    assert client.post(address, {"do": "pay", "text": ""}).status_code == 422
    sent_form = {"do": "pay", "text": "Receipt seen.", "confirmed": "1", "seen": now_of(row).version}
    assert client.post(address, sent_form).status_code == 302
    assert now_of(row).state == "settling"
    assert client.post(address, sent_form).status_code == 409


# --- the shop ---------------------------------------------------------------------------------------------


def test_the_shop_is_reminded_of_an_answer_and_silence_grants_it_a_second_after(cases):
    row = cases.in_review()
    due = row.due_at
    sweep_deadlines(now=due - times.REMIND_SHOP - SECOND)
    before = told(row, "in_review")
    sweep_deadlines(now=due - times.REMIND_SHOP)
    assert told(row, "in_review") == before + 1
    assert at_its_end(row).state == "approved"


def test_who_was_asked_for_photos_is_reminded_and_then_closed(cases):
    row = submit_return(
        cases.order().pk, Wish(kind="refund_only", lines=(WishLine("1", 1, "FU.MISSING"),)), by=BUYER,
        now=clock.now(),
    )  # fmt: skip
    assert row.state == "needs_evidence"
    before = told(row, "evidence_asked")
    sweep_deadlines(now=row.due_at - times.REMIND_CUSTOMER)
    assert told(row, "evidence_asked") == before + 1
    assert at_its_end(row).state == "lapsed"


def test_a_delivered_parcel_that_nobody_counts_goes_from_reminder_to_a_person_to_the_money(cases):
    row = sent(cases)
    scan(row, TAKEN, (stages.DELIVERED, ""))
    row = now_of(row)
    terms = policies.terms_of(row)
    assert row.due_at == row.delivered_at + timedelta(hours=terms.merchant_count_hours)
    over = row.due_at + SECOND
    at_its_end(row)
    assert (told(row, "reminder"), tasks(row)) == (1, set())
    sweep_deadlines(now=over + times.COUNT_PATIENCE)
    assert tasks(row) == set()
    sweep_deadlines(now=over + times.COUNT_PATIENCE + SECOND)
    assert tasks(row) == {"overdue_count"}
    last = row.delivered_at + timedelta(days=terms.inspection_days)
    sweep_deadlines(now=last)
    assert now_of(row).state == "arrived"
    sweep_deadlines(now=last + SECOND)
    assert now_of(row).state == "settling"


# --- published --------------------------------------------------------------------------------------------


def test_every_clock_is_published_in_both_languages_from_the_figures_that_are_used(cases):
    terms = policies.in_force(clock.now()).terms
    for language, day in (("en", "10 days"), ("zh-hans", "10 天")):
        with translation.override(language):
            found = {one.code: one for part in clocks.published(terms) for one in part.clocks}
            assert found["road"].time == day
            assert all(one.waits and one.time and one.then for one in found.values())
    codes = {
        "answer", "evidence", "offer", "appeal", "send", "pickup", "point", "road", "lost", "turned_away", "count",
        "inspection", "doubt", "payment", "repair", "mending", "stock", "deposit", "sending", "outbound",
    }  # fmt: skip
    assert set(found) == codes
    page = Client().get(reverse("aftersales:clocks"))
    assert page.status_code == 200 and all(f'id="{code}"' in page.content.decode() for code in codes)
    assert parcel_states.LOST == "lost"


# --- what replaces the goods ------------------------------------------------------------------------------


@pytest.fixture
def dearer() -> ReturnRequest:
    """An exchange for something that costs more, which nobody has paid yet."""
    shop = open_shop("coats")
    article(shop, "COAT-M", 9000)
    article(shop, "COAT-LONG", 12000, stock=1, option="LONG")
    coat_order(shop)
    case = swap(shop, "COAT-LONG")
    work()
    return now_of(case)


def test_t68_who_has_to_pay_first_is_reminded_of_that_and_not_of_the_parcel(dearer):
    sweep_deadlines(now=clock.now())
    assert (told(dearer, "reminder"), told(dearer, "pay_first")) == (0, 1)
    due = dearer.due_at
    sweep_deadlines(now=due - times.REMIND_CUSTOMER - SECOND)
    assert told(dearer, "pay_first") == 1
    for _twice in range(2):
        sweep_deadlines(now=due - times.REMIND_CUSTOMER)
    assert (told(dearer, "reminder"), told(dearer, "pay_first")) == (0, 2)
    row = at_its_end(dearer)
    hours = timedelta(hours=policies.terms_of(row).exchange_pay_hours)
    assert (told(row, "pay_over"), row.due_at) == (1, due + SECOND + hours)
    assert at_its_end(row).state == "lapsed"
    must_balance()


def test_what_was_not_sent_or_does_not_arrive_is_a_persons_after_its_time():
    shop = open_shop("coats")
    article(shop, "COAT-M", 9000)
    article(shop, "COAT-L", 9000, stock=1, option="L")
    coat_order(shop)
    case = swap(shop, "COAT-L")
    comes_back(shop, case)
    row = now_of(case)
    assert (row.waits_for, tasks(row)) == ("merchant", set())
    asked = told(row, "to_send")
    sweep_deadlines(now=row.due_at - times.REMIND_SENDING)
    assert told(row, "to_send") == asked + 1
    assert at_its_end(row).state == "settling"
    assert tasks(row) == {"replacement_overdue"}
    found = replacement_of(case)
    replacements.enter_waybill(found.pk, courier="yto", waybill="YT9876543210", by=OTTO, now=clock.now())
    replacing.replacement_moved(replacement_of(case), now=clock.now())
    work()
    row = now_of(case)
    assert (row.waits_for, row.due_at) == ("courier", replacement_of(case).sent_at + times.ON_THE_ROAD)
    row = at_its_end(row)
    assert "replacement_late" in tasks(row)
    assert row.waits_for == "courier"
