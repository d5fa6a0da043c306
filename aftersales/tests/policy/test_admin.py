from datetime import date, timedelta

import pytest
from django.forms import Select
from django.urls import reverse
from django.utils import timezone

from aftersales.policy import services
from aftersales.policy.models import OffDay, PolicyVersion

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin_user(admin_user):
    admin_user.language = "en"  # an account's own language counts before the browser's
    admin_user.save()
    return admin_user


@pytest.fixture
def first():
    return services.install_platform_policy(timezone.now())


@pytest.fixture
def draft(first):
    return services.draft_from(first)


def change_page(version) -> str:
    return reverse("admin:aftersales_policyversion_change", args=[version.pk])


def action(name, version) -> str:
    return reverse(f"admin:aftersales_policyversion_{name}", args=[version.pk])


def as_sent(page) -> dict:
    """What the browser would send back from the page's forms, unchanged."""
    sent = {}
    admin_form = page.context["adminform"].form
    formsets = [inline.formset for inline in page.context["inline_admin_formsets"]]
    forms = [admin_form, *(formset.management_form for formset in formsets)]
    forms += [form for formset in formsets for form in formset.forms]
    for form in forms:
        for bound in form:
            widget = bound.field.widget
            value = bound.value()
            if hasattr(widget, "widgets"):
                typed = value if isinstance(value, list) else widget.decompress(value)
                sent |= {f"{bound.html_name}_{place}": part for place, part in enumerate(typed)}
            elif value is True:
                sent[bound.html_name] = "on"
            elif isinstance(widget, Select):
                offered = [str(code) for code, _label in widget.choices]
                sent[bound.html_name] = str(value) if str(value) in offered else offered[0]
            elif value not in (None, False):
                sent[bound.html_name] = value
    return sent


def test_a_published_version_is_shown_and_not_edited(admin_client, first):
    page = admin_client.get(change_page(first), headers={"accept-language": "en"})
    assert page.status_code == 200
    assert b'name="_save"' not in page.content
    assert "Make a draft of this version" in page.text
    assert admin_client.post(change_page(first), {"note": "x"}).status_code == 403


def test_a_draft_sent_back_unchanged_stays_as_it_is(admin_client, draft):
    before = list(draft.rules.values("priority", "name", "conditions", "code"))
    page = admin_client.get(change_page(draft))
    answer = admin_client.post(change_page(draft), as_sent(page) | {"note": "the same"})
    assert answer.status_code == 302, answer.context["errors"]
    assert list(draft.rules.values("priority", "name", "conditions", "code")) == before
    draft.refresh_from_db()
    assert draft.note == "the same"


def rule_form_of(page, name):
    formset = page.context["inline_admin_formsets"][1].formset
    return next(form for form in formset.forms if form.instance.name == name)


def test_a_rule_is_edited_by_typed_rows(admin_client, draft):
    page = admin_client.get(change_page(draft))
    prefix = rule_form_of(page, "platform.keep_small").prefix
    typed = {f"{prefix}-conditions_8": "50", f"{prefix}-conditions_9": "category"}
    typed |= {f"{prefix}-conditions_10": "ne", f"{prefix}-conditions_11": "fresh"}
    assert admin_client.post(change_page(draft), as_sent(page) | typed).status_code == 302
    assert draft.rules.get(name="platform.keep_small").conditions[2:] == [
        {"field": "amount", "op": "le", "value": 5000},
        {"field": "category", "op": "ne", "value": "fresh"},
    ]


def test_rows_stand_folded_in_groups_each_told_in_words(admin_client, draft):
    page = admin_client.get(change_page(draft), headers={"accept-language": "en"})
    rules = page.context["inline_admin_formsets"][1].formset
    titles = [title for title, _forms in rules.groups]
    assert titles == ["Refuse", "Ask for evidence", "A person looks", "Approve", "A person looks"]
    told = rule_form_of(page, "platform.keep_small").told
    assert told.title.endswith("the goods stay with the customer; amount of the request is at most 30.00")
    assert "%(" not in page.text
    assert '<details class="row-of" id="rules-0">' in page.text


def test_a_row_with_an_error_is_open_and_the_error_leads_to_it(admin_client, draft):
    page = admin_client.get(change_page(draft))
    prefix = rule_form_of(page, "platform.keep_small").prefix
    sent = as_sent(page) | {f"{prefix}-conditions_8": "lots", "windows-0-length": "0"}
    answer = admin_client.post(change_page(draft), sent, headers={"accept-language": "en"})
    for anchor in (prefix, "windows-0"):
        assert f'<a href="#{anchor}">' in answer.text
        assert f'id="{anchor}" open>' in answer.text
    assert 'value="lots"' in answer.text
    assert 'id="rules-0">' in answer.text


