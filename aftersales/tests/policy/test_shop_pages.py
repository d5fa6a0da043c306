"""The owner edits the shop's clauses by hand: typed fields, errors beside them, draft, preview, publishing."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import translation

from aftersales.policy import queries
from aftersales.policy.clause_models import ClauseVersion
from orders.accounts.models import User
from orders.catalogue.models import Product
from orders.merchants.services import add_member
from returns_platform.kernel import clock, ui
from returns_platform.tests.journeys.shop import open_shop

pytestmark = pytest.mark.django_db


def a_member(merchant, role: str) -> Client:
    user = User.objects.create_user(f"{merchant.code}-{role}", password="demo-pass-2026", language="en")
    add_member(merchant, user=user, role=role)
    client = Client(headers={"accept-language": "en"})
    client.force_login(user)
    return client


@pytest.fixture
def merchant():
    return open_shop("style").merchant


@pytest.fixture
def owner(merchant):
    return a_member(merchant, "owner")


@pytest.fixture
def draft(owner, merchant):
    owner.post("/merchant/style/policy/draft/")
    return ClauseVersion.objects.get(merchant=merchant)


def said(response) -> str:
    return response.content.decode()


LONGER = {"basis": "no_reason", "length": "30", "unit": "days", "category": "apparel", "sku": "", "reason": ""}
ADD = "/merchant/style/policy/1/add/window/"


def test_an_owner_adds_changes_removes_and_publishes(owner, merchant, draft):
    assert owner.post(ADD, LONGER).status_code == 302
    page = said(owner.get("/merchant/style/policy/1/"))
    assert "Clothing" in page
    assert "No-reason returns: within 30 days of delivery." in page
    row = draft.rows.get()
    edit = f"/merchant/style/policy/1/clauses/{row.pk}/"
    assert 'value="30"' in said(owner.get(edit))
    assert owner.post(edit, LONGER | {"length": "45"}).status_code == 302
    owner.post("/merchant/style/policy/1/add/freight/", {"category": "apparel", "sku": ""})
    second = draft.rows.get(gives="freight")
    assert owner.post(f"/merchant/style/policy/1/clauses/{second.pk}/remove/").status_code == 302
    today = ui.in_zone(clock.now(), merchant.zone).date()
    assert owner.post("/merchant/style/policy/1/", {"day": today.isoformat(), "note": "More time"}).status_code == 302
    assert [row.length for row in queries.in_force(clock.now(), merchant.pk).clauses.rows] == [45]
    assert "within 45 days of delivery" in said(Client(headers={"accept-language": "en"}).get("/shops/style/policy/"))


def test_what_is_harsher_is_said_beside_the_field_and_nothing_typed_is_lost(owner, draft):
    answer = owner.post(ADD, LONGER | {"length": "3", "sku": "COAT-9"})
    assert answer.status_code == 422
    page = said(answer)
    assert "The platform already gives 7 days. Give at least as much." in page
    assert 'value="3"' in page
    assert 'value="COAT-9"' in page
    assert 'id="id_length_error"' in page
    assert draft.rows.count() == 0


HOSTILE = [
    {"length": "999999999999"}, {"length": "-1"}, {"length": "7.5"}, {"length": "seven"}, {"length": ""},
    {"unit": "years"}, {"basis": "goodwill"}, {"category": "everything"}, {"reason": "QL.DEFECT"},
    {"sku": "x" * 65}, {"sku": "\u0000"}, {"reason": "'; DROP TABLE aftersales_clauserow; --"},
]  # fmt: skip


@pytest.mark.parametrize("wrong", HOSTILE)
def test_hostile_values_are_refused_with_a_sentence(owner, draft, wrong):
    answer = owner.post(ADD, LONGER | wrong)
    assert answer.status_code in (400, 422), wrong
    assert draft.rows.count() == 0


def test_markup_in_a_product_number_is_shown_as_text(owner, draft):
    owner.post(ADD, LONGER | {"sku": "<script>alert(1)</script>"})
    page = said(owner.get("/merchant/style/policy/1/"))
    assert "<script>alert(1)</script>" not in page
    assert "&lt;script&gt;" in page


def test_a_start_in_the_past_or_none_is_refused(owner, draft):
    yesterday = (clock.now() - timedelta(days=2)).date().isoformat()
    for day in (yesterday, "", "2026-13-40", "9999-01-01"):
        assert owner.post("/merchant/style/policy/1/", {"day": day, "note": "kept"}).status_code == 422
    assert "kept" in said(owner.post("/merchant/style/policy/1/", {"day": yesterday, "note": "kept"}))
    assert ClauseVersion.objects.get().is_draft


def test_what_is_published_is_withdrawn_before_it_starts_and_never_edited(owner, merchant, draft):
    owner.post(ADD, LONGER)
    later = (clock.now() + timedelta(days=3)).date().isoformat()
    owner.post("/merchant/style/policy/1/", {"day": later})
    assert owner.post(ADD, LONGER | {"category": "shoes_bags"}).status_code == 409
    assert owner.post("/merchant/style/policy/1/withdraw/").status_code == 302
    assert ClauseVersion.objects.get().state == "withdrawn"
    assert owner.post("/merchant/style/policy/draft/").status_code == 302
    assert owner.post("/merchant/style/policy/2/discard/").status_code == 302
    assert ClauseVersion.objects.count() == 1


def test_only_the_owner_edits_and_nobody_of_another_shop_sees_it(merchant, draft):
    viewer = a_member(merchant, "viewer")
    assert viewer.get("/merchant/style/policy/").status_code == 200
    assert viewer.get("/merchant/style/policy/1/").status_code == 200
    for path in ("1/", "draft/", "1/discard/", "1/withdraw/", "1/add/window/", "1/clauses/1/", "1/clauses/1/remove/"):
        assert viewer.post(f"/merchant/style/policy/{path}", LONGER).status_code == 403, path
    stranger = a_member(open_shop("volt").merchant, "owner")
    for path in ("", "1/", "1/add/window/", "1/clauses/1/"):
        assert stranger.get(f"/merchant/style/policy/{path}").status_code == 404, path
    assert stranger.post("/merchant/volt/policy/1/discard/").status_code == 404


def test_a_row_of_another_draft_is_not_there(owner, merchant, draft):
    other = a_member(open_shop("volt").merchant, "owner")
    owner.post(ADD, LONGER)
    other.post("/merchant/volt/policy/draft/")
    row = draft.rows.get()
    assert other.get(f"/merchant/volt/policy/1/clauses/{row.pk}/").status_code == 404
    other.post(f"/merchant/volt/policy/1/clauses/{row.pk}/remove/")
    assert draft.rows.count() == 1


@pytest.mark.parametrize(
    "gives", ["window", "open", "keep", "send_back", "freight", "evidence", "no_deduction", "time", "courier"]
)
@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_every_kind_of_clause_has_its_page_in_both_languages(owner, draft, gives, language):
    with translation.override(language):
        answer = owner.get(f"/merchant/style/policy/1/add/{gives}/", headers={"accept-language": language})
    assert answer.status_code == 200


def test_a_product_has_its_own_page_before_it_is_bought(owner, merchant, draft):
    Product.objects.create(merchant=merchant, sku="COAT/9", title="Wool coat", category="apparel", price=90_000)
    owner.post(ADD, LONGER | {"category": "", "sku": "COAT/9", "length": "60"})
    owner.post("/merchant/style/policy/1/", {"day": ui.in_zone(clock.now(), merchant.zone).date().isoformat()})
    anybody = Client(headers={"accept-language": "en"})
    page = said(anybody.get("/shops/style/policy/COAT/9/"))
    assert "Wool coat" in page
    assert "within 60 days of delivery" in page
    assert "Tags on" in page
    assert anybody.get("/shops/style/policy/NONE/").status_code == 404
    assert anybody.get("/shops/nobody/policy/").status_code == 404


def test_a_clause_for_one_product_promises_nothing_that_its_kind_of_goods_has_not(owner, merchant, draft):
    Product.objects.create(merchant=merchant, sku="PEAR-1", title="Sweet pears", category="fresh", price=3000)
    at_once = {"limit": "50.00", "basis": "", "category": "", "reason": ""}
    owner.post("/merchant/style/policy/1/add/keep/", at_once | {"sku": "PEAR-1"})
    owner.post("/merchant/style/policy/1/add/keep/", at_once | {"sku": "WHO-KNOWS"})
    owner.post("/merchant/style/policy/1/", {"day": ui.in_zone(clock.now(), merchant.zone).date().isoformat()})
    page = said(Client(headers={"accept-language": "en"}).get("/shops/style/policy/"))
    pears = page[page.index("Sweet pears") : page.index("WHO-KNOWS")]
    assert "Cannot be returned without a reason." in pears
    assert "within 24 hours of delivery" in pears
    assert "within 7 days" not in pears
    unknown = page[page.index("WHO-KNOWS") : page.index('id="intact"')]
    assert "your money comes back at once" in unknown
    assert "within" not in unknown


def test_only_what_a_clause_changes_is_called_kinder(owner, merchant, draft):
    owner.post(ADD, LONGER | {"basis": "quality", "length": "60", "category": "", "reason": "QL.DEFECT"})
    owner.post("/merchant/style/policy/1/", {"day": ui.in_zone(clock.now(), merchant.zone).date().isoformat()})
    sections = Client(headers={"accept-language": "en"}).get("/shops/style/policy/").context["sections"]
    kinder = {section.title: section.mine for section in sections}
    assert not kinder["Fresh food"] and not kinder["Cosmetics"]  # that reason is not theirs
    assert kinder["Made to order"] and kinder["Digital goods"]


def test_the_agreement_puts_what_matters_on_top(client):
    page = said(client.get("/agreement/", headers={"accept-language": "en"}))
    assert page.index("Please read this before you buy") < page.index("What you agree to")
