"""A disputed unit is looked at by somebody independent: who asks, who pays, who reads it, and who decides."""

import io
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from reportlab.pdfgen.canvas import Canvas

from aftersales.evidence.models import Evidence
from aftersales.evidence.services import keep_report
from aftersales.examination.models import Examination, Examiner
from aftersales.examination.rules import payer
from aftersales.examination.services import ask_examiner, call_off, find_late, report_finding
from aftersales.inspection.services import Arrived, Graded, count_goods, inspect_goods
from aftersales.notifications.models import Notice
from aftersales.returns.models import ReturnRequest, SupportTask
from aftersales.returns.services.decisions import approve_return, refuse_return
from aftersales.returns.services.wishes import WishLine
from aftersales.tests.desk.cases import a_desk
from aftersales.tests.inspection.test_labels import books
from aftersales.tests.returns.buyers import photo
from aftersales.tests.shop_cases import open_cases
from orders.accounts.models import User
from refunds.ledger.models import LedgerEntry
from refunds.payouts.models import Refund
from returns_platform.kernel import clock
from returns_platform.kernel.actors import Actor
from returns_platform.kernel.errors import Conflict, Invalid, NotAllowed, NotThere, WrongState
from returns_platform.tests.journeys.shop import order_body

pytestmark = pytest.mark.django_db
MIA, SAM = Actor("merchant", "0", "米娅"), Actor("support", "900", "山姆")


@pytest.fixture
def cases():
    return open_cases()


@pytest.fixture
def lab():
    return Examiner.objects.create(
        name="华东检测", name_en="East Lab", credentials="CMA 2026-1", send_to="收样室 021-5555", fee=8000, days=7
    )


def disputed(cases, quantity: int = 1) -> ReturnRequest:
    """Counted and graded as worn, for no fault of the shop's: a person decides."""
    row = cases.approved(quantity)
    count_goods(row.pk, [Arrived("1", quantity)], by=MIA, now=clock.now())
    inspect_goods(row.pk, [Graded("1", quantity, "C", "REFURBISH")], by=MIA, now=clock.now())
    row = now_of(row)
    assert row.state == "inspected"
    return row


def now_of(row) -> ReturnRequest:
    return ReturnRequest.objects.get(pk=row.pk)


def ask(row, lab, by=MIA, **changes) -> Examination:
    wish = {"line_id": row.lines.first().pk, "examiner_id": lab.pk, "fee": lab.fee, "question": "是使用痕迹吗？"}
    return ask_examiner(row.pk, **wish | changes, by=by, now=clock.now())


def pdf(pages: int = 2) -> SimpleUploadedFile:
    drawn = io.BytesIO()
    canvas = Canvas(drawn)
    for nth in range(pages):
        canvas.drawString(72, 700, f"Report, page {nth + 1}")
        canvas.showPage()
    canvas.save()
    return SimpleUploadedFile("报告.pdf", drawn.getvalue(), "application/pdf")


def report(row, one, finding="for_shop", by=SAM, found="磨损来自长期使用。") -> Examination:
    pages = keep_report(pdf(), merchant=row.merchant, order=row.order, by=SAM, now=clock.now())
    ids = tuple(page.public_id for page in pages)
    return report_finding(one.pk, finding=finding, found=found, report=ids, by=by, now=clock.now())


def balances() -> dict[str, int]:
    rows = LedgerEntry.objects.filter(transaction__kind="examination")
    return {row.account.partition(":")[0]: row.amount for row in rows}


# --- who pays ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("asked_by", "finding", "pays"),
    [
        ("merchant", "for_customer", "merchant"), ("support", "for_customer", "merchant"),
        ("merchant", "for_shop", "merchant"), ("support", "for_shop", "platform"),
        ("merchant", "unclear", "merchant"), ("support", "unclear", "platform"),
    ],
)  # fmt: skip
def test_the_loser_pays_else_who_asked_and_never_the_customer(cases, lab, asked_by, finding, pays):
    assert payer(finding, asked_by=asked_by) == pays
    row = disputed(cases)
    one = report(row, ask(row, lab, by=MIA if asked_by == "merchant" else SAM), finding)
    assert one.payer == pays
    account = "merchant" if pays == "merchant" else "examination_expense"
    assert balances() == {account: -8000, "examiner": 8000}
    assert books() == []


# --- what it changes, and what not ------------------------------------------------------------------------


