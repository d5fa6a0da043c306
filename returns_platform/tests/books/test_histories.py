import pytest
from django.apps import apps
from django.db import DatabaseError, connection, transaction

from orders.purchases.models import OrderMove
from orders.tests import samples
from returns_platform.kernel.fsm import Move

HISTORIES = [model for model in apps.get_models() if issubclass(model, Move)]


@pytest.mark.django_db
@pytest.mark.parametrize("history", HISTORIES, ids=lambda model: model._meta.label)
def test_every_history_is_guarded_where_it_lies(history):
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_trigger WHERE tgrelid = %s::regclass AND tgname = 'only_added'",
            [history._meta.db_table],
        )
        assert cursor.fetchone() == (1,)


@pytest.mark.django_db
@pytest.mark.parametrize("change", ["UPDATE {} SET note = 'x'", "DELETE FROM {}"])
def test_what_happened_is_neither_edited_nor_removed(change):
    samples.put(samples.shop())
    with pytest.raises(DatabaseError, match="only ever added"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(change.format(OrderMove._meta.db_table))
