"""The front page, the queues and what odd addresses do."""

from datetime import timedelta

import pytest
from django.urls import reverse

from aftersales.desk.queries import QUEUES
from aftersales.returns.models import ReturnRequest, SupportTask
from aftersales.returns.services.appeals import ask_a_person
from aftersales.returns.services.decisions import refuse_return
from aftersales.tests.desk.cases import ANN, BENCH, again, page_of, signed_in, staff
from orders.accounts.models import User

FRONT = "/admin/"


def front(client) -> dict[str, dict]:
    page = client.get(FRONT)
    assert page.status_code == 200
    return {entry["name"]: entry for entry in page.context["queues"]}


def list_of(queue: str) -> str:
    return reverse(f"admin:aftersales_{queue}_changelist")


def task(desk, kind: str, **more) -> SupportTask:
    return SupportTask.objects.create(
        kind=kind, reference=f"{kind}-1", opened_at=desk.at, due_at=desk.at + timedelta(days=1), **more
    )


def test_the_front_page_counts_what_waits_and_says_since_when(desk, sam):
    row = desk.for_review()
    ReturnRequest.objects.filter(pk=row.pk).update(due_at=desk.at + timedelta(hours=1))
    desk.doubtful()
    waits = front(sam)
    assert (waits["Waiting for the platform's decision"]["count"], waits["Doubtful inspections"]["count"]) == (1, 1)
    assert waits["Waiting for the platform's decision"]["oldest"] == row.filed_at
    assert waits["Waiting for the platform's decision"]["tone"] == "soon"


def test_each_group_sees_its_own_queues(db):
    seen = {group: set(front(signed_in(staff(group)))) for group in ("support", "finance", "operations")}
    assert "The platform was called in" in seen["support"]
    assert "Transfers to make" in seen["support"] & seen["finance"]
    assert {"Waiting for a second person", "Refunds that need a person", "Refunds that are mine"} <= seen["finance"]
    assert "Differences with the channel" in seen["finance"] and "Refunds that are mine" not in seen["support"]
    assert not seen["operations"]


def test_what_i_work_on_and_what_i_did_stand_beside_it(desk, sam):
    row, other = desk.for_review(), desk.for_review()
    sam.get(page_of(row))
    sent = {"do": "approve", "seen": other.version, "confirmed": "on"}
    sam.post(reverse("admin:aftersales_returnrequest_decide", args=[other.pk]), sent)
    page = sam.get(FRONT)
    assert [entry["text"] for entry in page.context["mine"]] == [row.return_no]
    assert [entry["text"] for entry in page.context["done"]] == [other.return_no]


def test_every_kind_of_task_is_in_exactly_one_queue(desk, sam):
    kinds = {
        "appeal": "appeal", "units_missing": "goodstask", "units_unexpected": "goodstask",
        "refunded_units_shipped": "goodstask", "parcel_lost": "parceltask", "parcel_manual": "parceltask",
        "overdue_count": "latetask", "replacement_overdue": "replacementtask", "case_stuck": "othertask",
        "no_return_address": "othertask", "of_a_later_program": "othertask",
    }  # fmt: skip
    for kind in kinds:
        task(desk, kind)
    for code, queue in QUEUES.items():
        if issubclass(queue.model, SupportTask):
            found = set(queue.rows(desk.at).values_list("kind", flat=True))
            assert found == {kind for kind, where in kinds.items() if where == code}


def test_an_appeal_waits_in_its_queue_and_leads_to_the_case(desk, sam):
    row = desk.for_review()
    refuse_return(row.pk, code="R_QTY", text="no", by=BENCH, now=desk.at)
    ask_a_person(row.pk, text="Look again.", by=ANN, now=desk.at)
    shown = sam.get(list_of("appeal")).content.decode()
    assert row.return_no in shown and page_of(row) + "?queue=appeal" in shown
    assert "Look again." in sam.get(page_of(row)).content.decode()


def test_next_hands_out_the_most_urgent_that_nobody_has(desk, sam, sue):
    late, later = desk.for_review(), desk.for_review()
    ReturnRequest.objects.filter(pk=later.pk).update(due_at=desk.at + timedelta(hours=1))
    to = [client.post(reverse("admin:aftersales_platformreview_next"))["Location"] for client in (sam, sue)]
    assert to == [page_of(row) + "?queue=platformreview" for row in (later, late)]
    third = signed_in(staff("support", "third")).post(reverse("admin:aftersales_platformreview_next"))
    assert third["Location"] == FRONT


