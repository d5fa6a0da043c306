from datetime import timedelta

import pytest
from django.contrib.auth.models import Group
from django.test import Client
from django.urls import reverse

from aftersales.policy import services as policies
from aftersales.policy.models import PolicyVersion
from aftersales.replay import services
from aftersales.replay.models import Trial
from aftersales.returns.models import ReturnRequest
from aftersales.tests.replay.drafts import ROOT, a_draft, everything_reviewed, replayed, run, with_window
from aftersales.tests.shop_cases import open_cases
from orders.accounts.models import User
from orders.merchants.models import Merchant
from returns_platform.kernel import clock

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin_user(admin_user):
    admin_user.language = "en"
    admin_user.save()
    return admin_user


@pytest.fixture
def cases():
    found = open_cases()
    found.approved()
    found.in_review()
    return found


def at(name: str, pk: int) -> str:
    return reverse(f"admin:aftersales_trial_{name}", args=[pk])


def test_a_draft_is_tried_and_its_page_says_what_would_change(admin_client, cases):
    draft = everything_reviewed(a_draft())
    page = admin_client.get(at("draft", draft.pk))
    assert "Not tried yet" in page.text
    answer = admin_client.post(at("replay", draft.pk), {"merchant": "", "since": "", "until": ""})
    trial = Trial.objects.get()
    assert answer["Location"] == at("draft", draft.pk) + f"?trial={trial.pk}"
    assert "0 of 2 cases judged" in admin_client.get(answer["Location"]).text
    run(trial)
    page = admin_client.get(at("draft", draft.pk)).text
    assert "2 of 2 cases would have had another answer." in page
    assert "platform.people_first" in page
    assert "¥33.33" in page
    assert "from=approve&amp;to=platform#cases" in page


def test_changed_cases_are_filtered_by_both_answers(admin_client, cases):
    draft = everything_reviewed(a_draft())
    trial = replayed(draft)
    refused = admin_client.get(at("draft", draft.pk), {"trial": trial.pk, "from": "approve", "to": "platform"})
    assert len(refused.context["changes"]) == 1
    none = admin_client.get(at("draft", draft.pk), {"trial": trial.pk, "from": "refuse"})
    assert none.context["changes"] == []
    odd = admin_client.get(at("draft", draft.pk), {"trial": "x'", "from": "<b>", "to": "9" * 40})
    assert len(odd.context["changes"]) == 2


def test_a_draft_that_was_edited_makes_its_replay_out_of_date_also_where_it_is_published(admin_client, cases):
    draft = a_draft()
    publish = reverse("admin:aftersales_policyversion_publish", args=[draft.pk])
    assert "never tried on past cases" in admin_client.get(publish).text
    replayed(draft)
    assert "None of 2 cases would have had another answer." in admin_client.get(publish).text
    with_window(draft, 30)
    for page in (admin_client.get(publish).text, admin_client.get(at("draft", draft.pk)).text):
        assert "Out of date" in page


def test_what_a_replay_does_not_work_out_is_said(admin_client, cases):
    draft = a_draft()
    PolicyVersion.objects.filter(pk=draft.pk).update(broken_threshold="RESETTLE")
    replayed(draft)
    assert "when a return breaks a promotion" in admin_client.get(at("draft", draft.pk)).text


def test_the_list_is_taken_away_and_calculates_nothing(admin_client, cases):
    Merchant.objects.update(name="=HYPERLINK(1)")
    trial = replayed(everything_reviewed(a_draft()))
    answer = admin_client.get(at("csv", trial.pk))
    text = answer.content.decode("utf-8-sig")
    assert answer["Content-Type"].startswith("text/csv")
    assert len(text.splitlines()) == 3
    assert "'=HYPERLINK(1)" in text
    assert ",=HYPERLINK" not in text


