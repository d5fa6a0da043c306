import pytest

from aftersales.tests.desk.cases import a_desk, signed_in, staff


@pytest.fixture
def desk(db):
    return a_desk()


@pytest.fixture
def sam(db):
    return signed_in(staff("support", "sam"))


@pytest.fixture
def sue(db):
    return signed_in(staff("senior", "sue"))


@pytest.fixture
def fay(db):
    return signed_in(staff("finance", "fay"))
