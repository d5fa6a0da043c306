"""Documents of a case: for its parties only, in both languages, logged, and offered on everybody's page."""

import shutil
import subprocess

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation

from aftersales.returns import papers
from aftersales.returns.services.following import follow_due_cases
from aftersales.tests.returns.buyers import a_buyer
from orders.accounts.models import User
from orders.merchants.services import add_member
from refunds.documents.drawing import as_pdf
from refunds.documents.models import PaperRead, Voucher
from refunds.documents.services import write_due_vouchers
from refunds.payouts import services as payouts
from refunds.payouts.models import Refund
from returns_platform.kernel import clock

pytestmark = pytest.mark.django_db


def paid(buyer, **order):
    """A case whose money arrived on the balance, with its voucher."""
    bought = buyer.order(signed=False, **order)
    wish = {"kind": "refund_only", "send_back": "none", "refund_to": "balance", "refund_to_agreed_at": clock.now()}
    row = buyer.filed(reason="UN.NOT_SHIPPED", order=bought, **wish)
    follow_due_cases(now=clock.now())
    payouts.pay_due_refunds(clock.now())
    write_due_vouchers(now=clock.now())
    return row, Voucher.objects.get(case_ref=row.return_no)


def address(voucher, language="en"):
    return reverse("aftersales:voucher", args=[voucher.number]) + f"?in={language}"


def member(buyer, role):
    user = User.objects.create_user(f"{role}-{buyer.shop.merchant.code}", password="demo-pass-2026")
    add_member(buyer.shop.merchant, user=user, role=role)
    client = Client()
    client.force_login(user)
    return client


def test_the_buyer_downloads_the_voucher_in_either_language():
    buyer = a_buyer()
    _row, voucher = paid(buyer)
    for language, end in (("en", "-en.pdf"), ("zh-hans", "-zh.pdf")):
        answer = buyer.client.get(address(voucher, language))
        assert (answer.status_code, answer["Content-Type"]) == (200, "application/pdf")
        assert answer["Content-Disposition"] == f'attachment; filename="{voucher.number}{end}"'
        assert answer["Cache-Control"] == "private, no-store"
        assert answer.content == buyer.client.get(address(voucher, language)).content
    assert buyer.client.get(address(voucher, "xx")).status_code == 200
    assert list(PaperRead.objects.values_list("paper", "by_kind").distinct()) == [(voucher.number, "customer")]


def test_strangers_find_nothing_and_leave_no_trace():
    buyer = a_buyer()
    _row, voucher = paid(buyer)
    stranger, other_shop = a_buyer("other"), member(a_buyer("third"), "owner")
    assert stranger.client.get(address(voucher)).status_code == 404
    assert other_shop.get(address(voucher)).status_code == 404
    assert member(buyer, "warehouse").get(address(voucher)).status_code == 404
    assert Client().get(address(voucher)).status_code in (302, 401, 404)
    assert buyer.client.get(reverse("aftersales:voucher", args=["SHOP-RV99999999"])).status_code == 404
    assert not PaperRead.objects.exists()


def test_the_shop_and_the_platform_take_it_too(django_user_model):
    buyer = a_buyer()
    row, voucher = paid(buyer)
    assert member(buyer, "finance").get(address(voucher)).status_code == 200
    chief = Client()
    chief.force_login(django_user_model.objects.create_superuser("root", password="demo-pass-2026"))
    assert chief.get(address(voucher)).status_code == 200
    assert chief.get(reverse("admin:refunds_voucher_changelist")).status_code == 200
    page = chief.get(reverse("admin:aftersales_returnrequest_change", args=[row.pk]))
    assert voucher.number in page.content.decode()
    assert set(PaperRead.objects.values_list("by_kind", flat=True)) == {"merchant", "support"}


def test_the_pages_of_the_case_offer_it():
    buyer = a_buyer()
    row, voucher = paid(buyer)
    page = buyer.client.get(reverse("aftersales:case", args=[row.return_no]))
    assert address(voucher) in page.content.decode()
    shop = member(buyer, "owner").get(reverse("merchant:case", args=[buyer.shop.merchant.code, row.return_no]))
    assert address(voucher) in shop.content.decode()


@pytest.mark.parametrize(("language", "words"), [("en", "Refund voucher"), ("zh-hans", "退款凭证")])
def test_what_it_says(language, words):
    buyer = a_buyer()
    row, voucher = paid(buyer)
    refund = Refund.objects.get()
    paper = papers.voucher_paper(voucher, language=language)
    told = " ".join(value for _label, value in paper.facts)
    assert paper.title == words
    for fact in ("¥33.33", "人民币叁拾叁元叁角叁分", "安**", row.return_no, row.order.order_no, refund.number):
        assert fact in told
    assert "安小雨" not in told
    labels = [label for label, _value in paper.facts]
    with translation.override(language):
        for label in ("We asked", "Accepted", "Arrived", "Authorised by"):
            assert translation.gettext(label) in labels
    assert any(line.total and line.amount == 3333 for line in paper.rows)
    assert as_pdf(paper) == as_pdf(papers.voucher_paper(voucher, language=language))


@pytest.mark.skipif(not shutil.which("pdftotext"), reason="pdftotext of poppler reads the PDF back")
def test_its_text_can_be_read_back():
    buyer = a_buyer()
    _row, voucher = paid(buyer)
    body = as_pdf(papers.voucher_paper(voucher, language="zh-hans"))
    told = subprocess.run(["pdftotext", "-", "-"], input=body, capture_output=True, check=True).stdout.decode()
    assert "退款凭证" in told and "人民币叁拾叁元叁角叁分" in told


def test_nothing_is_offered_before_the_money_is_there():
    buyer = a_buyer()
    row = buyer.filed()
    assert papers.papers_of(row.return_no) == []