def test_a_span_that_ends_before_it_begins_is_said_and_kept(admin_client, cases):
    draft = a_draft()
    answer = admin_client.post(at("replay", draft.pk), {"since": "2026-05-02", "until": "2026-05-01"})
    assert answer.status_code == 422
    assert "2026-05-02" in answer.text
    nothing = admin_client.post(at("replay", draft.pk), {"until": "2020-01-01"})
    assert (nothing.status_code, "No case was filed then." in nothing.text) == (422, True)
    assert admin_client.post(at("replay", draft.pk), {"merchant": "99999", "since": "x"}).status_code == 422
    assert not Trial.objects.exists()


def test_two_at_once_are_refused_and_one_is_stopped_by_a_button(admin_client, cases):
    draft = a_draft()
    admin_client.post(at("replay", draft.pk), {})
    again = admin_client.post(at("replay", draft.pk), {}, follow=True)
    assert "being tried already" in again.text
    trial = Trial.objects.get()
    stopped = admin_client.post(at("stop", trial.pk), follow=True)
    assert "Somebody stopped it." in stopped.text
    assert Trial.objects.get().ending == "stopped"


def test_the_shadow_is_started_compared_and_stopped(admin_client, cases):
    draft = everything_reviewed(a_draft())
    admin_client.post(at("shadow", draft.pk))
    trial = Trial.objects.get()
    cases.approved()
    services.try_further(now=clock.now() + timedelta(seconds=1))
    page = admin_client.get(at("draft", draft.pk)).text
    assert "1 new case answered by both so far." in page
    assert "1 of 1 cases would have had another answer." in page
    admin_client.post(at("stop", trial.pk))
    assert Trial.objects.get().ending == "stopped"


def test_a_draft_is_discarded_with_what_was_tried(admin_client, cases):
    draft = everything_reviewed(a_draft())
    replayed(draft)
    answer = admin_client.post(at("discard", draft.pk), follow=True)
    assert f"Version {draft.number} is discarded." in answer.text
    assert not Trial.objects.exists()
    first = PolicyVersion.objects.get(number=1)
    assert "Only a draft can be discarded." in admin_client.post(at("discard", first.pk), follow=True).text


def test_drafts_are_deleted_on_that_page_only(admin_client, cases):
    draft = a_draft()
    assert admin_client.post(reverse("admin:aftersales_policyversion_delete", args=[draft.pk])).status_code == 403


def test_who_may_look_may_not_try(cases):
    draft = a_draft()
    person = User.objects.create_user("sue", password="demo-pass-2026", is_staff=True)
    person.groups.set(Group.objects.filter(name="support"))
    client = Client()
    client.force_login(person)
    page = client.get(at("draft", draft.pk))
    assert page.status_code == 200
    assert at("replay", draft.pk) not in page.text
    assert client.post(at("replay", draft.pk), {}).status_code == 403
    assert client.post(at("discard", draft.pk)).status_code == 403


def test_a_list_asks_as_often_for_two_cases_as_for_ten(admin_client, cases, django_assert_max_num_queries):
    draft = everything_reviewed(a_draft())
    for _case in range(8):
        cases.approved()
    replayed(draft)
    with django_assert_max_num_queries(16):
        admin_client.get(at("draft", draft.pk))
    assert ReturnRequest.objects.count() == 10


def test_what_a_shop_tries_is_not_the_platforms_to_open_or_stop(admin_client, cases):
    clauses = policies.draft_clauses(cases.merchant, now=clock.now())
    trial = services.replay(clauses, by=ROOT, now=clock.now())
    assert admin_client.post(at("stop", trial.pk)).status_code == 404
    assert admin_client.get(at("csv", trial.pk)).status_code == 404
    changelist = admin_client.get(reverse("admin:aftersales_trial_changelist"))
    assert list(changelist.context["cl"].result_list) == []
    assert admin_client.get(reverse("admin:aftersales_trial_change", args=[trial.pk])).status_code == 302


def test_the_list_of_trials_leads_to_their_drafts(admin_client, cases):
    draft = a_draft()
    trial = replayed(draft)
    assert admin_client.get(reverse("admin:aftersales_trial_changelist")).status_code == 200
    answer = admin_client.get(reverse("admin:aftersales_trial_change", args=[trial.pk]))
    assert answer["Location"] == at("draft", draft.pk) + f"?trial={trial.pk}"
