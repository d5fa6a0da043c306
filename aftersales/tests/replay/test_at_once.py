"""Real threads, real locks: two people, two workers, and a draft that goes while it is tried."""

from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest
from django.db import connection

from aftersales.policy import services as policies
from aftersales.policy.models import PolicyVersion
from aftersales.replay import services
from aftersales.replay.models import Trial, TrialCase
from aftersales.tests.replay.drafts import ROOT, a_draft, everything_reviewed
from aftersales.tests.shop_cases import open_cases
from returns_platform.kernel import clock
from returns_platform.kernel.errors import Conflict

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def draft():
    policies.install_platform_policy(clock.now())
    cases = open_cases()
    cases.approved()
    return everything_reviewed(a_draft())


def in_thread(act):
    def run():
        try:
            return act()
        finally:
            connection.close()

    return run


def test_two_people_try_one_draft_and_one_is_told(draft):
    def begin():
        try:
            return services.replay(draft, by=ROOT, now=clock.now())
        except Conflict as no:
            return no

    with ThreadPoolExecutor(4) as pool:
        found = [future.result() for future in [pool.submit(in_thread(begin)) for _person in range(4)]]
    assert sum(isinstance(one, Trial) for one in found) == 1
    assert Trial.objects.count() == 1


def test_workers_at_once_count_each_case_once(draft):
    trial = services.replay(draft, by=ROOT, now=clock.now())
    with ThreadPoolExecutor(4) as pool:
        for turn in [pool.submit(in_thread(lambda: services.try_further(now=clock.now()))) for _worker in range(8)]:
            turn.result()
    trial.refresh_from_db()
    assert (trial.judged, trial.cases.count()) == (1, 1)


def test_a_draft_is_discarded_while_a_worker_keeps_what_it_found(draft, monkeypatch):
    services.replay(draft, by=ROOT, now=clock.now())
    keeping, go_on = Event(), Event()
    row = services._row

    def slowly(*args):
        keeping.set()
        go_on.wait(5)
        return row(*args)

    monkeypatch.setattr(services, "_row", slowly)
    with ThreadPoolExecutor(2) as pool:
        worker = pool.submit(in_thread(lambda: services.try_further(now=clock.now())))
        assert keeping.wait(20)
        discarding = pool.submit(in_thread(lambda: services.discard(draft)))
        go_on.wait(0.5)
        assert not discarding.done()
        go_on.set()
        assert worker.result(20)
        discarding.result(20)
    assert not PolicyVersion.objects.filter(pk=draft.pk).exists()
    assert not TrialCase.objects.exists()
