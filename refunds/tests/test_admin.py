import pytest
from django.contrib.auth.models import Permission
from django.urls import reverse

from orders.accounts.models import User
from refunds.payouts import services, states
from refunds.payouts.models import Refund, Settlement
from refunds.tests.payouts.conftest import SAM, channel, state, till
from refunds.tests.payouts.test_news import hear, told

__all__ = ["channel", "till"]  # fixtures
pytestmark = pytest.mark.django_db

LIST = "admin:refunds_refund_changelist"


@pytest.fixture
def staff(client):
    """Signs a member of the staff in, with these rights of the app."""

    def sign_in(*rights: str) -> User:
        user = User.objects.create_user("sue", password="demo-pass-2026", is_staff=True)
        user.user_permissions.set(Permission.objects.filter(content_type__app_label="refunds", codename__in=rights))
        client.force_login(user)
        return user

    return sign_in


def act(client, action: str, *refunds: Refund):
    return client.post(reverse(LIST), {"action": action, "_selected_action": [refund.pk for refund in refunds]})


@pytest.mark.parametrize(
    "page", ["refund", "break", "settlement", "webhookdelivery", "authorisation", "ledgertransaction", "wallet"]
)
def test_every_list_opens(client, staff, till, channel, page):
    hear(told(till.promise()))
    staff(f"view_{page}")

    assert client.get(reverse(f"admin:refunds_{page}_changelist")).status_code == 200


def test_money_with_a_person_is_a_list_of_its_own(client, staff, till, channel, settings):
    settings.GATEWAYS = {}
    stuck = till.promise(1000)
    till.pay()
    fine = till.promise(2000, by=SAM, hold_s=300)
    staff("view_refund")
    shown = client.get(reverse(LIST), {"queue": "with_a_person"}).content.decode()

    assert stuck.number in shown
    assert fine.number not in shown


def test_a_refund_opens_with_its_calls_and_moves_and_takes_no_change(client, staff, till, channel):
    refund = till.promise()
    till.pay()
    staff("view_refund", "view_refundattempt", "view_refundmove", "change_refund", "delete_refund")
    page = reverse("admin:refunds_refund_change", args=[refund.pk])

    assert client.get(page).status_code == 200
    assert client.post(page, {"amount": 1}).status_code == 403
    assert client.post(reverse("admin:refunds_refund_delete", args=[refund.pk])).status_code == 403


def test_the_second_person_agrees_here(client, staff, till):
    refund = till.promise(by=SAM, second_person=True)
    staff("view_refund", "agree_as_second")

    assert act(client, "agree_as_second", refund).status_code == 302
    assert state(refund) == states.PROMISED


def test_without_the_right_nothing_happens(client, staff, till):
    refund = till.promise(by=SAM, second_person=True)
    staff("view_refund", "retry_refund")
    act(client, "agree_as_second", refund)

    assert state(refund) == states.HELD


def test_one_refusal_is_told_and_does_not_stop_the_others(client, staff, till, channel, settings):
    settings.GATEWAYS = {}
    stuck, waiting = till.promise(1000), till.promise(2000, by=SAM, second_person=True)
    till.pay()
    staff("view_refund", "retry_refund")
    act(client, "send_again", waiting, stuck)

    assert (state(waiting), state(stuck)) == (states.HELD, states.SENDING)


def test_one_proposes_and_another_confirms(client, staff, till, channel, settings):
    settings.GATEWAYS = {}
    refund = till.promise()
    till.pay()
    staff("view_settlement", "propose_settlement", "confirm_settlement", "view_refund")
    client.post(
        reverse("admin:refunds_settlement_add"), {"refund": refund.pk, "outcome": "paid", "proof": "bank slip 7"}
    )
    own = Settlement.objects.get()
    client.post(reverse("admin:refunds_settlement_changelist"), {"action": "confirm", "_selected_action": [own.pk]})
    assert state(refund) == states.MANUAL

    services.confirm_settlement(own.pk, by=SAM, now=till.at)
    assert state(refund) == states.ARRIVED


def test_what_the_bank_sent_back_is_said_from_the_refunds_page(client, staff, till, channel):
    refund = till.promise()
    till.pay()
    staff("view_settlement", "propose_settlement", "view_refund")
    page, door = reverse("admin:refunds_refund_change", args=[refund.pk]), reverse("admin:refunds_settlement_add")
    said = {"refund": refund.pk, "outcome": "returned", "proof": "letter 7"}
    assert door not in client.get(page).content.decode()
    again = client.post(door, said).content.decode()
    assert ("letter 7" in again, "银行不可能退回" in again) == (True, True)

    hear(told(refund))
    assert f"{door}?refund={refund.pk}&amp;outcome=returned" in client.get(page).content.decode()
    client.post(door, said)
    services.confirm_settlement(Settlement.objects.get().pk, by=SAM, now=till.at)
    assert state(refund) == states.RETURNED_BY_BANK
