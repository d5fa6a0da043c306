"""One embedded database and broker per test run, shared by its processes; each process has a test database."""

import os
import shutil
from pathlib import Path

import pytest

from returns_platform.stack import servers
from returns_platform.stack.folders import Folders
from returns_platform.tests.settings import FOLDER


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix):
    """Before the first test database: the server starts without waiting for the disk, which no test looks at."""
    if not os.environ.get("DATABASE_URL"):
        servers.postgres_sockets(_data(), durable=False)


def pytest_unconfigure(config):
    servers.leave(_data())
    if not hasattr(config, "workerinput"):  # the first process is the last to leave
        shutil.rmtree(_data(), ignore_errors=True)
        shutil.rmtree(Folders(_data()).in_state_folder, ignore_errors=True)


def _data() -> Path:
    return Path(os.environ[FOLDER]).resolve()
