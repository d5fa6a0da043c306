"""T46: the customer shows the receipt of a courier she paid; the shop or the platform agrees, up to the cap, once."""

import pytest
from django.urls import reverse

from aftersales.returns.models import ReturnRequest
from aftersales.returns.services.decisions import approve_return
from aftersales.tests.desk.cases import again, door, must_balance, signed_in, staff
from aftersales.tests.returns.buyers import a_buyer, photo
from orders.tests import samples
from refunds.ledger.models import LedgerEntry
from refunds.wallet.models import Compensation, Wallet
from returns_platform.kernel import clock
from returns_platform.kernel.actors import Actor

MIA = Actor("merchant", id="901", name="Mia")


@pytest.fixture
def buyer(db):
    yield a_buyer()
    must_balance()


@pytest.fixture
def row(buyer) -> ReturnRequest:
    """Faulty goods that the customer sends herself; approved."""
    row = buyer.filed(reason="QL.DEFECT", send_back="self_ship")
    if row.state != "approved":
        approve_return(row.pk, by=MIA, now=clock.now())
    return again(row)


def ask(buyer, row, paid="15.00", **more):
    return buyer.client.post(
        reverse("aftersales:courier_paid", args=[row.return_no]), {"paid": paid, "seen": row.version} | more
    )


def shop_page(row) -> str:
    return reverse("merchant:case", args=[row.merchant.code, row.return_no])


def test_t46_the_receipt_the_agreement_and_twelve_as_a_posting_of_its_own(buyer, row, client):
    url = reverse("aftersales:courier_paid", args=[row.return_no])
    assert "12.00" in buyer.client.get(url).content.decode()
    assert ask(buyer, row, photo=photo()).status_code == 302
    asked = Compensation.objects.get()
    assert (asked.amount, asked.given_at, asked.by_kind, Wallet.objects.count()) == (1200, None, "customer", 0)

    client.force_login(samples.member(row.merchant, "agent", "ag"))
    assert "15.00" in client.get(shop_page(row)).content.decode()
    assert client.post(shop_page(row), {"do": "agree_wish", "agree_wish-gift": asked.pk}).status_code == 302
    assert Wallet.objects.get().balance == 1200
    posted = LedgerEntry.objects.filter(transaction__kind="compensation").values_list("account", "amount")
    assert dict(posted) == {"merchant": -1200, "customer_wallet": 1200}
    assert again(row).tasks.filter(closed_at=None).count() == 0
    assert client.post(shop_page(row), {"do": "agree_wish", "agree_wish-gift": asked.pk}).status_code in (409, 422)
    assert Wallet.objects.get().balance == 1200


def test_without_a_photo_or_a_sum_nothing_is_asked_for_and_nothing_typed_is_lost(buyer, row):
    told = ask(buyer, row)
    assert (told.status_code, Compensation.objects.count()) == (422, 0)
    assert "15.00" in told.content.decode()
    told = ask(buyer, row, paid="much", photo=photo())
    assert (told.status_code, Compensation.objects.count()) == (422, 0)
    kept = told.context["photos"].kept[0]
    assert ask(buyer, row, evidence=str(kept.public_id)).status_code == 302


@pytest.mark.parametrize("paid", ["0", "-3", "1e9", "15.001", "99999999999", "NaN"])
def test_what_is_no_sum_is_refused(buyer, row, paid):
    assert ask(buyer, row, paid=paid, photo=photo()).status_code == 422
    assert not Compensation.objects.exists()


def test_it_is_asked_for_once_and_again_after_a_no(buyer, row):
    ask(buyer, row, photo=photo())
    assert ask(buyer, row, photo=photo(size=(90, 60))).status_code == 422
    sam = signed_in(staff("senior", "sam"))
    asked = Compensation.objects.get()
    sent = {"do": "decline", "gift": asked.pk, "seen": again(row).version, "confirmed": "on"}
    assert sam.post(door("gift", row), sent).status_code == 302
    assert ask(buyer, again(row), photo=photo(size=(70, 60))).status_code == 302
    assert Compensation.objects.count() == 2 and not Wallet.objects.exists()


def test_nobody_agrees_for_another_shop_and_a_viewer_does_not(buyer, row, client):
    ask(buyer, row, photo=photo())
    asked = Compensation.objects.get()
    client.force_login(samples.member(samples.shop("other"), "owner", "eve"))
    assert client.post(shop_page(row), {"do": "agree_wish", "agree_wish-gift": asked.pk}).status_code == 404
    client.force_login(samples.member(row.merchant, "viewer", "vi"))
    assert client.post(shop_page(row), {"do": "agree_wish", "agree_wish-gift": asked.pk}).status_code == 403
    assert not Wallet.objects.exists()


def test_where_the_customer_bears_the_way_back_there_is_nothing_to_ask_for(buyer):
    row = buyer.filed(send_back="self_ship")
    url = reverse("aftersales:courier_paid", args=[row.return_no])
    assert buyer.client.get(url).status_code == 302
    assert buyer.client.post(url, {"paid": "15", "photo": photo()}).status_code == 409
    assert not Compensation.objects.exists()


def test_another_customers_request_is_not_there(buyer, row):
    eve = a_buyer("eve")
    assert ask(eve, row, photo=photo()).status_code == 404
