"""Red-letter requests: what a return takes off an issued invoice (T50, T52), and who settles them."""

import csv
import io

import pytest
from django.test import Client
from django.urls import reverse

from aftersales.returns import papers
from aftersales.returns.services.following import follow_due_cases
from aftersales.returns.services.invoices import ask_again, ask_for_red_letters, invoice_lines
from aftersales.returns.services.news import catch_up
from aftersales.tests.returns.buyers import a_buyer
from aftersales.tests.returns.test_papers import member
from orders.accounts.models import User
from refunds.documents import services, states
from refunds.documents.drawing import as_pdf
from refunds.documents.models import RedLetterRequest
from refunds.documents.queries import left_on_invoice
from refunds.payouts import services as payouts
from refunds.tests.books import violations
from returns_platform.kernel import clock
from returns_platform.kernel.actors import Actor
from returns_platform.kernel.errors import Invalid, WrongState
from returns_platform.kernel.tables import plain
from returns_platform.tests.journeys.shop import _ago, order_body

pytestmark = pytest.mark.django_db
FAY = Actor("support", "9", "Fay")


def invoiced(**changes):
    """Net 113.00 with 13 % tax over three units, not sent yet; its invoice was issued."""
    body = order_body(signed=False, unit_price=11300, discount=22600) | changes
    body["lines"][0]["tax_rate"] = "0.13"
    return body | {"invoice": {"number": "FP-26-0001", "issued_at": _ago(clock.now(), 1)}}


def refunded(buyer, order, units=1):
    """The units are cancelled and the money is on the balance."""
    wish = {"kind": "refund_only", "send_back": "none", "refund_to": "balance"}
    wish |= {"order_no": order, "refund_to_agreed_at": clock.now().isoformat()}
    wish["lines"] = [{"line_no": "1", "quantity": units, "reason": "UN.NOT_SHIPPED"}]
    status, told = buyer.shop.post("/returns", wish)
    assert status == 201, told
    follow_due_cases(now=clock.now())
    payouts.pay_due_refunds(clock.now())
    catch_up(now=clock.now())
    return told["return_no"]


def rows():
    return list(RedLetterRequest.objects.order_by("pk"))


def test_unit_by_unit_the_invoice_is_closed_to_nothing():
    buyer = a_buyer()
    assert buyer.shop.put("A1", invoiced())[0] == 201
    cases = [refunded(buyer, "A1") for _unit in range(3)]
    assert [row.case_ref for row in rows()] == cases
    assert [(row.amount, row.tax) for row in rows()] == [(3766, 433), (3767, 433), (3767, 434)]
    assert [left_on_invoice(row) for row in rows()] == [7534, 3767, 0]
    catch_up(now=clock.now())
    assert len(rows()) == 3
    assert violations() == []


def test_without_an_invoice_nothing_is_asked_until_it_is_told():
    buyer = a_buyer()
    body = invoiced()
    invoice = body.pop("invoice")
    assert buyer.shop.put("A1", body)[0] == 201
    case = refunded(buyer, "A1")
    assert rows() == []
    status, told = buyer.shop.put("A1", body | {"invoice": invoice})
    assert (status, told["invoice"]["number"], told["invoice"]["amount"]) == (200, "FP-26-0001", 11300)
    ask_for_red_letters(now=clock.now())
    assert [row.case_ref for row in rows()] == [case]


def test_an_invoice_once_told_stays_the_same_one():
    buyer = a_buyer()
    body = invoiced()
    assert buyer.shop.put("A1", body)[0] == 201
    assert buyer.shop.get("/orders/A1")[1]["invoice"]["number"] == "FP-26-0001"
    status, told = buyer.shop.put("A1", body | {"invoice": body["invoice"] | {"number": "FP-26-0002"}})
    assert status == 409 and "invoice.number" in told["fields"]
    without = {name: value for name, value in body.items() if name != "invoice"}
    assert buyer.shop.put("A1", without)[1]["invoice"]["number"] == "FP-26-0001"


def test_delivery_and_deductions_are_lines_whose_tax_is_for_finance_to_say():
    body = {
        "lines": [{"line_no": "1", "title": "T", "quantity": 1, "amount": 1000, "tax": 115}],
        "freight_out": 700, "deductions": [{"code": "pickup", "amount": 800}],
    }  # fmt: skip
    told = [(line["code"], line["amount"], line["tax"]) for line in invoice_lines(body)]
    assert told == [("", 1000, 115), ("freight", 700, None), ("pickup", -800, None)]


def test_finance_confirms_with_the_number_or_cancels_once():
    buyer = a_buyer()
    buyer.shop.put("A1", invoiced())
    refunded(buyer, "A1")
    refunded(buyer, "A1")
    first, second = rows()
    with pytest.raises(Invalid):
        services.confirm_red_letter(first.pk, "  ", by=FAY, now=clock.now())
    done = services.confirm_red_letter(first.pk, " RED-1 ", by=FAY, now=clock.now())
    assert (done.state, done.red_number) == (states.CONFIRMED, "RED-1")
    with pytest.raises(WrongState):
        services.cancel_red_letter(first.pk, by=FAY, now=clock.now())
    assert services.cancel_red_letter(second.pk, by=FAY, now=clock.now()).state == states.CANCELLED
    ask_for_red_letters(now=clock.now())
    assert len(rows()) == 2
    assert violations() == []


