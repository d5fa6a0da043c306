"""Every table, ready-made: replaying all migrations takes longer than most test files do.

The first process of a run makes a database by migrating, the others copy it, and the next run copies what was kept in
pytest's own cache for as long as no migration and no list of packages changes. Only tables are kept, never rows:
what stands in them after a migration (groups, the first policy) follows the code and is written anew in each run.
"""

import fcntl
import hashlib
from pathlib import Path

from django.conf import settings
from django.core.management import call_command
from django.db import connection, connections

from returns_platform.stack.backups import run_client

NAME = "ready_made_tables"
WHAT_DECIDES = ("*/migrations/*.py", "requirements*.txt")


def template(*, kept: Path, shared: Path) -> str:
    """The name of a database with every table. kept: a folder that stays; shared: one of this run's processes."""
    file = kept / f"{_what_they_follow_from()}.sql"
    with (shared / "tables.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not _is_there():
            _make(file)
    return NAME


def _what_they_follow_from() -> str:
    digest = hashlib.sha256()
    for pattern in WHAT_DECIDES:
        for path in sorted(settings.BASE_DIR.glob(pattern)):
            digest.update(path.relative_to(settings.BASE_DIR).as_posix().encode() + path.read_bytes())
    return digest.hexdigest()[:32]


def _is_there() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [NAME])
        return cursor.fetchone() is not None


def _make(file: Path) -> None:
    draft, before = f"{NAME}_draft", connection.settings_dict["NAME"]
    with connection.cursor() as cursor:
        cursor.execute(f"DROP DATABASE IF EXISTS {draft} WITH (FORCE)")
        cursor.execute(f"CREATE DATABASE {draft}")
    _use(draft)
    try:
        _load(file) if file.exists() else _migrate_and_keep(file)
    finally:
        _use(before)
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER DATABASE {draft} RENAME TO {NAME}")


def _load(file: Path) -> None:
    quietly = ["--no-psqlrc", "--quiet", "--output=/dev/null", "--set=ON_ERROR_STOP=1", "--single-transaction"]
    run_client("psql", *quietly, f"--file={file}", connection=connection)


def _migrate_and_keep(file: Path) -> None:
    call_command("migrate", interactive=False, verbosity=0)
    new = file.with_suffix(".new")
    parts = []
    for what in (["--schema-only"], ["--data-only", "--table=django_migrations"]):
        run_client("pg_dump", "--no-owner", "--no-privileges", *what, f"--file={new}", connection=connection)
        parts.append(new.read_text())
    new.write_text("\n".join(parts))
    for old in file.parent.glob("*.sql"):
        old.unlink()
    new.rename(file)


def _use(name: str) -> None:
    connections.close_all()
    connection.settings_dict["NAME"] = name