@pytest.mark.parametrize(
    "wrong",
    [
        {"rules-TOTAL_FORMS": "10000"},
        {"windows-0-length": "9" * 400, "rules-3-asks": "E9", "rules-3-who": "me"},
        {"rules-3-priority": "-1", "rules-3-name": "Ωπ\u202e<script>alert(1)</script>", "rules-3-code": "no_such"},
        {"rules-3-conditions_0": "category", "rules-3-conditions_1": "eq", "rules-3-conditions_2": 'x" or "1"=="1'},
        {"rules-3-conditions_0": "category", "rules-3-conditions_1": "in", "rules-3-conditions_2": "a," * 5000},
        {"note": "\x00", "rules-3-name": "a\x00b"},
    ],
)
def test_hostile_rows_are_told_and_nothing_is_saved(admin_client, draft, wrong):
    before = list(draft.rules.values("name", "conditions")), list(draft.windows.values("length"))
    page = admin_client.get(change_page(draft))
    answer = admin_client.post(change_page(draft), as_sent(page) | wrong, headers={"accept-language": "en"})
    assert answer.status_code in (200, 400)
    assert "<script>alert(1)" not in answer.text
    assert (list(draft.rules.values("name", "conditions")), list(draft.windows.values("length"))) == before


def test_a_form_that_lost_its_conditions_on_the_way_is_answered(admin_client, draft):
    page = admin_client.get(change_page(draft))
    prefix = rule_form_of(page, "platform.keep_small").prefix
    sent = {name: value for name, value in as_sent(page).items() if not name.startswith(f"{prefix}-conditions")}
    answer = admin_client.post(change_page(draft), sent | {f"{prefix}-priority": "x"})
    assert answer.status_code == 200


@pytest.mark.parametrize(
    ("typed", "wrong"),
    [
        ({8: "lots"}, "Write an amount such as 500.00."),
        ({7: "in"}, "does not go with"),
        ({6: "mood"}, "Choose a field and an operator from the lists."),
        ({6: ""}, "A condition is a field, an operator and a value."),
    ],
)
def test_a_rule_that_cannot_work_is_refused_in_words(admin_client, draft, typed, wrong):
    page = admin_client.get(change_page(draft))
    prefix = rule_form_of(page, "platform.keep_small").prefix
    sent = as_sent(page) | {f"{prefix}-conditions_{place}": value for place, value in typed.items()}
    answer = admin_client.post(change_page(draft), sent, headers={"accept-language": "en"})
    assert answer.status_code == 200
    assert wrong in answer.text


def test_a_draft_is_made_and_published_with_a_start(admin_client, first):
    assert admin_client.post(action("draft", first)).status_code == 302
    draft = PolicyVersion.objects.get(number=2)
    tomorrow = timezone.now() + timedelta(days=2)
    answer = admin_client.post(action("publish", draft), {"day": tomorrow.date().isoformat()})
    assert answer.status_code == 302
    draft.refresh_from_db()
    assert (draft.state, draft.published_by) == ("published", "admin")
    assert admin_client.post(action("withdraw", draft)).status_code == 302
    draft.refresh_from_db()
    assert draft.state == "withdrawn"


def test_a_start_in_the_past_is_told_at_the_field(admin_client, draft):
    answer = admin_client.post(action("publish", draft), {"day": "2020-01-01"})
    assert answer.status_code == 200
    assert "day" in answer.context["form"].errors
    draft.refresh_from_db()
    assert draft.is_draft


def test_making_a_draft_takes_a_post_and_the_right(admin_client, client, django_user_model, first):
    assert admin_client.get(action("draft", first)).status_code == 403
    viewer = django_user_model.objects.create_user("viewer", password="x", is_staff=True)
    client.force_login(viewer)
    assert client.post(action("draft", first)).status_code == 403
    assert client.post(action("publish", first)).status_code == 403
    assert PolicyVersion.objects.count() == 1


def test_a_year_without_off_days_is_warned_of(client, admin_user, time_machine):
    time_machine.move_to("2029-11-20T12:00:00+08:00")
    client.force_login(admin_user)
    url = reverse("admin:aftersales_offday_changelist")
    warning = "The off days of 2030 are not entered yet."
    assert warning in client.get(url, headers={"accept-language": "en"}).text
    OffDay.objects.create(date=date(2030, 1, 1))
    assert warning not in client.get(url, headers={"accept-language": "en"}).text


def test_a_used_version_is_never_deleted(admin_client, first):
    url = reverse("admin:aftersales_policyversion_delete", args=[first.pk])
    assert admin_client.post(url, {"post": "yes"}).status_code == 403
