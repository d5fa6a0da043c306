"""What the form asks follows from the reason and the goods: the checklist, the questions, the hours left."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import translation

from aftersales.policy import services
from aftersales.policy.clause_models import ClauseRow
from aftersales.policy.reasons import EVIDENCE, REASONS
from aftersales.returns import details, hours
from aftersales.returns.models import ReturnRequest
from aftersales.tests.returns.buyers import a_buyer
from aftersales.tests.returns.test_pages_filing import answers, several_lines
from aftersales.tests.returns.test_pages_orders import signed_days_ago
from returns_platform.kernel import clock
from returns_platform.kernel.actors import Actor


def asks(*classes: str) -> list[str]:
    return [str(ask) for name in classes for ask in EVIDENCE[name].asks]


def bought(buyer, category: str, *, days: float = 0.1, price: int = 4000):
    body = signed_days_ago(days)
    line = {"line_no": "1", "sku": "S-1", "title": "Goods", "category": category, "quantity": 3, "unit_price": price}
    return buyer.order(lines=[line], unit_price=price, discount=0, **body)


def shown(buyer, order, reason: str, **more):
    line = order.lines.get()
    sent = {"token": "t-1", "line": line.pk, f"qty_{line.pk}": 1, f"reason_{line.pk}": reason}
    return buyer.client.post(reverse("aftersales:file", args=[order.pk]), sent | more)


def named(page) -> list[str]:
    return [name.split("_")[1] for name in page.context["form"].fields if name.startswith("say_")]


def test_every_question_belongs_to_a_reason_that_there_is():
    assert details.BY_REASON.keys() <= REASONS.keys()
    assert all((found.kind == "options") == bool(found.options) for of in details.BY_REASON.values() for found in of)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("category", "reason", "price", "classes", "questions"),
    [
        ("apparel", "NR.NO_LONGER_WANT", 4000, (), []),
        ("apparel", "QL.MATERIAL", 4000, ("E2",), ["flaw"]),
        ("electronics", "QL.DEFECT", 4000, ("E2",), ["fault", "serial"]),
        ("electronics", "QL.DEFECT", 50_100, ("E2", "EV"), ["fault", "serial"]),
        ("electronics", "FU.MISSING", 50_100, ("E1",), ["missing"]),
        ("electronics", "QL.FAKE", 4000, ("E3",), ["doubt", "serial"]),
        ("cosmetics", "QL.ALLERGY", 4000, ("E4",), ["doctor"]),
        ("packaged_food", "QL.EXPIRED", 4000, ("E2",), ["date"]),
        ("furniture", "FU.MISSING", 4000, ("E1",), ["missing"]),
        ("fresh", "FR.SHORT_WEIGHT", 4000, ("E2",), ["weighed"]),
        ("fresh", "FR.ROT", 4000, ("E2",), ["share"]),
        ("fresh", "LG.NOT_RECEIVED", 4000, (), ["looked"]),
    ],
)
def test_a_reason_shows_what_its_evidence_class_needs_and_its_questions(category, reason, price, classes, questions):
    buyer = a_buyer()
    page = shown(buyer, bought(buyer, category, price=price), reason)
    assert page.context["asks"] == asks(*classes)
    assert named(page) == questions


@pytest.mark.django_db
def test_what_was_answered_stands_at_the_head_of_the_note():
    buyer = a_buyer()
    order = bought(buyer, "fresh")
    key = order.lines.get().pk
    page = shown(buyer, order, "FR.SHORT_WEIGHT", **{f"say_weighed_{key}": "４２0", "note": "秤"})
    assert 'value="４２0"' in page.content.decode()
    sent = answers(page, step="file", note="秤") | {f"say_weighed_{key}": "４２0"}
    assert buyer.client.post(reverse("aftersales:file", args=[order.pk]), sent).status_code == 302
    assert ReturnRequest.objects.get().note == "Weight on your scale, in grams: 420 g\n秤"


@pytest.mark.django_db
def test_of_several_items_each_answer_stands_under_its_goods():
    buyer = a_buyer()
    order = buyer.order(**several_lines())
    one, two = (line.pk for line in order.lines.order_by("line_no"))
    sent = {"token": "t-1", "line": [one, two]}
    sent |= {f"qty_{key}": 1 for key in (one, two)} | {f"reason_{key}": "QL.DEFECT" for key in (one, two)}
    page = buyer.client.post(reverse("aftersales:file", args=[order.pk]), sent)
    sent = answers(page, step="file") | {f"say_fault_{one}": "soft", f"say_fault_{two}": " "}
    assert buyer.client.post(reverse("aftersales:file", args=[order.pk]), sent).status_code == 302
    assert ReturnRequest.objects.get().note == "Nuts 1\nWhat does not work: soft"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("reason", "name", "value"),
    [
        ("FR.SHORT_WEIGHT", "weighed", "-1"),
        ("FR.SHORT_WEIGHT", "weighed", "1e9"),
        ("FR.SHORT_WEIGHT", "weighed", "9" * 50),
        ("FR.ROT", "share", "everything"),
        ("SV.PRICE_DIFF", "price", "1.234"),
        ("FR.SIZE_WRONG", "instead", "x" * 201),
    ],
)
def test_an_answer_that_cannot_be_is_told_beside_its_field_and_kept(reason, name, value):
    buyer = a_buyer()
    order = bought(buyer, "fresh")
    field = f"say_{name}_{order.lines.get().pk}"
    page = shown(buyer, order, reason)
    page = buyer.client.post(reverse("aftersales:file", args=[order.pk]), answers(page, step="file") | {field: value})
    assert page.status_code == 422
    assert list(page.context["form"].errors) == [field]
    assert f'href="#id_{field}"' in page.content.decode()
    assert not ReturnRequest.objects.exists()


@pytest.mark.django_db
def test_answers_and_words_that_are_too_long_together_are_told_at_the_words():
    buyer = a_buyer()
    order = bought(buyer, "fresh")
    field = f"say_instead_{order.lines.get().pk}"
    sent = answers(shown(buyer, order, "FR.SIZE_WRONG"), step="file", note="x" * 1990) | {field: "y" * 50}
    page = buyer.client.post(reverse("aftersales:file", args=[order.pk]), sent)
    assert list(page.context["form"].errors) == ["note"]


# --- fresh goods ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("length", "words"),
    [
        (timedelta(hours=14, minutes=59), "14 hours left to report"),
        (timedelta(hours=1), "1 hour left to report"),
        (timedelta(minutes=59, seconds=59), "59 minutes left to report"),
        (timedelta(seconds=59), "Less than a minute left to report"),
        (timedelta(seconds=-0.5), "Less than a minute left to report"),
    ],
)
def test_what_is_left_is_never_told_as_more(length, words):
    with translation.override("en"):
        assert hours.left(length) == words


def left(page) -> list[tuple[str, str]]:
    return [(notice.title, notice.tone) for notice in page.context["hours_left"]]


@pytest.mark.django_db
def test_fresh_goods_show_their_hours_offer_no_change_of_mind_and_begin_with_staying():
    buyer = a_buyer()
    order = bought(buyer, "fresh", days=9.5 / 24)
    page = buyer.client.get(reverse("aftersales:file", args=[order.pk]))
    assert left(page) == [("14 hours left to report", "late")]
    groups = {code.split(".")[0] for code in page.context["form"].picked[0].reasons}
    assert groups == {"FR", "FU", "LG", "SV", "OT"}
    assert left(shown(buyer, order, "FR.DEAD")) == [("2 hours left to report", "late")]
    page = shown(buyer, order, "FU.WRONG_ITEM")
    assert [outcome.value for outcome in page.context["outcomes"] if outcome.picked] == ["refund_only.original"]


@pytest.mark.django_db
def test_after_its_hours_the_way_to_a_person_is_shown(settings):
    buyer = a_buyer()
    order = bought(buyer, "fresh", days=2)
    page = buyer.client.get(reverse("aftersales:file", args=[order.pk]))
    assert left(page) == [("The time to report a problem is over", "bad")]
    assert settings.HELP_PHONE in page.context["hours_left"][0].text
    assert "ask a person to look" in page.context["hours_left"][0].text


@pytest.mark.django_db
def test_goods_with_days_show_no_hours():
    buyer = a_buyer()
    assert left(buyer.client.get(reverse("aftersales:file", args=[bought(buyer, "apparel").pk]))) == []


# --- side by side -----------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_every_way_tells_its_sum_its_day_and_its_effort():
    buyer = a_buyer()
    page = shown(buyer, bought(buyer, "apparel", days=1), "QL.DEFECT")
    outcomes = {outcome.value: outcome for outcome in page.context["outcomes"]}
    assert list(outcomes) == [
        "return_refund.original", "return_refund.balance", "refund_only.original", "exchange", "repair",
    ]  # fmt: skip
    assert all(outcome.effort and outcome.when for outcome in outcomes.values())
    assert all((outcome.amount is None) == bool(outcome.text) for outcome in outcomes.values())
    assert outcomes["exchange"].when.startswith("the new one is there about ")
    assert "then says how long it takes" in outcomes["repair"].when


# --- what the shop asks for -------------------------------------------------------------------------------


@pytest.mark.django_db
def test_where_the_shop_asks_for_less_proof_the_page_asks_for_no_more():
    buyer, then = a_buyer(), clock.now() - timedelta(days=20)
    draft = services.draft_clauses(buyer.shop.merchant, now=then)
    services.keep_clause(draft, ClauseRow(gives="evidence", reason="QL.DEFECT", evidence="E1"), now=then)
    services.keep_clause(draft, ClauseRow(gives="evidence", reason="FU.MISSING", evidence="E0"), now=then)
    services.publish_clauses(draft, starts_at=then, by=Actor("merchant", "1", "mia"), now=then)
    order = bought(buyer, "electronics", days=1)
    assert shown(buyer, order, "QL.DEFECT").context["asks"] == asks("E1")
    assert shown(buyer, order, "FU.MISSING").context["asks"] == []
    assert shown(buyer, order, "FU.WRONG_ITEM").context["asks"] == asks("E1")
