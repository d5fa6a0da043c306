"""Vouchers: one for each refund that arrived, numbered without a gap, whoever writes at the same time (T53)."""

import random

import pytest
from django.db import DatabaseError, transaction

from orders.tests import samples
from refunds.documents import queries, services
from refunds.documents.models import Voucher, VoucherBook, VoucherCancellation
from refunds.payouts import services as payouts
from refunds.payouts import states
from refunds.payouts.models import Refund
from refunds.tests.payouts.conftest import SAM, Till, sent_back, state
from refunds.tests.payouts.test_races import at_once

pytestmark = pytest.mark.django_db


def arrived(till, count=1, amount=100):
    """Refunds to the balance, which arrive at once."""
    refunds = [till.promise(amount, case_ref=f"RT{n}{till.order.pk}", destination="balance") for n in range(count)]
    till.pay()
    return list(Refund.objects.filter(pk__in=[refund.pk for refund in refunds], state=states.ARRIVED).order_by("pk"))


def paid_by_channel(till, channel):
    refund = till.promise()
    till.pay()
    channel.becomes(refund.number, "succeeded")
    till.pay(hours=1)
    assert state(refund) == states.ARRIVED
    return Refund.objects.get(pk=refund.pk)


def serials(merchant):
    return list(Voucher.objects.filter(merchant=merchant).order_by("serial").values_list("serial", flat=True))


def test_a_refund_that_arrived_has_one_voucher(till):
    (refund,) = arrived(till)
    assert services.write_due_vouchers(now=till.at) == 1
    voucher = Voucher.objects.get()
    assert (voucher.number, voucher.serial) == ("FRESH-RV00000001", 1)
    assert (voucher.amount, voucher.case_ref, voucher.arrived_at) == (100, refund.case_ref, refund.arrived_at)
    assert services.write_due_vouchers(now=till.at) == 0
    services.take_refund_news(refund.pk, now=till.at)
    assert serials(refund.merchant) == [1]


def test_what_did_not_arrive_has_none_and_uses_no_number(till, channel):
    refused = till.promise(500, case_ref="RT1")
    payouts.cancel_refunds("RT1", by=SAM, now=till.at)
    on_its_way = till.promise(600, case_ref="RT2")
    till.pay()
    for refund in (refused, on_its_way):
        services.take_refund_news(refund.pk, now=till.at)
    services.take_refund_news(10**9, now=till.at)
    assert services.write_due_vouchers(now=till.at) == 0
    arrived(till)
    services.write_due_vouchers(now=till.at)
    assert serials(till.order.merchant) == [1]


def test_each_shop_counts_for_itself(till):
    other = Till(samples.put(samples.shop("style"), payments=[samples.payment(12000, "4200002")]))
    arrived(till, 2)
    arrived(other, 3)
    services.write_due_vouchers(now=till.at)
    assert (serials(till.order.merchant), serials(other.order.merchant)) == ([1, 2], [1, 2, 3])


def test_a_number_comes_back_when_its_writing_fails(till):
    first, second = arrived(till, 2)
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        services.issue_voucher(first, now=till.at)
        raise ZeroDivisionError
    assert services.issue_voucher(second, now=till.at).serial == 1


def test_money_the_bank_sent_back_cancels_its_voucher_once(till, channel):
    refund = paid_by_channel(till, channel)
    services.take_refund_news(refund.pk, now=till.at)
    sent_back(refund, now=till.at)
    services.take_refund_news(refund.pk, now=till.at)
    services.write_due_vouchers(now=till.at)
    assert Voucher.objects.get().is_cancelled
    assert VoucherCancellation.objects.count() == 1


def test_money_that_came_back_before_its_voucher_was_written_still_takes_a_number(till, channel):
    refund = paid_by_channel(till, channel)
    sent_back(refund, now=till.at)
    services.write_due_vouchers(now=till.at)
    assert (Voucher.objects.get().serial, VoucherCancellation.objects.count()) == (1, 1)


def test_a_voucher_is_never_edited(till):
    arrived(till)
    services.write_due_vouchers(now=till.at)
    for change in (lambda: Voucher.objects.update(amount=1), lambda: Voucher.objects.all().delete()):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()


def test_vouchers_are_written_in_the_order_of_arrival(till):
    refunds = arrived(till, 3)
    services.write_due_vouchers(now=till.at)
    assert [voucher.refund for voucher in Voucher.objects.order_by("serial")] == refunds


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("seed", range(3))
def test_many_writers_at_once_leave_no_gap_and_no_double(till, seed):
    """Signals, sweeps and writers that fail, in threads with connections of their own."""
    refunds, shuffled = arrived(till, 12), random.Random(seed)
    jobs = [lambda refund=refund: services.issue_voucher(refund, now=till.at) for refund in refunds * 2]
    jobs += [lambda: services.write_due_vouchers(now=till.at)] * 4
    jobs += [lambda refund=refund: _fails(refund, till) for refund in refunds[:4]]
    shuffled.shuffle(jobs)
    at_once(*jobs)
    services.write_due_vouchers(now=till.at)
    assert serials(till.order.merchant) == list(range(1, 13))
    assert VoucherBook.objects.get().last == 12
    assert not queries.without_voucher().exists()


def _fails(refund, till):
    try:
        with transaction.atomic():
            services.issue_voucher(refund, now=till.at)
            raise ZeroDivisionError
    except ZeroDivisionError:
        return None


@pytest.mark.django_db(transaction=True)
def test_news_of_an_arrival_brings_the_voucher_at_once(till):
    (refund,) = arrived(till)
    assert Voucher.objects.get().refund == refund