def test_next_is_a_post_and_needs_somebody_who_works_cases(desk, sam):
    desk.for_review()
    assert sam.get(reverse("admin:aftersales_platformreview_next")).status_code == 405
    for group in ("auditor", "risk"):
        expected = 302 if group == "risk" else 403
        client = signed_in(staff(group))
        assert client.post(reverse("admin:aftersales_platformreview_next")).status_code == expected


def test_an_agent_is_not_handed_a_case_in_the_shops_time(desk, sam, sue):
    row = desk.doubtful()
    assert sam.post(reverse("admin:aftersales_doubtfulinspection_next"))["Location"] == FRONT
    assert page_of(row) in sue.post(reverse("admin:aftersales_doubtfulinspection_next"))["Location"]


def test_a_task_without_a_case_is_worked_on_its_own_page(desk, sam):
    order = desk.order()
    found = task(desk, "refunded_units_shipped", order=order)
    address = sam.post(reverse("admin:aftersales_goodstask_next"))["Location"]
    page = sam.get(address).content.decode()
    assert "The shop sent units that were refunded already" in page and "refunded_units_shipped-1" in page
    close = reverse("admin:aftersales_supporttask_close", args=[found.pk])
    assert sam.post(close, {"note": ""}).status_code == 422
    assert sam.post(close, {"note": "The shop called the parcel back."}).status_code == 302
    assert "The shop called the parcel back." in sam.get(address).content.decode()


@pytest.mark.parametrize("number", [1, 3])
def test_lists_ask_the_same_few_questions_for_one_row_and_for_three(desk, sue, number, django_assert_max_num_queries):
    for _one in range(number):
        task(desk, f"parcel_{_one}", request=desk.for_review())
    for address in (
        list_of("platformreview"),
        list_of("parceltask"),
        reverse("admin:aftersales_returnrequest_changelist"),
    ):
        with django_assert_max_num_queries(14):
            assert sue.get(address).status_code == 200


ODD = (
    "?q=%00", "?q=%FF", "?q=%ED%A0%80", "?o=user__password", "?o=9999999999999999999999", "?o=.-1", "?id=abc",
    "?pk=1e3", "?customer__phone__startswith=138", "?state=nonsense", "?state__exact=approved", "?p=-1",
    "?p=99999999999", "?all=", "?e=1", "?order__order_no=x", "?merchant__code=x", "?_popup=1",
    "?_to_field=user__password",
    "?shop=%27", "?queue=../../x", "?" + "q=" * 300, "?q=" + "x" * 7000, "?open=²", "?lookup[]=1",
)  # fmt: skip


@pytest.mark.parametrize("model", ["returnrequest", "platformreview", "appeal", "supporttask"])
def test_odd_addresses_of_lists_never_break(desk, db, model):
    root = signed_in(User.objects.create_superuser("root"))
    root.raise_request_exception = False
    desk.for_review()
    for odd in ODD:
        assert root.get(f"/admin/aftersales/{model}/{odd}").status_code in (200, 302, 400), odd


def test_odd_keys_are_not_there(desk, db):
    root = signed_in(User.objects.create_superuser("root"))
    root.raise_request_exception = False
    for key in ("abc", "²", "1e3", "0", "-1", "9" * 40, "1%00", "..%2f", "%F0%9F%92%A9"):
        for page in (f"returnrequest/{key}/change/", f"supporttask/{key}/change/", f"returnrequest/{key}/decide/"):
            assert root.get(f"/admin/aftersales/{page}").status_code in (302, 400, 404, 405), (key, page)


def test_odd_forms_never_break(desk, sam):
    sam.raise_request_exception = False
    row = desk.for_review()
    address = reverse("admin:aftersales_returnrequest_decide", args=[row.pk])
    seen = {"seen": row.version}
    for sent in (
        {}, {"do": "fly"}, {"do": "approve"}, {"do": "approve", "seen": "x"}, {"do": "approve", "seen": "9" * 30},
        seen | {"do": ["approve", "refuse"]}, seen | {"do": "refuse", "code": "R_FRAUD", "text": "x"},
        seen | {"do": "ask", "classes": ["E9"]}, seen | {"do": "approve", "text": "a\x00b"},
        seen | {"do": "approve", "text": "x" * 3000}, seen | {"do": "approve", "then": "home"},
        seen | {"do": "approve", "queue": "../x", "confirmed": ""},
    ):  # fmt: skip
        assert sam.post(address, sent).status_code in (200, 400, 409, 422), sent
    assert again(row).state == "in_review"
