"""The courier's label on the shop's pages: for who ships, of the shop's own parcels."""

import pytest
from django.urls import reverse

from aftersales.returns.services.following import follow_due_cases
from aftersales.returns.services.wishes import WishLine
from aftersales.tests.shop_cases import open_cases
from logistics.couriers.sf.simulator import SFExpress
from logistics.parcels import services
from logistics.parcels.models import Parcel
from returns_platform.kernel import clock
from returns_platform.kernel.stand_in import serve

pytestmark = pytest.mark.django_db


@pytest.fixture
def sf(tmp_path, settings):
    settings.DEMO, settings.DATA_DIR, settings.COURIERS = True, tmp_path, ["sf"]
    settings.SITE_URL = "http://127.0.0.1:9"
    with serve(SFExpress(tmp_path)) as served:
        settings.SF_BASE_URL = served.url
        yield served


@pytest.fixture
def parcel(sf):
    cases = open_cases()
    row = cases.filed(WishLine("1", 1, "NR.NO_LONGER_WANT"), send_back="pickup")
    follow_due_cases(now=clock.now())
    services.book_due_parcels(clock.now())
    found = Parcel.objects.get(leg=row.return_no)
    found.cases = cases
    return found


def address(parcel, code="shop"):
    return reverse("merchant:label", args=[code, parcel.reference])


def test_who_ships_prints_it_from_the_case(parcel, client):
    client.force_login(parcel.cases.member("warehouse"))
    case = client.get(reverse("merchant:case", args=["shop", parcel.leg])).content.decode()
    assert address(parcel) in case
    answer = client.get(address(parcel))
    assert (answer["Content-Type"], answer.content[:5]) == ("application/pdf", b"%PDF-")


def test_nobody_else_and_no_other_shop(parcel, client):
    client.force_login(parcel.cases.member("viewer"))
    assert client.get(address(parcel)).status_code == 403
    assert address(parcel) not in client.get(reverse("merchant:case", args=["shop", parcel.leg])).content.decode()
    other = open_cases("other").member("owner")
    client.force_login(other)
    assert client.get(address(parcel)).status_code in (403, 404)
    assert client.get(address(parcel, code="other")).status_code == 404


def test_a_silent_courier_is_told_and_the_case_is_shown_again(parcel, client, settings):
    settings.SF_BASE_URL = "http://127.0.0.1:9"
    client.force_login(parcel.cases.member("owner"))
    answer = client.get(address(parcel), follow=True)
    assert answer.status_code == 200
    assert "gives no label" in answer.content.decode() or "暂时" in answer.content.decode()


def test_a_parcel_without_a_van_has_none(parcel, client):
    Parcel.objects.filter(pk=parcel.pk).update(waybill="")
    client.force_login(parcel.cases.member("owner"))
    assert client.get(address(parcel)).status_code == 302
