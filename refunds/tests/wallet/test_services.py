import pytest
from django.db import IntegrityError, transaction

from orders.tests import samples
from refunds.ledger.models import LedgerEntry
from refunds.tests.books import violations
from refunds.tests.payouts.conftest import NOW
from refunds.wallet.models import Wallet
from refunds.wallet.services import credit, issue_coupon


@pytest.fixture
def customer(db):
    yield samples.put(samples.shop()).customer
    assert [line for line in violations() if "balance" in line] == []


def test_a_credit_is_given_once_per_kind_and_reference(customer):
    for _ in range(2):
        credit(customer, amount=500, kind="compensation", reference="RT1", now=NOW)
    credit(customer, amount=30, kind="bonus", reference="RT1", now=NOW)

    wallet = Wallet.objects.get()
    assert wallet.balance == 530
    assert [entry.balance_after for entry in wallet.entries.order_by("pk")] == [500, 530]


def test_a_compensation_is_never_mixed_into_the_refunds(customer):
    credit(customer, amount=500, kind="compensation", reference="RT1", now=NOW)

    assert dict(LedgerEntry.objects.values_list("account", "amount")) == {
        "compensation_expense": -500,
        "customer_wallet": 500,
    }


def test_a_balance_never_goes_below_zero(customer):
    credit(customer, amount=500, kind="compensation", reference="RT1", now=NOW)

    with pytest.raises(IntegrityError), transaction.atomic():
        Wallet.objects.update(balance=-1)


def test_store_credit_is_issued_once(customer):
    coupons = {
        issue_coupon(customer, amount=700, kind="compensation", reference="RT1", now=NOW).code for _ in range(2)
    }

    assert len(coupons) == 1
    assert customer.store_coupons.get().amount == 700
