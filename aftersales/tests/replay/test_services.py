from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from aftersales.policy import services as policies
from aftersales.policy.clause_models import ClauseRow
from aftersales.policy.models import PolicyVersion
from aftersales.replay import queries, services
from aftersales.replay.models import Trial, TrialCase
from aftersales.returns.models import ReturnRequest
from aftersales.returns.services.parts import pay_part
from aftersales.returns.services.wishes import WishLine
from aftersales.returns.services.withdrawal import withdraw_return
from aftersales.tests.replay.drafts import (
    ROOT,
    a_draft,
    delivered,
    everything_reviewed,
    replayed,
    run,
    with_rule,
    with_window,
)
from aftersales.tests.shop_cases import BUYER, open_cases
from returns_platform.kernel import clock
from returns_platform.kernel.actors import Actor
from returns_platform.kernel.errors import Conflict, Invalid, WrongState
from returns_platform.kernel.fsm import reload
from returns_platform.tests.journeys.figures import past_the_guards

pytestmark = pytest.mark.django_db


@pytest.fixture
def cases():
    found = open_cases()
    found.approved()
    found.in_review()
    return found


def test_a_replay_says_what_the_draft_would_have_answered_and_changes_no_case(cases):
    unasked = {"line_no": "1", "amount": 1, "reason": "OT.OTHER", "text": "Sorry.", "form_token": "t"}
    pay_part(cases.order().pk, **unasked, by=Actor("merchant", "901", "Mia"), now=clock.now())  # no policy answers it
    before = list(ReturnRequest.objects.values())
    trial = replayed(everything_reviewed(a_draft()))
    assert (trial.ending, trial.judged, trial.total) == ("done", 2, 2)
    assert trial.tally["cells"] == {"approve>platform": 1, "shop>platform": 1}
    assert trial.tally["money"] == {"before": {"CNY": 3333}, "after": {}}
    changed = {row.before: (row.after, row.after_rule, row.before_rule) for row in TrialCase.objects.all()}
    assert changed["approve"] == ("platform", "platform.people_first", "platform.no_reason")
    assert list(ReturnRequest.objects.values()) == before


def test_only_cases_with_another_answer_are_kept(cases):
    trial = replayed(with_rule(a_draft(), "platform.no_reason", name="platform.renamed"))
    assert trial.cases.count() == 0
    assert trial.tally["other_rule"] == 1


def test_a_longer_window_is_judged_from_the_parcels_as_they_were(cases):
    order = cases.order(**delivered(12))
    late = cases.filed(WishLine("1", 1, "NR.NO_LONGER_WANT"), order=order)
    assert late.outcome == "refuse"
    trial = replayed(with_window(a_draft(), 30))
    assert trial.tally["cells"] == {"approve>approve": 1, "shop>shop": 1, "refuse>approve": 1}
    assert trial.tally["stored_time"] == 0
    assert trial.cases.get().request == late
    # A corrected signature is no fact of then: the case is counted as judged by what was stored.
    order.shipments.update(signed_at=_day(1), window_from=_day(1))
    again = replayed(with_window(a_draft(), 30))
    assert (again.tally["stored_time"], again.cases.count()) == (1, 0)


def test_earlier_requests_count_as_they_stood_when_the_case_was_filed(cases):
    order = cases.order()
    first = cases.filed(WishLine("1", 2, "NR.NO_LONGER_WANT"), order=order)
    cases.filed(WishLine("1", 1, "NR.STYLE"), order=order)
    withdraw_return(first.pk, by=BUYER, now=clock.now())
    cases.filed(WishLine("1", 2, "NR.STYLE"), order=order)
    trial = replayed(with_window(a_draft(), 30))
    assert trial.tally["stored_time"] == 0


def test_one_shops_cases_or_a_span_of_time(cases):
    other = open_cases("other")
    other.approved()
    assert replayed(a_draft(), merchant=other.merchant).total == 1
    assert replayed(a_draft(), until=_day(-1)).total == 3
    with pytest.raises(Invalid):
        replayed(a_draft(), until=_day(5))


def test_a_draft_is_tried_once_at_a_time_and_another_one_beside_it(cases):
    draft = a_draft()
    services.replay(draft, by=ROOT, now=clock.now())
    with pytest.raises(Conflict):
        services.replay(draft, by=ROOT, now=clock.now())
    services.shadow(draft, by=ROOT, now=clock.now())
    assert services.replay(a_draft(), by=ROOT, now=clock.now()).is_running


