"""What a lost signal would have told, found by the sweep; what stands where it should is left alone."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from aftersales.returns.models import ReturnRequest
from aftersales.returns.services.following import follow
from aftersales.returns.services.news import catch_up
from aftersales.tests.returns.buyers import a_buyer
from logistics.parcels.models import Parcel
from returns_platform.kernel import clock
from returns_platform.tests.journeys.figures import past_the_guards

pytestmark = pytest.mark.django_db


def with_parcel(buyer, state: str, problem: str = "") -> ReturnRequest:
    """Its parcel moved, and nobody told the case."""
    case = buyer.filed()
    follow(case.pk, now=clock.now())
    parcel = Parcel.objects.get(leg=case.return_no)
    Parcel.objects.filter(pk=parcel.pk).update(
        state=state, problem=problem, courier="sf", waybill=f"SF{case.pk:012d}", delivered_at=clock.now()
    )
    return case


def state(case: ReturnRequest) -> str:
    return ReturnRequest.objects.get(pk=case.pk).state


@pytest.mark.parametrize(
    ("parcel", "case"),
    [
        ("booked", "awaiting_goods"),
        ("collected", "in_transit"),
        ("in_transit", "in_transit"),
        ("delivered", "arrived"),
    ],
)
def test_a_case_catches_up_with_its_parcel(parcel, case):
    behind = with_parcel(a_buyer(), parcel)
    catch_up(now=clock.now())
    assert state(behind) == case


@pytest.mark.parametrize(("parcel", "problem"), [("lost", ""), ("manual", ""), ("booked", "cancel_failed")])
def test_a_parcel_in_trouble_becomes_a_task_once(parcel, problem):
    case = with_parcel(a_buyer(), parcel, problem)
    for _ in range(2):
        catch_up(now=clock.now())
    assert case.tasks.count() == 1


def test_a_case_that_cannot_be_followed_does_not_stop_the_others():
    buyer = a_buyer()
    broken, whole = with_parcel(buyer, "delivered"), with_parcel(buyer, "delivered")
    with past_the_guards():
        ReturnRequest.objects.filter(pk=broken.pk).update(policy_version=4711)
    catch_up(now=clock.now())
    assert (state(broken), state(whole)) == ("approved", "arrived")


def statements() -> int:
    with CaptureQueriesContext(
        connection,
    ) as counted:
        catch_up(now=clock.now())
    return len(counted)


def test_cases_that_stand_where_their_parcels_are_cost_nothing():
    buyer = a_buyer()
    for parcel in ("booked", "in_transit"):
        with_parcel(buyer, parcel)
    catch_up(now=clock.now())
    few = statements()
    for parcel in ("booked", "in_transit", "booked"):
        with_parcel(buyer, parcel)
    catch_up(now=clock.now())
    assert statements() == few
