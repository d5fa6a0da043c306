"""The workers' door: everything due is looked at, and the sweep says that it ran."""

from threading import Event

import pytest

from logistics import couriers, tasks
from logistics.parcels.models import Parcel
from logistics.tests.fakes import FakeCourier, Vans
from orders.accounts.models import Heartbeat
from returns_platform.kernel import clock


@pytest.mark.parametrize(
    "task", [tasks.book_due_parcels, tasks.poll_due_parcels, tasks.take_in_courier_news], ids=lambda task: task.name
)
def test_a_sweep_leaves_its_heartbeat(task, db):
    task()
    assert Heartbeat.objects.get(name=task.name).at <= clock.now()


@pytest.mark.django_db(transaction=True)
def test_everything_due_is_booked_in_one_run(sf, pickup, monkeypatch):
    monkeypatch.setattr(tasks.callers, "wait_s", 60)
    for number in range(3):
        pickup(f"RT{number}", now=clock.now())
    tasks.book_due_parcels()
    assert Parcel.objects.filter(state="booked").count() == 3


@pytest.mark.django_db(transaction=True)
def test_a_courier_that_hangs_does_not_keep_the_worker_from_other_work(pickup, monkeypatch):
    """Both processes of a worker waited ten seconds for every van, and refunds waited behind them."""
    over, fleet = Event(), Vans(seed=0)
    fleet.reliable, fleet.meanwhile = True, lambda: over.wait(30)
    monkeypatch.setitem(couriers.COURIERS, "sf", "logistics.tests.fakes.FakeCourier")
    monkeypatch.setattr(FakeCourier, "vans", fleet, raising=False)
    monkeypatch.setattr(tasks.callers, "wait_s", 0.05)
    pickup(now=clock.now())
    tasks.book_due_parcels()
    assert Parcel.objects.get().state == "requested"

    over.set()
    tasks.callers.settle()
    assert Parcel.objects.get().state == "booked"
