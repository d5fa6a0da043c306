"""A taste of the drill: the command as a person calls it, and that it would see what is wrong."""

import os
import re
import subprocess
import sys

import pytest
from django.conf import settings

from refunds.ledger import rules as ledger
from refunds.ledger.services import post
from refunds.payouts.models import Refund
from refunds.tests.payouts.conftest import till
from returns_platform.drill import deaths, dump, truth

__all__ = ["till"]  # a fixture

SURROUNDINGS = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}


def drill(*options: str) -> subprocess.CompletedProcess:
    command = [sys.executable, "manage.py", "drill", *options]
    return subprocess.run(
        command, cwd=settings.BASE_DIR, env=SURROUNDINGS, capture_output=True, text=True, check=False
    )


def test_a_short_drill_finds_nothing_wrong():
    done = drill("--short", "--seed", "7")

    last = done.stdout.splitlines()[-1]
    assert re.fullmatch(r"drill: \d+ cases, 3 kills, 8 races, 12 walks, 0 violations \(seed 7\)", last), done.stdout
    assert done.returncode == 0, done.stderr


# --- it would see it --------------------------------------------------------------------------------------


class Channel:
    """A channel's book, as `Neighbours` reads it."""

    channels = ("wechat",)

    def __init__(self, *rows: dict):
        self.rows = list(rows)

    def book(self, name: str) -> list[dict]:
        return self.rows


def row(refund: Refund, **changes) -> dict:
    return {"number": refund.number, "amount": refund.amount, "currency": "CNY", "state": "succeeded"} | changes


@pytest.fixture
def arrived(till) -> Refund:
    refund = till.promise()
    Refund.objects.filter(pk=refund.pk).update(state="arrived")
    entries = ledger.arrived(refund.money, at="channel:wechat")
    post(f"arrived:{refund.number}", kind="arrived", entries=entries, at=till.at, order=refund.order)
    return Refund.objects.get(pk=refund.pk)


@pytest.mark.django_db
def test_both_books_alike_are_right(arrived):
    assert truth.of_stand_ins(Channel(row(arrived))) == []


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("rows", "said"),
    [
        (lambda refund: [row(refund), row(refund)], "done 2 times"),
        (lambda refund: [], "arrived here, there never heard of"),
        (lambda refund: [row(refund, amount=3334)], "3334 there, 3333 here"),
        (lambda refund: [row(refund, state="closed")], "arrived here, there closed"),
        (lambda refund: [row(refund), row(refund, number="RF9-9")], "done there, unknown here"),
    ],
    ids=["doubled", "lost", "another_amount", "closed_there", "nobody_asked"],
)
def test_books_that_differ_are_seen(arrived, rows, said):
    assert any(said in line for line in truth.of_stand_ins(Channel(*rows(arrived))))


@pytest.mark.django_db
def test_a_refund_cancelled_here_and_paid_there_is_seen(till):
    refund = till.promise()
    Refund.objects.filter(pk=refund.pk).update(state="cancelled")
    assert any("cancelled here, there succeeded" in line for line in truth.of_stand_ins(Channel(row(refund))))


@pytest.mark.django_db
def test_two_ends_that_differ_by_a_fen_are_told_apart(till):
    refund = till.promise()
    before = dump.of_orders([refund.order_id])
    assert dump.difference(before, dump.of_orders([refund.order_id])) == []

    Refund.objects.filter(pk=refund.pk).update(state="cancelled")
    assert [line.split(":")[0] for line in dump.difference(before, dump.of_orders([refund.order_id]))] == ["refunds"]


@pytest.mark.parametrize("death", [*deaths.DEATHS, *deaths.DOORS], ids=lambda death: death.name.replace(" ", "_"))
def test_each_moment_of_death_is_a_moment_of_the_code(death):
    owner, name = deaths.found(death)
    assert callable(getattr(owner, name))
