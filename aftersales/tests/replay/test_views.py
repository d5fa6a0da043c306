import pytest
from django.test import Client
from django.urls import reverse

from aftersales.policy import services as policies
from aftersales.policy.clause_models import ClauseRow
from aftersales.replay.models import Trial
from aftersales.tests.replay.drafts import replayed, run
from aftersales.tests.shop_cases import open_cases
from returns_platform.kernel import clock

pytestmark = pytest.mark.django_db


@pytest.fixture
def cases():
    found = open_cases()
    found.approved()
    found.in_review()
    return found


@pytest.fixture
def draft(cases):
    made = policies.draft_clauses(cases.merchant, now=clock.now())
    ClauseRow.objects.create(version=made, gives="send_back", limit=90_000)
    return made


@pytest.fixture
def owner(cases):
    return signed_in(cases, "owner")


def signed_in(cases, role: str) -> Client:
    person = cases.member(role)
    person.language = "en"
    person.save()
    client = Client()
    client.force_login(person)
    return client


def at(name: str, *more, number: int = 1, code: str = "shop") -> str:
    return reverse(f"merchant:{name}", args=[code, number, *more])


def test_an_owner_tries_her_clauses_and_reads_what_would_change(owner, cases, draft):
    assert "Not tried yet" in owner.get(at("trial")).text
    answer = owner.post(at("trial"), {"since": "", "until": ""})
    trial = Trial.objects.get()
    assert answer["Location"] == f"{at('trial')}?trial={trial.pk}"
    run(trial)
    page = owner.get(at("trial"))
    assert page.status_code == 200
    assert "None of 2 cases would have had another answer." in page.text
    assert "Out of date" not in page.text
    draft.rows.all().delete()
    assert "Out of date" in owner.get(at("trial")).text


def test_the_page_of_the_draft_leads_there_and_says_what_was_found(owner, cases, draft):
    page = owner.get(reverse("merchant:policy_version", args=["shop", 1])).text
    assert at("trial") in page
    replayed(draft)
    assert "None of 2 cases" in owner.get(reverse("merchant:policy_version", args=["shop", 1])).text


def test_a_span_that_ends_before_it_begins_is_refused(owner, draft):
    answer = owner.post(at("trial"), {"since": "2026-05-02", "until": "2026-05-01"})
    assert answer.status_code == 422
    assert "2026-05-02" in answer.text


def test_a_day_before_any_policy_is_refused_at_its_field(owner, draft):
    """Such a trial could be kept and never read again."""
    answer = owner.post(at("trial"), {"since": "0001-01-01", "until": ""})
    assert answer.status_code == 422 and not Trial.objects.exists()


def test_nobody_elses_shop_trial_or_version_is_there(owner, cases, draft):
    other = open_cases("other")
    theirs = policies.draft_clauses(other.merchant, now=clock.now())
    other.approved()
    trial = replayed(theirs)
    assert owner.get(at("trial", code="other")).status_code == 404
    assert owner.post(at("trial", code="other")).status_code == 404
    for name in ("trial_csv", "trial_stop"):
        ask = owner.get if name == "trial_csv" else owner.post
        assert ask(at(name, trial.pk)).status_code == 404
        assert ask(at(name, trial.pk, code="other")).status_code == 404
    assert owner.get(at("trial", number=7)).status_code == 404
    page = owner.get(at("trial") + f"?trial={trial.pk}")
    assert (page.status_code, page.context["shown"]) == (200, None)
    assert owner.post(at("trial"), {"merchant": other.merchant.pk}).status_code == 302
    assert Trial.objects.get(clauses=draft).merchant == cases.merchant


@pytest.mark.parametrize("role", ["agent", "warehouse", "finance", "viewer"])
def test_only_the_owner_tries_clauses(cases, draft, role):
    client = signed_in(cases, role)
    assert client.get(at("trial")).status_code == 403
    assert client.post(at("trial")).status_code == 403
    assert client.post(at("trial_shadow")).status_code == 403


def test_the_shadow_is_started_and_stopped(owner, cases, draft):
    owner.post(at("trial_shadow"))
    trial = Trial.objects.get()
    assert (trial.kind, trial.merchant) == ("live", cases.merchant)
    assert "Stop the shadow" in owner.get(at("trial")).text
    owner.post(at("trial_stop", trial.pk))
    assert Trial.objects.get().ending == "stopped"


def test_the_list_is_taken_away(owner, cases, draft):
    trial = replayed(draft)
    answer = owner.get(at("trial_csv", trial.pk))
    assert answer["Content-Type"].startswith("text/csv")
    assert len(answer.content.decode("utf-8-sig").splitlines()) == 1