def test_what_was_cancelled_is_asked_for_again_once():
    buyer = a_buyer()
    buyer.shop.put("A1", invoiced())
    refunded(buyer, "A1")
    (first,) = rows()
    with pytest.raises(WrongState):
        ask_again(first.pk, by=FAY, now=clock.now())
    services.cancel_red_letter(first.pk, by=FAY, now=clock.now())
    again = ask_again(first.pk, by=FAY, now=clock.now())
    assert (again.amount, again.state, again.seq) == (first.amount, states.REQUESTED, 2)
    with pytest.raises(WrongState):
        ask_again(first.pk, by=FAY, now=clock.now())
    assert violations() == []


def test_the_shop_asks_again_on_its_page():
    buyer = a_buyer()
    buyer.shop.put("A1", invoiced())
    refunded(buyer, "A1")
    (first,) = rows()
    services.cancel_red_letter(first.pk, by=FAY, now=clock.now())
    client = member(buyer, "finance")
    url = reverse("merchant:invoices", args=[buyer.shop.merchant.code])
    assert 'value="again"' in client.get(url).content.decode()
    assert client.post(url, {"number": first.number, "do": "again"}).status_code == 302
    assert client.post(url, {"number": first.number, "do": "again"}).status_code == 409
    assert len(rows()) == 2


def test_the_shop_sees_settles_and_takes_them_along():
    buyer = a_buyer()
    buyer.shop.put("A1", invoiced())
    refunded(buyer, "A1")
    (row,) = rows()
    place = reverse("merchant:invoices", args=["shop"])
    finance, viewer = member(buyer, "finance"), member(buyer, "viewer")
    assert row.number in viewer.get(place).content.decode()
    assert viewer.post(place, {"number": row.number, "do": "confirm", "red_number": "RED-1"}).status_code == 403
    wrong = finance.post(place, {"number": row.number, "do": "confirm", "red_number": ""})
    assert wrong.status_code == 422 and 'aria-invalid="true"' in wrong.content.decode()
    assert finance.post(place, {"number": "RL0-1", "do": "confirm"}).status_code == 404
    assert finance.post(place, {"number": row.number, "do": "confirm", "red_number": "RED-1"}).status_code == 302
    assert finance.post(place, {"number": row.number, "do": "cancel"}).status_code == 409
    pdf = finance.get(reverse("merchant:red_letter", args=["shop", row.number]) + "?in=en")
    assert (pdf.status_code, pdf.content[:5]) == (200, b"%PDF-")
    table = list(
        csv.reader(
            io.StringIO(finance.get(reverse("merchant:invoices_csv", args=["shop"])).content.decode("utf-8-sig"))
        )
    )
    assert len(table) == 2 and "¥37.66" in table[1] and "RED-1" in table[1]


def test_strangers_find_nothing():
    buyer, other = a_buyer(), a_buyer("other")
    buyer.shop.put("A1", invoiced())
    refunded(buyer, "A1")
    (row,) = rows()
    for client in (member(other, "owner"), buyer.client, Client()):
        for name, also in (("invoices", []), ("invoices_csv", []), ("red_letter", [row.number])):
            assert client.get(reverse(f"merchant:{name}", args=["shop", *also])).status_code in (302, 404)
    theirs = member(other, "finance")
    assert theirs.get(reverse("merchant:red_letter", args=["other", row.number])).status_code == 404
    assert member(buyer, "warehouse").get(reverse("merchant:invoices", args=["shop"])).status_code == 403


def test_the_platforms_finance_confirms_in_the_admin():
    buyer = a_buyer()
    buyer.shop.put("A1", invoiced())
    refunded(buyer, "A1")
    (row,) = rows()
    chief = Client()
    chief.force_login(User.objects.create_superuser("root", password="demo-pass-2026"))
    assert row.number in chief.get(reverse("admin:refunds_redletterrequest_changelist")).content.decode()
    assert chief.get(reverse("admin:refunds_redletterrequest_pdf", args=[row.pk])).content[:5] == b"%PDF-"
    form = {"red_number": "RED-7", "moves-TOTAL_FORMS": 0, "moves-INITIAL_FORMS": 0}
    page = reverse("admin:refunds_redletterrequest_change", args=[row.pk])
    assert chief.post(page, form).status_code == 302
    (row,) = rows()
    assert (row.state, row.red_number) == (states.CONFIRMED, "RED-7")


@pytest.mark.parametrize("language", papers.LANGUAGES)
def test_the_paper_has_what_finance_needs(language):
    buyer = a_buyer()
    buyer.shop.put("A1", invoiced())
    refunded(buyer, "A1")
    (row,) = rows()
    paper = papers.red_letter_paper(row, language=language)
    told = " ".join(value for _label, value in paper.facts)
    for fact in ("¥37.66", "¥4.33", "¥33.33", "FP-26-0001", "¥113.00", "¥75.34", row.case_ref):
        assert fact in told
    assert as_pdf(paper) == as_pdf(papers.red_letter_paper(row, language=language))


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@x", "\t=1", "\r=1"])
def test_no_cell_calculates(cell):
    assert plain(cell) == f"'{cell}"
    assert plain("每日坚果") == "每日坚果"
