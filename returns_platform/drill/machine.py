"""A machine of its own for one piece of the drill: a database server and a broker that may be killed without regard.

Whatever is killed comes back as `up` brings it back, over the files that it left.
"""

import os
import shutil
import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import redis
from django.conf import settings
from django.db import connection, connections

from returns_platform.drill import databases
from returns_platform.drill.twins import broker
from returns_platform.stack import backups, locks, postgres, runfile, servers, valkey
from returns_platform.stack.folders import Folders

TABLES = "tables.sql"


def keep_tables() -> None:
    """What every machine's database begins with, from the template that is there already."""
    with databases.using(databases.TEMPLATE):
        file = Path(settings.DATA_DIR) / TABLES
        backups.run_client("pg_dump", "--no-owner", f"--file={file}", connection=connection)


@contextmanager
def running(folder: Path) -> Iterator["Machine"]:
    """Both servers over this folder, and every connection of this process goes there, until the block ends."""
    before = Path(settings.DATA_DIR)
    machine = Machine(Folders(folder))
    machine.folders.make()
    shutil.copytree(before / "keys", folder / "keys", dirs_exist_ok=True)
    machine.start("postgres")
    machine.start("valkey")
    settings.DATA_DIR, os.environ[servers.SOCKETS_VARIABLE] = folder, runfile.read(folder).sockets
    databases.choose(postgres.DATABASE)
    quietly = ["--no-psqlrc", "--quiet", "--output=/dev/null", "--set=ON_ERROR_STOP=1", "--single-transaction"]
    backups.run_client("psql", *quietly, f"--file={before / TABLES}", connection=connection)
    with connection.cursor() as cursor:  # what is committed outlives the server, though not the power
        cursor.execute(f'ALTER DATABASE "{postgres.DATABASE}" SET synchronous_commit = on')
    connections.close_all()
    try:
        yield machine
    finally:
        connections.close_all()
        with locks.exclusive(machine.folders.run_lock):
            servers.stop(machine.folders, runfile.read(folder))
        shutil.rmtree(folder)  # a night's machines would fill the disk


def end_leftovers(data: Path) -> None:
    """Of every machine in this folder: somebody pressed Ctrl-C."""
    for folder in data.glob("kills_*"):
        postgres.end_leftovers(Folders(folder))
        valkey.end_leftovers(Folders(folder))


class Machine:
    def __init__(self, folders: Folders):
        self.folders = folders

    def start(self, name: str) -> None:
        with locks.exclusive(self.folders.run_lock):
            servers.start(name, self.folders, durable=False)

    def kill_the_database(self) -> None:
        """The postmaster dies at once, whoever is in the middle of what, and is started over what it left."""
        connections.close_all()
        os.kill(runfile.read(self.folders.data).postgres.pid, signal.SIGKILL)
        self.start("postgres")

    def kill_the_broker(self) -> None:
        os.kill(runfile.read(self.folders.data).valkey.pid, signal.SIGKILL)
        self.start("valkey")

    def empty_the_broker(self) -> None:
        with suppress(redis.ConnectionError):
            broker().flushall()

    def cut_sessions(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                           "WHERE datname = current_database() AND pid <> pg_backend_pid()")  # fmt: skip
