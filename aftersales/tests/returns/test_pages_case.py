"""The page of a request in every state, what can be done from it, and who was faster."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from aftersales.evidence.models import Evidence
from aftersales.returns.models import Message, ReturnRequest, SupportTask
from aftersales.returns.services.decisions import ask_for_evidence, refuse_return
from aftersales.returns.services.following import follow
from aftersales.returns.services.goods import goods_counted, goods_inspected, parcel_moved
from aftersales.returns.services.intake import submit_return
from aftersales.returns.services.money import money_moved
from aftersales.returns.services.wishes import Wish, WishLine
from aftersales.returns.services.withdrawal import let_lapse, withdraw_return
from aftersales.tests.returns.buyers import a_buyer, photo, plain
from aftersales.tests.returns.test_pages_orders import signed_days_ago
from logistics.parcels.models import Parcel
from refunds.payouts.models import Refund
from returns_platform.kernel import clock
from returns_platform.kernel.actors import Actor
from returns_platform.kernel.fsm import moving

pytestmark = pytest.mark.django_db
SHOP = Actor("merchant", "0", "小满")


def address(row, act: str = "case") -> str:
    return reverse(f"aftersales:{act}", args=[row.return_no])


def fresh(row) -> ReturnRequest:
    return ReturnRequest.objects.get(pk=row.pk)


def moved(row, state: str, **facts) -> ReturnRequest:
    """The courier's word about the parcel, as its worker would have stored it."""
    follow(row.pk, now=clock.now())
    parcel = Parcel.objects.get(leg=row.return_no)
    Parcel.objects.filter(pk=parcel.pk).update(state=state, courier="sf", waybill=f"SF{row.pk:012d}", **facts)
    parcel_moved(parcel.reference, now=clock.now())
    return fresh(row)


def refunded(row, state: str, **facts) -> ReturnRequest:
    follow(row.pk, now=clock.now())
    Refund.objects.filter(case_ref=row.return_no).update(state=state, asked_at=clock.now(), **facts)
    return fresh(row)


def cancelled(buyer) -> ReturnRequest:
    return buyer.filed(order=buyer.order(signed=False), reason="UN.NOT_SHIPPED", kind="refund_only", send_back="none")


CASES = {
    "pickup": lambda buyer: buyer.filed(),
    "booked": lambda buyer: moved(buyer.filed(), "booked", booked_at=clock.now()),
    "no_courier": lambda buyer: moved(buyer.filed(), "manual", problem="no_capacity"),
    "self_ship": lambda buyer: buyer.filed(send_back="self_ship"),
    "in_review": lambda buyer: buyer.filed(reason="OT.OTHER"),
    "needs_evidence": lambda buyer: buyer.filed(reason="FU.MISSING", kind="refund_only", send_back="none"),
    "in_transit": lambda buyer: moved(buyer.filed(), "collected", collected_at=clock.now()),
    "arrived": lambda buyer: moved(buyer.filed(), "delivered", delivered_at=clock.now()),
    "approved": cancelled,
    "promised": lambda buyer: refunded(cancelled(buyer), "promised"),
    "accepted": lambda buyer: refunded(cancelled(buyer), "accepted", accepted_at=clock.now()),
    "unknown": lambda buyer: refunded(cancelled(buyer), "unknown"),
    "manual": lambda buyer: refunded(cancelled(buyer), "manual", problem="account_abnormal"),
    "by_the_rules": lambda buyer: buyer.filed(reason="QL.DEFECT", order=buyer.order(**signed_days_ago(40))),
}


@pytest.mark.parametrize("language", ["en", "zh-hans"])
@pytest.mark.parametrize("name", CASES)
def test_every_state_says_what_happened_and_what_comes_next(name, language):
    buyer = a_buyer(language=language)
    row = CASES[name](buyer)
    page = buyer.client.get(address(row))
    assert page.status_code == 200
    assert page.context["headline"].title
    assert page.context["steps"][0].state == "done"
    assert "None" not in plain(page)


