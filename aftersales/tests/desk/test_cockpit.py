"""The cockpit: every kind with its steps, owner and clock; each button for the groups it is for; nothing revealed."""

import pytest
from django.urls import reverse
from django.utils.html import escape

from aftersales.desk import groups
from aftersales.desk import services as desk
from aftersales.notifications.models import Notice
from aftersales.notifications.sending import written
from aftersales.tests.desk.cases import must_balance, signed_in, staff
from aftersales.tests.returns.test_another_way import BANK, CARD, ann, channel, closed, page, told
from orders.accounts.models import User
from refunds.payouts import guide, services
from refunds.payouts.models import PayeeLook, Refund, RefundException, RouteChange, Transfer
from returns_platform.kernel import clock
from returns_platform.kernel.actors import Actor

__all__ = ["ann", "channel", "closed"]  # fixtures
pytestmark = pytest.mark.django_db
LIST = "admin:refunds_refundexception_changelist"


@pytest.fixture
def people(db):
    """The staff by name: one of each group, and another one of finance."""
    groups.ensure_groups()
    names = {"sam": "support", "sue": "senior", "fay": "finance", "flo": "finance", "rik": "risk", "aud": "auditor"}
    return {name: signed_in(staff(group, name)) for name, group in names.items()}


def door(name: str, found: RefundException) -> str:
    return reverse(f"admin:refunds_refundexception_{name}", args=[found.pk])


def one(refund_serial=1) -> RefundException:
    return RefundException.objects.get(refund__serial=refund_serial, closed_at=None)


def body(answer) -> str:
    return answer.content.decode()


def test_the_list_and_the_page_of_one(people, closed):
    shown = body(people["fay"].get(reverse(LIST)))
    assert "1 open, ¥33.33" in shown and "Every one has an owner" in shown
    shown = body(people["fay"].get(door("change", one())))
    for text in (one().refund.number, "Account closed", "The customer chooses another way", "could not go back"):
        assert text in shown
    assert body(people["aud"].get(door("change", one()))).count("<form") <= 3  # language, sign out, no act


def test_every_kind_can_be_looked_at(people, closed):
    for kind in guide.KINDS:
        RefundException.objects.update(kind=kind)
        answer = people["sue"].get(door("change", one()))
        assert answer.status_code == 200
        assert escape(str(guide.KINDS[kind].steps[0].name)) in body(answer)
        assert people["sue"].get(reverse(LIST), {"kind": kind}).context["rows"]
    assert people["sue"].get(reverse(LIST), {"kind": "nonsense", "mine": "²"}).status_code == 200
    assert people["sue"].get(reverse("admin:refunds_refundexception_change", args=[10**12])).status_code == 404


def test_taken_and_handed_over(people, closed):
    first = one().owner
    other = "flo" if first.username == "fay" else "fay"
    assert people[other].post(door("take", one())).status_code == 302
    assert one().owner.username == other
    assert people["sue"].post(door("hand", one()), {"to": first.pk}).status_code == 302
    assert one().owner == first
    assert people["sue"].post(door("hand", one()), {"to": User.objects.get(username="sam").pk}).status_code == 422
    assert people["sue"].post(door("hand", one()), {"to": "x"}).status_code == 422
    assert people["sam"].post(door("take", one())).status_code == 403


