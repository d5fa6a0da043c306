"""One embedded database and broker per test run, shared by its processes; each process has a test database."""

import os
import signal
from pathlib import Path

import pytest

from returns_platform.stack import servers
from returns_platform.tests.settings import FOLDER

# Told to stop, a test run leaves as it does at Ctrl-C: the servers stop and the folder goes.
signal.signal(signal.SIGTERM, signal.default_int_handler)


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix):
    """Before the first test database: the server starts without waiting for the disk, which no test looks at."""
    if not os.environ.get("DATABASE_URL"):
        servers.postgres_sockets(Path(os.environ[FOLDER]).resolve(), durable=False)
