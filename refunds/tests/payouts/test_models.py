import re
from pathlib import Path

import pytest
from django.db import DatabaseError, transaction

from refunds.payouts import services, states, texts
from refunds.payouts.models import Refund
from refunds.payouts.services.paying import PROBLEM_OF_HURDLE
from refunds.tests.payouts.conftest import SAM

pytestmark = pytest.mark.django_db


def test_the_declared_edges_are_those_of_the_machine():
    field = Refund._meta.get_field("state")
    edges = {(move.source, move.target) for move in field.get_all_transitions(Refund)}

    assert edges == states.EDGES


def test_every_state_is_live_or_over():
    assert set(states.LIVE) | {states.CLOSED, states.RETURNED_BY_BANK, states.CANCELLED} == set(states.ALL)


@pytest.mark.parametrize("change", [{"amount": 1}, {"number": "RF1-1"}, {"currency": "USD"}, {"needs_second": False}])
def test_the_facts_of_a_refund_are_the_same_for_life(till, change):
    refund = till.promise(by=SAM, second_person=True)

    with pytest.raises(DatabaseError, match="same for life"), transaction.atomic():
        Refund.objects.filter(pk=refund.pk).update(**change)


def test_a_refund_is_never_removed(till):
    refund = till.promise()

    with pytest.raises(DatabaseError, match="only ever added"), transaction.atomic():
        Refund.objects.filter(pk=refund.pk)._raw_delete("default")


def test_every_problem_has_words_for_the_customer_and_for_staff():
    """The codes are those that services hand over with, found in the sources."""
    sources = "".join(path.read_text() for path in Path(services.__file__).parent.glob("*.py"))
    used = set(re.findall(r'(?:_hand_over\(refund, |hand_over\(|problem = )"(\w+)"', sources))
    used |= set(PROBLEM_OF_HURDLE.values()) | {"too_old", "too_many_parts", "mismatch", "unasked", "refused"}

    assert len(used) > 10
    assert used <= set(texts.PROBLEMS)
    assert set(texts.PROBLEMS) == set(texts.FOR_STAFF)
