"""A database from before the schema was begun anew (decision 0048) goes on from where it is."""

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.recorder import MigrationRecorder

pytestmark = pytest.mark.django_db


def still_to_run() -> list[str]:
    executor = MigrationExecutor(connection)
    return [str(migration) for migration, _back in executor.migration_plan(executor.loader.graph.leaf_nodes())]


def test_a_database_in_which_the_earlier_migrations_ran_needs_only_what_came_after_them():
    assert still_to_run() == []
    begun = [
        node for (_app, name), node in MigrationExecutor(connection).loader.disk_migrations.items() if node.replaces
    ]
    recorder = MigrationRecorder(connection)
    assert len(begun) == 8
    for migration in begun:
        recorder.record_unapplied(migration.app_label, migration.name)
        for app, name in migration.replaces:
            recorder.record_applied(app, name)
    assert still_to_run() == []
