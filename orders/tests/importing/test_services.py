"""Files of orders: JSON lines and CSV, hostile ones included; errors name the row."""

import csv
import io
import json

import pytest
from django.core.management import CommandError, call_command

from orders.importing import forms
from orders.importing.services import import_orders
from orders.purchases.models import Order
from orders.tests.samples import NOW, body, payment, shop
from returns_platform.kernel.actors import SYSTEM
from returns_platform.kernel.errors import Invalid, TooLarge

pytestmark = pytest.mark.django_db


def take_in(data: bytes | str, merchant=None):
    raw = data.encode() if isinstance(data, str) else data
    return import_orders(raw, merchant=merchant, by=SYSTEM, now=NOW)


def json_line(order_no: str, merchant: str = "fresh", **changes) -> str:
    sent = body(payments=[payment(12000, f"4200-{order_no}")], **changes)
    return json.dumps({"merchant": merchant, "order_no": order_no, **sent}, ensure_ascii=False)


ROW = {
    "merchant": "fresh",
    "order_no": "C1",
    "currency": "CNY",
    "placed_at": "2026-11-01T10:00:00+08:00",
    "state": "paid",
    "customer_external_id": "c-1",
    "customer_name": "安小雨",
    "customer_phone": "+8613800138000",
    "ship_city": "上海市",
    "freight_charged": "1200",
    "discounts": "满100减20|shop|2000|1 2|10000;coupon|platform|500",
    "payments": "wechat|4200001|9700|2026-11-01T10:01:00+08:00;gift_card|G1|2000|2026-11-01T10:01:00+08:00",
    "parcels": "P1|sf|SF1|2026-11-02T09:00:00+08:00|2026-11-03T10:00:00+08:00|1*1 2*1",
    "line_no": "1",
    "sku": "NUT-1",
    "title": "每日坚果",
    "category": "packaged_food",
    "quantity": "2",
    "unit_price": "4000",
    "tax_rate": "0.13",
    "virtual": "false",
}
SECOND = {**ROW, "line_no": "2", "sku": "TEA-1", "title": "=cmd()", "quantity": "1", "unit_price": "5000"}


