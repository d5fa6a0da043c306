from itertools import chain

import pytest
from django.db import DatabaseError, connection, transaction
from hypothesis import given, seed
from hypothesis import strategies as st

from orders.tests import samples
from refunds.ledger import rules
from refunds.ledger.models import LedgerEntry, LedgerTransaction
from refunds.ledger.rules import Entry, Money, Unbalanced
from refunds.ledger.services import PostedOtherwise, post, return_subsidy
from refunds.tests.payouts.conftest import NOW

PAIR = [Entry("merchant", -100, "CNY"), Entry("refunds_payable", 100, "CNY")]


@pytest.mark.django_db
def test_posting_twice_is_posting_once():
    first = post("promised:RF1-1", kind="promised", entries=PAIR, at=NOW)

    assert post("promised:RF1-1", kind="promised", entries=PAIR, at=NOW) == first
    assert LedgerEntry.objects.count() == 2


@pytest.mark.django_db
def test_a_reference_never_means_two_things():
    post("promised:RF1-1", kind="promised", entries=PAIR, at=NOW)

    with pytest.raises(PostedOtherwise):
        post("promised:RF1-1", kind="promised", entries=rules.reversed_(PAIR), at=NOW)


@pytest.mark.django_db
def test_what_does_not_balance_is_not_posted():
    with pytest.raises(Unbalanced):
        post("x", kind="promised", entries=[PAIR[0], Entry("refunds_payable", 100, "USD")], at=NOW)
    assert not LedgerTransaction.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize("table", ["refunds_ledgertransaction", "refunds_ledgerentry"])
@pytest.mark.parametrize("change", ["UPDATE {} SET id = id", "DELETE FROM {}"])
def test_the_database_refuses_every_change(table, change):
    post("promised:RF1-1", kind="promised", entries=PAIR, at=NOW)

    with pytest.raises(DatabaseError, match="only ever added"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(change.format(table))


@pytest.mark.django_db
@pytest.mark.parametrize("amounts", [[], [100], [100, -99]])
def test_the_database_refuses_what_does_not_balance(amounts):
    with pytest.raises(DatabaseError, match="balance"), transaction.atomic():
        posted = LedgerTransaction.objects.create(reference="x", kind="promised", at=NOW)
        for amount in amounts:
            LedgerEntry.objects.create(transaction=posted, account="merchant", amount=amount, currency="CNY")
        connection.check_constraints()


@pytest.mark.django_db
def test_emptying_the_ledger_is_refused_outside_a_test_database():
    with connection.cursor() as cursor:
        cursor.execute("SELECT prosrc FROM pg_proc WHERE proname = 'refunds_never_emptied'")
        assert "current_database() NOT LIKE 'test\\_%'" in cursor.fetchone()[0]
        cursor.execute("SELECT tgname, array_agg(tgrelid::regclass::text) FROM pg_trigger GROUP BY tgname")
        tables = {name: set(found) for name, found in cursor.fetchall()}
    assert "refunds_ledgerentry" in tables["only_added"] & tables["never_emptied"]
    assert {table for table in tables["only_added"] if table.startswith("refunds_")} <= tables["never_emptied"]


@pytest.mark.django_db
def test_the_platforms_part_goes_back_though_the_customer_paid_nothing():
    order = samples.put(samples.shop())
    posted = return_subsidy("RT1", order=order, amount=500, at=NOW)

    assert dict(posted.entries.values_list("account", "amount")) == {"merchant": -500, "platform_subsidy": 500}
    assert return_subsidy("RT2", order=order, amount=0, at=NOW) is None


@seed(20261110)
@given(amount=st.integers(1, 10**12), share=st.integers(0, 10**12))
def test_whatever_happens_to_a_refund_adds_up_to_zero(amount, share):
    money = Money(amount, share, "CNY", 1)
    at = rules.channel("wechat")
    steps = [rules.promised(money), rules.arrived(money, at=at), rules.returned(money, at=at)]

    for entries in [*steps, rules.cancelled(money)]:
        rules.must_balance(entries)
    sums = {}
    for entry in chain(*steps):
        sums[entry.account] = sums.get(entry.account, 0) + entry.amount
    assert set(sums.values()) == {0}
