import os
import shutil
import tempfile
from pathlib import Path

import pytest

from returns_platform.stack import servers


@pytest.fixture
def data():
    """A data folder that an unprivileged server can reach, as those of pytest are not when we are root."""
    folder = Path(tempfile.mkdtemp(prefix="returns-test-data-")).resolve()
    folder.chmod(0o711)
    yield folder
    servers.leave(folder)
    shutil.rmtree(folder)


@pytest.fixture
def environment(data):
    """For commands over that data folder, as a person would call them."""
    ours = {name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "REDIS_URL", "DEMO")}
    return {**ours, "DJANGO_SETTINGS_MODULE": "returns_platform.settings", "DATA_DIR": str(data)}
