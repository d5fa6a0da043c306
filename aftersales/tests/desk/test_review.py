"""The page on which the platform decides: filled in, read back, done; and who may not."""

import threading
from datetime import timedelta

import pytest
from django.db import connection

from aftersales.desk import services
from aftersales.desk.models import Lease
from aftersales.policy.standards import standard
from aftersales.returns.models import Message, ReturnRequest, SupportTask
from aftersales.returns.services import following
from aftersales.returns.services.decisions import approve_return
from aftersales.returns.services.withdrawal import withdraw_return
from aftersales.tests.desk.cases import ANN, a_desk, again, door, must_balance, page_of, signed_in, staff
from orders.accounts.models import User
from refunds.payouts.models import Refund
from returns_platform.kernel import clock
from returns_platform.kernel.actors import Actor


def decide(client, row, do="approve", *, confirmed=True, seen=None, **said):
    sent = {"do": do, "seen": row.version if seen is None else seen} | said
    return client.post(door("decide", row), sent | ({"confirmed": "on"} if confirmed else {}))


# --- happy paths ------------------------------------------------------------------------------------------


def test_the_page_shows_rule_facts_bill_and_customer(desk, sam):
    row = desk.for_review()
    page = sam.get(page_of(row)).content.decode()
    for said in ("The rules leave it to a person", "version 1", "¥33.33", "安小雨", "138****8000", "Decide"):
        assert said in page, said
    assert "13800138000" not in page


def test_the_standard_stands_beside_the_photos_in_the_words_that_customers_read(desk, sam):
    row = desk.for_review()
    page = sam.get(page_of(row)).content.decode()
    assert "Intact" in page
    assert str(standard("packaged_food").intact) in page
    assert str(standard("packaged_food").damaged[0]) in page


def test_nothing_happens_before_the_decision_was_read_back(desk, sam):
    row = desk.for_review()
    page = decide(sam, row, confirmed=False).content.decode()
    assert "Approve this request?" in page
    assert again(row).state == "in_review"
    assert decide(sam, row).status_code == 302
    row = again(row)
    assert (row.state, row.decided_by_kind, row.decided_by_name) == ("approved", "support", "Sam")
    must_balance()


def test_going_back_keeps_what_was_typed(desk, sam):
    row = desk.for_review()
    page = decide(sam, row, "refuse", code="R_QTY", text="Only one came.", then="back").content.decode()
    assert "Only one came.</textarea>" in page and '<option value="R_QTY" selected>' in page
    assert again(row).state == "in_review"


def test_money_leaves_only_after_the_hold(desk, sam):
    row = desk.for_review()
    decide(sam, row)
    following.follow(row.pk, now=clock.now())
    assert Refund.objects.get(case_ref=row.return_no).hold_until > clock.now() + timedelta(minutes=4)


def test_refusing_needs_a_ground_and_words_and_frees_the_units(desk, sam):
    row = desk.for_review()
    page = decide(sam, row, "refuse")
    assert page.status_code == 422
    assert "Say in one or two sentences" in page.content.decode()
    assert decide(sam, row, "refuse", code="R_NO_EVIDENCE", text="The photo shows another box.").status_code == 302
    assert (again(row).state, row.order.lines.get().returnable) == ("rejected", 3)
    must_balance()


def test_asking_for_evidence_stops_the_clock(desk, sam):
    row = desk.for_review()
    assert decide(sam, row, "ask", classes=["E1"], text="One close-up, please.").status_code == 302
    assert (again(row).state, again(row).waits_for) == ("needs_evidence", "customer")


def test_words_with_a_yes_reach_the_customer(desk, sam):
    row = desk.for_review()
    decide(sam, row, text="Sorry for the trouble.")
    assert list(row.messages.values_list("text", "audience")) == [("Sorry for the trouble.", "all")]


def test_a_doubtful_inspection_is_confirmed(desk, sue):
    row = desk.doubtful()
    assert "C × 3" in sue.get(page_of(row)).content.decode()
    assert decide(sue, row).status_code == 302
    assert again(row).state == "settling"
    must_balance()


def test_the_next_case_follows_a_decision(desk, sam):
    first, second = desk.for_review(), desk.for_review()
    answer = decide(sam, first, queue="platformreview", then="next")
    assert answer["Location"] == page_of(second) + "?queue=platformreview"
    answer = decide(sam, second, queue="platformreview", then="next")
    assert answer["Location"] == "/admin/"


def test_notes_stay_with_the_platform_and_replies_go_to_the_customer(desk, sam):
    row = desk.for_review()
    sam.post(door("say", row), {"audience": "platform", "text": "Nine of these this week."})
    sam.post(door("say", row), {"audience": "all", "text": "We are looking at it."})
    assert set(Message.objects.values_list("audience", "text")) == {
        ("platform", "Nine of these this week."), ("all", "We are looking at it."),
    }  # fmt: skip
    assert sam.post(door("say", row), {"audience": "platform", "text": " "}).status_code == 422


