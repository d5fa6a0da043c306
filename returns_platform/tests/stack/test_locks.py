import os

import pytest

from returns_platform.stack import locks


def test_several_share_a_lock_and_it_is_free_when_the_last_has_left(tmp_path):
    lock = tmp_path / "in-use.lock"
    first, second = locks.hold_shared(lock), locks.hold_shared(lock)
    os.close(first)
    assert not locks.is_free(lock)
    os.close(second)
    assert locks.is_free(lock)


def test_a_lock_held_alone_is_refused_to_others(tmp_path):
    mine = locks.hold_alone(tmp_path / "up.lock")
    with pytest.raises(locks.Taken):
        locks.hold_alone(tmp_path / "up.lock")
    os.close(mine)
