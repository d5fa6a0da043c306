"""T116: what a customer did not accept at the door is refunded once its courier carries it back; books at 0."""

import pytest

from aftersales.returns.models import ReturnRequest, SupportTask
from aftersales.returns.services import following, news
from aftersales.returns.services.withdrawal import withdraw_return
from aftersales.tests.desk.cases import ANN, a_desk, must_balance
from logistics.couriers.models import CourierPush
from logistics.couriers.sf.simulator import SFExpress
from logistics.parcels.models import Parcel
from logistics.tests.conftest import StandIn
from logistics.tests.tracking.test_services import hear, route_message
from logistics.tracking import services as tracking
from refunds.payouts.models import Refund
from returns_platform.kernel.stand_in import serve
from returns_platform.tests.journeys.shop import order_body

pytestmark = pytest.mark.django_db
WAYBILL = "SF7654321098765"


@pytest.fixture
def sf(tmp_path, settings):
    settings.DEMO, settings.DATA_DIR, settings.SITE_URL = True, tmp_path, "http://127.0.0.1:9"
    with serve(SFExpress(tmp_path)) as served:
        settings.SF_BASE_URL = served.url
        yield StandIn(served.url)


@pytest.fixture
def desk(db):
    return a_desk()


def sent(desk, *, price=20000, signed=False):
    """Three items on their way, and freight; above what the rules grant alone."""
    body = order_body(unit_price=price, discount=0)
    parcel = body["parcels"][0] | {"waybill": WAYBILL}
    if not signed:
        parcel.pop("signed_at")
    order = desk.order(unit_price=price, discount=0, parcels=[parcel])
    order.shipments.update(waybill=WAYBILL)
    return order


def said(sf, desk, *events) -> list[CourierPush]:
    """The courier scans it, and tells us each time."""
    codes, found = {"collected": "50", "refused": "70", "returned": "99", "delivered": "80"}, []
    for event in events:
        at = desk.later(minutes=1).replace(microsecond=0)
        sf.push(WAYBILL, event, at)
        found.append(hear(route_message(WAYBILL, codes[event], at), at=desk.at))
        news.catch_up(now=desk.at)
        following.follow_due_cases(now=desk.at)
    return found


def amounts() -> list[int]:
    return list(Refund.objects.order_by("pk").values_list("amount", flat=True))


def test_t116_nothing_before_the_scan_and_all_of_it_after_without_a_form(sf, desk):
    order = sent(desk)
    pushes = said(sf, desk, "collected", "refused")
    assert not ReturnRequest.objects.exists() and not Parcel.objects.exists()
    assert [push.reason for push in pushes] == ["unknown_parcel", "unknown_parcel"]
    (push,) = said(sf, desk, "returned")
    request = ReturnRequest.objects.get()
    assert (push.outcome, request.state, request.decided_by_name) == (
        "done",
        "settling",
        "platform.returned_to_sender",
    )
    assert (request.kind, request.filed_by_kind, request.lines.get().reason) == (
        "refund_only",
        "system",
        "LG.REFUSED",
    )
    assert amounts() == [order.payments.get().amount]
    must_balance()
    for _again in range(2):
        tracking.take_in_courier_news(desk.later(minutes=1))
        news.take_parcel_news(Parcel.objects.get().pk, now=desk.at)
        news.catch_up(now=desk.at)
    said(sf, desk, "returned")
    assert (ReturnRequest.objects.count(), len(amounts())) == (1, 1)
    must_balance()


def test_a_message_that_the_courier_does_not_confirm_moves_no_money(sf, desk):
    sent(desk)
    push = hear(route_message(WAYBILL, "99", desk.at.replace(microsecond=0)), at=desk.at)
    assert push.outcome == "" and not ReturnRequest.objects.exists()


def test_what_was_signed_for_is_no_refusal(sf, desk):
    sent(desk, signed=True)
    said(sf, desk, "collected", "returned")
    assert not ReturnRequest.objects.exists()


def test_who_had_asked_already_has_that_request_granted(sf, desk):
    order = sent(desk)
    asked = desk.filed("LG.REFUSED", quantity=2, order=order, kind="refund_only", send_back="none")
    assert asked.state == "in_review"
    said(sf, desk, "returned")
    assert sorted(ReturnRequest.objects.values_list("state", flat=True)) == ["settling", "settling"]
    assert sum(amounts()) == order.payments.get().amount
    must_balance()


def test_units_that_were_refunded_before_are_not_paid_again(sf, desk):
    order = sent(desk, price=1000)
    desk.filed("LG.REFUSED", quantity=3, order=order, kind="refund_only", send_back="none")
    following.follow_due_cases(now=desk.at)
    said(sf, desk, "returned")
    assert amounts() == [3000]
    must_balance()


def test_an_order_that_takes_no_request_is_a_persons(sf, desk):
    order = sent(desk)
    type(order).objects.filter(pk=order.pk).update(made_for="difference")
    said(sf, desk, "returned")
    assert SupportTask.objects.get().kind == "parcel_turned_back"


def test_what_the_rules_refuse_or_another_request_has_is_a_persons_once(sf, desk):
    """The rules would refuse a sixth request; goods that she is to send back are on their way already."""
    order = sent(desk)
    row = desk.filed(quantity=2, order=order)
    order.lines.update(attempts=9)
    said(sf, desk, "returned")
    task = SupportTask.objects.get()
    assert (task.kind, task.request, amounts()) == ("parcel_turned_back", row, [])
    SupportTask.objects.update(closed_at=desk.at)
    news.catch_up(now=desk.at)
    assert SupportTask.objects.count() == 1
    withdraw_return(row.pk, by=ANN, now=desk.at)
    SupportTask.objects.all().delete()
    news.catch_up(now=desk.at)
    assert SupportTask.objects.get().request is None
