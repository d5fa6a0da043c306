"""The one bill on everybody's page (N1): the same amounts in the same order, before and after."""

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation

from aftersales.inspection.services import Arrived, Graded, count_goods, inspect_goods
from aftersales.returns.bill_lines import CUSTOMER, SHOP, STAFF, bill_part, bill_rows, how_worked_out
from aftersales.returns.models import ReturnRequest
from aftersales.returns.queries import cases_of
from aftersales.returns.services.following import follow_due_cases
from aftersales.returns.services.intake import submit_return
from aftersales.returns.services.missing import release_missing
from aftersales.returns.services.wishes import Wish, WishLine
from aftersales.tests.returns.buyers import a_buyer
from aftersales.tests.returns.test_papers import member
from orders.accounts.models import User
from returns_platform.kernel import clock
from returns_platform.kernel.actors import Actor

pytestmark = pytest.mark.django_db
BENCH, SAM = Actor("merchant", "7", "Otto"), Actor("support", "71", "Sam")
COUPONS = [{"name": "满减", "source": "shop", "amount": 700}, {"name": "平台券", "source": "platform", "amount": 500}]


def filed(buyer, units=3, reason="NR.NO_LONGER_WANT", **order):
    bought = buyer.order(discounts=COUPONS, discount=1200, **order)
    wish = Wish(kind="return_refund", send_back="self_ship", lines=(WishLine("1", units, reason),))
    return submit_return(bought.pk, wish, by=buyer.actor, now=clock.now())


def seen(row, reader):
    now = ReturnRequest.objects.select_related("bill", "merchant", "order").get(pk=row.pk)
    with translation.override("en"):
        return bill_part(cases_of([now])[0], reader=reader)


def bill_of(row):
    return ReturnRequest.objects.select_related("bill").get(pk=row.pk).bill


def came_short(row):
    count_goods(row.pk, [Arrived("1", 2)], by=BENCH, now=clock.now())
    inspect_goods(row.pk, [Graded("1", 2, "A", "RESTOCK")], by=BENCH, now=clock.now())
    follow_due_cases(now=clock.now())


def amounts(part):
    """What everybody reads: the lines of the calculation, without what only the shop bears."""
    own = ("Back to the customer", "The platform's part of the discount", "Sending it back")
    return [(line.amount, line.before, line.kind) for line in part.rows if line.name not in own]


@pytest.mark.parametrize("reason", ["NR.NO_LONGER_WANT", "QL.DEFECT"])
def test_the_same_amounts_in_the_same_order_for_everybody(reason):
    row = filed(a_buyer(), reason=reason)
    for change in (lambda: None, lambda: came_short(row)):
        change()
        hers = amounts(seen(row, CUSTOMER))
        assert hers == amounts(seen(row, SHOP)) == amounts(seen(row, STAFF))
        assert sum(amount for amount, _before, kind in hers if not kind) == bill_of(row).refund


def test_a_bill_changed_by_a_person_says_who():
    buyer = a_buyer()
    row = filed(buyer)
    came_short(row)
    release_missing(row.pk, by=SAM, now=clock.now())
    for reader, person in ((CUSTOMER, "The platform"), (SHOP, "The platform"), (STAFF, "Sam")):
        assert [(change.seq, change.who) for change in seen(row, reader).changes] == [(2, "The rules"), (3, person)]


def test_every_page_of_the_case_draws_the_change():
    buyer = a_buyer()
    row = filed(buyer)
    came_short(row)
    chief = Client()
    chief.force_login(User.objects.create_superuser("root", password="demo-pass-2026"))
    pages = [
        buyer.client.get(reverse("aftersales:case", args=[row.return_no])),
        member(buyer, "owner").get(reverse("merchant:case", args=[buyer.shop.merchant.code, row.return_no])),
        chief.get(reverse("admin:aftersales_returnrequest_change", args=[row.pk])),
    ]
    for page in pages:
        assert page.status_code == 200
        assert "<del>¥120.00</del><ins>¥80.00</ins>" in page.content.decode()
        assert 'class="bill-how"' in page.content.decode()


def test_a_line_that_came_and_one_that_went_are_both_seen():
    row = filed(a_buyer())
    gone = {"code": "freight_whole", "line_no": "", "quantity": 0, "amount": 12, "name": "", "source": ""}
    kept = [told for told in row.bill.body["rows"] if told["code"] == "list_price"]
    with translation.override("en"):
        rows = bill_rows(row.bill.body, before=row.bill.body | {"rows": [*kept, gone]})
    by_name = {line.name: (line.before, line.amount) for line in rows}
    assert by_name["Delivery you paid for"] == (12, 0)
    assert by_name["满减"] == (0, -700)


def test_the_calculation_shows_the_exact_part_and_what_rounding_did():
    buyer = a_buyer()
    bought = buyer.order()
    wish = Wish(kind="return_refund", send_back="self_ship", lines=(WishLine("1", 1, "NR.NO_LONGER_WANT"),))
    row = submit_return(bought.pk, wish, by=buyer.actor, now=clock.now())
    line = row.lines.get().order_line
    with translation.override("en"):
        told = dict(how_worked_out(row.bill.body, {"1": line}))
    assert told[line.title] == "¥120.00 − ¥20.00 discounts − ¥0.00 points = ¥100.00 paid"
    assert told["1 unit of 3"] == "¥100.00 × 1 ÷ 3 = ¥33.3333, in whole fen ¥33.33; the last unit takes the rest"
