"""Filing in the browser, without script: what is asked, what is shown before, what is kept, and filed once."""

import pytest
from django.urls import reverse

from aftersales.evidence.models import Evidence
from aftersales.returns.models import ReturnRequest
from aftersales.tests.returns.buyers import a_buyer, photo
from aftersales.tests.returns.test_pages_orders import on_its_way, signed_days_ago

pytestmark = pytest.mark.django_db


def address(order) -> str:
    return reverse("aftersales:file", args=[order.pk])


def answers(page, **more) -> dict:
    """What a browser would send back from a page of the form, as far as it was answered."""
    form, found = page.context["form"], {"token": "t-1", "shown": page.context["shown"]}
    found["line"] = [item.key for item in form.picked]
    for item in form.picked:
        found[f"qty_{item.key}"] = form.quantity_of(item)
        found[f"reason_{item.key}"] = form.reason_of(item)
    if form.offer:
        found["outcome"] = form.offer.value
    if form.goods_come_back:
        found["send_back"] = form.send_back
    if form.send_back == "pickup":
        found["slot"] = form["slot"].field.choices[0][0]
    found["evidence"] = [kept.public_id for kept in page.context["photos"].kept]
    return found | more


def test_an_unsent_order_shows_the_sum_at_once_and_is_cancelled_with_one_button():
    buyer = a_buyer()
    order = buyer.order(signed=False)
    page = buyer.client.get(address(order))
    assert page.context["dock"].amount == 3333
    assert "photo" not in page.content.decode().split("<main")[1].split("</main")[0]
    filed = buyer.client.post(address(order), answers(page, step="file"))
    row = ReturnRequest.objects.get()
    assert filed.headers["Location"] == reverse("aftersales:case", args=[row.return_no])
    assert (row.state, row.kind, row.bill.refund) == ("approved", "refund_only", 3333)


def test_a_signed_order_asks_why_first_and_shows_the_exact_bill():
    buyer = a_buyer()
    order = buyer.order()
    first = buyer.client.get(address(order))
    assert first.context.get("judged") is None
    key = first.context["form"].picked[0].key
    page = buyer.client.post(address(order), answers(first) | {f"reason_{key}": "NR.NO_LONGER_WANT"})
    assert page.context["dock"].amount == 3333
    assert [outcome.amount for outcome in page.context["outcomes"]] == [3333, 3399, None]
    assert page.context["verdict"].tone == "good"
    assert buyer.client.post(address(order), answers(page, step="file")).status_code == 302
    assert ReturnRequest.objects.get().state == "approved"


def test_without_a_reason_the_summary_comes_first_and_links_to_the_field():
    buyer = a_buyer()
    order = buyer.order()
    page = buyer.client.post(address(order), answers(buyer.client.get(address(order)), step="file"))
    key = page.context["form"].picked[0].key
    assert page.status_code == 422
    assert f'href="#id_reason_{key}"' in page.content.decode()
    assert "Choose a reason" in page.content.decode()


def test_nobody_confirms_a_sum_they_have_not_seen():
    buyer = a_buyer()
    order = buyer.order()
    key = buyer.client.get(address(order)).context["form"].picked[0].key
    seen = buyer.client.get(address(order), {f"reason_{key}": "NR.NO_LONGER_WANT"})
    changed = answers(seen, step="file") | {f"qty_{key}": 2}
    page = buyer.client.post(address(order), changed)
    assert page.status_code == 422
    assert page.context["dock"].amount == 6666
    assert not ReturnRequest.objects.exists()
    assert buyer.client.post(address(order), answers(page, step="file")).status_code == 302


def test_the_same_form_sent_twice_is_one_request():
    buyer = a_buyer()
    order = buyer.order(signed=False)
    sent = answers(buyer.client.get(address(order)), step="file")
    places = {buyer.client.post(address(order), sent).headers["Location"] for _time in range(2)}
    assert len(places) == 1
    assert ReturnRequest.objects.count() == 1


def test_the_same_units_from_another_tab_lead_to_the_request_there_is():
    buyer = a_buyer()
    order = buyer.order(signed=False, quantity=1, discount=0)
    sent = answers(buyer.client.get(address(order)), step="file")
    first = buyer.client.post(address(order), sent)
    second = buyer.client.post(address(order), sent | {"token": "t-2"})
    assert second.headers["Location"] == first.headers["Location"]
    assert ReturnRequest.objects.count() == 1


