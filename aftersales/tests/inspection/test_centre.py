"""A return centre: whose goods go there, who sees them, what it may do, and what it earns."""

import threading

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connections
from django.test import Client
from django.urls import reverse

from aftersales.evidence.services import keep_upload
from aftersales.inspection.models import Count, Inspection
from aftersales.inspection.services import Arrived, Graded, count_box, count_goods, inspect_goods
from aftersales.returns import slips
from aftersales.returns.models import ReturnRequest
from aftersales.returns.queries import parcel_of
from aftersales.returns.services.boxes import add_box
from aftersales.returns.services.decisions import approve_return
from aftersales.returns.services.evidence import add_evidence
from aftersales.returns.services.following import follow_due_cases
from aftersales.returns.services.goods import enter_waybill, hand_in
from aftersales.tests.inspection.test_labels import books
from aftersales.tests.returns.buyers import photo
from aftersales.tests.shop_cases import BUYER, ShopCases, open_cases
from logistics.points.models import Point
from orders.centres.models import Joining
from orders.centres.services import leave_centre, remove_from_centre
from orders.merchants.models import Merchant
from orders.tests.centres import OWNER, join, open_centre, person_in
from refunds.ledger.models import LedgerEntry
from returns_platform.kernel import clock
from returns_platform.kernel.actors import Actor
from returns_platform.kernel.errors import Conflict, NotThere

pytestmark = pytest.mark.django_db


@pytest.fixture
def cases():
    return open_cases()


@pytest.fixture
def centre():
    return open_centre()


def joined(cases: ShopCases, centre) -> ShopCases:
    join(cases.merchant, centre)
    cases.merchant.refresh_from_db()
    return cases


def on_its_way(cases: ShopCases, quantity: int = 1, **changes) -> ReturnRequest:
    row = cases.approved(quantity, **changes)
    follow_due_cases(now=clock.now())
    return ReturnRequest.objects.get(pk=row.pk)


def actor(user) -> Actor:
    return Actor("centre", str(user.pk), "王五 of 东区退货中心")


def bench(centre, **query) -> str:
    return reverse("centre:bench", args=[centre.code], query=query)


def earned(account: str = "centre:east") -> list[int]:
    return list(LedgerEntry.objects.filter(account=account).order_by("pk").values_list("amount", flat=True))


