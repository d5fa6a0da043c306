"""The embedded PostgreSQL: made once, started, stopped."""

import contextlib
import shutil
import signal
import subprocess
import time
from pathlib import Path

from returns_platform.stack import binaries, processes
from returns_platform.stack.folders import Folders, StackError
from returns_platform.stack.logs import open_log, tail
from returns_platform.stack.processes import Process, Server

DATABASE = "returns"
SUPERUSER = "returns"


def make_cluster(folders: Folders, *, durable: bool = True) -> None:
    """Complete or not there: the folder gets its name only when the database in it exists."""
    if folders.pg.exists():
        return _refuse_other_version(folders)
    draft = folders.servers / "pg.new"
    shutil.rmtree(draft, ignore_errors=True)
    folders.make_for_servers(draft)
    options = ["--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", f"--username={SUPERUSER}"]
    _run(folders, "initdb", *options, *([] if durable else ["--no-sync"]), "-D", str(draft))
    single = ["--single", "-D", str(draft), *([] if durable else ["-F"]), "postgres"]
    _run(folders, "postgres", *single, input=f'CREATE DATABASE "{DATABASE}"\n')
    draft.rename(folders.pg)


def launch(folders: Folders, sockets: Path, *, durable: bool = True) -> Server:
    """Does not wait until it takes connections. Nobody else may use the cluster: call under the run lock."""
    end_leftovers(folders)
    for name in (".s.PGSQL.5432", ".s.PGSQL.5432.lock"):
        (sockets / name).unlink(missing_ok=True)
    command = [str(binaries.postgres_program("postgres", folders.user)), "-D", str(folders.pg), "-h", ""]
    command += [f"--{name}={value}" for name, value in _settings(sockets, durable).items()]
    with open_log(_log(folders)) as output:
        return Server(
            command,
            cwd="/",
            env=binaries.ENVIRONMENT,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
            umask=0o077,
            **folders.user.as_process,
        )


def wait_until_ready(folders: Folders, server: Server) -> None:
    """As long as it lives: after a crash it replays its log first, and a try cut short would begin anew."""
    while not _is_ready(folders, server.pid):
        if server.poll() is not None:
            raise StackError(f"PostgreSQL did not start. The end of {_log(folders)}:\n{tail(_log(folders))}")
        time.sleep(0.02)


def stop(folders: Folders, server: Process) -> None:
    """A fast stop: open transactions are rolled back."""
    processes.end([server], first=signal.SIGINT, patience_s=10)
    end_leftovers(folders)


def end_leftovers(folders: Folders) -> None:
    """A killed postmaster may leave backends that go on writing, and files that name it.

    PostgreSQL believes those files as long as there is a process of that number, be it the zombie.
    """
    processes.end(processes.working_in(folders.pg))
    (folders.pg / "postmaster.pid").unlink(missing_ok=True)


def _log(folders: Folders) -> Path:
    return folders.log / "postgres.log"


def _settings(sockets: Path, durable: bool) -> dict[str, str]:
    settings = {"unix_socket_directories": str(sockets), "timezone": "UTC", "log_timezone": "UTC"}
    settings |= {"log_min_messages": "warning", "log_line_prefix": "%m [%p] "}
    if not durable:
        settings |= {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
    return settings


def _is_ready(folders: Folders, pid: int) -> bool:
    """The eighth line of the pid file says so, as pg_ctl reads it."""
    with contextlib.suppress(OSError):
        lines = (folders.pg / "postmaster.pid").read_text().splitlines()
        return len(lines) >= 8 and lines[0] == str(pid) and lines[7].strip() == "ready"
    return False


def _run(folders: Folders, program: str, *options: str, input: str = "") -> None:
    command = [str(binaries.postgres_program(program, folders.user)), *options]
    done = subprocess.run(
        command,
        cwd="/",
        env=binaries.ENVIRONMENT,
        input=input,
        capture_output=True,
        text=True,
        check=False,
        umask=0o077,
        **folders.user.as_process,
    )
    if done.returncode:
        raise StackError(f"{program} failed:\n{done.stderr.strip()[-2000:]}")


def _refuse_other_version(folders: Folders) -> None:
    ours = binaries.major_version(binaries.postgres_program("postgres", folders.user))
    theirs = int((folders.pg / "PG_VERSION").read_text())
    if ours != theirs:
        raise StackError(
            f"The database in {folders.pg} was made by PostgreSQL {theirs}, the installed one is {ours}: "
            f"back it up with the earlier release, then restore it with this one."
        )
