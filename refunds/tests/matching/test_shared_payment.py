"""A refund past this platform of a payment that several orders share: a person says whose it was."""

import pytest
from django.test import Client
from django.urls import reverse

from orders.purchases.models import Payment
from orders.tests import samples
from refunds.ledger.models import LedgerTransaction
from refunds.matching import services
from refunds.matching.models import ExternalRefund
from refunds.payouts.models import Break
from refunds.tests.matching.conftest import SUE, breaks
from refunds.tests.matching.test_closing import person
from refunds.tests.payouts.test_races import at_once
from returns_platform.kernel.errors import Conflict, Invalid

pytestmark = pytest.mark.django_db


def parts() -> list[Payment]:
    return list(Payment.objects.filter(transaction__transaction_id="42SHARED").order_by("pk"))


@pytest.fixture
def shared(desk) -> Break:
    """60.00 and 40.00 of one payment at two shops; 50.00 went back by hand."""
    for number, code, amount in (("B1", "fresh", 6000), ("B2", "other", 4000)):
        paid = samples.payment(amount, "42SHARED", transaction_total=10000)
        samples.put(samples.shop(code), number, lines=[samples.line(quantity=1, unit_price=amount)], payments=[paid])
    desk.bill(desk.row(transaction_id="42SHARED", amount=5000))
    return Break.objects.get()


def place(found, *amounts, now) -> Break:
    chosen = dict(zip([payment.pk for payment in parts()], amounts, strict=False))
    return services.place_break(found.pk, parts=chosen, by=SUE, now=now)


def held() -> list[tuple[int, int]]:
    return [(payment.external, payment.reserved) for payment in parts()]


def test_nothing_is_booked_until_a_person_says_whose_it_was(desk, till, shared):
    assert (shared.theirs["booked"], held()) == ("shared", [(0, 0), (0, 0)])
    found = place(shared, 3500, 1500, now=till.at)

    assert (held(), found.theirs["booked"], found.is_open) == ([(3500, 3500), (1500, 1500)], "held", True)
    assert LedgerTransaction.objects.filter(kind="external").count() == 2
    assert found.events.last().what == "placed"


def test_all_of_one_order(desk, till, shared):
    place(shared, 5000, 0, now=till.at)
    assert held() == [(5000, 5000), (0, 0)]


@pytest.mark.parametrize("amounts", [(), (0, 0), (4000, 999), (5001, 0), (6001, -1001), (1000, 4001), (-1, 5001)])
def test_what_does_not_add_up_books_nothing(desk, till, shared, amounts):
    with pytest.raises(Invalid):
        place(shared, *amounts, now=till.at)
    assert (held(), ExternalRefund.objects.count()) == ([(0, 0), (0, 0)], 0)


def test_another_orders_payment_is_no_part_of_it(desk, till, shared):
    with pytest.raises(Invalid):
        services.place_break(shared.pk, parts={till.payment.pk: 5000}, by=SUE, now=till.at)
    assert till.payment.external == 0


def test_it_is_booked_once(desk, till, shared):
    place(shared, 5000, 0, now=till.at)
    with pytest.raises(Conflict):
        place(shared, 5000, 0, now=till.at)
    desk.match()
    assert (held(), breaks()) == ([(5000, 5000), (0, 0)], ["external"])


def test_the_same_bill_again_keeps_it_and_a_corrected_one_undoes_it(desk, till, shared):
    place(shared, 3500, 1500, now=till.at)
    row = desk.row(transaction_id="42SHARED", amount=5000)
    desk.bill(row, desk.row(number="HAND9", channel_ref="H9", transaction_id="4200001", amount=1))
    assert held() == [(3500, 3500), (1500, 1500)]
    desk.bill(desk.row(transaction_id="42SHARED", amount=4900))
    assert (held(), Break.objects.get(number="HAND1").theirs["booked"]) == ([(0, 0), (0, 0)], "shared")
    assert LedgerTransaction.objects.filter(kind="external_undone").count() == 3


def test_what_a_payment_does_not_hold_any_more_is_booked_in_the_ledger_only(desk, till, shared):
    Payment.objects.filter(pk=parts()[1].pk).update(reserved=0, amount=4000)
    place(shared, 2000, 3000, now=till.at)
    assert held() == [(2000, 2000), (3000, 3000)]


@pytest.mark.django_db(transaction=True)
def test_two_people_at_once_book_it_once(desk, till, shared):
    results = at_once(*[lambda: place(shared, 5000, 0, now=till.at)] * 4)

    assert sum(isinstance(each, Break) for each in results) == 1, results
    assert held() == [(5000, 5000), (0, 0)]


def test_the_page_books_in_one_step(desk, till, shared):
    fay, client = person("fay", language="en"), Client(headers={"accept-language": "en"})
    client.force_login(fay)
    door, page = (reverse(f"admin:refunds_break_{name}", args=[shared.pk]) for name in ("place", "change"))
    first, second = parts()
    shown = client.get(page).content.decode()
    assert f'name="part-{first.pk}"' in shown and "¥60.00 paid, ¥60.00 left" in shown
    for wrong in ("x", "-1", "1e3", "50.001", "49.99"):
        assert client.post(door, {f"part-{first.pk}": wrong}).status_code == 422
    assert client.post(door, {f"part-{first.pk}": "35", f"part-{second.pk}": "15.00"}).status_code == 302
    assert held() == [(3500, 3500), (1500, 1500)]
    assert f'name="part-{first.pk}"' not in client.get(page).content.decode()
    nobody = Client()
    assert nobody.post(door, {}).status_code in (302, 403)
