"""What settings.py asks the stack. Nothing here connects or starts anything."""

import contextlib
import os
import secrets
from pathlib import Path
from typing import Any

import environ
from kombu.transport import TRANSPORT_ALIASES

from returns_platform.stack import runfile
from returns_platform.stack.folders import make_data_folder, make_folder

EMBEDDED_BROKER = "embedded+socket:///"
TRANSPORT_ALIASES["embedded"] = "returns_platform.stack.broker:Transport"

CONNECT_TIMEOUT_S = 2
CONNECTION_LIFE_S = 600


def database(database_url: str, data_dir: Path) -> dict[str, Any]:
    """One entry of DATABASES: the server of `database_url`, or the embedded one where that is empty.

    Its backend sees to it that no request hangs on the database, see there."""
    found = environ.Env.db_url_config(database_url) if database_url else _embedded(data_dir)
    return {
        **found,
        "ENGINE": "returns_platform.stack.postgresql",
        "OPTIONS": {"connect_timeout": CONNECT_TIMEOUT_S, **found.get("OPTIONS", {})},
        "CONN_MAX_AGE": CONNECTION_LIFE_S,
        "CONN_HEALTH_CHECKS": True,
    }


def broker_url(redis_url: str, data_dir: Path) -> str:
    """Celery's broker: `redis_url`, or a transport that finds the embedded Valkey when it first connects."""
    return redis_url or EMBEDDED_BROKER


def stand_in_urls(data_dir: Path) -> dict[str, str]:
    """{name: URL} of the stand-ins that `up` runs over this data folder; empty when it does not run."""
    return runfile.read(data_dir).stand_ins


def demo_secret_key(data_dir: Path) -> str:
    """The secret key of this data folder, made the first time. Only for the demo: elsewhere it is set."""
    path = data_dir / "keys" / "secret_key"
    if not path.exists():
        make_data_folder(data_dir)
        make_folder(path.parent, mode=0o700)
        _write_once(path, secrets.token_urlsafe(50))
    return path.read_text()


def _embedded(data_dir: Path) -> dict[str, Any]:
    return {"NAME": "returns", "USER": "returns", "EMBEDDED_IN": str(data_dir)}


def _write_once(path: Path, text: str) -> None:
    """Web, worker and stand-ins may all come first: a link never replaces a file, so they end up with one key."""
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    with contextlib.suppress(FileExistsError):
        os.link(draft, path)
    draft.unlink()
