"""Goods of a high price need a video of the unboxing (S114, T125): what is asked, what does not do, what does."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from aftersales.returns.models import ReturnRequest
from aftersales.tests.credit.test_filing import order_of
from aftersales.tests.returns.buyers import a_buyer, photo
from aftersales.tests.returns.test_pages_filing import address, answers
from returns_platform.tests.journeys.test_upload_pages import mp4

pytestmark = pytest.mark.django_db


def video() -> SimpleUploadedFile:
    return SimpleUploadedFile("unboxing.mp4", mp4(), content_type="video/mp4")


def filed(buyer, price: int, reason: str = "QL.DEFECT", *, photos=()) -> ReturnRequest:
    order = buyer.order(**order_of(price))
    first = buyer.client.get(address(order))
    key = first.context["form"].picked[0].key
    chosen = {f"reason_{key}": reason, f"qty_{key}": "1", "photo": list(photos)}
    page = buyer.client.post(address(order), answers(first) | chosen)
    done = buyer.client.post(address(order), answers(page, step="file"))
    assert done.status_code == 302, done.content.decode()
    return ReturnRequest.objects.get(order=order)


def case(buyer, row) -> str:
    return buyer.client.get(reverse("aftersales:case", args=[row.return_no])).content.decode()


def add(buyer, row, *files, text=""):
    return buyer.client.post(
        reverse("aftersales:add", args=[row.return_no]), {"photo": list(files), "text": text}
    )  # fmt: skip


@pytest.mark.parametrize(("price", "state"), [(50_000, "approved"), (50_001, "needs_evidence")])
def test_the_price_of_one_unit_decides_to_the_fen(price, state):
    assert filed(a_buyer(), price).state == state


def test_the_form_and_the_case_say_what_to_add():
    buyer = a_buyer()
    order = buyer.order(**order_of(60_000))
    first = buyer.client.get(address(order))
    key = first.context["form"].picked[0].key
    page = buyer.client.post(address(order), answers(first) | {f"reason_{key}": "QL.DEFECT"})
    assert "unboxing" in page.content.decode()
    row = filed(buyer, 60_000)
    shown = case(buyer, row)
    assert "video of the unboxing" in shown and "Add what is missing" in shown


def test_photos_and_words_do_not_do_and_it_stays_where_it_is():
    buyer = a_buyer()
    row = filed(buyer, 60_000, photos=[photo()])
    assert row.state == "needs_evidence"
    assert add(buyer, row, photo("more.jpg"), text="Here is a photo.").status_code == 302
    row.refresh_from_db(fields=["outcome", "waits_for"])
    assert (ReturnRequest.objects.get().state, row.waits_for) == ("needs_evidence", "customer")
    assert "video of the unboxing" in case(buyer, row)


def test_with_the_video_a_person_looks_at_what_is_above_the_limit():
    buyer = a_buyer()
    row = filed(buyer, 60_000)
    assert add(buyer, row, video()).status_code == 302
    row = ReturnRequest.objects.get()
    assert (row.state, row.waits_for, row.outcome) == ("in_review", "merchant", "review")


def test_goods_that_come_back_without_a_reason_need_no_video():
    assert filed(a_buyer(), 60_000, "NR.NO_LONGER_WANT").state == "approved"
