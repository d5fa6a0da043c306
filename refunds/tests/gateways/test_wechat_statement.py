"""The bill of a day: read whole or not at all, and fetched as WeChat gives it."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from refunds.gateways.interface import GatewayDown, GatewayRefused, StatementNotReady, StatementUnreadable
from refunds.gateways.wechat import simulator_bill
from refunds.gateways.wechat.keys import DEMO_MCHID
from refunds.gateways.wechat.statement import BEIJING, read
from refunds.tests.gateways.conftest import book, post
from returns_platform.kernel.outbound import http
from returns_platform.kernel.stand_in.book import Book, Payment, Row

DAY = date(2026, 11, 9)
NOON = datetime(2026, 11, 9, 12, tzinfo=BEIJING)


def a_row(number: str = "RF1-1", amount: int = 3333, at: datetime = NOON) -> tuple[Row, Payment]:
    facts = {
        "amount": amount, "refund_id": f"503{number}", "transaction_id": "4200001",
        "create_time": at.isoformat(), "success_time": at.isoformat(),
    }  # fmt: skip
    return Row(1, number, "succeeded", facts, at.isoformat()), Payment("4200001", 12000, "CNY", NOON)


def a_file(*rows: tuple[Row, Payment]) -> str:
    return simulator_bill.refund_bill(rows or [a_row(), a_row("RF2-1", 5)], mchid=DEMO_MCHID)


def refused(text: str | bytes, day: date = DAY) -> StatementUnreadable:
    with pytest.raises(StatementUnreadable) as error:
        read(text.encode() if isinstance(text, str) else text, day=day)
    return error.value


def test_every_row_is_read_with_its_line_and_its_moment_in_utc():
    found = read(a_file().encode(), day=DAY)
    first = found.rows[0]

    assert (found.day, [(row.line, row.number, row.amount) for row in found.rows]) == (
        DAY, [(2, "RF1-1", 3333), (3, "RF2-1", 5)],
    )  # fmt: skip
    assert (first.kind, first.currency, first.transaction_id, first.channel_ref) == (
        "refund", "CNY", "4200001", "503RF1-1",
    )  # fmt: skip
    assert first.at == datetime(2026, 11, 9, 4, tzinfo=UTC)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_file_saved_by_a_person_is_read_too(encoding, end):
    assert len(read(a_file().replace("\n", end).encode(encoding), day=DAY).rows) == 2


def test_a_comma_in_the_name_of_goods_is_no_border():
    text = a_file(a_row()).replace(",`,`,`0.00000,`0.60%", ",`坚果, 750g,`,`0.00000,`0.60%")
    assert "坚果, 750g" in text and read(text.encode(), day=DAY).rows[0].amount == 3333


def test_a_row_that_stands_there_twice_is_read_twice():
    assert [row.number for row in read(a_file(a_row(), a_row()).encode(), day=DAY).rows] == ["RF1-1", "RF1-1"]


def test_what_failed_came_back_and_what_is_under_way_has_not_moved():
    kinds = [
        read(a_file(a_row()).replace("`ORIGINAL,`SUCCESS", f"`ORIGINAL,`{state}").encode(), day=DAY).rows[0].kind
        for state in ("SUCCESS", "FAIL", "PROCESSING")
    ]
    assert kinds == ["refund", "reversal", "other"]


def test_no_bytes_are_a_day_without_refunds():
    assert read(b"", day=DAY).rows == ()


def cut(text: str, lines: int) -> str:
    return "\n".join(text.split("\n")[:lines])


@pytest.mark.parametrize(
    ("text", "line", "reason"),
    [
        (a_file().replace("商户退款单号", "退款单号"), 1, "商户退款单号"),
        ("<html>login</html>", 1, "no bill"),
        (cut(a_file(), 3), 3, "cut short"),
        (cut(a_file(), 4), 4, "cut short"),
        (a_file().replace("`RF2-1", "RF2-1"), 3, "28 values under 29"),
        (a_file().replace("`33.33,`0.00,`ORIGINAL", "`33.34,`0.00,`ORIGINAL"), 5, "do not add up"),
        (a_file().replace("`2,`0.00,`33.38", "`3,`0.00,`33.38"), 5, "2 rows, and the total says 3"),
        (a_file().replace("`33.33", "`33,33"), 2, "no sum"),
        (a_file().replace("`33.33", "`-33.33"), 2, "no sum"),
        (a_file().replace("`33.33", "`33.333"), 2, "no sum"),
        (a_file().replace("`33.33", "`３３.33"), 2, "no sum"),
        (a_file().replace("`CNY", "`cny"), 2, "no currency"),
        (a_file().replace("`RF2-1", "`RF2-壹"), 3, "a number that is none"),
        (a_file().replace(f"`{DEMO_MCHID}", "`1900000999", 1), 2, "another merchant"),
        (a_file().replace("`ORIGINAL,`SUCCESS", "`ORIGINAL,`PAID", 1), 2, "unknown state"),
        (a_file().replace("`2026-11-09 12:00:00,`5", "`2026-11-31 12:00:00,`5", 1), 2, "no time"),
        (a_file(a_row(at=NOON + timedelta(days=1))), 2, "another day: 2026-11-10"),
        (b"\xff\xfe\xfd", 0, "neither"),
    ],
)  # fmt: skip
def test_a_file_that_is_not_whole_is_refused_with_its_line(text, line, reason):
    error = refused(text)
    assert (error.line, reason in error.reason) == (line, True), str(error)


def test_the_bill_of_another_day_is_refused():
    assert refused(a_file(), day=date(2026, 11, 8)).line == 2


# --- fetched over the API -------------------------------------------------------------------------------------


@pytest.fixture
def paid(gateway, settings):
    """A refund that arrived yesterday in Beijing; its day."""
    yesterday = datetime.now(BEIJING) - timedelta(days=1)
    row, payment = a_row(at=yesterday)
    theirs = Book(settings.DATA_DIR / "stand_ins" / "wechat.sqlite3")
    theirs.open_payment(payment)
    theirs.add(row.number, state="succeeded", total=12000, currency="CNY", notify_url="", **row.data)
    theirs.close()
    return yesterday.date()


def test_the_bill_is_announced_fetched_and_its_hash_compared(gateway, paid, wechat):
    raw = gateway.statement(paid)

    assert [row.number for row in read(raw, day=paid).rows] == ["RF1-1"]
    assert raw == http.call("GET", f"{wechat.url}/_statement?date={paid}", headers={}).body


def test_a_day_without_refunds_has_no_bill_and_is_empty(gateway):
    assert gateway.statement(datetime.now(BEIJING).date() - timedelta(days=3)) == b""


def test_the_bill_of_today_is_not_ready(gateway):
    with pytest.raises(StatementNotReady):
        gateway.statement(datetime.now(BEIJING).date())


def test_the_bill_of_tomorrow_is_refused(gateway):
    with pytest.raises(GatewayRefused):
        gateway.statement(datetime.now(BEIJING).date() + timedelta(days=1))


def test_a_file_that_is_not_the_announced_one_is_not_believed(gateway, paid, monkeypatch):
    monkeypatch.setattr(gateway.client, "download", lambda url: b"another file")
    with pytest.raises(GatewayDown, match="its hash differs"):
        gateway.statement(paid)


def test_our_signature_is_not_shown_to_another_address(gateway):
    with pytest.raises(GatewayDown, match="not WeChat's"):
        gateway.client.download("http://127.0.0.1:9/v3/billdownload/file?token=x")


def test_the_address_of_a_file_dies_and_cannot_be_forged(gateway, wechat, paid, monkeypatch):
    monkeypatch.setattr(simulator_bill, "ADDRESS_LIVES_S", -1)
    with pytest.raises(GatewayDown, match="the file: answer 400"):
        gateway.statement(paid)
    with pytest.raises(GatewayDown, match="the file: answer 403"):
        gateway.client.download(f"{wechat.url}/v3/billdownload/file?token={paid}.99999999999.0")


def test_nobody_else_gets_the_file(gateway, wechat):
    gateway.client.account = replace(gateway.client.account, serial="ANOTHER")
    with pytest.raises(GatewayDown, match="the file: answer 401"):
        gateway.client.download(f"{wechat.url}/v3/billdownload/file?token=x")


def test_a_refund_made_by_hand_at_the_channel_is_in_its_book(gateway, wechat, paid):
    row = post(wechat, "/_by_hand", {"transaction_id": "4200001", "amount": 700})

    assert row["number"].startswith("HAND")
    assert (row["number"], 700, "succeeded") in book(wechat)
