"""Every invariant as a query, in one read-only snapshot, at any moment while everything works."""

from importlib import import_module

from django.core.management.base import BaseCommand
from django.db import connection, transaction

from returns_platform.kernel.books import Invariant

APPS = ("orders", "logistics", "refunds", "aftersales")


class Command(BaseCommand):
    help = "Check the books. Prints each violation and a last line; exit 0 only when there is none."

    def handle(self, *args, **options):
        listed = invariants()
        violations = check(listed, say=self.stdout.write)
        self.stdout.write(f"{len(listed)} invariants, {violations} violations")
        if violations:
            raise SystemExit(1)


def invariants() -> list[Invariant]:
    """All of them, the lowest app first."""
    return [invariant for app in APPS for invariant in import_module(f"{app}.books").INVARIANTS]


def check(invariants: list[Invariant], *, say) -> int:
    """Run every query in one REPEATABLE READ, READ ONLY transaction; how many rows broke an invariant."""
    violations = 0
    with transaction.atomic(), connection.cursor() as cursor:
        if not connection.savepoint_ids:  # within a test's transaction the snapshot is already chosen
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        cursor.execute("SET LOCAL statement_timeout = '60s'")
        for invariant in invariants:
            cursor.execute(invariant.sql)
            for row in cursor.fetchall():
                violations += 1
                say(f"{invariant.name}: {' '.join(str(value) for value in row)}")
    return violations
