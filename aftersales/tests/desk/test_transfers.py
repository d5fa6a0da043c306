"""Transfers by hand: one sheet for the bank, nothing on two of them, the slip, the limit, the second person."""

import csv
import io

import pytest
from django.urls import reverse

from aftersales.evidence.models import Evidence
from aftersales.tests.desk.cases import must_balance
from aftersales.tests.desk.test_cockpit import people
from aftersales.tests.returns.buyers import photo
from aftersales.tests.returns.test_another_way import BANK, CARD, ann, channel, closed, page
from orders.tests import samples
from refunds.payouts import services
from refunds.payouts.models import BatchedTransfer, PayeeLook, Refund, RouteChange, Transfer, TransferBatch
from refunds.tests.payouts.test_races import at_once
from returns_platform.kernel import clock
from returns_platform.kernel.actors import Actor
from returns_platform.kernel.errors import Conflict

__all__ = ["ann", "channel", "closed", "people"]  # fixtures
pytestmark = pytest.mark.django_db
SUE, FAY = Actor("support", "972", "Sue"), Actor("support", "973", "Fay")
FLO = Actor("support", "974", "Flo")


def url(name: str, *args) -> str:
    return reverse(f"admin:refunds_transferbatch_{name}", args=args)


@pytest.fixture
def waiting(ann, closed) -> Refund:
    """A refund that waits for a transfer to an account, as agreed by two people."""
    ann.client.post(page(closed, "another_way", 1), BANK)
    change = RouteChange.objects.get()
    services.agree_first(change.pk, by=SUE, now=clock.now())
    services.agree_second(change.pk, by=FAY, now=clock.now())
    services.pay_due_refunds(clock.now())
    refund = Refund.objects.get(channel="bank_transfer")
    assert refund.state == "manual"
    yield refund
    must_balance()


@pytest.fixture
def batch(people, waiting) -> TransferBatch:
    assert people["fay"].post(url("make"), {"pick": [waiting.pk]}).status_code == 302
    return TransferBatch.objects.get()


def test_from_the_list_over_the_sheet_to_two_people(people, waiting):
    shown = people["fay"].get(url("changelist")).content.decode()
    assert waiting.number in shown and CARD not in shown
    people["fay"].post(url("make"), {"pick": [waiting.pk]})
    batch = TransferBatch.objects.get()
    assert waiting.number not in people["fay"].get(url("changelist")).content.decode()

    sheet = people["fay"].post(url("sheet", batch.pk))
    rows = list(csv.reader(io.StringIO(sheet.content.decode("utf-8-sig"))))
    assert rows[1][1:4] == ["安小雨", CARD, "招商银行"] and rows[1][4:] == ["33.33", "CNY", waiting.number]
    assert PayeeLook.objects.get().reason == f"batch {batch.pk}"

    row = BatchedTransfer.objects.get()
    sent = {f"no-{row.pk}": "ICBC-2026-0001", f"photo-{row.pk}": photo()}
    assert people["fay"].post(url("enter", batch.pk), sent).status_code == 302
    assert people["fay"].post(url("seen", batch.pk), {"pick": [row.pk]}).status_code == 422  # her own
    slip = Evidence.objects.get(case_ref__startswith="transfer-")
    assert people["flo"].get(url("change", batch.pk)).status_code == 200
    assert people["flo"].post(url("seen", batch.pk), {"pick": [row.pk]}).status_code == 302
    waiting.refresh_from_db(fields=["arrived_at", "channel_ref"])
    assert waiting.arrived_at and waiting.channel_ref == "ICBC-2026-0001"
    look = reverse("aftersales:evidence", args=[slip.public_id])
    seen = people["flo"].get(look)
    assert seen.status_code == 200
    assert b"".join(seen.streaming_content)


def test_the_slip_is_seen_by_the_platform_alone(people, ann, batch, client):
    row = BatchedTransfer.objects.get()
    people["fay"].post(url("enter", batch.pk), {f"no-{row.pk}": "ICBC-2026-0001", f"photo-{row.pk}": photo()})
    look = reverse("aftersales:evidence", args=[Evidence.objects.get().public_id])
    client.force_login(samples.member(row.refund.merchant, "owner", "ow"))
    assert (ann.client.get(look).status_code, client.get(look).status_code) == (404, 404)


def test_nothing_is_on_two_sheets(people, waiting, batch):
    assert people["flo"].post(url("make"), {"pick": [waiting.pk]}).status_code == 409
    assert TransferBatch.objects.count() == 1


@pytest.mark.parametrize("pick", [[], ["x"], ["²"], ["-1"], ["99999999999"], ["1' OR 1=1"]])
def test_what_cannot_be_picked_makes_no_sheet(people, waiting, pick):
    assert people["fay"].post(url("make"), {"pick": pick}).status_code in (400, 404, 422)
    assert not TransferBatch.objects.exists()