def test_a_step_is_done_now_or_next_with_a_time_and_somebody():
    buyer = a_buyer()
    row = CASES["in_transit"](buyer)
    steps = buyer.client.get(address(row)).context["steps"]
    assert [step.state for step in steps] == ["done", "done", "done", "now", "next", "next", "next"]
    assert all(step.at or step.when for step in steps)


def test_the_money_is_told_in_three_truths_before_and_after_it_is_sent():
    buyer = a_buyer()
    row = cancelled(buyer)
    planned = buyer.client.get(address(row)).context["truths"]
    assert [(truth.to, truth.amount) for truth in planned] == [("WeChat Pay", 3333)]
    row = refunded(row, "accepted", accepted_at=clock.now())
    page = buyer.client.get(address(row))
    assert [stage.state for stage in page.context["truths"][0].stages] == ["done", "done", "wait"]
    assert "WeChat has accepted your refund of ¥33.33" in page.context["headline"].title


def test_a_bill_that_was_worked_out_again_shows_what_changed_and_why():
    buyer = a_buyer()
    order = buyer.order()
    asked = Wish(kind="return_refund", send_back="self_ship", lines=(WishLine("1", 3, "NR.NO_LONGER_WANT"),))
    row = submit_return(order.pk, asked, by=buyer.actor, now=clock.now())
    follow(row.pk, now=clock.now())
    with moving(ReturnRequest, row.pk, by=SHOP, now=clock.now()) as locked:
        goods_counted(locked, {row.lines.get().pk: 2}, by=SHOP, now=clock.now())
        goods_inspected(locked, {"A"}, now=clock.now())
    follow(row.pk, now=clock.now())
    page = buyer.client.get(address(row))
    total = next(line for line in page.context["bill"].rows if line.kind == "sum")
    assert (total.before, total.amount) == (10000, 6666)
    (change,) = page.context["bill"].changes
    told = (change.before, change.after, change.who, change.why)
    assert told == (10000, 6666, "The rules", "fewer units came than were announced")
    assert "<del>¥100.00</del><ins>¥66.66</ins>" in page.content.decode()
    assert "1 unit was not in the parcel" in page.context["headline"].line


def test_an_arrived_refund_names_where_and_when():
    buyer = a_buyer()
    now = clock.now()
    row = refunded(cancelled(buyer), "arrived", accepted_at=now, arrived_at=now, account="招商银行 0403")
    money_moved(row.return_no, refund_id=Refund.objects.get().pk, now=clock.now())
    headline = buyer.client.get(address(row)).context["headline"]
    assert headline.title == "¥33.33 has arrived"
    assert "WeChat Pay: 招商银行 0403" in headline.line


def test_when_no_courier_came_another_time_or_ones_own_way_is_offered():
    buyer = a_buyer()
    row = CASES["no_courier"](buyer)
    page = buyer.client.get(address(row))
    assert page.context["headline"].title.startswith("No courier came.")
    assert reverse("aftersales:slot", args=[row.return_no]) in page.content.decode()
    assert reverse("aftersales:waybill", args=[row.return_no]) in page.content.decode()
    assert "退货组" in page.content.decode()
    assert buyer.client.post(address(row, "waybill"), {"courier": "jd", "waybill": "JD1234567890"}).status_code == 302
    assert fresh(row).state == "in_transit"


# --- who may look -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("act", ["case", "withdraw", "add", "slot", "waybill", "message", "appeal"])
def test_somebody_elses_request_is_not_there(act):
    buyer, stranger = a_buyer(), a_buyer("other")
    row = buyer.filed()
    for way in (stranger.client.get, stranger.client.post):
        if act == "case" and way == stranger.client.post:
            continue
        assert way(address(row, act)).status_code == 404
    assert Client().get(address(row, act)).status_code == 302


def test_not_yours_and_not_there_are_the_same_page():
    buyer, stranger = a_buyer(), a_buyer("other")
    row = buyer.filed()
    hers, none = stranger.client.get(address(row)), stranger.client.get(reverse("aftersales:case", args=["RT0"]))
    assert plain(hers).replace(row.return_no, "") == plain(none).replace("RT0", "")


# --- withdrawing ------------------------------------------------------------------------------------------