def sheet(*rows: dict, encoding: str = "utf-8") -> bytes:
    text = io.StringIO()
    writer = csv.DictWriter(text, fieldnames=list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode(encoding)


# --- JSON lines -------------------------------------------------------------------------------------------


def test_json_lines_are_taken_in_and_twice_changes_nothing():
    shop()
    data = json_line("J1") + "\n\n" + json_line("J2") + "\n"
    first, again = take_in(data), take_in(data)
    assert (first.created, first.kept, first.errors) == (2, 0, [])
    assert (again.created, again.kept, again.errors) == (0, 2, [])


def test_a_bad_row_stops_no_other_and_is_named():
    shop()
    rows = [json_line("J1"), "{broken", json_line("J2", state="gone"), json_line("J 3"), json_line("J4", "none")]
    report = take_in("\n".join([*rows, json_line("J5")]))
    assert report.created == 2
    assert [(error.row, list(error.fields)) for error in report.errors] == [
        (2, []),
        (3, ["state"]),
        (4, ["order_no"]),
        (5, ["merchant"]),
    ]


def test_a_shops_own_file_speaks_for_no_other_shop():
    fresh, _style = shop("fresh"), shop("style")
    report = take_in("\n".join([json_line("J1", ""), json_line("J2", "style")]), merchant=fresh)
    assert (report.created, [error.row for error in report.errors]) == (1, [2])
    assert not Order.objects.filter(merchant__code="style").exists()


# --- CSV --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_a_sheet_gives_the_same_order_as_the_api(encoding):
    shop()
    report = take_in(sheet(ROW, SECOND, encoding=encoding))
    assert (report.created, [str(error) for error in report.errors]) == (1, [])
    order = Order.objects.get()
    first, second = order.lines.all()
    assert (order.state, order.customer.name, order.freight_charged) == ("partly_shipped", "安小雨", 1200)
    assert (first.title, first.quantity, first.shipped, second.title) == ("每日坚果", 2, 1, "=cmd()")
    assert [(each.channel, each.amount) for each in order.payments.all()] == [("wechat", 9700), ("gift_card", 2000)]
    assert [(each.source, each.line_nos) for each in order.discounts.all()] == [
        ("shop", ["1", "2"]),
        ("platform", None),
    ]


def test_an_apostrophe_against_formulas_is_taken_off():
    shop()
    guarded = {**ROW, "customer_phone": "'+8613800138000", "title": "'=1+1"}
    take_in(sheet(guarded, SECOND | {"customer_phone": "'+8613800138000"}))
    order = Order.objects.get()
    assert (str(order.customer.phone), order.lines.first().title) == ("+8613800138000", "=1+1")


def test_rows_of_one_order_must_agree():
    shop()
    report = take_in(sheet(ROW, {**SECOND, "state": "placed"}))
    assert [(error.row, list(error.fields)) for error in report.errors] == [(2, ["state"])]


def test_the_same_line_twice_in_a_file_is_refused():
    shop()
    report = take_in(sheet(ROW, SECOND, ROW))
    assert [list(error.fields) for error in report.errors] == [["lines.2.line_no"]]


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("quantity", "2.0"),
        ("quantity", "٣"),
        ("unit_price", "40,00"),
        ("unit_price", "1e3"),
        ("virtual", "yes"),
        ("title", "nul\x00"),
        ("payments", "wechat|1|12000|2026-11-01T10:01:00+08:00|1|2"),
        ("parcels", "P1|sf|SF1|yesterday||1*1"),
        ("parcels", "P1|sf|SF1|2026-11-02T09:00:00+08:00||1x1"),
        ("customer_phone", "none"),
        ("placed_at", "2026/11/01"),
    ],
)
def test_a_wrong_cell_is_a_row_error(cell, value):
    shop()
    report = take_in(sheet({**ROW, cell: value}))
    assert [error.row for error in report.errors] == [2]
    assert report.errors[0].fields


@pytest.mark.parametrize(
    "data", [b"", b"a,b\n1,2\n", b"PK\x03\x04\xff\xff", b"\xff\xff\xff", b"order_no,order_no\n1,2"]
)
def test_what_is_no_order_file_is_refused_as_a_whole(data):
    with pytest.raises(Invalid):
        take_in(data)


def test_an_open_quote_swallows_the_rest_and_is_told():
    shop()
    report = take_in(sheet(ROW, SECOND) + b'"open quote,' + b"x," * 5)
    assert report.created == 1
    assert [error.row for error in report.errors] == [4]


def test_a_huge_cell_is_a_row_error_and_a_huge_file_none(monkeypatch):
    shop()
    report = take_in(sheet({**ROW, "title": "x" * 200_000}))
    assert report.errors[0].row == 2
    monkeypatch.setattr(forms, "FILE_LIMIT", 10)
    with pytest.raises(TooLarge):
        take_in(sheet(ROW))


# --- the command ------------------------------------------------------------------------------------------


def test_the_command_tells_rows_on_standard_error_and_fails(tmp_path, capsys):
    shop()
    file = tmp_path / "orders.jsonl"
    file.write_text(json_line("J1") + "\n{\n")
    with pytest.raises(SystemExit) as end:
        call_command("import_orders", str(file))
    told = capsys.readouterr()
    assert (end.value.code, told.out) == (1, "")
    assert told.err.splitlines()[0].startswith("row 2: ")


def test_the_command_ends_well_when_every_row_did(tmp_path):
    shop()
    file = tmp_path / "orders.csv"
    file.write_bytes(sheet(ROW, SECOND))
    call_command("import_orders", str(file), "--merchant", "fresh")
    assert Order.objects.get().order_no == "C1"


def test_the_command_knows_neither_the_shop_nor_the_file(tmp_path):
    with pytest.raises(CommandError):
        call_command("import_orders", str(tmp_path / "none"))
    with pytest.raises(CommandError):
        call_command("import_orders", str(tmp_path), "--merchant", "none")