def test_of_two_inspections_the_later_report_is_waited_for(lab):
    """Asking for a quick one, or hearing of it, leaves the time that the slow one needs."""
    desk = a_desk()
    body = order_body(discount=0)
    lines = [body["lines"][0] | {"line_no": no} for no in "12"]
    parcel = body["parcels"][0] | {"items": [{"line_no": no, "quantity": 3} for no in "12"]}
    paid = [payment | {"amount": payment["amount"] * 2} for payment in body["payments"]]
    order = desk.order(discount=0, lines=lines, parcels=[parcel], payments=paid)
    row = desk.filed(order=order, lines=tuple(WishLine(no, 1, "NR.NO_LONGER_WANT") for no in "12"))
    count_goods(row.pk, [Arrived(no, 1) for no in "12"], by=MIA, now=desk.at)
    inspect_goods(row.pk, [Graded(no, 1, "C", "REFURBISH") for no in "12"], by=MIA, now=desk.at)
    quick = Examiner.objects.create(name="快检", send_to="收样室", fee=0, days=1)
    slow, fast = (
        ask(row, by_whom, line_id=line.pk, examiner_id=by_whom.pk, fee=by_whom.fee)
        for line, by_whom in zip(row.lines.all(), (lab, quick), strict=True)
    )
    assert now_of(row).due_at > slow.due_at
    call_off(fast.pk, by=MIA, now=clock.now())
    assert now_of(row).due_at > slow.due_at
    call_off(slow.pk, by=MIA, now=clock.now())
    assert now_of(row).due_at < slow.due_at


def test_nothing_is_decided_by_it_and_whoever_decides_has_time_after_it(cases, lab):
    row = disputed(cases)
    one = ask(row, lab)
    assert now_of(row).due_at > one.due_at
    report(row, one)
    after = now_of(row)
    assert (after.state, after.waits_for, Refund.objects.count()) == ("inspected", "merchant", 0)
    assert after.due_at > clock.now() + timedelta(hours=1)
    approve_return(row.pk, by=Actor("merchant", "1", "店主"), now=clock.now())
    assert now_of(row).state == "settling"
    assert books() == []


def test_both_sides_are_told_and_read_the_same_words(cases, lab):
    row = disputed(cases)
    report(row, ask(row, lab, by=SAM))
    told = set(Notice.objects.filter(event__startswith="examination").values_list("event", flat=True))
    assert told == {"examination_asked", "examination_found"}
    owner, sue = signed_in(cases.member("owner")), staff("senior")
    buyer = signed_in(buyer_of(row))
    for client, page in (
        (buyer, reverse("aftersales:case", args=[row.return_no])),
        (owner, reverse("merchant:case", args=["shop", row.return_no])),
        (sue, reverse("admin:aftersales_returnrequest_change", args=[row.pk])),
    ):
        for language in ("zh-hans", "en"):
            text = client.get(page, headers={"accept-language": language}).content.decode()
            assert "磨损来自长期使用。" in text, page
            assert "是使用痕迹吗？" in text, page


def test_its_pages_are_pictures_that_the_parties_see_and_nobody_else(cases, lab):
    row = disputed(cases)
    report(row, ask(row, lab))
    pages = Evidence.objects.filter(case_ref=f"{row.return_no}-R")
    assert {page.path[-4:] for page in pages} == {".jpg"}
    assert not Evidence.objects.filter(case_ref=row.return_no).exists()
    page = reverse("aftersales:evidence", args=[pages[0].public_id])
    for user, sees in (
        (buyer_of(row), True), (cases.member("agent"), True), (open_cases("other").member("owner"), False),
        (User.objects.create_user("somebody"), False),
    ):  # fmt: skip
        answer = signed_in(user).get(page)
        assert bool(answer.streaming and b"".join(answer.streaming_content)) is sees


def test_asked_twice_and_reported_twice_is_once(cases, lab):
    row = disputed(cases)
    one = ask(row, lab)
    with pytest.raises(Conflict):
        ask(row, lab)
    for _again in range(2):
        report(row, one)
    with pytest.raises(Conflict):
        report(row, one, "unclear")
    assert LedgerEntry.objects.filter(transaction__kind="examination").count() == 2
    ask(row, lab)  # another one after the first has ended
    assert books() == []


def test_called_off_costs_nothing_and_who_did_not_ask_cannot(cases, lab):
    row = disputed(cases)
    one = ask(row, lab, by=SAM)
    with pytest.raises(NotAllowed):
        call_off(one.pk, by=MIA, now=clock.now())
    call_off(one.pk, by=SAM, now=clock.now())
    with pytest.raises(WrongState):
        report(row, one)
    assert balances() == {}
    assert books() == []


def test_only_disputed_goods_that_are_here_are_sent_and_only_the_platform_enters_reports(cases, lab):
    row = cases.approved()
    with pytest.raises(WrongState):
        ask(row, lab)
    row = disputed(cases)
    with pytest.raises(Conflict):
        ask(row, lab, fee=1)
    with pytest.raises(Conflict):
        ask(row, lab, line_id=disputed(cases).lines.get().pk)
    with pytest.raises(Invalid):
        ask(row, lab, question="  ")
    lab.is_listed = False
    lab.save()
    with pytest.raises(Invalid):
        ask(row, lab)
    lab.is_listed = True
    lab.save()
    one = ask(row, lab)
    with pytest.raises(NotAllowed):
        report(row, one, by=MIA)
    with pytest.raises(Invalid):
        report_finding(one.pk, finding="for_shop", found="x", report=(), by=SAM, now=clock.now())
    with pytest.raises(NotThere):
        report_finding(0, finding="for_shop", found="x", report=(), by=SAM, now=clock.now())