def test_withdrawing_asks_first_and_frees_the_units():
    buyer = a_buyer()
    row = buyer.filed()
    assert "The items stay with you" in buyer.client.get(address(row, "withdraw")).content.decode()
    assert fresh(row).state == "approved"
    done = buyer.client.post(address(row, "withdraw"))
    assert done.headers["Location"] == address(row)
    assert fresh(row).state == "withdrawn"
    page = buyer.client.get(address(row))
    assert page.context["again"].startswith(reverse("aftersales:file", args=[row.order_id]))
    assert [step.state for step in page.context["steps"]][-1] == "stopped"


def test_what_the_courier_has_cannot_be_withdrawn_and_says_why():
    buyer = a_buyer()
    row = CASES["in_transit"](buyer)
    page = buyer.client.get(address(row)).content.decode()
    assert "The courier has the goods, so it cannot be withdrawn any more." in page
    assert buyer.client.get(address(row, "withdraw")).headers["Location"] == address(row)


def test_money_that_is_sent_cannot_be_withdrawn():
    buyer = a_buyer()
    row = refunded(cancelled(buyer), "accepted", accepted_at=clock.now())
    assert "The money is on its way already" in buyer.client.get(address(row)).context["cannot_withdraw"]


def test_a_lost_race_says_who_was_faster_and_that_nothing_happened():
    buyer = a_buyer()
    row = buyer.filed()
    seen = row.version
    row = moved(row, "collected", collected_at=clock.now())
    late = buyer.client.post(address(row, "withdraw"), {"seen": seen})
    assert late.status_code == 409
    page = late.content.decode()
    assert "After you opened the page" in page
    assert "What you sent had no effect and no money moved." in page


def test_an_approval_after_the_customer_withdrew_does_nothing():
    buyer = a_buyer()
    row = buyer.filed()
    withdraw_return(row.pk, by=buyer.actor, now=clock.now())
    assert buyer.client.post(address(row, "slot"), {"slot": "20200101T0100"}).status_code in (409, 422)
    assert buyer.client.post(address(row, "withdraw")).status_code == 302
    assert fresh(row).state == "withdrawn"


# --- adding, changing, writing ----------------------------------------------------------------------------


def test_a_missing_photo_is_added_and_judged_again_at_once():
    buyer = a_buyer()
    row = CASES["needs_evidence"](buyer)
    page = buyer.client.get(address(row))
    assert "Add what is missing" in page.content.decode()
    done = buyer.client.post(address(row, "add"), {"photo": photo(), "text": "少了一包"})
    assert done.headers["Location"] == address(row)
    assert fresh(row).state != "needs_evidence"
    assert Evidence.objects.get().case_ref == row.return_no
    assert Message.objects.get().text == "少了一包"


def test_nothing_added_is_told_and_a_photo_is_kept_across_mistakes():
    buyer = a_buyer()
    row = CASES["needs_evidence"](buyer)
    assert buyer.client.post(address(row, "add"), {"text": ""}).status_code == 422
    wrong = photo("bad.jpg")
    wrong.file.seek(0)
    wrong.file.write(b"not a picture at all")
    wrong.file.seek(0)
    page = buyer.client.post(address(row, "add"), {"photo": [photo(), wrong]})
    assert page.status_code == 422
    kept = Evidence.objects.get()
    assert str(kept.public_id) in page.content.decode()
    assert buyer.client.post(address(row, "add"), {"evidence": [kept.public_id]}).status_code == 302


def test_the_answer_to_a_question_of_the_shop_goes_back_to_it():
    buyer = a_buyer()
    row = CASES["in_review"](buyer)
    ask_for_evidence(row.pk, text="请拍一下标签。", classes=[], by=SHOP, now=clock.now())
    assert "请拍一下标签。" in buyer.client.get(address(row)).context["headline"].line
    buyer.client.post(address(row, "add"), {"text": "标签已经剪了"})
    assert fresh(row).state == "in_review"


