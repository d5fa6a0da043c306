"""Everything that must not be lost, in one archive: the database, photos, keys, and the files of the stand-ins."""

import contextlib
import json
import os
import shutil
import sqlite3
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path, PurePosixPath

from returns_platform.stack import binaries
from returns_platform.stack.folders import StackError, make_folder

FORMAT = 1
MANIFEST, DUMP = "manifest.json", "database.dump"
FOLDERS = ("media", "keys", "stand_ins")
NOT_FOR_PROGRAMS = {"password", "options", "client_encoding", "cursor_factory"}

EMPTY_THE_DATABASE = """
SET client_min_messages = warning;
DROP SCHEMA public CASCADE;
CREATE SCHEMA public AUTHORIZATION pg_database_owner;
GRANT USAGE ON SCHEMA public TO PUBLIC;
"""


def back_up(file: Path, *, connection, data: Path, now: datetime) -> None:
    """Writes the archive, readable by its owner alone. Everything may go on working meanwhile.

    The database comes first: a photo is kept before the row that names it, so no row will miss its photo.
    """
    if file.exists():
        raise StackError(f"{file} exists already: choose another name.")
    with tempfile.TemporaryDirectory(dir=file.absolute().parent, prefix=".backup-") as draft:
        dump, archive = Path(draft) / DUMP, Path(draft) / "archive"
        run_client("pg_dump", "--format=custom", f"--file={dump}", connection=connection)
        with tarfile.open(archive, "w") as tar:
            _add_text(tar, MANIFEST, json.dumps({"format": FORMAT, "at": now.isoformat()}), Path(draft))
            tar.add(dump, DUMP)
            for name in FOLDERS:
                _add_folder(tar, name, data / name, Path(draft))
        archive.chmod(0o600)
        archive.replace(file)


def restore(file: Path, *, connection, data: Path, replace: bool) -> datetime:
    """Puts back what `back_up` wrote; from when it is. The database changes in one transaction or not at all."""
    if not replace and not is_empty(connection):
        raise StackError("The database is not empty: --replace puts the backup in its place.")
    with tempfile.TemporaryDirectory(dir=data, prefix=".restore-") as draft:
        manifest = _unpacked(file, Path(draft))
        connection.close()
        _load(Path(draft) / DUMP, connection)
        for name in FOLDERS:
            _swap(Path(draft) / name, data / name)
    return datetime.fromisoformat(manifest["at"])


def is_empty(connection) -> bool:
    with connection.cursor() as cursor:
        return not connection.introspection.get_table_list(cursor)


def _add_text(tar: tarfile.TarFile, name: str, text: str, draft: Path) -> None:
    (draft / name).write_text(text)
    tar.add(draft / name, name)


def _add_folder(tar: tarfile.TarFile, name: str, folder: Path, draft: Path) -> None:
    for path in sorted(folder.rglob("*")):
        inside = f"{name}/{path.relative_to(folder)}"
        with contextlib.suppress(FileNotFoundError):  # a photo deleted meanwhile
            if path.suffix == ".sqlite3":
                tar.add(_copy_of_store(path, draft), inside)
            elif path.is_file() and not path.name.endswith((".lock", "-wal", "-shm")):
                tar.add(path, inside)


def _copy_of_store(path: Path, draft: Path) -> Path:
    """A stand-in may be writing: SQLite copies a consistent state."""
    copy = draft / path.name
    source, target = sqlite3.connect(f"file:{path}?mode=ro", uri=True), sqlite3.connect(copy)
    with contextlib.closing(source), contextlib.closing(target):
        source.backup(target)
    return copy


def _unpacked(file: Path, draft: Path) -> dict:
    try:
        with tarfile.open(file) as tar:
            for member, path in _files(tar, draft):
                make_folder(path.parent, mode=0o700)
                with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as target:
                    shutil.copyfileobj(tar.extractfile(member), target)
        manifest = json.loads((draft / MANIFEST).read_text())
    except (OSError, tarfile.TarError, ValueError) as error:
        raise StackError(f"{file} cannot be read as a backup: {error}") from None
    if manifest.get("format") != FORMAT:
        raise StackError(f"{file} is a backup of another release.")
    return manifest


def _files(tar: tarfile.TarFile, draft: Path) -> Iterator[tuple[tarfile.TarInfo, Path]]:
    """Only plain files, and only where a backup has them: the archive may come from anywhere."""
    for member in tar:
        parts = PurePosixPath(member.name).parts
        if not member.isfile() or ".." in parts or parts[0] not in (MANIFEST, DUMP, *FOLDERS):
            raise ValueError(f"unexpected entry {member.name}")
        yield member, draft.joinpath(*parts)


def _load(dump: Path, connection) -> None:
    """One transaction from the emptying to the last row."""
    script = dump.with_suffix(".sql")
    run_client(
        "pg_restore", "--no-owner", "--no-privileges", f"--file={script}", str(dump), connection=connection, dsn=False
    )
    quietly = ["--no-psqlrc", "--quiet", "--output=/dev/null", "--set=ON_ERROR_STOP=1", "--single-transaction"]
    run_client("psql", *quietly, f"--command={EMPTY_THE_DATABASE}", f"--file={script}", connection=connection)


def _swap(found: Path, place: Path) -> None:
    found.mkdir(exist_ok=True)
    found.chmod(0o700)
    old = found.with_name(f"old-{found.name}")
    if place.exists():
        place.rename(old)
    found.rename(place)


def run_client(name: str, *options: str, connection, dsn: bool = True) -> None:
    """`pg_dump`, `psql` … on the connection's database. Raises StackError with what the program said."""
    connection.ensure_connection()
    program = binaries.client_program(name, connection.pg_version // 10000)
    parameters = connection.get_connection_params()
    address = [f"--dbname={_conninfo(parameters)}"] if dsn else []
    env = {**binaries.ENVIRONMENT, "PGPASSWORD": str(parameters.get("password") or "")}
    done = subprocess.run([program, *address, *options], env=env, capture_output=True, text=True, check=False)
    if done.returncode:
        raise StackError(f"{name} failed: {done.stderr.strip()[-2000:]}")


def _conninfo(parameters: dict) -> str:
    """As libpq reads it; the password travels in the environment, where other users cannot see it."""
    shown = {key: str(value) for key, value in parameters.items() if key not in NOT_FOR_PROGRAMS}
    quoted = {key: value.replace("\\", r"\\").replace("'", r"\'") for key, value in shown.items()}
    return " ".join(f"{key}='{value}'" for key, value in quoted.items())
