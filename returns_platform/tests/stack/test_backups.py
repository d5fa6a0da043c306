import tarfile
from io import BytesIO

import pytest
from django.db import connection

from orders.models import Heartbeat
from returns_platform.kernel import clock
from returns_platform.stack import backups
from returns_platform.stack.folders import StackError


@pytest.mark.django_db(transaction=True)
def test_what_was_backed_up_comes_back(tmp_path):
    data, archive, now = tmp_path / "data", tmp_path / "archive", clock.now()
    (data / "media" / "a").mkdir(parents=True)
    (data / "media" / "a" / "photo").write_bytes(b"photo")
    Heartbeat.objects.create(name="kept", at=now)
    backups.back_up(archive, connection=connection, data=data, now=now)
    Heartbeat.objects.create(name="later", at=now)
    (data / "media" / "a" / "photo").unlink()

    with pytest.raises(StackError, match="not empty"):
        backups.restore(archive, connection=connection, data=data, replace=False)
    assert backups.restore(archive, connection=connection, data=data, replace=True) == now
    assert list(Heartbeat.objects.values_list("name", flat=True)) == ["kept"]
    assert (data / "media" / "a" / "photo").read_bytes() == b"photo"


@pytest.mark.django_db(transaction=True)
def test_a_backup_overwrites_nothing(tmp_path):
    (tmp_path / "archive").touch()
    with pytest.raises(StackError, match="exists already"):
        backups.back_up(tmp_path / "archive", connection=connection, data=tmp_path, now=clock.now())


@pytest.mark.parametrize("name", ["../outside", "/etc/outside", "media/../../outside", "other/file"])
def test_an_archive_cannot_write_elsewhere(tmp_path, name):
    archive = tmp_path / "archive"
    with tarfile.open(archive, "w") as tar:
        entry = tarfile.TarInfo(name)
        entry.size = 1
        tar.addfile(entry, BytesIO(b"x"))
    (tmp_path / "draft").mkdir()
    with pytest.raises(StackError, match="cannot be read as a backup"):
        backups._unpacked(archive, tmp_path / "draft")
    assert not (tmp_path / "outside").exists()