def signed_in(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


# --- where goods go ---------------------------------------------------------------------------------------


def test_new_returns_go_to_the_centre_and_those_under_way_keep_their_address(cases, centre):
    before = on_its_way(cases)
    undecided = cases.in_review()
    joined(cases, centre)
    after = on_its_way(cases)
    approve_return(undecided.pk, by=Actor("merchant", "0", "店主"), now=clock.now())
    follow_due_cases(now=clock.now())
    streets = [parcel_of(row).receiver["street"] for row in (before, after, undecided)]
    assert streets == ["张江路 1 号", "中心路 9 号", "中心路 9 号"]
    leave_centre(cases.merchant.pk, by=OWNER, now=clock.now())
    assert parcel_of(on_its_way(cases)).receiver["street"] == "张江路 1 号"
    still = ReturnRequest.objects.get(pk=after.pk)
    assert still.goes_to == centre
    goes_to = dict(slips.slip_of(still, now=clock.now()).facts)
    assert any("中心路 9 号" in line for lines in goes_to.values() for line in lines)
    assert books() == []


def test_the_customer_reads_the_centres_address_and_the_shop_where_its_goods_are(client, cases, centre):
    row = on_its_way(joined(cases, centre))
    client.force_login(cases.member("owner"))
    page = client.get(reverse("merchant:case", args=["shop", row.return_no])).content.decode()
    assert "东区退货中心" in page or "East Return Centre" in page
    on_bench = client.get(reverse("merchant:bench", args=["shop"], query={"code": row.return_no}))
    assert on_bench.context["row"] == row
    assert row.return_no not in client.get(reverse("merchant:bench", args=["shop"])).content.decode()


def test_what_is_to_be_mended_comes_to_the_shop_itself(cases, centre):
    joined(cases, centre)
    row = ReturnRequest(merchant=cases.merchant, kind="repair", send_back="self_ship")
    from aftersales.returns.services.steps import send_to_centre

    send_to_centre(row)
    assert row.joining_id is None


def test_goods_that_are_brought_to_a_store_of_the_shop_are_the_shops_to_count(cases, centre):
    row = on_its_way(joined(cases, centre))
    place = {"province": "上海市", "city": "上海市", "street": "店", "latitude": 31, "longitude": 121}
    point = Point.objects.create(
        merchant=cases.merchant, name="店", opens="09:00", closes="21:00", capacity=9, **place
    )
    hand_in(row.pk, point, by=OWNER, now=clock.now())
    inspector = person_in(centre, "inspector")
    assert signed_in(inspector).get(bench(centre, code=row.return_no)).context["row"] is None
    with pytest.raises(NotThere):
        count_goods(row.pk, [Arrived("1", 1)], by=actor(inspector), now=clock.now())


# --- whose bench it is ------------------------------------------------------------------------------------


def test_its_people_see_the_parcels_of_all_shops_that_joined_and_nobody_elses(cases, centre):
    other, stranger = joined(open_cases("other"), centre), open_cases("third")
    own_way = on_its_way(cases)
    mine, theirs, foreign = on_its_way(joined(cases, centre)), on_its_way(other), on_its_way(stranger)
    enter_waybill(mine.pk, courier="sf", waybill="SF1234567890777", by=BUYER, now=clock.now())
    client = signed_in(person_in(centre, "inspector"))
    for code, row in {
        mine.return_no: mine, f"{theirs.return_no}-1": theirs, "sf1234567890777": mine,
        theirs.order.order_no: theirs, own_way.return_no: None, foreign.return_no: None,
        foreign.order.order_no: None,
    }.items():  # fmt: skip
        assert client.get(bench(centre, code=code)).context["row"] == row, code
    for hidden in (own_way, foreign):
        form = {"do": "count_all", "return_no": hidden.return_no}
        assert client.post(bench(centre), form).status_code == 404
    abroad = open_centre("west")
    assert client.get(bench(abroad)).status_code == 404
    assert signed_in(person_in(abroad, "inspector")).get(bench(abroad, code=mine.return_no)).context["row"] is None


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_the_bench_tells_nothing_about_the_customer_and_no_sum(cases, centre, language):
    row = on_its_way(joined(cases, centre))
    count_goods(row.pk, [Arrived("1", 1)], by=Actor("merchant", "0"), now=clock.now())
    client = signed_in(person_in(centre, "inspector"))
    page = client.get(bench(centre, code=row.return_no), headers={"accept-language": language}).content.decode()
    assert row.return_no in page
    for hidden in ("安小雨", "13800138000", "138****", "ann@example.com", "世纪大道", "33.33", "¥"):
        assert hidden not in page, hidden
    assert client.get(reverse("merchant:case", args=["shop", row.return_no])).status_code == 404
    assert client.get(reverse("merchant:bench", args=["shop"])).status_code == 404


def test_photos_of_its_cases_open_for_its_people_and_for_no_other_centre(cases, centre):
    row = cases.in_review()
    kept = keep_upload(photo(), merchant=cases.merchant, order=row.order, by=BUYER, now=clock.now())
    add_evidence(row.pk, evidence=(kept.public_id,), text="", by=BUYER, now=clock.now())
    joined(cases, centre)
    picture = reverse("aftersales:evidence", args=[kept.public_id])
    inspector = signed_in(person_in(centre, "inspector"))
    assert not is_shown(inspector, picture)  # not approved: its goods go nowhere yet
    approve_return(row.pk, by=Actor("merchant", "0"), now=clock.now())
    assert is_shown(inspector, picture)
    assert not is_shown(signed_in(person_in(open_centre("west"), "inspector")), picture)


def is_shown(client: Client, picture: str) -> bool:
    answer = client.get(picture)
    return bool(answer.streaming and b"".join(answer.streaming_content))


def test_a_receiver_counts_an_inspector_grades_and_a_manager_looks_on(cases, centre):
    row = on_its_way(joined(cases, centre))
    people = {role: signed_in(person_in(centre, role)) for role in ("manager", "receiver", "inspector")}
    form = {"do": "count_all", "return_no": row.return_no}
    assert people["manager"].post(bench(centre), form).status_code == 403
    assert people["receiver"].post(bench(centre), form).status_code == 302
    grade = {"do": "grade", "return_no": row.return_no, "line": row.lines.get().pk, "quantity": "1", "grade": "A"}
    assert people["receiver"].post(bench(centre), grade).status_code == 403
    assert people["inspector"].post(bench(centre), grade).status_code == 302
    assert [count.by_kind for count in Count.objects.all()] == ["centre"]
    for person in people.values():
        assert person.get(bench(centre, code=row.return_no)).status_code == 200
    assert books() == []


def test_who_was_let_go_counts_nothing_any_more_even_with_an_open_page(cases, centre):
    row = on_its_way(joined(cases, centre))
    inspector = person_in(centre, "inspector")
    remove_from_centre(inspector.centre_memberships.get(), by=person_in(centre, "manager"))
    with pytest.raises(NotThere):
        count_goods(row.pk, [Arrived("1", 1)], by=actor(inspector), now=clock.now())


def test_a_file_that_is_no_picture_is_told_and_nothing_is_graded(cases, centre):
    row = on_its_way(joined(cases, centre))
    inspector = person_in(centre, "inspector")
    count_goods(row.pk, [Arrived("1", 1)], by=actor(inspector), now=clock.now())
    bad = SimpleUploadedFile("x.jpg", b"GIF89a<script>alert(1)</script>", "image/jpeg")
    form = {"do": "grade", "return_no": row.return_no, "line": row.lines.get().pk, "quantity": "1", "grade": "C",
            "note": "scratched", "photo": bad}  # fmt: skip
    answer = signed_in(inspector).post(bench(centre), form)
    assert answer.status_code == 422
    assert "scratched" in answer.content.decode()
    assert not Inspection.objects.exists()


# --- fees -------------------------------------------------------------------------------------------------


def test_a_parcel_and_each_unit_are_charged_once_as_the_shop_agreed(cases, centre):
    row = on_its_way(joined(cases, centre), 3)
    centre.fee_parcel = centre.fee_unit = 9999  # for who joins from now on
    centre.save()
    by = actor(person_in(centre, "inspector"))
    for _again in range(2):
        count_goods(row.pk, [Arrived("1", 3)], by=by, now=clock.now())
    for _again in range(2):
        inspect_goods(row.pk, [Graded("1", 1, "A", "RESTOCK", unit=2)], by=by, now=clock.now())
        inspect_goods(row.pk, [Graded("1", 2, "A", "RESTOCK")], by=by, now=clock.now())
    assert earned() == [200, 150, 300]
    assert LedgerEntry.objects.filter(account="merchant", transaction__kind="centre_fee").count() == 3
    assert books() == []


def test_the_shops_own_count_costs_no_fee_and_the_centre_is_told_that_it_was_counted(cases, centre):
    row = on_its_way(joined(cases, centre), 3)
    by = actor(person_in(centre, "inspector"))
    count_goods(row.pk, [Arrived("1", 3)], by=Actor("merchant", "0"), now=clock.now())
    count_goods(row.pk, [Arrived("1", 3)], by=by, now=clock.now())
    with pytest.raises(Conflict):
        count_goods(row.pk, [Arrived("1", 2)], by=by, now=clock.now())
    assert earned() == []
    assert books() == []


def test_two_returns_in_one_parcel_pay_for_one_parcel(cases, centre):
    first, second = on_its_way(joined(cases, centre)), on_its_way(cases)
    for row in (first, second):
        enter_waybill(row.pk, courier="sf", waybill="SF1234567890777", by=BUYER, now=clock.now(), shared=True)
    by = actor(person_in(centre, "receiver"))
    for row in (second, first):
        count_goods(row.pk, [Arrived("1", 1)], by=by, now=clock.now())
    assert earned() == [200]
    assert books() == []


def test_a_further_box_is_another_parcel(cases, centre):
    row = on_its_way(joined(cases, centre), 3)
    enter_waybill(row.pk, courier="sf", waybill="SF1234567890777", by=BUYER, now=clock.now())
    add_box(row.pk, courier="yto", waybill="YT9693083639795", by=BUYER, now=clock.now())
    by = actor(person_in(centre, "receiver"))
    count_goods(row.pk, [Arrived("1", 2)], by=by, now=clock.now())
    count_box(row.pk, [Arrived("1", 1)], by=by, now=clock.now())
    assert earned() == [200, 200]
    assert books() == []


def test_a_further_box_that_another_return_travels_in_is_paid_once(cases, centre):
    one, two = on_its_way(joined(cases, centre)), on_its_way(cases, 3)
    by = actor(person_in(centre, "receiver"))
    enter_waybill(one.pk, courier="sf", waybill="SF1234567890777", by=BUYER, now=clock.now())
    enter_waybill(two.pk, courier="sf", waybill="SF1234567890778", by=BUYER, now=clock.now())
    add_box(two.pk, courier="sf", waybill="SF1234567890777", shared=True, by=BUYER, now=clock.now())
    for row, units in ((one, 1), (two, 2)):
        count_goods(row.pk, [Arrived("1", units)], by=by, now=clock.now())
    count_box(two.pk, [Arrived("1", 1)], by=by, now=clock.now())
    assert earned() == [200, 200]
    assert books() == []


@pytest.mark.django_db(transaction=True)
def test_two_benches_scan_the_same_parcel_at_once(cases, centre):
    row = on_its_way(joined(cases, centre), 3)
    people = [actor(person_in(centre, "inspector", f"i{n}")) for n in range(2)] + [Actor("merchant", "0", "店主")]
    together, told = threading.Barrier(len(people)), []

    def count(by: Actor, units: int) -> None:
        together.wait()
        try:
            count_goods(row.pk, [Arrived("1", units)], by=by, now=clock.now())
            told.append("kept")
        except Conflict:
            told.append("told")
        finally:
            connections.close_all()

    threads = [threading.Thread(target=count, args=(by, units)) for by, units in zip(people, (3, 3, 2), strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    counted = Count.objects.get()
    assert sorted(told) == (["kept", "kept", "told"] if counted.quantity == 3 else ["kept", "told", "told"])
    assert earned() == ([200] if counted.by_kind == "centre" else [])
    assert books() == []


# --- the shop's page --------------------------------------------------------------------------------------


def page_of(shop: str = "shop") -> str:
    return reverse("merchant:centre", args=[shop])


def test_an_owner_joins_for_the_fees_that_were_read_and_leaves(cases, centre):
    owner = signed_in(cases.member("owner"))
    assert "2.00" in owner.get(page_of()).content.decode()
    seen = {"do": "join", "centre": centre.pk, "fee_parcel": 200, "fee_unit": 150}
    centre.fee_unit = 160
    centre.save()
    assert owner.post(page_of(), seen).status_code == 422
    assert owner.post(page_of(), seen | {"fee_unit": 160}).status_code == 302
    assert owner.post(page_of(), seen | {"fee_unit": 160}).status_code == 302  # twice is once
    assert Merchant.objects.get(code="shop").joining == Joining.objects.get()
    assert owner.get(page_of()).status_code == 200
    assert owner.post(page_of(), {"do": "leave"}).status_code == 302
    assert Merchant.objects.get(code="shop").joining is None
    for nonsense in ({"do": "join"}, {"do": "join", "centre": "x"}, {"do": "what"}, {}):
        assert owner.post(page_of(), nonsense).status_code == 422
    assert signed_in(cases.member("agent")).get(page_of()).status_code == 403
    assert books() == []


def test_a_shop_joins_one_centre_of_its_currency_that_takes_shops(cases, centre):
    owner = signed_in(cases.member("owner"))
    abroad, full = open_centre("abroad", currency="USD"), open_centre("full", takes_shops=False)
    for other in (abroad, full):
        seen = {"do": "join", "centre": other.pk, "fee_parcel": 200, "fee_unit": 150}
        assert owner.post(page_of(), seen).status_code == 422
    joined(cases, centre)
    with pytest.raises(Conflict):
        join(cases.merchant, open_centre("west"))
    assert books() == []


def test_settings_that_are_saved_meanwhile_do_not_undo_the_joining(cases, centre):
    from orders.merchants.services import set_up_shop

    stale = Merchant.objects.get(pk=cases.merchant.pk)
    joined(cases, centre)
    set_up_shop(stale, by=Actor("merchant", "0"), contact="400")
    assert Merchant.objects.get(pk=stale.pk).joining.centre == centre


def test_what_a_centre_earned_is_read_by_its_manager_and_by_the_shop_that_pays(cases, centre):
    row = on_its_way(joined(cases, centre))
    count_goods(row.pk, [Arrived("1", 1)], by=actor(person_in(centre, "receiver")), now=clock.now())
    manager = signed_in(person_in(centre, "manager"))
    fees = reverse("centre:fees", args=["east"])
    for client, page in ((manager, fees), (signed_in(cases.member("owner")), page_of())):
        told = client.get(page).content.decode()
        assert row.return_no in told
        assert "2.00" in told
    open_cases("other")
    assert signed_in(person_in(open_centre("west"), "manager")).get(fees).status_code == 404


def test_the_people_of_a_centre_are_invited_by_its_manager(centre):
    manager = signed_in(person_in(centre, "manager"))
    page = reverse("centre:people", args=["east"])
    answer = manager.post(page, {"name": "李四", "sign_in_name": "lisi", "role": "receiver"})
    assert "/accounts/" in answer.content.decode()
    member = centre.members.get(user__username="east+lisi")
    one = reverse("centre:person", args=["east", member.pk])
    assert manager.post(one, {"role": "inspector"}).status_code == 302
    assert manager.post(reverse("centre:remove_person", args=["east", member.pk])).status_code == 302
    west = open_centre("west")
    assert signed_in(person_in(west, "manager")).get(one).status_code == 404
    assert manager.post(page, {"name": "x", "sign_in_name": "b", "role": "owner"}).status_code == 422


def test_the_platform_lets_a_shop_join_and_names_the_manager(admin_client, cases, centre):
    page = reverse("admin:orders_centre_run", args=[centre.pk])
    assert admin_client.get(page).status_code == 200
    assert admin_client.post(page, {"do": "join", "shop": cases.merchant.pk}).status_code == 302
    assert Merchant.objects.get(code="shop").joining.centre == centre
    told = admin_client.post(page, {"do": "invite", "name": "李", "sign_in_name": "li", "role": "manager"})
    assert "/accounts/" in told.content.decode()
    assert admin_client.post(page, {"do": "leave", "shop": "shop"}).status_code == 302
    assert Merchant.objects.get(code="shop").joining is None
    assert admin_client.post(page, {"do": "leave", "shop": "shop"}).status_code == 404
    assert admin_client.post(page, {"do": "join", "shop": "999"}).status_code == 422
    assert admin_client.get(reverse("admin:orders_centre_change", args=[centre.pk])).status_code == 200
    assert admin_client.get(reverse("admin:orders_centre_add")).status_code == 200