# --- the second person ------------------------------------------------------------------------------------


def a_large_sum(desk, by: Actor) -> ReturnRequest:
    row = desk.for_review(order=desk.order(unit_price=400000, discount=0), quantity=3)
    approve_return(row.pk, by=by, now=desk.at)
    following.follow(row.pk, now=desk.at)
    return again(row)


def test_finance_agrees_as_the_second_person(desk, fay):
    row = a_large_sum(desk, Actor("support", "900", "Sue"))
    assert Refund.objects.get().state == "held"
    assert "Check, then agree" in fay.get(page_of(row)).content.decode()
    fay.post(door("second", row), {"seen": row.version})
    assert Refund.objects.get().state == "held"
    assert fay.post(door("second", row), {"seen": row.version, "confirmed": "on"}).status_code == 302
    assert Refund.objects.get().state == "promised"
    must_balance()


def test_nobody_is_their_own_second_person(desk, db):
    person = staff("finance", "fay")
    row = a_large_sum(desk, Actor("support", str(person.pk), "Fay"))
    client = signed_in(person)
    assert "somebody else has to agree" in client.get(page_of(row)).content.decode()
    assert client.post(door("second", row), {"seen": row.version, "confirmed": "on"}).status_code == 403
    assert Refund.objects.get().state == "held"


# --- who may not ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("group", "sees"), [("finance", 200), ("risk", 200), ("auditor", 200), ("operations", 403)])
def test_the_other_groups_look_and_do_not_decide(desk, group, sees):
    row, client = desk.for_review(), signed_in(staff(group))
    page = client.get(page_of(row))
    assert page.status_code == sees
    assert b'value="approve"' not in page.content
    assert decide(client, row).status_code == 403
    assert again(row).state == "in_review"
    assert not Lease.objects.filter(user__username__in=("finance", "auditor", "operations")).exists()


def test_risk_asks_for_evidence_and_sees_the_score(desk):
    row, client = desk.for_review(), signed_in(staff("risk"))
    assert "Risk 0 of 100" in client.get(page_of(row)).content.decode()
    assert decide(client, row, "ask", text="Show the serial number.").status_code == 302


def test_a_support_agent_sees_a_band_and_no_score(desk, sam):
    page = sam.get(page_of(desk.for_review())).content.decode()
    assert "Risk" in page and "of 100" not in page


def test_finance_reads_no_messages_and_no_photos(desk, fay):
    row = desk.for_review()
    Message.objects.create(request=row, by_kind="customer", by_name="安小雨", text="It hurts.", at=desk.at)
    page = fay.get(page_of(row)).content.decode()
    assert "It hurts." not in page and "Your group does not see photos." in page


def test_a_support_agent_sees_only_what_waits_or_waited_for_the_platform(desk, sam, sue):
    row = desk.filed()
    assert sam.get(page_of(row)).status_code == 404
    assert decide(sam, row).status_code == 404
    assert sue.get(page_of(row)).status_code == 200


def test_while_the_shops_time_runs_only_a_senior_decides(desk, sam, sue):
    row = desk.doubtful()
    assert "The shop decides by" in sam.get(page_of(row)).content.decode()
    assert decide(sam, row).status_code == 403
    assert again(row).state == "inspected"
    assert decide(sue, row).status_code == 302


def test_when_the_shops_time_is_over_an_agent_decides(desk, sam):
    row = desk.doubtful()
    ReturnRequest.objects.filter(pk=row.pk).update(due_at=desk.at - timedelta(hours=1))
    assert decide(sam, again(row)).status_code == 302


def test_nobody_decides_about_their_own_purchase(desk, sam):
    row = desk.for_review()
    row.customer.user = User.objects.get(username="sam")
    row.customer.save()
    assert decide(sam, row).status_code == 403
    assert again(row).state == "in_review"


def test_nothing_is_edited_added_or_deleted_by_the_admins_own_forms(desk, db):
    root = signed_in(User.objects.create_superuser("root"))
    row = desk.for_review()
    assert root.post(page_of(row), {"state": "approved"}).status_code == 405
    for path in ("/admin/aftersales/returnrequest/add/", page_of(row).replace("change", "delete")):
        assert root.get(path).status_code == 403
        assert root.post(path, {"post": "yes"}).status_code == 403
    action = {"action": "delete_selected", "_selected_action": [row.pk], "post": "yes"}
    root.post("/admin/aftersales/returnrequest/", action)
    assert again(row).state == "in_review"


# --- too late ---------------------------------------------------------------------------------------------