def test_another_pickup_time_is_taken_and_one_that_is_gone_is_told():
    buyer = a_buyer()
    row = buyer.filed()
    page = buyer.client.get(address(row, "slot"))
    value = page.context["form"].fields["slot"].choices[-1][0]
    assert buyer.client.post(address(row, "slot"), {"slot": value}).headers["Location"] == address(row)
    assert f"{fresh(row).slot_from:%Y%m%dT%H%M}" == value
    gone = buyer.client.post(address(row, "slot"), {"slot": "20200101T0100"})
    assert gone.status_code == 422
    assert "This pickup time is gone" in gone.content.decode()


def test_a_waybill_is_entered_and_read_as_people_type_it():
    buyer = a_buyer()
    row = buyer.filed(send_back="self_ship")
    follow(row.pk, now=clock.now())
    assert "退货组" in buyer.client.get(address(row)).content.decode()
    assert buyer.client.post(address(row, "waybill"), {"courier": "sf", "waybill": "?"}).status_code == 422
    done = buyer.client.post(address(row, "waybill"), {"courier": "sf", "waybill": "sf 1234567890123"})
    assert done.headers["Location"] == address(row)
    assert fresh(row).state == "in_transit"
    assert Parcel.objects.get().waybill == "SF1234567890123"


def test_a_message_reaches_the_shop_and_an_empty_one_is_told():
    buyer = a_buyer()
    row = buyer.filed()
    assert buyer.client.post(address(row, "message"), {"text": " "}).status_code == 422
    assert buyer.client.post(address(row, "message"), {"text": "<b>你好</b>"}).status_code == 302
    page = buyer.client.get(address(row)).content.decode()
    assert "&lt;b&gt;你好&lt;/b&gt;" in page


def test_notes_of_the_house_are_not_shown_to_the_customer():
    buyer = a_buyer()
    row = buyer.filed()
    Message.objects.create(request=row, audience="shop", by_kind="merchant", text="内部备注", at=clock.now())
    assert "内部备注" not in buyer.client.get(address(row)).content.decode()


# --- a refusal is a door ----------------------------------------------------------------------------------


def test_a_refusal_quotes_the_rule_what_was_checked_and_the_human_way():
    buyer = a_buyer()
    row = CASES["by_the_rules"](buyer)
    page = buyer.client.get(address(row))
    assert page.context["rule"]["source"].startswith("Rule platform.window, version 1")
    assert [check.state for check in page.context["checks"]] == ["bad", "done"]
    assert "Ask a person to look" in page.content.decode()
    assert "again" not in page.context


def test_the_refusal_of_a_person_says_what_they_found_and_can_be_tried_again():
    buyer = a_buyer()
    row = CASES["in_review"](buyer)
    refuse_return(row.pk, code="R_NO_EVIDENCE", text="照片里没有拍到问题。", by=SHOP, now=clock.now())
    page = buyer.client.get(address(row))
    assert page.context["headline"].line.startswith("照片里没有拍到问题。")
    assert "reason_" in page.context["again"]


def test_asking_a_person_opens_one_task_and_is_shown():
    buyer = a_buyer()
    row = CASES["by_the_rules"](buyer)
    for _time in range(2):
        assert buyer.client.post(address(row, "appeal"), {"text": "请看看"}).status_code == 302
    task = SupportTask.objects.get()
    assert (task.kind, task.request_id, task.closed_at) == ("appeal", row.pk, None)
    page = buyer.client.get(address(row)).content.decode()
    assert "A person of the platform answers" in page


def test_after_fifteen_days_the_platform_cannot_be_called_in():
    buyer = a_buyer()
    row = CASES["by_the_rules"](buyer)
    ReturnRequest.objects.filter(pk=row.pk).update(ended_at=clock.now() - timedelta(days=16))
    assert "The time to call in the platform ended" in buyer.client.get(address(row)).content.decode()
    assert buyer.client.post(address(row, "appeal"), {"text": ""}).status_code == 409


def test_a_lapsed_request_can_be_asked_anew():
    buyer = a_buyer()
    row = CASES["needs_evidence"](buyer)
    let_lapse(row.pk, now=clock.now())
    page = buyer.client.get(address(row))
    assert page.context["headline"].title.startswith("Closed on")
    assert page.context["again"]
