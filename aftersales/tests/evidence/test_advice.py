"""A photo that is hard to judge gets advice, from the server as from the browser, and is taken all the same."""

import pytest
from django.urls import reverse
from PIL import Image, ImageEnhance, ImageFilter

from aftersales.evidence.advice import WORDS, advice
from aftersales.returns.models import ReturnRequest
from aftersales.tests.evidence.pictures import a_file, goods, kept
from aftersales.tests.returns.buyers import a_buyer
from aftersales.tests.returns.test_pages_filing import address, answers

pytestmark = pytest.mark.django_db

PHOTOS = {
    "": lambda: goods(3),
    "tiny": lambda: goods(3).resize((320, 240)),
    "dark": lambda: ImageEnhance.Brightness(goods(3)).enhance(0.15),
    "blurred": lambda: goods(3).filter(ImageFilter.GaussianBlur(4)),
}


@pytest.mark.parametrize("code", PHOTOS)
def test_the_server_tells_what_is_hard_to_judge(code):
    photo = kept(a_buyer(), a_file(PHOTOS[code]()))
    assert advice(photo.facts) == code
    assert photo.advice == WORDS.get(code, "")


@pytest.mark.parametrize("size", [(1, 1), (2, 900), (900, 2), (3, 3)])
def test_pictures_of_any_shape_are_measured(size):
    assert advice(kept(a_buyer(), a_file(Image.new("RGB", size, "white"))).facts) == "tiny"


def test_photos_from_before_it_was_measured_get_none():
    assert advice({}) == advice({"pixels": [1, 1]}) == ""


def test_the_page_gives_the_advice_and_takes_the_photo():
    buyer = a_buyer()
    order = buyer.order()
    page = buyer.client.get(address(order))
    sent = answers(page, photo=[a_file(PHOTOS["blurred"]())])
    sent |= {name: "QL.EXPIRED" for name in sent if name.startswith("reason_")}
    page = buyer.client.post(address(order), sent)
    assert f'<span class="late" role="status">{WORDS["blurred"]}</span>' in page.text
    assert len(page.context["photos"].kept) == 1 and not page.context["photos"].wrong


def test_a_checklist_stands_beside_the_photos_for_what_was_asked_or_the_reason():
    buyer = a_buyer()
    row = buyer.filed(reason="QL.EXPIRED")
    ReturnRequest.objects.filter(pk=row.pk).update(state="needs_evidence", next_try_at=None)
    where = reverse("aftersales:add", args=[row.return_no])
    assert {"A close-up of the problem", "A photo of the waybill"} <= set(buyer.client.get(where).context["asks"])
    ReturnRequest.objects.filter(pk=row.pk).update(asked_classes=["EV"])
    page = buyer.client.get(where)
    assert page.context["asks"] == ["An uncut video of the unboxing, with the waybill in the picture"]
    assert page.context["asks"][0] in page.text