def test_who_was_faster_is_told_and_nothing_happens(desk, sam):
    row = desk.for_review()
    sam.get(page_of(row))
    withdraw_return(row.pk, by=ANN, now=clock.now())
    answer = decide(sam, row)
    assert answer.status_code == 409
    page = answer.content.decode()
    assert "安小雨 withdrew it" in page and "after you opened this page" in page and "no money moved" in page
    assert again(row).state == "withdrawn"


def test_a_decision_on_a_page_of_before_has_no_effect(desk, sam):
    row = desk.for_review()
    old = row.version - 1
    assert decide(sam, row, seen=old).status_code == 409
    assert again(row).state == "in_review"


def test_an_approved_case_is_not_approved_twice(desk, sam, sue):
    row = desk.for_review()
    assert decide(sam, row).status_code == 302
    answer = decide(sue, row)
    assert answer.status_code == 409
    assert "Sam approved it" in answer.content.decode()
    assert decide(sue, again(row)).status_code == 409


# --- one case, one person ---------------------------------------------------------------------------------


def test_a_case_that_somebody_has_open_is_read_and_not_decided(desk, sam, sue):
    row = desk.for_review()
    sam.get(page_of(row))
    assert "Sam works on this until" in sue.get(page_of(row)).content.decode()
    answer = decide(sue, row)
    assert answer.status_code == 409
    assert "Sam works on this until" in answer.content.decode()
    assert again(row).state == "in_review"


def test_an_expired_lease_is_taken_over(desk, sam, sue):
    row = desk.for_review()
    sam.get(page_of(row))
    Lease.objects.update(until=clock.now() - timedelta(seconds=1))
    assert "Held for you until" in sue.get(page_of(row)).content.decode()
    assert decide(sue, row).status_code == 302


def test_a_case_given_back_is_free_at_once(desk, sam, sue):
    row = desk.for_review()
    sam.get(page_of(row))
    sam.post(door("give_back", row))
    assert "Held for you until" in sue.get(page_of(row)).content.decode()


def test_looking_again_holds_it_longer(desk, sam):
    row = desk.for_review()
    sam.get(page_of(row))
    Lease.objects.update(until=clock.now() + timedelta(minutes=1))
    sam.get(page_of(row))
    assert Lease.objects.get().until > clock.now() + timedelta(minutes=9)


@pytest.mark.django_db(transaction=True)
def test_two_people_who_ask_at_once_are_never_handed_the_same_case():
    desk = a_desk()
    rows = [desk.for_review() for _one in range(3)]
    people = [staff("support", f"sam-{number}") for number in range(4)]
    got, start = [], threading.Barrier(len(people))

    def ask(person):
        start.wait()
        try:
            row = services.next_of(
                ReturnRequest.objects.filter(waits_for="support").order_by("pk"), user=person, now=desk.at
            )
            got.append(row and row.pk)
        finally:
            connection.close()

    threads = [threading.Thread(target=ask, args=(person,)) for person in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(filter(None, got)) == sorted(row.pk for row in rows)
    assert got.count(None) == 1


# --- tasks and missing units on the page ------------------------------------------------------------------


def test_missing_units_are_released_from_the_page(desk, sam):
    row = desk.counted()
    page = sam.get(page_of(row)).content.decode()
    assert "Units that did not come" in page and "1 of 3" in page
    sent = {"do": "release", "text": "The customer has it.", "seen": row.version}
    assert "Release the units that are missing?" in sam.post(door("missing", row), sent).content.decode()
    assert sam.post(door("missing", row), sent | {"confirmed": "on"}).status_code == 302
    task = SupportTask.objects.get(kind="units_missing")
    assert (task.closed_by, task.closing_note) == ("Sam", "The customer has it.")
    assert row.order.lines.get().returnable == 1
    must_balance()


def test_missing_units_are_not_just_noted_away(desk, sam):
    row = desk.counted()
    task = SupportTask.objects.get(kind="units_missing")
    assert sam.post(f"/admin/aftersales/supporttask/{task.pk}/close/", {"note": "fine"}).status_code == 403
    assert row.tasks.get().closed_at is None


def test_a_task_that_a_colleague_closed_says_who(desk, sam, sue):
    row = desk.counted()
    task = SupportTask.objects.create(
        kind="parcel_lost", reference="x", request=row, order=row.order, opened_at=desk.at, due_at=desk.at
    )
    assert sue.post(f"/admin/aftersales/supporttask/{task.pk}/close/", {"note": "Claimed."}).status_code == 302
    answer = sam.post(f"/admin/aftersales/supporttask/{task.pk}/close/", {"note": "Me too."})
    assert answer.status_code == 409
    assert "Sue has closed this task already: Claimed." in answer.content.decode()
