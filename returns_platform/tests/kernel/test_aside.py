"""Calls that may hang end in threads of their own, and the worker goes on."""

from threading import Event
from time import monotonic

import pytest

from returns_platform.kernel.aside import Aside


@pytest.fixture
def counted():
    """Steps that find three pieces of work and then nothing."""
    left = [1, 2, 3]
    return lambda: left and left.pop()


def test_a_step_is_repeated_until_it_finds_nothing(counted):
    Aside("test", wait_s=30).work_off(counted, wanted=1)
    assert counted() == []


def test_nothing_wanted_starts_nothing():
    Aside("test").work_off(pytest.fail, wanted=0)


def test_a_step_that_hangs_is_left_alone_after_a_while():
    aside, over, began = Aside("test", wait_s=0.05), Event(), monotonic()
    aside.work_off(lambda: over.wait(30) and None, wanted=1)
    assert monotonic() - began < 10

    over.set()
    aside.settle()


def test_while_all_threads_hang_no_more_are_started():
    aside, over, begun = Aside("test", at_once=2, wait_s=0.05), Event(), []
    for _ in range(3):
        aside.work_off(lambda: begun.append(1) or (over.wait(30) and None), wanted=2)
    assert len(begun) == 2

    over.set()
    aside.settle()


def test_a_step_that_breaks_gives_its_thread_back(caplog):
    aside = Aside("test", at_once=1, wait_s=30)
    for _ in range(3):
        aside.work_off(lambda: 1 / 0, wanted=1)
    assert caplog.text.count("ZeroDivisionError") == 3