def test_photos_are_kept_when_something_else_is_wrong():
    buyer = a_buyer()
    order = buyer.order()
    sent = answers(buyer.client.get(address(order)), step="file", photo=photo())
    page = buyer.client.post(address(order), sent)
    assert page.status_code == 422
    kept = Evidence.objects.get()
    key = page.context["form"].picked[0].key
    again = answers(page) | {f"reason_{key}": "QL.DEFECT"}
    page = buyer.client.post(address(order), again)
    assert str(kept.public_id) in page.content.decode()
    assert buyer.client.post(address(order), answers(page, step="file", note="袖口")).status_code == 302
    row = ReturnRequest.objects.get()
    assert Evidence.objects.get().case_ref == row.return_no
    assert row.note == "袖口"


def test_a_file_that_is_no_photo_is_told_and_the_others_stay():
    buyer = a_buyer()
    order = buyer.order()
    bad = photo("bad.jpg")
    bad.file.seek(0)
    bad.file.write(b"hello hello hello")
    bad.file.seek(0)
    page = buyer.client.post(address(order), answers(buyer.client.get(address(order)), photo=[photo(), bad]))
    assert len(page.context["photos"].kept) == 1
    assert page.context["photos"].wrong[0].startswith("bad.jpg: ")
    assert "#id_photo" in page.content.decode()


def test_a_photo_can_be_left_out_again():
    buyer = a_buyer()
    order = buyer.order()
    page = buyer.client.post(address(order), answers(buyer.client.get(address(order)), photo=photo()))
    kept = page.context["photos"].kept[0]
    page = buyer.client.post(address(order), answers(page, drop=str(kept.public_id)))
    assert page.context["photos"].kept == []


def test_somebody_elses_photo_is_not_taken():
    buyer, other = a_buyer(), a_buyer("other")
    theirs = other.order()
    other.client.post(address(theirs), answers(other.client.get(address(theirs)), photo=photo()))
    stolen = Evidence.objects.get().public_id
    order = buyer.order()
    page = buyer.client.post(address(order), answers(buyer.client.get(address(order))) | {"evidence": [stolen, "x"]})
    assert page.context["photos"].kept == []


def test_a_refusal_is_shown_before_it_is_filed_all_the_same():
    buyer = a_buyer()
    order = buyer.order(**signed_days_ago(40))
    key = buyer.client.get(address(order)).context["form"].picked[0].key
    page = buyer.client.get(address(order), {f"reason_{key}": "QL.DEFECT"})
    assert page.context["dock"].label == "File it all the same"
    unseen = buyer.client.post(address(order), answers(page, step="file", shown="3333"))
    assert unseen.status_code == 422
    assert buyer.client.post(address(order), answers(unseen, step="file")).status_code == 302
    assert ReturnRequest.objects.get().state == "rejected"


def test_after_its_time_no_reason_is_not_offered():
    buyer = a_buyer()
    order = buyer.order(**signed_days_ago(10))
    offered = buyer.client.get(address(order)).context["form"].picked[0].reasons
    assert not [code for code in offered if code.startswith("NR.")]
    assert "QL.DEFECT" in offered


def test_what_is_on_its_way_is_asked_about_its_delivery():
    buyer = a_buyer()
    order = buyer.order(**on_its_way())
    page = buyer.client.get(address(order))
    assert {code.split(".")[0] for code in page.context["form"].picked[0].reasons} == {"LG"}
    assert "What is wrong with the delivery?" in page.content.decode()


def several_lines() -> dict:
    line = {"category": "packaged_food", "quantity": 2, "unit_price": 3000}
    lines = [line | {"line_no": number, "sku": f"S-{number}", "title": f"Nuts {number}"} for number in ("1", "2")]
    items = [{"line_no": number, "quantity": 2} for number in ("1", "2")]
    parcel = signed_days_ago(1)["parcels"][0] | {"items": items}
    return {"unit_price": 3000, "quantity": 4, "discount": 0, "lines": lines, "parcels": [parcel]}


