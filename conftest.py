"""One embedded database and broker per test run, shared by its processes; each process has a test database."""

import gc
import os
import signal
from pathlib import Path

import pytest
from django.db import connections

from returns_platform.stack import servers
from returns_platform.tests import tables
from returns_platform.tests.settings import FOLDER

# Told to stop, a test run leaves as it does at Ctrl-C: the servers stop and the folder goes.
signal.signal(signal.SIGTERM, signal.default_int_handler)


def pytest_collection_finish():
    """What was imported stays: looking through it for garbage again and again takes a tenth of the run."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix, request, django_db_blocker):
    """Before the first test database: the server starts without waiting for the disk, which no test looks at."""
    if os.environ.get("DATABASE_URL"):
        return
    shared = Path(os.environ[FOLDER]).resolve()
    servers.postgres_sockets(shared, durable=False)
    with django_db_blocker.unblock():
        ready_made = tables.template(kept=request.config.cache.mkdir("tables"), shared=shared)
    connections["default"].settings_dict["TEST"]["TEMPLATE"] = ready_made


@pytest.fixture(autouse=True)
def numbers_of_policies_anew():
    """A version's number is given once for good; only tests, which take back what they did, give it again."""
    from aftersales.policy import queries as policies

    policies._key_of.cache_clear()