def test_a_published_version_is_not_tried(cases):
    with pytest.raises(WrongState):
        services.replay(PolicyVersion.objects.get(number=1), by=ROOT, now=clock.now())


def test_a_rule_that_cannot_be_read_is_refused_at_the_start(cases):
    draft = a_draft()
    draft.rules.filter(name="platform.window").update(conditions=[{"field": "moon", "op": "eq", "value": 1}])
    with pytest.raises(Invalid):
        services.replay(draft, by=ROOT, now=clock.now())


def test_a_killed_workers_chunk_is_judged_again_by_the_next_one(cases, monkeypatch):
    monkeypatch.setattr(services, "CHUNK", 1)
    trial = services.replay(everything_reviewed(a_draft()), by=ROOT, now=clock.now())
    assert services.try_further(now=clock.now())
    keep = services._keep
    monkeypatch.setattr(services, "_keep", lambda *args, **kwargs: None)  # dies before anything is committed
    assert services.try_further(now=clock.now())
    monkeypatch.setattr(services, "_keep", keep)
    assert not services.try_further(now=clock.now())  # its claim still stands
    later = clock.now() + timedelta(minutes=1)
    while services.try_further(now=later):
        pass
    trial.refresh_from_db()
    assert (trial.ending, trial.judged, trial.cases.count()) == ("done", 2, 2)


def test_a_chunk_that_kills_every_worker_is_given_up(cases, monkeypatch):
    trial = services.replay(a_draft(), by=ROOT, now=clock.now())
    monkeypatch.setattr(services, "_keep", lambda *args, **kwargs: None)
    for minutes in range(10):
        services.try_further(now=clock.now() + timedelta(minutes=minutes))
    trial.refresh_from_db()
    assert trial.ending == "too_slow"


def test_a_slow_draft_is_stopped_by_its_time_and_goes_case_by_case(cases, monkeypatch):
    monkeypatch.setattr(services, "CHUNK_S", 0.0)
    monkeypatch.setattr(services, "AT_LEAST_MS", 0)
    monkeypatch.setattr(services, "MS_A_CASE", 0)
    trial = services.replay(a_draft(), by=ROOT, now=clock.now())
    services.try_further(now=clock.now())
    trial.refresh_from_db()
    assert (trial.judged, trial.is_running) == (1, True)
    run(trial)
    assert (trial.judged, trial.ending) == (1, "too_slow")


def test_a_draft_edited_meanwhile_ends_its_replay(cases):
    draft = a_draft()
    trial = services.replay(draft, by=ROOT, now=clock.now())
    with_window(draft, 30)
    assert run(trial).ending == "changed"
    assert queries.digest(draft) != trial.content


def test_a_draft_discarded_meanwhile_leaves_nothing(cases):
    draft = a_draft()
    services.replay(draft, by=ROOT, now=clock.now())
    services.discard(draft)
    assert not services.try_further(now=clock.now())
    assert not Trial.objects.exists()
    assert not PolicyVersion.objects.filter(pk=draft.pk).exists()


def test_only_a_draft_is_discarded(cases):
    with pytest.raises(WrongState):
        services.discard(PolicyVersion.objects.get(number=1))


def test_a_stopped_replay_stays_as_it_is(cases, monkeypatch):
    monkeypatch.setattr(services, "CHUNK", 1)
    trial = services.replay(everything_reviewed(a_draft()), by=ROOT, now=clock.now())
    services.try_further(now=clock.now())
    services.stop(trial.pk, now=clock.now())
    services.stop(trial.pk, now=clock.now())
    assert not services.try_further(now=clock.now())
    trial.refresh_from_db()
    assert (trial.ending, trial.judged, trial.cases.count()) == ("stopped", 1, 1)


def test_facts_of_an_older_shape_are_counted_and_the_rest_is_judged(cases):
    odd = cases.approved()
    ReturnRequest.objects.filter(pk=odd.pk).update(facts={"kind": "return_refund"})
    trial = replayed(a_draft())
    assert (trial.ending, trial.judged, trial.tally["unreadable"]) == ("done", 3, 1)
    assert trial.cases.get().why == "unreadable"


def test_a_fact_that_was_not_stored_then_is_counted_where_the_draft_asks_for_it(cases):
    old = cases.approved()
    facts = {name: value for name, value in old.facts.items() if name != "risk"}
    ReturnRequest.objects.filter(pk=old.pk).update(facts=facts)
    assert replayed(a_draft()).tally["guessed"] == 1  # the policy asks for the risk
    draft = a_draft()
    draft.rules.filter(conditions__contains=[{"field": "risk"}]).delete()
    assert replayed(draft).tally["guessed"] == 0