def test_a_sum_above_the_limit_is_made_alone_and_with_a_photo(people, waiting, settings):
    settings.TRANSFER_LIMIT = 3000
    assert people["fay"].post(url("make"), {"pick": [waiting.pk]}).status_code == 422
    found = waiting.exceptions.get(closed_at=None)
    door = reverse("admin:refunds_refundexception_transfer", args=[found.pk])
    assert people["fay"].post(door, {"proof_no": "ICBC-2026-0001"}).status_code == 422
    broken = photo()
    broken.file.truncate(20)
    assert people["fay"].post(door, {"proof_no": "ICBC-2026-0001", "photo": broken}).status_code == 422
    assert not Transfer.objects.exists()
    assert people["fay"].post(door, {"proof_no": "ICBC-2026-0001", "photo": photo()}).status_code == 302


def test_what_the_bank_did_not_take_waits_for_another_sheet(people, waiting, batch):
    row = BatchedTransfer.objects.get()
    assert people["fay"].post(url("off", batch.pk, row.pk), {"why": ""}).status_code == 422
    assert people["fay"].post(url("off", batch.pk, row.pk), {"why": "wrong name"}).status_code == 302
    assert people["flo"].post(url("make"), {"pick": [waiting.pk]}).status_code == 302
    assert people["fay"].post(url("off", batch.pk, row.pk), {"why": "again"}).status_code == 404


def test_a_transfer_that_was_not_on_the_statement_is_off_its_sheet(people, waiting, batch):
    row = BatchedTransfer.objects.get()
    people["fay"].post(url("enter", batch.pk), {f"no-{row.pk}": "ICBC-2026-0001"})
    services.drop_transfer(Transfer.objects.get().pk, why="not there", by=FLO, now=clock.now())

    assert BatchedTransfer.objects.get().taken_off_at
    assert waiting.number in people["fay"].get(url("changelist")).content.decode()


def test_only_finance_works_them(people, waiting, batch):
    for name in ("sam", "sue", "rik", "aud"):
        assert people[name].get(url("changelist")).status_code == 403
        assert people[name].post(url("sheet", batch.pk)).status_code == 403
    assert people["fay"].get(url("change", 10**12)).status_code == 404


@pytest.mark.django_db(transaction=True)
def test_two_who_make_a_sheet_at_once_put_it_on_one(waiting):
    results = at_once(*[lambda: services.make_batch([waiting.pk], by=FAY, now=clock.now())] * 4)

    assert sum(isinstance(each, TransferBatch) for each in results) == 1
    assert all(isinstance(each, TransferBatch | Conflict) for each in results), results
    assert BatchedTransfer.objects.count() == 1


# --- a shop's finance asks for another way ----------------------------------------------------------------

SAYS = {"name": "安小雨", "bank": "招商银行", "account": CARD, "reason": "She called and named it."}


def way(row, serial=1) -> str:
    return reverse("merchant:propose_way", args=[row.merchant.code, row.return_no, serial])


def test_a_shops_finance_asks_for_another_way_and_the_platform_confirms(people, closed, client):
    client.force_login(samples.member(closed.merchant, "finance", "fi"))
    case = client.get(reverse("merchant:case", args=[closed.merchant.code, closed.return_no]))
    assert way(closed) in case.content.decode()
    assert client.post(way(closed), SAYS | {"reason": ""}).status_code == 422
    assert client.post(way(closed), SAYS | {"account": "12"}).status_code == 422
    assert client.post(way(closed), SAYS).status_code == 302
    change = RouteChange.objects.get()
    assert (change.by_kind, change.payee_last4, change.is_agreed, change.reason) == (
        "merchant", CARD[-4:], False, SAYS["reason"],
    )  # fmt: skip
    assert Refund.objects.count() == 1
    services.agree_first(change.pk, by=SUE, now=clock.now())
    services.agree_second(change.pk, by=FAY, now=clock.now())
    assert Refund.objects.filter(channel="bank_transfer").count() == 1
    must_balance()


def test_an_agent_or_another_shop_asks_for_no_way(closed, client):
    client.force_login(samples.member(closed.merchant, "agent", "ag"))
    assert client.post(way(closed), SAYS).status_code == 403
    client.force_login(samples.member(samples.shop("other"), "owner", "eve"))
    assert client.post(way(closed), SAYS).status_code == 404
    assert client.post(way(closed).replace(closed.merchant.code, "other"), SAYS).status_code == 404
    client.force_login(samples.member(closed.merchant, "owner", "ow"))
    assert client.post(way(closed, 9), SAYS).status_code == 404
    assert not RouteChange.objects.exists()


def test_her_own_choice_that_was_agreed_to_stands(ann, closed, client):
    ann.client.post(page(closed, "another_way", 1), BANK)
    services.agree_first(RouteChange.objects.get().pk, by=SUE, now=clock.now())
    client.force_login(samples.member(closed.merchant, "owner", "ow"))

    assert client.post(way(closed), SAYS).status_code == 422
    assert RouteChange.objects.count() == 1
