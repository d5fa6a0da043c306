"""Facts that the database keeps as they are, changed for one test."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, transaction

from aftersales.policy import queries as policies
from aftersales.policy.models import PolicyVersion


@contextmanager
def past_the_guards() -> Iterator[None]:
    """No trigger speaks inside the block."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        yield
        cursor.execute("SET LOCAL session_replication_role = origin")


def put_into_version_1(**figures) -> None:
    """Other figures in a policy that is published."""
    with past_the_guards():
        PolicyVersion.objects.filter(number=1).update(**figures)
    forget_policies()


def forget_policies() -> None:
    """What this process has compiled of them; also at the end of a test that changed one."""
    for kept in (policies._key_of, policies._platform, policies._clauses, policies._effective):
        kept.cache_clear()
