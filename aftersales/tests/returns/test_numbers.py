"""No number of a request is given out twice, whatever becomes of the process or the database that gave it."""

import os

import pytest
from django.db import connection, transaction

from aftersales.returns import numbers


@pytest.fixture(autouse=True)
def no_block():
    numbers._block.__init__()
    yield
    numbers._block.__init__()


def serial_in_a_transaction(*, lost: bool = False) -> int:
    with transaction.atomic():
        serial = numbers._block.next()
        transaction.set_rollback(lost)
    return serial


@pytest.mark.django_db(transaction=True)
def test_a_committed_block_is_given_out_one_by_one():
    first = serial_in_a_transaction()
    assert [numbers._block.next() for _ in range(3)] == [first + 1, first + 2, first + 3]


@pytest.mark.django_db(transaction=True)
def test_a_block_whose_transaction_was_lost_is_not_used():
    """A database that dies before it was committed forgets that it gave the block, and gives it to somebody else."""
    lost = serial_in_a_transaction(lost=True)
    with connection.cursor() as cursor:
        cursor.execute("SELECT setval('return_serial', %s, false)", [lost])
    theirs = range(numbers._first_of_block(), numbers._first_of_block())
    assert numbers._block.next() not in theirs


@pytest.mark.django_db(transaction=True)
def test_a_forked_process_has_no_part_of_its_parents_block():
    serial_in_a_transaction()
    child = os.fork()
    if not child:
        os._exit(next(numbers._block.left, 0) != 0)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert next(numbers._block.left, 0)