def test_several_items_have_their_own_quantity_and_reason():
    buyer = a_buyer()
    order = buyer.order(**several_lines())
    first = buyer.client.get(address(order))
    assert first.context["form"].picked == []
    one, two = (entry.item.key for entry in first.context["goods"])
    sent = {
        "token": "t-1", "line": [one, two], f"qty_{one}": 2, f"qty_{two}": 1,
        f"reason_{one}": "NR.NO_LONGER_WANT", f"reason_{two}": "QL.DEFECT",
    }  # fmt: skip
    page = buyer.client.post(address(order), sent)
    assert page.context["dock"].amount == 9000
    assert buyer.client.post(address(order), answers(page, step="file")).status_code == 302
    lines = ReturnRequest.objects.get().lines.order_by("order_line__line_no")
    assert [(line.quantity, line.reason) for line in lines] == [(2, "NR.NO_LONGER_WANT"), (1, "QL.DEFECT")]


def test_reasons_without_a_common_outcome_are_told_apart():
    buyer = a_buyer()
    order = buyer.order(**several_lines())
    one, two = (entry.item.key for entry in buyer.client.get(address(order)).context["goods"])
    sent = {"line": [one, two], f"reason_{one}": "NR.NO_LONGER_WANT", f"reason_{two}": "FU.MISSING", "token": "t-1"}
    page = buyer.client.post(address(order), sent)
    assert "These reasons need a request each" in page.content.decode()


def test_sent_and_unsent_units_are_asked_for_separately():
    buyer = a_buyer()
    parcel = signed_days_ago(1)["parcels"][0] | {"items": [{"line_no": "1", "quantity": 2}]}
    order = buyer.order(parcels=[parcel])
    entries = buyer.client.get(address(order)).context["goods"]
    assert [(entry.item.flow, entry.item.free) for entry in entries] == [("signed", 2), ("unshipped", 1)]
    page = buyer.client.post(address(order), {"token": "t-1", "line": [entry.item.key for entry in entries]})
    assert [item.flow for item in page.context["form"].picked] == ["signed"]
    assert [item.flow for item in page.context["left_out"]] == ["unshipped"]


def test_a_pickup_time_that_is_gone_is_told_and_others_are_offered():
    buyer = a_buyer()
    order = buyer.order()
    key = buyer.client.get(address(order)).context["form"].picked[0].key
    page = buyer.client.get(address(order), {f"reason_{key}": "NR.NO_LONGER_WANT"})
    page = buyer.client.post(address(order), answers(page, step="file", slot="20200101T0100"))
    assert page.status_code == 422
    assert "This pickup time is gone" in page.content.decode()


@pytest.mark.parametrize(
    "broken",
    [{"qty": "²"}, {"qty": "1e9"}, {"qty": "9" * 40}, {"outcome": "x"}, {"send_back": "drone"}, {"token": "x" * 99}],
)
def test_answers_no_page_offers_are_refused_with_a_sentence(broken):
    buyer = a_buyer()
    order = buyer.order()
    key = buyer.client.get(address(order)).context["form"].picked[0].key
    page = buyer.client.get(address(order), {f"reason_{key}": "NR.NO_LONGER_WANT"})
    name, value = next(iter(broken.items()))
    sent = answers(page, step="file") | {f"qty_{key}" if name == "qty" else name: value}
    assert buyer.client.post(address(order), sent).status_code == 422
    assert not ReturnRequest.objects.exists()


def test_a_field_sent_twice_is_not_read():
    buyer = a_buyer()
    order = buyer.order()
    sent = answers(buyer.client.get(address(order)), send_back=["pickup", "self_ship"])
    assert buyer.client.post(address(order), sent).status_code == 400


def test_a_stranger_files_nothing():
    buyer, stranger = a_buyer(), a_buyer("other")
    order = buyer.order()
    sent = answers(buyer.client.get(address(order)), step="file")
    assert stranger.client.get(address(order)).status_code == 404
    assert stranger.client.post(address(order), sent).status_code == 404


def test_an_unpaid_order_has_nothing_to_return():
    buyer = a_buyer()
    order = buyer.order(signed=False, state="placed", payments=[])
    assert buyer.client.get(address(order)).status_code == 409


def test_the_page_reads_in_chinese_too():
    buyer = a_buyer(language="zh-hans")
    page = buyer.client.get(address(buyer.order()))
    assert 'lang="zh-Hans"' in page.content.decode()
    assert page.status_code == 200