def test_a_draft_that_fails_on_a_case_is_counted_there(cases, monkeypatch):
    odd = cases.approved()
    facts = dict(odd.facts, lines=[dict(odd.facts["lines"][0], quantity="many")])
    ReturnRequest.objects.filter(pk=odd.pk).update(facts=facts)
    trial = replayed(a_draft())
    assert (trial.ending, trial.tally["failed"]) == ("done", 1)


def test_a_hundred_cases_ask_as_often_as_two(cases):
    def asked() -> int:
        services.replay(with_window(a_draft(), 30), by=ROOT, now=clock.now())
        with CaptureQueriesContext(connection) as seen:
            services.try_further(now=clock.now())
        Trial.objects.all().delete()
        return len(seen)

    replayed(a_draft())
    few = asked()
    for _case in range(8):
        cases.approved()
    assert asked() == few


# --- a shop's clauses -------------------------------------------------------------------------------------


def clauses_of(cases, **row):
    draft = policies.draft_clauses(cases.merchant, now=clock.now())
    ClauseRow.objects.create(version=draft, **row)
    return draft


def test_a_shops_clauses_are_tried_on_its_own_cases_only(cases):
    other = open_cases("other")
    other.approved()
    draft = clauses_of(cases, gives="freight", basis="no_reason")
    trial = replayed(draft, merchant=other.merchant)
    assert (trial.merchant, trial.total, trial.ending) == (cases.merchant, 2, "done")
    assert trial.tally["freight"] == {"before": {}, "after": {"CNY": 1200}}


def test_clauses_in_force_stay_under_a_draft_of_the_platform(cases):
    clauses = clauses_of(cases, gives="freight", basis="no_reason")
    now = clock.now()
    policies.publish_clauses(clauses, starts_at=now, by=ROOT, now=now)
    with past_the_guards():
        ReturnRequest.objects.filter(outcome="approve").update(clauses=clauses)
    trial = replayed(a_draft())
    assert trial.tally["freight"] == {"before": {"CNY": 1200}, "after": {"CNY": 1200}}


def test_clauses_discarded_or_edited_meanwhile_end_their_trial(cases):
    draft = clauses_of(cases, gives="freight", basis="no_reason")
    trial = services.replay(draft, by=ROOT, now=clock.now())
    draft.rows.get().delete()
    assert run(trial).ending == "changed"
    services.replay(draft, by=ROOT, now=clock.now())
    services.discard(draft)
    assert not services.try_further(now=clock.now())
    assert not Trial.objects.exists()


# --- in the shadow ----------------------------------------------------------------------------------------


def test_in_the_shadow_each_new_case_is_answered_by_both(cases):
    trial = services.shadow(everything_reviewed(a_draft()), by=ROOT, now=clock.now())
    run(trial)
    assert trial.judged == 0
    new = cases.approved()
    later = clock.now() + timedelta(seconds=20)
    services.try_further(now=later)
    trial.refresh_from_db()
    assert (trial.judged, trial.is_running) == (1, True)
    row = trial.cases.get()
    assert (row.request, row.before, row.after) == (new, "approve", "platform")
    assert reload(new).state == "approved"
    services.try_further(now=later + timedelta(seconds=20))
    assert trial.cases.count() == 1


def test_a_case_that_is_committed_late_is_not_missed(cases):
    trial = services.shadow(a_draft(), merchant=cases.merchant, by=ROOT, now=clock.now())
    slow, quick = cases.approved(), cases.approved()
    ReturnRequest.objects.filter(pk=slow.pk).update(merchant=open_cases("other").merchant)  # not to be seen yet
    services.try_further(now=clock.now() + timedelta(seconds=20))
    assert [row.request for row in trial.cases.all()] == [quick]
    ReturnRequest.objects.filter(pk=slow.pk).update(merchant=cases.merchant)
    services.try_further(now=clock.now() + timedelta(seconds=50))
    assert {row.request for row in trial.cases.all()} == {quick, slow}


def test_the_shadow_ends_when_the_draft_is_published(cases):
    draft = a_draft()
    trial = services.shadow(draft, by=ROOT, now=clock.now())
    policies.publish(draft, starts_at=clock.now() + timedelta(days=1), by=ROOT, now=clock.now())
    assert run(trial).ending == "published"


def _day(ago: int):
    return clock.now() - timedelta(days=ago)
