"""Alipay's bill: fetched as the real API gives it, read whole, or not at all."""

import io
import json
import zipfile
from datetime import UTC, date, datetime, timedelta

import pytest

from refunds.gateways import statements
from refunds.gateways.alipay import reading, statement
from refunds.gateways.alipay.keys import DEMO_SELLER_ID
from refunds.gateways.interface import GatewayDown, GatewayRefused, StatementNotReady, StatementUnreadable
from refunds.tests.gateways.alipay import alipay, gateway, next_time
from returns_platform.kernel.outbound import http

__all__ = ["alipay", "gateway", "next_time"]  # fixtures
DAY = date(2026, 11, 29)
TITLES = (
    "支付宝交易号,商户订单号,业务类型,商品名称,创建时间,完成时间,门店编号,门店名称,操作员,终端号,对方账户,订单金额（元）,商家实收（元）,支付宝红包（元）,集分宝（元）,"
    "支付宝优惠（元）,商家优惠（元）,券核销金额（元）,券名称,商家红包消费金额（元）,卡消费金额（元）,退款批次号/请求号,服务费（元）,分润（元）,备注"
)


def row(kind="退款", amount="-33.33", number="RF1", at="2026-11-29 10:00:30", settled="", name="坚果") -> str:
    sums = [amount, settled or amount, "0.00", "0.00", "0.00", "0.00", "0.00", "", "0.00", "0.00"]
    done = ["2026-11-01 10:00:00", at, "", "", "", "", "*雨(159****5620)"]
    return ",".join(["4200001\t", "A1\t", kind, name, *done, *sums, f"{number}\t", "0.00", "0.00", ""])


def bill(*rows: str, trades="0笔，商家实收共0.00元", refunds="1笔，商家实收退款共-33.33元", **changes) -> str:
    parts = {
        "first": "#支付宝业务明细查询",
        "account": f"#账号：[{DEMO_SELLER_ID}0156]",
        "span": "#起始日期：[2026年11月29日 00:00:00]   终止日期：[2026年11月30日 00:00:00]",
        "begin": "#-----------------------------------------业务明细列表----------------------------------------",
        "titles": TITLES,
        "rows": "\r\n".join(rows or [row()]),
        "end": "#-----------------------------------------业务明细列表结束------------------------------------",
        "trades": f"#交易合计：{trades}，商家优惠共0.00元",
        "refunds": f"#退款合计：{refunds}，商家优惠退款共0.00元",
        "made": "#导出时间：[2026年11月30日 08:30:00]",
    } | changes
    return "\r\n".join(part for part in parts.values() if part) + "\r\n"


def packed(*contents: bytes) -> bytes:
    raw = io.BytesIO()
    with zipfile.ZipFile(raw, "w", zipfile.ZIP_DEFLATED) as files:
        for at, content in enumerate(contents):
            files.writestr(f"{at}.csv", content)
    return raw.getvalue()


@pytest.fixture(autouse=True)
def _folder(settings, tmp_path):
    settings.DATA_DIR = tmp_path


@pytest.mark.parametrize("encoding", ["gbk", "utf-8", "utf-8-sig"])
@pytest.mark.parametrize("pack", [packed, lambda raw: raw])
def test_a_bill_is_read_as_it_comes(encoding, pack):
    found = statement.read(pack(bill().encode(encoding)), day=DAY)
    (only,) = found.rows
    assert (found.day, only.line, only.kind, only.number) == (DAY, 6, "refund", "RF1")
    assert (only.transaction_id, only.amount, only.currency) == ("4200001", 3333, "CNY")
    assert only.at == datetime(2026, 11, 29, 2, 0, 30, tzinfo=UTC)


def test_payments_are_rows_of_another_kind_and_a_comma_in_a_name_is_no_border():
    raw = bill(
        row(), row("交易", "120.00", "", name='"坚果, 果干"'), row(number="RF2", amount="-1.00", settled="-0.50"),
        trades="1笔，商家实收共120.00元", refunds="2笔，商家实收退款共-33.83元",
    )  # fmt: skip
    rows = statement.read(packed(bill(first="#支付宝业务汇总查询").encode("gbk"), raw.encode("gbk")), day=DAY).rows
    assert [(each.kind, each.number, each.amount) for each in rows] == [
        ("refund", "RF1", 3333), ("other", "", 12000), ("refund", "RF2", 100),
    ]  # fmt: skip


def test_the_same_row_twice_is_read_twice():
    raw = bill(row(), row(), refunds="2笔，商家实收退款共-66.66元")
    assert len(statement.read(raw.encode("gbk"), day=DAY).rows) == 2


def test_no_bytes_are_a_day_without_trades():
    assert statement.read(b"", day=DAY).rows == ()


