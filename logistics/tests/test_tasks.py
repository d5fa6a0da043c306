"""The workers' door: everything due is looked at, and the sweep says that it ran."""

import pytest

from logistics import tasks
from logistics.parcels.models import Parcel
from orders.accounts.models import Heartbeat
from returns_platform.kernel import clock


@pytest.mark.parametrize(
    "task", [tasks.book_due_parcels, tasks.poll_due_parcels, tasks.take_in_courier_news], ids=lambda task: task.name
)
def test_a_sweep_leaves_its_heartbeat(task, db):
    task()
    assert Heartbeat.objects.get(name=task.name).at <= clock.now()


def test_everything_due_is_booked_in_one_run(sf, pickup):
    for number in range(3):
        pickup(f"RT{number}", now=clock.now())
    tasks.book_due_parcels()
    assert Parcel.objects.filter(state="booked").count() == 3
