"""Bringing goods to a point: chosen when filing, the code and the slip, the shop's own list of points."""

from datetime import time
from io import BytesIO

import pypdfium2
import pytest
import zxingcpp
from django.urls import reverse
from django.utils import translation
from PIL import Image, ImageDraw

from aftersales.returns import slips
from aftersales.returns.models import ReturnRequest
from aftersales.returns.services.following import follow_due_cases
from aftersales.returns.services.wishes import WishLine
from aftersales.tests.returns.buyers import a_buyer
from aftersales.tests.shop_cases import open_cases
from logistics.points.models import Point
from logistics.points.services import keep_point
from returns_platform.kernel import clock, codes

pytestmark = pytest.mark.django_db

PLACE = {"province": "上海市", "city": "上海市", "district": "浦东新区", "street": "世纪大道 1 号"}


def a_point(merchant, name="世纪大道店", **said) -> Point:
    known = {**PLACE, "opens": time(9), "closes": time(21), "capacity": 50}
    return keep_point(None, merchant=merchant, name=name, **known | said)


def answers(order, **more) -> dict:
    line = order.lines.get()
    return {"line": line.pk, f"qty_{line.pk}": "1", f"reason_{line.pk}": "NR.NO_LONGER_WANT", **more}


def brought(buyer) -> ReturnRequest:
    row = buyer.filed(send_back="drop_off")
    follow_due_cases(now=clock.now())
    return ReturnRequest.objects.get(pk=row.pk)


# --- filing -----------------------------------------------------------------------------------------------


def test_a_shop_with_points_offers_them_with_the_nearest_named(client):
    buyer = a_buyer()
    order = buyer.order()
    page = reverse("aftersales:file", args=[order.pk])
    assert "drop_off" not in buyer.client.get(page, answers(order)).content.decode()
    a_point(buyer.shop.merchant)
    shown = buyer.client.get(page, answers(order, send_back="drop_off")).content.decode()
    assert "世纪大道店" in shown
    assert "no courier is paid for it" in shown


def test_filing_it_so(client):
    buyer = a_buyer()
    a_point(buyer.shop.merchant)
    order = buyer.order()
    page = reverse("aftersales:file", args=[order.pk])
    sent = answers(order, send_back="drop_off", outcome="return_refund:original")
    seen = buyer.client.post(page, sent)
    sent |= {"outcome": seen.context["form"].offer.value, "shown": seen.context["shown"], "step": "file",
             "token": "t-1"}  # fmt: skip
    assert buyer.client.post(page, sent).status_code == 302
    row = ReturnRequest.objects.get(order=order)
    assert (row.send_back, row.bill.freight_return_amount) == ("drop_off", 0)


def test_a_point_that_was_switched_off_meanwhile_is_told_and_nothing_is_filed(client):
    buyer = a_buyer()
    order = buyer.order()
    page = reverse("aftersales:file", args=[order.pk])
    seen = buyer.client.post(page, answers(order))
    sent = answers(order, send_back="drop_off", outcome=seen.context["form"].offer.value, step="file", token="t-1",
                   shown=seen.context["shown"])  # fmt: skip
    assert buyer.client.post(page, sent).status_code == 422
    assert not ReturnRequest.objects.exists()


# --- the code and the points near ---------------------------------------------------------------------------


def test_the_page_with_the_code_names_the_nearest_point_first():
    buyer = a_buyer()
    a_point(buyer.shop.merchant, name="远", latitude=39.9, longitude=116.4)
    a_point(buyer.shop.merchant, name="近")
    row = brought(buyer)
    page = reverse("aftersales:points", args=[row.return_no])
    assert [point.name for point in buyer.client.get(page).context["points"]] == ["近", "远"]
    here = buyer.client.get(page, {"lat": "39.91", "lon": "116.41"})
    assert [point.name for point in here.context["points"]] == ["远", "近"]
    assert here.context["own_place"]


@pytest.mark.parametrize("lat", ["", "x", "nan", "inf", "91", "1e309", "1" * 500, "٣١"])
def test_a_place_that_cannot_be_is_as_if_nothing_was_said(lat):
    buyer = a_buyer()
    a_point(buyer.shop.merchant)
    row = brought(buyer)
    response = buyer.client.get(reverse("aftersales:points", args=[row.return_no]), {"lat": lat, "lon": "121"})
    assert (response.status_code, len(response.context["points"])) == (200, 1)


def test_a_point_that_is_full_today_says_so():
    buyer = a_buyer()
    point = a_point(buyer.shop.merchant, capacity=1)
    row = brought(buyer)
    row.merchant.parcels.update(point=point, collected_at=clock.now())
    seen = buyer.client.get(reverse("aftersales:points", args=[row.return_no]))
    assert seen.context["points"][0].full


@pytest.mark.parametrize("page", ["points", "slip", "slip_pdf"])
def test_strangers_find_nothing(page):
    row, other = brought(a_buyer()), a_buyer("other")
    assert other.client.get(reverse(f"aftersales:{page}", args=[row.return_no])).status_code == 404


