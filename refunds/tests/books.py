"""Every invariant of the app, as tests ask for it."""

from django.db import connection

from refunds.books import INVARIANTS


def violations() -> list[str]:
    """One line per violated row; empty when the books are right."""
    with connection.cursor() as cursor:
        found = []
        for invariant in INVARIANTS:
            cursor.execute(invariant.sql)
            found += [f"{invariant.name}: {row}" for row in cursor.fetchall()]
    return found
