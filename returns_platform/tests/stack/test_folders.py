import os
import shutil
from pathlib import Path

import pytest

from returns_platform.stack import folders
from returns_platform.stack.folders import Folders, StackError

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root runs the servers as somebody else")


def test_sockets_live_in_the_data_folder(data):
    Folders(data).make()
    assert Folders(data).socket_folder(before="") == data / "run"


def test_a_path_too_long_for_sockets_gets_a_closed_folder_and_keeps_it(data):
    deep = Folders(data / ("long" * 20))
    deep.make()
    found = deep.socket_folder(before="")
    assert found.stat().st_mode & 0o777 == 0o700
    assert deep.socket_folder(before=str(found)) == found
    found.rmdir()


def test_a_socket_folder_that_anybody_may_enter_is_not_used_again(data):
    deep = Folders(data / ("long" * 20))
    deep.make()
    (open_to_all := data / "open").mkdir(mode=0o755)
    found = deep.socket_folder(before=str(open_to_all))
    assert found != open_to_all
    found.rmdir()


def test_an_existing_data_folder_keeps_its_permissions(data):
    data.chmod(0o755)
    Folders(data).make()
    assert data.stat().st_mode & 0o777 == 0o755
    assert (data / "keys").stat().st_mode & 0o777 == 0o700


@as_root
def test_the_cluster_of_somebody_else_is_refused(data):
    (data / "pg").mkdir()
    os.chown(data / "pg", 12345, 12345)
    with pytest.raises(StackError, match="belongs to user 12345"):
        Folders(data).make()


@as_root
def test_a_closed_data_folder_has_its_cluster_in_the_state_folder(data, monkeypatch):
    state, closed = data / "state", data / "closed"
    monkeypatch.setattr(folders, "STATE_FOLDER", state)
    closed.mkdir(mode=0o700)
    found = Folders(closed / "data")
    found.make()
    assert found.pg.parent.parent == state


@as_root
def test_a_data_folder_made_again_starts_empty_and_the_old_cluster_is_kept(data, monkeypatch):
    state, closed = data / "state", data / "closed"
    monkeypatch.setattr(folders, "STATE_FOLDER", state)
    closed.mkdir(mode=0o700)
    Folders(closed / "data").make()
    (Folders(closed / "data").servers / "old").touch()
    shutil.rmtree(closed / "data")
    Folders(closed / "data").make()
    assert not (Folders(closed / "data").servers / "old").exists()
    assert [path.name for path in state.glob("*/old")] == ["old"]


def test_the_user_is_asked_of_the_system(tmp_path):
    assert folders.ServerUser(os.geteuid(), os.getegid()).can("x", Path("/bin/sh"))
    assert not folders.ServerUser(os.geteuid(), os.getegid()).can("x", tmp_path / "missing")
