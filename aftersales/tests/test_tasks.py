"""The workers' door: a busy queue leaves the others their turn, and every sweep says that it ran."""

from datetime import timedelta

import pytest

from aftersales import tasks
from aftersales.returns.models import ReturnRequest
from aftersales.tests.shop_cases import open_cases
from orders.accounts.models import Heartbeat

SWEEPS = (tasks.follow_cases, tasks.sweep_deadlines, tasks.send_due_notices, tasks.clear_unused_evidence)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("task", SWEEPS, ids=lambda task: task.name)
def test_a_sweep_leaves_its_heartbeat(task):
    task()
    assert Heartbeat.objects.filter(name=task.name.rpartition(".")[2]).exists()


@pytest.mark.django_db
def test_cases_are_followed_a_few_at_a_time_until_the_turn_is_over(monkeypatch):
    cases = open_cases()
    filed = [cases.approved() for _ in range(7)]
    monkeypatch.setattr(tasks, "A_TURN", timedelta(0))
    tasks.follow_cases()
    assert _waiting(filed) == 7

    monkeypatch.setattr(tasks, "A_TURN", timedelta(minutes=5))
    tasks.follow_cases()
    assert _waiting(filed) == 0


def _waiting(filed: list[ReturnRequest]) -> int:
    return ReturnRequest.objects.filter(pk__in=[row.pk for row in filed], next_try_at__isnull=False).count()