def test_from_the_customers_choice_to_the_transfer_by_four_people(people, ann, closed):
    ann.client.post(page(closed, "another_way", 1), BANK)
    shown = body(people["sue"].get(door("change", one())))
    assert "****5679" in shown and CARD not in shown
    assert people["fay"].post(door("second", one())).status_code == 409
    assert people["fay"].post(door("first", one())).status_code == 403
    assert people["sue"].post(door("first", one())).status_code == 302
    assert people["fay"].post(door("second", one())).status_code == 302
    services.pay_due_refunds(clock.now())
    told(Refund.objects.get(serial=2))

    later = one(2)
    assert later.kind == "transfer"
    assert people["flo"].get(reverse(LIST), {"kind": "transfer"}).context["rows"]
    assert people["flo"].post(door("reveal", later), {"why": ""}).status_code == 422
    assert CARD in body(people["flo"].post(door("reveal", later), {"why": "to make the transfer"}))
    assert PayeeLook.objects.get().reason == "to make the transfer"
    assert people["flo"].post(door("transfer", later), {"proof_no": "CMB20261130001"}).status_code == 302
    assert people["flo"].post(door("seen", later)).status_code == 403
    assert people["fay"].post(door("unseen", later), {"why": " "}).status_code == 422
    assert people["fay"].post(door("seen", later)).status_code == 302
    told(Refund.objects.get(serial=2))
    closed.refresh_from_db(fields=["waits_for"])
    assert not RefundException.objects.filter(closed_at=None).exists()
    assert Transfer.objects.get().confirmed_at
    must_balance()


def test_risk_stops_a_way_and_she_is_asked_again(people, ann, closed):
    ann.client.post(page(closed, "another_way", 1), BANK | {"name": "王大力"})
    assert people["rik"].post(door("stop", one()), {"why": "three accounts in a week"}).status_code == 302
    assert not RouteChange.objects.get().stands
    assert people["rik"].post(door("stop", one()), {"why": "again"}).status_code == 404
    assert people["rik"].post(door("first", one())).status_code == 403


def test_support_writes_down_an_account_with_a_reason(people, closed):
    answer = people["sam"].post(door("route", one()), BANK | {"reason": ""})
    assert answer.status_code == 422
    assert BANK["name"] in body(answer) and CARD not in body(answer)
    assert people["sam"].post(door("route", one()), BANK | {"account": "123", "reason": "x"}).status_code == 422
    assert people["sam"].post(door("route", one()), BANK | {"reason": "called her back"}).status_code == 302
    assert RouteChange.objects.get().by_kind == "support"


def test_the_outcome_takes_two(people, closed):
    assert people["sue"].post(door("propose", one()), {"outcome": "not_paid", "proof": ""}).status_code == 422
    sent = {"outcome": "not_paid", "proof": "bill of 30 November, no line"}
    assert people["sue"].post(door("propose", one()), sent).status_code == 302
    assert people["sue"].post(door("confirm", one())).status_code == 403
    assert people["fay"].post(door("confirm", one())).status_code == 302
    assert one().kind == "closed"
    must_balance()


def test_asked_and_sent_again(people, channel, closed):
    assert people["fay"].post(door("ask", one())).status_code == 302
    services.pay_due_refunds(clock.now())
    assert people["fay"].post(door("again", one())).status_code == 302
    services.pay_due_refunds(clock.now())
    assert Refund.objects.get().state == "accepted"
    assert people["fay"].post(door("again", one())).status_code == 409


def test_the_front_page_counts_what_is_mine(people, closed):
    owner = one().owner.username
    waits = {row["name"]: row["count"] for row in people[owner].get(reverse("admin:index")).context["queues"]}
    assert (waits["Refunds that need a person"], waits["Refunds that are mine"]) == (1, 1)


def test_its_owner_is_written_to_once(people, closed, settings):
    User.objects.filter(username__in=("fay", "flo")).update(email="finance@example.com")
    found = one()
    desk.tell_owner(found.pk, now=clock.now())
    desk.tell_owners(now=clock.now())
    notice = Notice.objects.get(user=found.owner)
    letter = written(notice, at=clock.now())

    assert (notice.channel, notice.event) == ("email", "exception_assigned")
    assert "¥33.33" in letter.subject and door("change", found) in letter.text
    services.hand_exception(found.pk, to=User.objects.exclude(pk=found.owner_id).get(username__in=("fay", "flo")),
                            by=Actor("support", "1"), now=clock.now())  # fmt: skip
    desk.tell_owners(now=clock.now())
    assert Notice.objects.filter(event="exception_assigned").count() == 2
