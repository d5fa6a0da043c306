"""Who may know what of a customer's score: every page of the desk is opened, and read."""

import pytest
from django.urls import reverse

from aftersales.returns.models import ReturnRequest
from aftersales.risk.models import Measure, Trace
from aftersales.risk.queries import linked_with
from aftersales.tests.desk.cases import page_of, signed_in, staff
from aftersales.tests.returns.buyers import a_buyer
from aftersales.tests.risk.test_measures import REVIEW
from aftersales.tests.risk.test_pages import credit_of, decided
from orders.customers.models import Customer
from returns_platform.kernel import clock
from returns_platform.tests.architecture.test_rights import addresses

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("group", ["support", "senior"])
def test_support_reads_the_band_and_why_and_on_no_page_the_score_or_whom_somebody_is_linked_with(group):
    """Every page that opens for them is fetched; the score, its points and the linked customer stand on none."""
    row, measured = a_linked_customer_looked_at_first(a_buyer())
    sam = signed_in(staff(group))
    page = sam.get(page_of(row)).content.decode()
    assert "The parcel was empty or held other goods" in page and "A person decided that requests" in page
    keys = {"admin:aftersales_returnrequest": row.pk, "admin:aftersales_measure": measured.pk}
    opened = {}
    for name, path, pattern in addresses():
        if name.startswith("admin:") and not name.endswith(":") and "(" not in path:
            values = dict.fromkeys(pattern.pattern.converters, keys.get(name.rpartition("_")[0], 1))
            answer = sam.get(reverse(name, kwargs=values))
            if answer.status_code == 200 and not answer.streaming:
                opened[name] = answer.content.decode(errors="replace")
    assert len(opened) > 20
    for secret in ("60 of 100", "40 of 100", "+40", "+60", "weight 40", "Zhuge Qilin", "13912345678"):
        assert [name for name, said in opened.items() if secret in said] == [], secret


def a_linked_customer_looked_at_first(buyer) -> tuple[ReturnRequest, Measure]:
    """A case with a signal and a measure behind its score; she shares a browser with somebody at another shop."""
    credit_of(buyer)
    other = a_buyer("linked").order().customer
    Customer.objects.filter(pk=other.pk).update(name="Zhuge Qilin", phone="+8613912345678")
    measured = decided(buyer, REVIEW)
    row = buyer.filed(reason="QL.DEFECT")
    assert (row.state, row.waits_for, row.facts["risk"]) == ("in_review", "support", 60)
    for customer in (row.customer, other):
        Trace.objects.create(customer=customer, kind="device", digest="d" * 64, seen_at=clock.now())
    assert linked_with(row.customer)
    return row, measured