def test_a_refused_case_can_still_be_looked_at(cases, lab):
    row = disputed(cases)
    refuse_return(row.pk, code="R_NOT_INTACT", text="已穿过", by=MIA, now=clock.now())
    one = ask(row, lab, by=SAM)
    report(row, one, "for_customer")
    assert now_of(row).state == "rejected"
    assert books() == []


def test_a_late_report_is_asked_after_once(cases, lab):
    row = disputed(cases)
    one = ask(row, lab)
    for days in (1, 8, 9):
        find_late(now=clock.now() + timedelta(days=days))
    assert SupportTask.objects.get(kind="examination_late").request == row
    assert Examination.objects.get(pk=one.pk).late_at


# --- pages ------------------------------------------------------------------------------------------------


def signed_in(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


def staff(group: str) -> Client:
    from django.contrib.auth.models import Group

    person = User.objects.create_user(group, is_staff=True)
    person.groups.set(Group.objects.filter(name=group))
    return signed_in(person)


def buyer_of(row) -> User:
    user = User.objects.filter(username="ann").first() or User.objects.create_user("ann")
    row.customer.user = user
    row.customer.save()
    return user


def test_a_shop_asks_on_its_page_and_nobody_elses_case_is_there(cases, lab):
    row, others = disputed(cases), open_cases("other")
    page = reverse("merchant:examination", args=["shop", row.return_no])
    owner = signed_in(cases.member("owner"))
    assert "80.00" in owner.get(page).content.decode()
    wish = {"do": "ask", "line": row.lines.get().pk, "examiner": f"{lab.pk}.{lab.fee}", "question": "真的坏了吗？"}
    for wrong in ({"examiner": f"{lab.pk}.1"}, {"line": 0}, {"question": ""}, {"examiner": "x"}):
        answer = owner.post(page, wish | wrong)
        assert answer.status_code == 422
        assert wrong.get("question") == "" or "真的坏了吗？" in answer.content.decode()
    assert owner.post(page, wish).status_code == 302
    one = Examination.objects.get()
    stranger = signed_in(others.member("owner"))
    assert stranger.get(page).status_code == 404
    assert stranger.get(reverse("merchant:examination", args=["other", row.return_no])).status_code == 404
    off = {"do": "call_off", "examination": one.pk}
    foreign = disputed(others)
    elsewhere = reverse("merchant:examination", args=["other", foreign.return_no])
    assert stranger.post(elsewhere, off).status_code == 404
    assert signed_in(cases.member("warehouse")).get(page).status_code == 403
    assert owner.post(page, off).status_code == 302
    assert owner.post(page, {"do": "nonsense"}).status_code == 400


def test_the_platform_enters_the_report_and_a_wrong_form_loses_no_page(cases, lab):
    row = disputed(cases)
    one = ask(row, lab)
    senior = staff("senior")
    page = reverse("admin:aftersales_examination_case", args=[row.pk])
    assert senior.get(page).status_code == 200
    form = {"do": "report", "examination": one.pk, "finding": "", "found": "看过了", "file": pdf(3)}
    answer = senior.post(page, form)
    assert answer.status_code == 422
    assert "看过了" in answer.content.decode()
    kept = [page.public_id for page in answer.context["kept"]]
    assert len(kept) == 3
    form = {"do": "report", "examination": one.pk, "finding": "unclear", "found": "看过了", "page": kept}
    assert senior.post(page, form).status_code == 302
    assert Examination.objects.get().report.count() == 3
    assert senior.get(reverse("admin:aftersales_examination_changelist")).status_code == 200
    assert staff("finance").post(page, form).status_code == 403


@pytest.mark.parametrize(
    "upload",
    [
        SimpleUploadedFile("x.pdf", b"%PDF-1.7\n%broken", "application/pdf"),
        SimpleUploadedFile("x.pdf", b"<script>alert(1)</script>", "application/pdf"),
        SimpleUploadedFile("x.pdf", b"", "application/pdf"),
        SimpleUploadedFile("x.mp4", b"\x00\x00\x00\x18ftypmp42\x00\x00\x00\x00mp42isom", "video/mp4"),
    ],
    ids=["broken", "script", "empty", "video"],
)
def test_a_hostile_report_is_told_and_leaves_nothing_behind(cases, settings, upload):
    row = disputed(cases)
    upload.seek(0)
    with pytest.raises(Invalid):
        keep_report(upload, merchant=row.merchant, order=row.order, by=SAM, now=clock.now())
    assert not Evidence.objects.exists()
    assert not list((settings.MEDIA_ROOT / "incoming").glob("*"))


def test_a_report_of_too_many_pages_is_told_and_a_photo_is_a_report_as_well(cases):
    row = disputed(cases)
    with pytest.raises(Invalid) as refused:
        keep_report(pdf(21), merchant=row.merchant, order=row.order, by=SAM, now=clock.now())
    assert "20" in str(refused.value.fields["file"])
    assert len(keep_report(photo(), merchant=row.merchant, order=row.order, by=SAM, now=clock.now())) == 1
