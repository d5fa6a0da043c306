"""Bills that come in and are matched at the same moment, with real connections."""

import pytest

from refunds.ledger.models import LedgerTransaction
from refunds.matching import services
from refunds.matching.models import ExternalRefund, Match, StatementFile
from refunds.matching.services.matching import match
from refunds.payouts import states
from refunds.payouts.models import Break
from refunds.payouts.services.paying import pay_due_refunds
from refunds.tests.matching import statement
from refunds.tests.matching.conftest import DAY, breaks, state
from refunds.tests.payouts.test_races import at_once
from returns_platform.kernel.actors import SYSTEM

pytestmark = pytest.mark.django_db(transaction=True)


def test_eight_matchers_book_a_refund_by_hand_once(desk, till):
    services.import_statement("wechat", DAY, statement.write([desk.row(line=1)]), source="nightly", by=SYSTEM,
                              now=till.at)  # fmt: skip
    at_once(*[lambda: match("wechat", {"HAND1"}, now=till.at)] * 8)

    assert (ExternalRefund.objects.count(), Break.objects.count(), Match.objects.count()) == (1, 1, 1)
    assert (desk.payment.external, LedgerTransaction.objects.filter(kind="external").count()) == (700, 1)


def test_the_same_file_from_eight_people_is_kept_once(desk, till):
    raw = statement.write([desk.row(line=1)])
    results = at_once(
        *[lambda: services.import_statement("wechat", DAY, raw, source="by_hand", by=SYSTEM, now=till.at)] * 8
    )

    assert [new for _file, new in results].count(True) == 1
    assert StatementFile.objects.count() == 1


def test_a_bill_and_the_channels_answer_at_once_post_one_arrival(desk, till, bank):
    refund = till.promise()
    till.pay(minutes=2)
    bank.becomes(refund.number, "succeeded", succeeded_at=till.at)
    services.import_statement("wechat", DAY, statement.write([desk.row(refund, line=1)]), source="nightly", by=SYSTEM,
                              now=till.at)  # fmt: skip
    later = till.later(minutes=10)
    at_once(*[lambda: match("wechat", {refund.number}, now=later), lambda: pay_due_refunds(later)] * 3)
    match("wechat", {refund.number}, now=later)

    assert (state(refund), breaks()) == (states.ARRIVED, [])
    assert LedgerTransaction.objects.filter(kind="arrived").count() == 1