# --- the slip -----------------------------------------------------------------------------------------------


def drawn(text: str) -> Image.Image:
    fields = codes.modules(text)
    side = (len(fields) + 2 * codes.QUIET) * 4
    image = Image.new("L", (side, side), 255)
    pen = ImageDraw.Draw(image)
    for row, column, width in codes.runs(text):
        left, top = (column + codes.QUIET) * 4, (row + codes.QUIET) * 4
        pen.rectangle([left, top, left + width * 4 - 1, top + 3], fill=0)
    return image


@pytest.mark.parametrize("text", ["RT26113000011543", "RT26113000011543-1", "RT26113000011543-200"])
def test_codes_are_read_back_by_a_scanner(text):
    assert [found.text for found in zxingcpp.read_barcodes(drawn(text))] == [text]


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_every_code_on_the_printed_slip_is_read_back_by_a_scanner(language):
    """Drawn as a printer would at 200 dots to the inch: the request's code once, and each unit's on its label."""
    cases = open_cases()
    bought = cases.order(quantity=23, unit_price=1000, discount=0)
    row = cases.filed(WishLine("1", 23, "NR.NO_LONGER_WANT"), order=bought)
    with translation.override(language):
        printed = slips.as_pdf(slips.slip_of(row, now=clock.now()))
    read = []
    for page in pypdfium2.PdfDocument(printed):
        drawn_page = page.render(scale=200 / 72).to_pil()
        read += [found.text for found in zxingcpp.read_barcodes(drawn_page)]
    assert sorted(read) == sorted([row.return_no, *(f"{row.return_no}-{nth}" for nth in range(1, 24))])


def test_the_slip_has_a_code_for_the_request_and_for_each_unit():
    buyer = a_buyer()
    row = buyer.filed(send_back="self_ship")
    shown = buyer.client.get(reverse("aftersales:slip", args=[row.return_no]))
    assert [unit.code for unit in shown.context["slip"].units] == [f"{row.return_no}-1"]
    assert shown.content.decode().count('class="code"') == 2
    pdf = buyer.client.get(reverse("aftersales:slip_pdf", args=[row.return_no]))
    assert pdf["Content-Type"] == "application/pdf"
    assert BytesIO(pdf.content).read(5) == b"%PDF-"


# --- the shop's list ----------------------------------------------------------------------------------------


def form(**changes) -> dict:
    return {
        "name": "湖滨店",
        **PLACE,
        "opens": "09:00",
        "closes": "21:00",
        "capacity": "40",
        "is_active": "on",
    } | changes


def test_an_owner_adds_a_point_and_changes_it(client):
    cases = open_cases()
    client.force_login(cases.member("owner"))
    page = reverse("merchant:points", args=["shop"])
    assert client.post(page, form(closed_on=["7"])).status_code == 302
    point = Point.objects.get(merchant=cases.merchant)
    assert (point.closed_on, round(point.latitude, 2)) == ([7], 31.22)  # the centre of its district
    one = reverse("merchant:point", args=["shop", point.pk])
    assert client.get(one).context["form"].initial["closed_on"] == [7]
    changed = form(name="西湖店", latitude="30.25", longitude="120.16", is_active="")
    assert client.post(one, changed).status_code == 302
    point.refresh_from_db()
    assert (point.name, point.latitude, point.is_active, point.closed_on) == ("西湖店", 30.25, False, [])


@pytest.mark.parametrize(
    "wrong",
    [
        {"closes": "09:00"}, {"opens": "25:00"}, {"latitude": "91", "longitude": "1"},
        {"latitude": "nan", "longitude": "1"}, {"capacity": "0"}, {"capacity": "1" * 30},
        {"closed_on": ["8"]}, {"name": ""}, {"name": "x" * 101},
        {"province": "Bavaria", "district": "", "city": "x"}, {"street": "\u200b"},
    ],
)  # fmt: skip
def test_what_cannot_be_is_told_and_kept_in_the_form(client, wrong):
    cases = open_cases()
    client.force_login(cases.member("owner"))
    response = client.post(reverse("merchant:points", args=["shop"]), form(**wrong))
    assert response.status_code == 422
    assert "世纪大道 1 号" in response.content.decode() or "street" in wrong
    assert not Point.objects.exists()


def test_two_points_of_a_shop_have_two_names_and_another_shops_is_not_there(client):
    cases, others = open_cases(), open_cases("other")
    a_point(cases.merchant, name="湖滨店")
    theirs = a_point(others.merchant, name="湖滨店")
    client.force_login(cases.member("owner"))
    assert client.post(reverse("merchant:points", args=["shop"]), form()).status_code == 422
    assert client.get(reverse("merchant:point", args=["shop", theirs.pk])).status_code == 404
    assert client.post(reverse("merchant:point", args=["other", theirs.pk]), form()).status_code == 404
