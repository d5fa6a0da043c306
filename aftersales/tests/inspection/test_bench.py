"""The bench: scanning, counting, inspecting, who may, and what a wrong scan does."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from aftersales.evidence.models import Evidence
from aftersales.evidence.services import keep_upload
from aftersales.inspection.models import Inspection, MovedOn
from aftersales.inspection.places import Bench
from aftersales.inspection.queries import waiting
from aftersales.inspection.services import Arrived, Graded, count_goods, inspect_goods
from aftersales.notifications.models import Notice
from aftersales.returns import presenting
from aftersales.returns.models import ReturnLine, ReturnRequest, SupportTask
from aftersales.returns.queries import parcel_of
from aftersales.returns.services.deadlines import sweep_deadlines
from aftersales.returns.services.evidence import add_evidence
from aftersales.returns.services.following import follow_due_cases
from aftersales.returns.services.goods import enter_waybill, goods_delivered
from aftersales.returns.services.wishes import WishLine
from aftersales.returns.services.withdrawal import withdraw_return
from aftersales.tests.returns.buyers import photo
from aftersales.tests.shop_cases import BUYER, open_cases
from refunds.payouts.models import Refund
from returns_platform.kernel import clock
from returns_platform.kernel.actors import Actor
from returns_platform.kernel.errors import Invalid
from returns_platform.kernel.fsm import moving
from returns_platform.tests.journeys.shop import order_body
from returns_platform.tests.journeys.test_main_job import must_balance

pytestmark = pytest.mark.django_db

COLLEAGUE = Actor("merchant", "0", "王师傅")


@pytest.fixture
def cases():
    return open_cases()


def address(code="shop", **query):
    return reverse("merchant:bench", args=[code], query=query)


def now_of(row) -> ReturnRequest:
    return ReturnRequest.objects.get(pk=row.pk)


def line_of(row) -> ReturnLine:
    return row.lines.get()


def counted(cases, units: int = 1, quantity: int = 1, **changes) -> ReturnRequest:
    row = cases.approved(quantity, **changes)
    count_goods(row.pk, [Arrived("1", units)], by=COLLEAGUE, now=clock.now())
    return now_of(row)


def count(client, row, units):
    form = {"do": "count", "return_no": row.return_no, f"came_{line_of(row).pk}": units}
    return client.post(address(row.merchant.code), form)


def grade(client, row, **changes):
    form = {"do": "grade", "return_no": row.return_no, "line": line_of(row).pk, "quantity": "1", "grade": "A"}
    return client.post(address(row.merchant.code), form | {"disposition": "", "note": ""} | changes)


# --- scanning ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", ["owner", "agent", "warehouse", "finance", "viewer"])
@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_every_role_sees_the_bench(client, cases, role, language):
    row = counted(cases)
    client.force_login(cases.member(role))
    assert row.return_no in client.get(address(), headers={"accept-language": language}).content.decode()
    response = client.get(f"{address()}?code={row.return_no}", headers={"accept-language": language})
    assert response.context["row"] == row


def test_a_return_its_label_its_order_and_its_waybill_are_recognised(client, cases):
    row = cases.approved()
    follow_due_cases(now=clock.now())
    enter_waybill(row.pk, courier="sf", waybill="SF1234567890777", by=BUYER, now=clock.now())
    client.force_login(cases.member("warehouse"))
    codes = [row.return_no, row.return_no.lower(), f"{row.return_no}-1", row.order.order_no, "sf1234567890777"]
    for code in [*codes, f" {row.return_no} ", row.return_no.replace("RT", "ＲＴ")]:
        assert client.get(f"{address()}?code={code}").context["row"] == row, code


def test_a_wrong_scan_keeps_the_unit_and_says_what_was_read(client, cases):
    row = counted(cases)
    client.force_login(cases.member("warehouse"))
    response = client.get(f"{address()}?code=6901234567892&on={row.return_no}")
    assert response.context["row"] == row
    assert "6901234567892" in response.content.decode()


def test_an_order_with_two_open_requests_asks_which(client, cases):
    order = cases.order()
    first = cases.filed(WishLine("1", 1, "NR.NO_LONGER_WANT"), order=order)
    second = cases.filed(WishLine("1", 1, "NR.NO_LONGER_WANT"), order=order)
    client.force_login(cases.member("warehouse"))
    response = client.get(f"{address()}?code={order.order_no}")
    assert {one["return_no"] for one in response.context["several"]} == {first.return_no, second.return_no}
    withdraw_return(first.pk, by=BUYER, now=clock.now())
    assert client.get(f"{address()}?code={order.order_no}").context["row"].return_no == second.return_no


def test_nothing_of_another_shop_is_recognised(client, cases):
    row, others = counted(cases), open_cases("other")
    client.force_login(others.member("warehouse"))
    for code in (row.return_no, row.order.order_no):
        response = client.get(f"{address('other')}?code={code}&on={row.return_no}")
        assert response.context["row"] is None
    assert client.get(address()).status_code == 404
    assert count(client, row, "1").status_code == 404
    form = {"do": "count_all", "return_no": row.return_no}
    assert client.post(address("other"), form).status_code == 404


@pytest.mark.parametrize("code", ["%", "x" * 3000, "²", "RT" + "9" * 60, "' OR 1=1", "-", "\u200b", "𝟙"])
def test_odd_codes_are_told_and_nothing_breaks(client, cases, code):
    client.force_login(cases.member("warehouse"))
    assert client.get(address(), {"code": code, "on": code}).status_code == 200


def test_a_parcel_nobody_waits_for_is_told(client, cases):
    undecided, withdrawn = cases.in_review(), cases.approved()
    withdraw_return(withdrawn.pk, by=BUYER, now=clock.now())
    client.force_login(cases.member("warehouse"))
    for row in (undecided, withdrawn):
        response = client.get(f"{address()}?code={row.return_no}")
        assert response.context["why_nothing"]
        assert "count_form" not in response.context


def test_the_warehouse_sees_no_price(client, cases):
    row = counted(cases)
    client.force_login(cases.member("warehouse"))
    assert "33.33" not in client.get(f"{address()}?code={row.return_no}").content.decode()


# --- counting ---------------------------------------------------------------------------------------------


def test_counting_what_was_announced(client, cases):
    row = cases.approved(2)
    client.force_login(cases.member("warehouse", "wang"))
    assert count(client, row, "2").status_code == 302
    row = now_of(row)
    assert (row.state, line_of(row).counted, line_of(row).count.by_name) == ("arrived", 2, "wang")


def test_all_as_announced(client, cases):
    row = cases.approved(3)
    client.force_login(cases.member("warehouse"))
    client.post(address(), {"do": "count_all", "return_no": row.return_no})
    assert line_of(row).counted == 3


@pytest.mark.parametrize(("units", "seen"), [("1", "missing"), ("5", "unexpected")])
def test_missing_and_unexpected_units_are_shown_plainly(client, cases, units, seen):
    row = cases.approved(2)
    client.force_login(cases.member("warehouse"))
    count(client, row, units)
    line = line_of(row)
    assert {"missing": line.missing, "unexpected": line.count.unexpected}[seen] > 0
    assert SupportTask.objects.filter(kind=f"units_{seen}", reference=row.return_no).exists()
    result = client.get(f"{address()}?code={row.return_no}").context["sheet"]["rows"][0][-1]
    assert str(line.missing or line.count.unexpected) in result


def test_goods_of_the_order_that_were_not_announced_are_recorded(client, cases):
    bought = [
        {"line_no": number, "sku": f"S{number}", "title": f"坚果 {number}", "category": "packaged_food",
         "quantity": 1, "unit_price": 6000} for number in "12"
    ]  # fmt: skip
    parcel = order_body()["parcels"][0] | {"items": [{"line_no": number, "quantity": 1} for number in "12"]}
    order = cases.order(lines=bought, discount=0, quantity=3, unit_price=4000, parcels=[parcel])
    row = cases.filed(WishLine("1", 1, "NR.NO_LONGER_WANT"), order=order)
    other = order.lines.get(line_no="2")
    client.force_login(cases.member("warehouse"))
    form = {"do": "count", "return_no": row.return_no, f"came_{line_of(row).pk}": "1", f"extra_{other.pk}": "1"}
    assert client.post(address(), form).status_code == 302
    assert SupportTask.objects.get(kind="units_unexpected").data == {"lines": {"2": 1}}


@pytest.mark.parametrize("units", ["", "-1", "1.5", "1e3", "٣", "9" * 5000, "x"])
def test_a_count_is_a_whole_number(client, cases, units):
    row = cases.approved(2)
    client.force_login(cases.member("warehouse"))
    assert count(client, row, units).status_code == 422
    assert now_of(row).state == "approved"


def test_somebody_counted_already(client, cases):
    row = counted(cases)
    client.force_login(cases.member("warehouse"))
    assert count(client, row, "1").status_code == 302
    assert count(client, row, "0").status_code == 409
    assert line_of(row).counted == 1


# --- inspecting -------------------------------------------------------------------------------------------


def test_a_grade_sends_the_goods_on_their_usual_way_and_the_refund_too(client, cases):
    row = counted(cases)
    client.force_login(cases.member("warehouse", "wang"))
    assert grade(client, row).status_code == 302
    kept = Inspection.objects.get()
    assert (kept.grade, kept.disposition, kept.by_name) == ("A", "RESTOCK", "wang")
    assert now_of(row).state == "settling"


def test_units_of_one_line_get_different_grades(client, cases):
    row = counted(cases, units=3, quantity=3)
    client.force_login(cases.member("warehouse"))
    grade(client, row, quantity="2")
    page = client.get(f"{address()}?code={row.return_no}")
    assert page.context["grade_form"].entry.left == 1
    assert [one["value"] for one in page.context["grades"] if one["used"]] == ["A"]
    assert now_of(row).state == "arrived"
    grade(client, row, grade="C", note="缺一包")
    assert now_of(row).state == "inspected"


@pytest.mark.parametrize(
    "changes",
    [
        {"grade": ""}, {"grade": "Z"}, {"quantity": "2"}, {"quantity": "0"}, {"disposition": "SELL"},
        {"grade": "B"}, {"grade": "B", "note": "\u200b"}, {"note": "x" * 2001},
    ],
)  # fmt: skip
def test_what_does_not_fit_is_told_and_nothing_is_recorded(client, cases, changes):
    row = counted(cases)
    client.force_login(cases.member("warehouse"))
    assert grade(client, row, **changes).status_code == 422
    assert not Inspection.objects.exists()


def test_inspecting_before_counting_is_told(client, cases):
    row = cases.approved()
    client.force_login(cases.member("warehouse"))
    assert grade(client, row).status_code in (409, 422)
    assert not Inspection.objects.exists()


def test_somebody_inspected_already(client, cases):
    row = counted(cases)
    client.force_login(cases.member("warehouse"))
    grade(client, row)
    assert grade(client, row, disposition="SCRAP").status_code == 409
    assert Inspection.objects.get().disposition == "RESTOCK"


def test_a_line_of_another_request_is_not_there(client, cases):
    mine, other = counted(cases), counted(cases)
    client.force_login(cases.member("warehouse"))
    assert grade(client, mine, line=line_of(other).pk).status_code == 404
    assert grade(client, mine, line="²").status_code == 404


@pytest.mark.parametrize("role", ["owner", "agent", "finance", "viewer"])
def test_only_the_warehouse_counts_and_inspects(client, cases, role):
    to_count, to_grade = cases.approved(), counted(cases)
    client.force_login(cases.member(role))
    assert count(client, to_count, "1").status_code == 403
    assert grade(client, to_grade).status_code == 403
    assert now_of(to_count).state == "approved"


def test_an_owner_who_unpacks_parcels_may(client, cases):
    row = cases.approved()
    client.force_login(cases.member("owner", also=("warehouse",)))
    assert count(client, row, "1").status_code == 302


@pytest.mark.parametrize("form", [{}, {"do": "burn"}, {"do": "count"}, {"do": "grade", "return_no": "x" * 5000}])
def test_odd_forms_are_refused(client, cases, form):
    client.force_login(cases.member("warehouse"))
    assert client.post(address(), form).status_code in (400, 404)


def test_as_many_queries_for_three_waiting_parcels_as_for_one(client, cases):
    counted(cases)
    client.force_login(cases.member("warehouse"))
    client.get(address())
    with CaptureQueriesContext(connection) as one:
        client.get(address())
    counted(cases), counted(cases)
    with CaptureQueriesContext(connection) as three:
        client.get(address())
    assert len(one) == len(three)


# --- what was set apart -----------------------------------------------------------------------------------


def set_apart(cases, **changes) -> tuple[ReturnRequest, Inspection]:
    row = counted(cases, units=2, quantity=2)
    inspect_goods(row.pk, [Graded("1", 2, "C", "REFURBISH", "scratched")], by=COLLEAGUE, now=clock.now())
    return now_of(row), Inspection.objects.get(line__request=row)


def go_on(client, row, graded, **changes):
    form = {"do": "move_on", "return_no": row.return_no, "graded": graded.pk, "way": "REFURBISH", "seq": "1"}
    sent = form | {"quantity": "2", "disposition": "RESTOCK", "note": "", "sku": ""} | changes
    return client.post(address(row.merchant.code), sent)


def test_what_was_set_apart_is_listed_and_goes_on_once(client, cases):
    row, graded = set_apart(cases)
    client.force_login(cases.member("warehouse"))
    assert [one.no for one in client.get(address()).context["to_process"]] == [row.return_no]
    assert len(client.get(f"{address()}?code={row.return_no}").context["apart"]) == 1
    for _time in range(2):
        assert go_on(client, row, graded).status_code == 302
    assert MovedOn.objects.count() == 1
    assert go_on(client, row, graded, disposition="SCRAP").status_code == 409
    assert client.get(address()).context["to_process"] == []
    client.force_login(cases.member("agent"))
    page = client.get(reverse("merchant:case", args=["shop", row.return_no]))
    assert MovedOn.objects.get().at in {event.at for event in page.context["history"]["events"]}


@pytest.mark.parametrize(
    "changes",
    [
        {"quantity": "3"}, {"quantity": ""}, {"disposition": ""}, {"disposition": "REFURBISH"}, {"seq": "x"},
        {"disposition": "RESALE_OPENED"}, {"disposition": "RESALE_OPENED", "note": "box", "sku": "NOT-MINE"},
        {"way": "DISPUTE"}, {"note": "x" * 2001}, {"sku": "x" * 65},
    ],
)  # fmt: skip
def test_a_wrong_way_on_is_told_and_keeps_what_was_typed(client, cases, changes):
    row, graded = set_apart(cases)
    client.force_login(cases.member("warehouse"))
    answer = go_on(client, row, graded, **changes)
    assert answer.status_code == 422
    assert answer.context["moving"].data["quantity"] == changes.get("quantity", "2")
    assert not MovedOn.objects.exists()


def test_goods_of_another_shop_do_not_go_on(client, cases):
    (row, graded), others = set_apart(cases), open_cases("other")
    theirs, their_graded = set_apart(others)
    client.force_login(cases.member("warehouse"))
    assert go_on(client, theirs, their_graded).status_code == 404
    assert go_on(client, row, their_graded).status_code == 404
    assert go_on(client, row, graded, way="²").status_code == 404
    client.force_login(cases.member("agent"))
    assert go_on(client, row, graded).status_code == 403
    assert not MovedOn.objects.exists()


# --- wrong goods, with photos (T26) -----------------------------------------------------------------------


def test_t26_wrong_goods_need_a_photo_that_customer_shop_and_platform_see(client, cases):
    row = counted(cases)
    client.force_login(cases.member("warehouse"))
    without = grade(client, row, grade="X", note="a brick")
    assert (without.status_code, Inspection.objects.count()) == (422, 0)
    assert grade(client, row, grade="X", note="a brick", photo=photo()).status_code == 302
    kept, found = Evidence.objects.get(), Inspection.objects.get()
    assert (kept.case_ref, kept.at_bench, list(found.photos.all())) == (row.return_no, True, [kept])
    assert (now_of(row).state, Refund.objects.count()) == ("inspected", 0)
    told = Notice.objects.get(event="wrong_goods", channel="inbox")
    assert told.case_ref == row.return_no

    [seen] = presenting.found_at_the_bench(now_of(row))
    assert (seen.note, len(seen.photos), seen.tone) == ("a brick", 1, "bad")
    picture = reverse("aftersales:evidence", args=[kept.public_id])
    client.force_login(cases.member("agent"))
    shop_page = client.get(reverse("merchant:case", args=["shop", row.return_no]))
    assert picture in shop_page.content.decode()
    assert b"".join(client.get(picture).streaming_content)
    client.force_login(open_cases("other").member("agent"))
    assert client.get(picture).status_code == 404

    answer = keep_upload(photo("mine.jpg"), merchant=row.merchant, order=row.order, by=BUYER, now=clock.now())
    add_evidence(row.pk, evidence=(answer.public_id,), text="It was the coat.", by=BUYER, now=clock.now())
    assert now_of(row).state == "inspected"  # the money still waits for whoever decides


def test_a_photo_is_kept_when_the_rest_of_the_form_is_wrong(client, cases):
    row = counted(cases)
    client.force_login(cases.member("warehouse"))
    answer = grade(client, row, grade="B", photo=photo())  # opened goods, and no note
    assert answer.status_code == 422
    kept = Evidence.objects.get()
    assert f'value="{kept.public_id}"' in answer.content.decode()
    assert grade(client, row, grade="B", note="box opened", evidence=str(kept.public_id)).status_code == 302
    assert Evidence.objects.get().case_ref == row.return_no


def test_what_is_no_picture_is_told_and_a_photo_of_another_shop_is_not_taken(client, cases):
    row, others = counted(cases), open_cases("other")
    client.force_login(cases.member("warehouse"))
    broken = SimpleUploadedFile("x.jpg", b"<script>alert(1)</script>")
    assert grade(client, row, grade="C", photo=broken).status_code == 422
    theirs = keep_upload(photo(), merchant=others.merchant, order=others.order(), by=BUYER, now=clock.now())
    assert grade(client, row, grade="X", evidence=str(theirs.public_id)).status_code == 422
    with pytest.raises(Invalid):
        inspect_goods(
            row.pk, [Graded("1", 1, "X", "DISPUTE", photos=(theirs.public_id,))], by=COLLEAGUE, now=clock.now()
        )
    assert not Inspection.objects.exists()


def test_what_nobody_graded_in_time_is_graded_after_its_money_left_and_takes_nothing_back(cases):
    row = counted(cases, units=2, quantity=2)
    week = timedelta(days=7, seconds=1)
    sweep_deadlines(now=clock.now() + week)
    assert now_of(row).state == "settling"
    merchant = cases.merchant
    here = Bench(
        merchant, COLLEAGUE, "", "", cases={"merchant": merchant}, parcels={}, may_count=True, may_inspect=True
    )
    assert list(waiting(here, counted=True)) == [row]
    inspect_goods(row.pk, [Graded("1", 1, "A", "RESTOCK")], by=COLLEAGUE, now=clock.now())
    inspect_goods(row.pk, [Graded("1", 1, "D", "SCRAP")], by=COLLEAGUE, now=clock.now())
    row = now_of(row)
    assert (row.state, row.has_open_task("paid_ahead_in_doubt")) == ("settling", True)
    follow_due_cases(now=clock.now() + week)
    assert [refund.amount for refund in Refund.objects.all()] == [row.bill.refund]
    assert list(waiting(here, counted=True)) == []
    must_balance()


def test_what_nobody_counted_in_time_is_counted_and_graded_after_its_money_left_and_moves_none(cases):
    row = cases.approved(2)
    follow_due_cases(now=clock.now())
    with moving(ReturnRequest, row.pk, by=Actor("courier"), now=clock.now(), note="parcel_moved") as request:
        goods_delivered(request, parcel_of(row), now=clock.now())
    week = clock.now() + timedelta(days=7, seconds=1)
    sweep_deadlines(now=week)
    follow_due_cases(now=week)
    assert now_of(row).state == "settling"
    for _again in range(2):
        count_goods(row.pk, [Arrived("1", 1)], by=COLLEAGUE, now=week)
    inspect_goods(row.pk, [Graded("1", 1, "A", "RESTOCK")], by=COLLEAGUE, now=week)
    row, line = now_of(row), line_of(row)
    assert (row.state, line.counted, line.missing) == ("settling", 1, 0)
    assert row.tasks.get(kind="paid_ahead_in_doubt").data == {"lines": {"1": 1}}
    assert [refund.amount for refund in Refund.objects.all()] == [row.bill.refund]
    must_balance()
