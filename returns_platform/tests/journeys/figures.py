"""Other figures of the platform's policy, for one test."""

from django.db import connection, transaction

from aftersales.policy import queries as policies
from aftersales.policy.models import PolicyVersion


def put_into_version_1(**figures) -> None:
    """Other figures for one test, past the guard that keeps a published policy as it is."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        PolicyVersion.objects.filter(number=1).update(**figures)
        cursor.execute("SET LOCAL session_replication_role = origin")
    forget_policies()


def forget_policies() -> None:
    """What this process has compiled of them; also at the end of a test that changed one."""
    for kept in (policies._key_of, policies._platform, policies._clauses, policies._effective):
        kept.cache_clear()
