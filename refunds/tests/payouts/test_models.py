import pytest
from django.db import DatabaseError, transaction

from refunds.payouts import states
from refunds.payouts.models import Refund
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
