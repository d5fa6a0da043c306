"""What those who judge read beside the photos: the platform which case shows one too, a shop only its own."""

import pytest
from django.urls import reverse
from django.utils import translation
from PIL import ImageOps

from aftersales.evidence.models import Evidence
from aftersales.evidence.services import look_at_evidence
from aftersales.returns.models import ReturnRequest
from aftersales.returns.photo_checks import photo_checks, tell_the_platform, tell_the_shop
from aftersales.tests.desk.cases import page_of, signed_in, staff
from aftersales.tests.evidence.pictures import goods, shown_in_a_case
from aftersales.tests.returns.buyers import a_buyer
from orders.tests import samples
from returns_platform.kernel import clock

pytestmark = pytest.mark.django_db


@pytest.fixture
def cases():
    """One picture in three cases: two of a shop, and mirrored in one of another shop."""
    here, there = a_buyer("fresh"), a_buyer("style")
    first, _photo = shown_in_a_case(here, goods(3))
    second, _photo = shown_in_a_case(here, goods(3).resize((400, 300)))
    other, _photo = shown_in_a_case(there, ImageOps.mirror(goods(3)))
    while look_at_evidence(now=clock.now()):
        pass
    return first, second, other


def checks_of(row, tell) -> list[tuple[str, str, str]]:
    with translation.override("en"):
        kept = list(Evidence.objects.filter(case_ref=row.return_no))
        return [(check.state, str(check.text), check.quiet) for check in photo_checks(kept, row, tell=tell)]


def test_each_is_told_what_is_theirs(cases):
    first, second, other = cases
    found = [quiet for state, _text, quiet in checks_of(first, tell_the_platform) if state == "found"]
    assert found == [f"{second.return_no} at fresh 店", f"{other.return_no} at style 店"]
    found = [quiet for state, _text, quiet in checks_of(first, tell_the_shop(first.merchant)) if state == "found"]
    assert found == [second.return_no, "a request at another shop"]


def test_the_pages_say_so_and_a_shops_page_names_no_case_of_another_shop(client, cases):
    first, second, other = cases
    client.force_login(samples.member(first.merchant, "owner", language="en"))
    page = client.get(reverse("merchant:case", args=[first.merchant.code, first.return_no])).text
    assert "Photo 1 also stands in another request:" in page and "a request at another shop" in page
    assert second.return_no in page and other.return_no not in page and "style 店" not in page
    ReturnRequest.objects.filter(pk=first.pk).update(waits_for="support")
    page = signed_in(staff("support", "sam")).get(page_of(first)).text
    assert "Photo 1 also stands in another request:" in page and f'{page_of(other)}">{other.return_no}' in page


def test_the_customer_reads_nothing_of_it(client, cases):
    _first, _second, other = cases
    client.force_login(other.order.customer.user)
    page = client.get(reverse("aftersales:case", args=[other.return_no]), headers={"accept-language": "en"}).text
    assert other.return_no in page
    assert "another request" not in page and "camera" not in page


@pytest.mark.parametrize(
    ("looked", "told"),
    [
        ({"next_try_at": clock.now()}, "Is being compared with other requests"),
        ({"next_try_at": None, "last_error": "damaged"}, "Could not be compared with other requests"),
        ({"next_try_at": None, "looked_at": clock.now()}, "In no other request"),
    ],
)
def test_a_photo_that_nobody_compared_is_not_called_unused(looked, told):
    row, photo = shown_in_a_case(a_buyer(), goods(3))
    Evidence.objects.filter(pk=photo.pk).update(**looked)
    assert told in [text for _state, text, _quiet in checks_of(row, tell_the_platform)]
