"""Settings of a test run: those of the product, over a data folder of its own that is removed at the end."""

import atexit
import os
import shutil
import tempfile

FOLDER = "TEST_DATA_DIR"  # handed down to the processes that share the work

if FOLDER not in os.environ:
    os.environ[FOLDER] = tempfile.mkdtemp(prefix="returns-test-")
    os.chmod(os.environ[FOLDER], 0o711)  # as root the servers run as somebody else
    atexit.register(shutil.rmtree, os.environ[FOLDER], ignore_errors=True)  # after the servers have stopped
for name in ("REFUND_HOLD_S", "SECRET_KEY", "SITE_URL", "PORT"):
    os.environ.pop(name, None)
os.environ |= {"DATA_DIR": os.environ[FOLDER], "DEMO": "1", "ENV_FILE": os.devnull}

from returns_platform.settings import *  # noqa: E402, F403
from returns_platform.stack.postgresql import base  # noqa: E402

base.IDLE_IN_TRANSACTION_TIMEOUT_S = 120  # a whole test is one transaction, and what it waits for may be slow

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # a real one takes most of a test's time
COURIERS = ["sf"]  # the others come where a test asks for them
WHITENOISE_AUTOREFRESH = True  # else every test client lists all static files when it is made: a tenth of the run
NUDGE_WORKERS = False  # tests call the services themselves
# Processes that share the work do not see each other's uploads.
MEDIA_ROOT = DATA_DIR / "media" / os.environ.get("PYTEST_XDIST_WORKER", "alone")  # noqa: F405