@pytest.mark.parametrize(
    "raw",
    [
        b"\xff\xfe", b"PK\x03\x04", packed(), packed(b"x"), packed(bill().encode("gbk"), bill().encode("gbk")),
        packed(bill().encode("gbk"))[:-30], b"<html>", b"#", "微信".encode(),
    ],
    ids=range(9),
)  # fmt: skip
def test_what_is_no_bill_is_not_read(raw):
    with pytest.raises(StatementUnreadable):
        statement.read(raw, day=DAY)


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (bill(first="#支付宝账务明细查询"), "no bill"),
        (bill(account="#账号：[20880000000001100156]"), "another merchant"),
        (bill(account=""), "another merchant"),
        (bill(span="#起始日期：[2026年11月28日 00:00:00]   终止日期：[2026年11月29日 00:00:00]"), "another day"),
        (bill(span="#起始日期：[2026年11月29日 00:00:00]   终止日期：[2026年12月29日 00:00:00]"), "more than one"),
        (bill(span="#起始日期：[2026年13月29日 00:00:00]   终止日期：[2026年12月30日 00:00:00]"), "another day"),
        (bill(end=""), "cut short"),
        (bill(refunds="x"), "cut short"),
        (bill(trades="x"), "cut short"),
        (bill()[: bill().index("#退款合计")], "cut short"),
        (bill(titles=TITLES.replace("退款批次号/请求号", "请求号")), "column 退款批次号"),
        (bill(titles=TITLES.replace("备注", "业务类型")), "column 业务类型"),
        (bill(row(), row()), "add up"),
        (bill(refunds="1笔，商家实收退款共-33.34元"), "add up"),
        (bill(row(), row("交易", "1.00")), "add up"),
        (bill(row() + ",x"), "26 values under 25"),
        (bill(row(kind="冻结")), "unknown kind"),
        (bill(row(at="2026-11-28 23:59:59")), "another day"),
        (bill(row(at="soon")), "no time"),
        (bill(row(amount="33.33")), "takes no money"),
        (bill(row(amount="0.00", settled="-33.33")), "takes no money"),
        (bill(row(amount="-33.3")), "no sum"),
        (bill(row(settled="x")), "no sum"),
        (bill(row(number="号")), "no"),
        (bill(row(name='"坚果')), "no values"),
    ],
    ids=range(25),
)  # fmt: skip
def test_a_bill_that_does_not_hold_together_is_not_read_at_all(raw, reason):
    with pytest.raises(StatementUnreadable, match=reason):
        statement.read(raw.encode("gbk"), day=DAY)


# --- fetched from the stand-in ----------------------------------------------------------------------------


def paid_on(served, number: str, amount: int, at: datetime) -> None:
    """Something the stand-in did on an earlier day."""
    book = served.stand_in.book
    served.stand_in.payment("4200001", amount=10000, currency="CNY")
    book.add(number, state="succeeded", transaction_id="4200001", amount=amount, currency="CNY",
             success_time=at.isoformat(), at=at)  # fmt: skip


def test_the_bill_of_a_day_that_is_over_is_fetched_and_read(gateway, alipay):
    yesterday = datetime.now(reading.BEIJING) - timedelta(days=1)
    paid_on(alipay, "RF1", 3333, yesterday)
    paid_on(alipay, "RF2", 1, yesterday)
    paid_on(alipay, "RF3", 1, yesterday - timedelta(days=1))
    rows = statements("alipay").read(gateway.statement(yesterday.date()), day=yesterday.date()).rows
    assert [(row.number, row.amount, row.transaction_id) for row in rows] == [
        ("RF1", 3333, "4200001"),
        ("RF2", 1, "4200001"),
    ]
    same = http.call("GET", f"{alipay.url}/_statement?date={yesterday.date()}", headers={}).body
    assert statement.read(same, day=yesterday.date()).rows == rows


def test_today_is_not_ready_and_a_day_without_trades_is_empty(gateway, alipay):
    today = datetime.now(reading.BEIJING).date()
    with pytest.raises(StatementNotReady):
        gateway.statement(today)
    assert gateway.statement(today - timedelta(days=3)) == b""


def test_an_address_is_good_for_half_a_minute_and_only_as_signed(gateway, alipay, monkeypatch):
    yesterday = datetime.now(reading.BEIJING) - timedelta(days=1)
    paid_on(alipay, "RF1", 3333, yesterday)
    url = gateway.client.call(
        "alipay.data.dataservice.bill.downloadurl.query",
        {"bill_type": "trade", "bill_date": yesterday.date().isoformat()},
    )["bill_download_url"]
    for wrong in (url + "x", url.replace("expires=1", "expires=2"), url.partition("?")[0]):
        with pytest.raises(GatewayDown):
            gateway.client.download(wrong)
    monkeypatch.setattr("refunds.gateways.alipay.simulator.time.time", lambda: datetime.now().timestamp() + 60)
    with pytest.raises(GatewayDown):
        gateway.client.download(url)


def test_a_file_is_fetched_only_as_safely_as_the_api_is_asked(gateway, monkeypatch):
    monkeypatch.setattr(gateway.client, "call", lambda *_: {"bill_download_url": "ftp://elsewhere.example/bill"})
    with pytest.raises(GatewayDown, match="not safe"):
        gateway.statement(DAY)
    monkeypatch.setattr(gateway.client, "call", lambda *_: {"bill_download_url": json.dumps(None)[:0]})
    with pytest.raises(GatewayDown):
        gateway.statement(DAY)


def test_a_bill_that_is_refused_for_another_reason_says_so(gateway, monkeypatch):
    def refused(*_):
        raise GatewayRefused("isv.insufficient-isv-permissions", "权限不足", retry=True, hurdle="setup")

    monkeypatch.setattr(gateway.client, "call", refused)
    with pytest.raises(GatewayRefused, match="权限不足"):
        gateway.statement(DAY)
