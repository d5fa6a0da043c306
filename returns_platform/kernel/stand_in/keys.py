"""Demo keys, made once per data folder and never committed."""

import os
import secrets
from collections.abc import Callable
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa


def secret(data_dir: Path | str, name: str, make: Callable[[], str]) -> str:
    """The text kept in `keys/NAME`, made by `make()` the first time (mode 0600).

    Web, worker and stand-ins start together and may all come first: a hard link never replaces a file that is
    there, so they all end up with the same key.
    """
    path = Path(data_dir) / "keys" / name
    if not path.exists():
        _write_once(path, make())
    return path.read_text()


def rsa_key_pem() -> str:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()


def _write_once(path: Path, text: str) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(draft, path)
    except FileExistsError:
        pass  # another process was first: its key counts
    finally:
        draft.unlink()
