"""Where things live on disk, and as whom the servers run."""

import hashlib
import os
import pwd
import re
import secrets
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

STATE_FOLDER = Path("/var/lib/returns-platform")
LONGEST_SOCKET_FOLDER = 90  # bytes; the system allows about 107 for the whole address of a socket
UNPRIVILEGED = "nobody"


class StackError(Exception):
    """The servers cannot be started. The message is one sentence for the person who tried."""


@dataclass(frozen=True)
class ServerUser:
    """Who runs the servers: ourselves, or an unprivileged user when we are root (PostgreSQL refuses root)."""

    uid: int
    gid: int

    @classmethod
    def now(cls) -> "ServerUser":
        if os.geteuid() != 0:
            return cls(os.geteuid(), os.getegid())
        entry = pwd.getpwnam(UNPRIVILEGED)
        return cls(entry.pw_uid, entry.pw_gid)

    @property
    def name(self) -> str:
        return name_of(self.uid)

    @property
    def as_process(self) -> dict[str, Any]:
        """Arguments for `subprocess` that make a program run as this user."""
        if os.geteuid() == self.uid:
            return {}
        return {"user": self.uid, "group": self.gid, "extra_groups": []}

    def can(self, permission: str, path: Path) -> bool:
        """Whether the user may read (r), write (w) or enter and execute (x) it, asked of the system itself."""
        test = ["/bin/sh", "-c", f'test -{permission} "$0"', str(path)]
        return subprocess.run(test, cwd="/", check=False, **self.as_process).returncode == 0


@dataclass(frozen=True)
class Folders:
    """The data folder, and the folder of the servers, which is the same wherever their user can get there."""

    data: Path

    @property
    def run_lock(self) -> Path:
        return self.data / "run.lock"

    @property
    def in_use_lock(self) -> Path:
        return self.data / "in-use.lock"

    @property
    def up_lock(self) -> Path:
        return self.data / "up.lock"

    @property
    def log(self) -> Path:
        return self.data / "log"

    @property
    def pg(self) -> Path:
        return self.servers / "pg"

    @property
    def valkey(self) -> Path:
        return self.servers / "valkey"

    @property
    def run(self) -> Path:
        return self.servers / "run"

    @cached_property
    def user(self) -> ServerUser:
        return ServerUser.now()

    @cached_property
    def servers(self) -> Path:
        if (self.data / "pg").exists() or self.user.can("x", self.data):
            return self.data
        return self.in_state_folder

    @property
    def in_state_folder(self) -> Path:
        digest = hashlib.sha256(os.fsencode(self.data)).hexdigest()[:10]
        readable = re.sub(r"[^A-Za-z0-9]+", "-", str(self.data)).strip("-")[-40:]
        return STATE_FOLDER / f"{readable}-{digest}"

    def make(self) -> None:
        """Makes the folders that are missing. Refuses a cluster of somebody else."""
        make_data_folder(self.data)
        for name in ("log", "media", "keys", "stand_ins"):
            make_folder(self.data / name, mode=0o700)
        if self.servers != self.data:
            self._make_in_state_folder()
        for folder in (self.valkey, self.run):
            make_folder(folder, mode=0o700, owner=self.user)
        self._refuse_strangers()

    def socket_folder(self, before: str) -> Path:
        """Where the sockets are; `before` is where they were, for a path too long to hold them itself."""
        if len(os.fsencode(self.run)) <= LONGEST_SOCKET_FOLDER:
            return self.run
        if before and _is_ours(Path(before), self.user):
            return Path(before)
        folder = Path(tempfile.mkdtemp(prefix="returns-", dir="/tmp"))
        self._give(folder)
        return folder

    def make_for_servers(self, folder: Path) -> None:
        make_folder(folder, mode=0o700, owner=self.user)

    def _make_in_state_folder(self) -> None:
        make_folder(STATE_FOLDER, mode=0o711)
        self._set_aside_what_another_data_folder_left()

    def _set_aside_what_another_data_folder_left(self) -> None:
        """A data folder that was deleted and made again starts empty; the old cluster is kept, not adopted."""
        ours, theirs = self.data / "cluster-id", self.servers / "cluster-id"
        if not ours.exists():
            ours.write_text(secrets.token_hex(16))
        if self.servers.exists() and (not theirs.exists() or theirs.read_text() != ours.read_text()):
            aside = self.servers.with_name(f"{self.servers.name}-{time.strftime('%Y%m%dT%H%M%S')}")
            self.servers.rename(aside)
            print(f"The database of an earlier {self.data} is kept in {aside}.", file=sys.stderr)
        make_folder(self.servers, mode=0o711)
        theirs.write_text(ours.read_text())

    def _refuse_strangers(self) -> None:
        if not self.pg.exists():
            return
        owner = self.pg.stat().st_uid
        if owner != self.user.uid:
            raise StackError(
                f"The database in {self.pg} belongs to {name_of(owner)}, and {self.user.name} would run it: "
                f"start as its owner, or set DATA_DIR to another folder."
            )
        if not self.user.can("x", self.pg):
            raise StackError(f"{self.user.name} cannot enter {self.pg}: let it into the folders above.")

    def _give(self, folder: Path) -> None:
        if os.geteuid() == 0:
            os.chown(folder, self.user.uid, self.user.gid)


def make_data_folder(data: Path) -> None:
    """0711: the servers' user passes through to its own folders and can list nothing. One that exists is kept."""
    try:
        make_folder(data, mode=0o711)
    except OSError as error:
        raise StackError(f"The data folder {data} cannot be made: {error.strerror}.") from None
    if not os.access(data, os.W_OK | os.X_OK):
        raise StackError(f"The data folder {data} belongs to {name_of(data.stat().st_uid)}; set DATA_DIR to another.")


def make_folder(folder: Path, *, mode: int, owner: ServerUser | None = None) -> None:
    if folder.exists():
        return
    folder.mkdir(mode=mode, parents=True, exist_ok=True)
    folder.chmod(mode)  # whatever the umask
    if owner and os.geteuid() == 0:
        os.chown(folder, owner.uid, owner.gid)


def name_of(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"user {uid}"


def _is_ours(folder: Path, user: ServerUser) -> bool:
    """A folder in /tmp may have been swept away and made again by anybody."""
    try:
        facts = folder.lstat()
    except OSError:
        return False
    return folder.is_dir() and not folder.is_symlink() and facts.st_uid == user.uid and facts.st_mode & 0o077 == 0
