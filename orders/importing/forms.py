"""Files of orders into bodies of PUT /orders: JSON lines, or CSV with one row per order line.

CSV columns, in any order; those marked * are needed. Order columns are repeated on every row of an order.

    merchant  order_no*  currency*  placed_at*  state*
    customer_external_id*  customer_name*  customer_phone  customer_email  customer_username
    customer_points_balance
    ship_name  ship_phone  ship_province  ship_city  ship_district  ship_street
    freight_charged  freight_discount  freight_free_from  points_used  points_amount  points_earned
    discounts  payments  parcels
    line_no*  sku*  title*  category*  quantity*  unit_price*  line_discount  tax_rate  virtual  gift_price
    kit  gift_cards  codes  no_reason_excluded_confirmed_at

Amounts are whole minor units (4000 = 40.00), times RFC 3339 with offset, `virtual` is true or false, the numbers
of gift cards and codes stand apart by a space.
Several entries in one cell stand apart by ";", their parts by "|"; trailing parts may be left out:

    discounts   name|source|amount|line numbers apart by a space|threshold|percent|coupon|valid_until
    payments    channel|transaction_id|amount|paid_at|transaction_total|gift_card
    parcels     parcel_no|courier|waybill|shipped_at|signed_at|1*3 2*1   (line number * quantity)

UTF-8 with or without byte order mark; what is not UTF-8 is read as GB 18030, as Excel saves it in China.
An apostrophe before = + - @, as exports write it against formulas, is taken off again.
"""

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from returns_platform.kernel.api import read_json
from returns_platform.kernel.errors import Invalid, Refused, TooLarge

FILE_LIMIT = 50_000_000  # bytes
LINE_LIMIT = 1_000_000  # bytes, like a body of the API


@dataclass(frozen=True, slots=True)
class Entry:
    """One order of a file, or why it could not be read. rows: as a person counts them, the head being 1."""

    rows: tuple[int, ...]
    merchant: str = ""
    order_no: object = None
    body: dict = field(default_factory=dict)
    refused: Refused | None = None


def entries_of(data: bytes) -> Iterator[Entry]:
    """The orders of a file as they first appear; raises Invalid or TooLarge when it is no file of orders."""
    if len(data) > FILE_LIMIT:
        raise TooLarge(_("The file is larger than %(limit)s MB.") % {"limit": FILE_LIMIT // 1_000_000})
    if data.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] == b"{":
        return _json_entries(data.removeprefix(b"\xef\xbb\xbf"))
    return _csv_entries(_text(data))


# --- JSON lines -------------------------------------------------------------------------------------------


def _json_entries(data: bytes) -> Iterator[Entry]:
    for number, line in enumerate(data.split(b"\n"), start=1):
        if not line.strip():
            continue
        try:
            yield _json_entry(number, line)
        except Refused as refused:
            yield Entry((number,), refused=refused)


def _json_entry(number: int, line: bytes) -> Entry:
    if len(line) > LINE_LIMIT:
        raise TooLarge(_("The line is larger than 1 MB."))
    body = read_json(line)
    merchant = body.pop("merchant", "")
    return Entry((number,), merchant=str(merchant), order_no=body.pop("order_no", None), body=body)


# --- CSV --------------------------------------------------------------------------------------------------

ORDER_COLUMNS = ("currency", "placed_at", "state")
CUSTOMER = ("external_id", "name", "phone", "email", "username", "points_balance")
ADDRESS = ("name", "phone", "province", "city", "district", "street")
FREIGHT = ("charged", "discount", "free_from")
POINTS = ("used", "amount", "earned")
DISCOUNT = ("name", "source", "amount", "line_nos", "threshold", "percent", "coupon", "valid_until")
PAYMENT = ("channel", "transaction_id", "amount", "paid_at", "transaction_total", "gift_card")
LINE_COLUMNS = (
    "line_no", "sku", "title", "category", "quantity", "unit_price", "line_discount", "tax_rate", "virtual",
    "gift_price", "kit", "gift_cards", "codes", "no_reason_excluded_confirmed_at",
)  # fmt: skip
SHARED = (
    "merchant", "order_no", *ORDER_COLUMNS,
    *(f"customer_{name}" for name in CUSTOMER), *(f"ship_{name}" for name in ADDRESS),
    *(f"freight_{name}" for name in FREIGHT), *(f"points_{name}" for name in POINTS),
    "discounts", "payments", "parcels",
)  # fmt: skip
NUMBERS = frozenset(
    {"quantity", "unit_price", "line_discount", "gift_price", "amount", "threshold", "charged", "discount",
     "free_from", "used", "earned", "points_balance", "transaction_total", "percent"}
)  # fmt: skip


def _text(data: bytes) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        pass
    try:
        return data.decode("gb18030")
    except UnicodeDecodeError:
        raise Invalid(_("The file is neither UTF-8 nor GB 18030 text.")) from None


def _csv_entries(text: str) -> Iterator[Entry]:
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    head = _head(reader)
    groups: dict[tuple[str, str], list[tuple[int, dict]]] = {}
    for number, cells in _rows(reader):
        if isinstance(cells, Refused):
            yield Entry((number,), refused=cells)
        elif any(cells):
            row = dict(zip(head, cells, strict=False))
            extra = len(cells) > len(head) and any(cells[len(head) :])
            if extra:
                yield Entry((number,), refused=Invalid(_("The row has more cells than the head.")))
                continue
            groups.setdefault((row.get("merchant", ""), row.get("order_no", "")), []).append((number, row))
    for rows in groups.values():
        yield _csv_entry(rows)


def _head(reader) -> list[str]:
    try:
        head = [_cell(cell).lower() for cell in next(reader, [])]
    except csv.Error:
        head = []
    unknown = [name for name in head if name not in SHARED + LINE_COLUMNS]
    if not head or unknown or len(set(head)) != len(head) or "order_no" not in head:
        raise Invalid(_("The first row must name the columns of an order file."), fields=dict.fromkeys(unknown, "?"))
    return head


def _rows(reader) -> Iterator[tuple[int, list[str] | Refused]]:
    number = 1
    while True:
        number += 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield number, Invalid(_("The row cannot be read: %(error)s.") % {"error": error})
        else:
            yield number, [_cell(cell) for cell in cells]


def _cell(cell: str) -> str:
    return re.sub(r"^'(?=[=+\-@\t\r])", "", cell.strip())


def _csv_entry(rows: list[tuple[int, dict]]) -> Entry:
    numbers = tuple(number for number, _row in rows)
    first = rows[0][1]
    merchant, order_no = first.get("merchant", ""), first.get("order_no", "")
    try:
        _must_agree(rows)
        return Entry(numbers, merchant=merchant, order_no=order_no, body=_body(first, [row for _n, row in rows]))
    except Refused as refused:
        return Entry(numbers, merchant=merchant, order_no=order_no, refused=refused)


def _must_agree(rows: list[tuple[int, dict]]) -> None:
    first = rows[0][1]
    for number, row in rows[1:]:
        for name in SHARED:
            if row.get(name) != first.get(name):
                sentence = _("Row %(row)s says something else than row %(first)s.")
                raise Invalid(fields={name: sentence % {"row": number, "first": rows[0][0]}})


def _body(order: dict, rows: list[dict]) -> dict:
    body = {
        **_part(order, "", ORDER_COLUMNS),
        "customer": _part(order, "customer_", CUSTOMER),
        "ship_to": _part(order, "ship_", ADDRESS),
        "freight": _part(order, "freight_", FREIGHT),
        "points": _part(order, "points_", POINTS),
        "lines": [_part(row, "", LINE_COLUMNS) for row in rows],
        "discounts": _cells(order, "discounts", DISCOUNT),
        "payments": _cells(order, "payments", PAYMENT),
        "parcels": _cells(order, "parcels", ("parcel_no", "courier", "waybill", "shipped_at", "signed_at", "items")),
    }
    return {name: value for name, value in body.items() if value}


def _part(row: dict, prefix: str, names: tuple[str, ...]) -> dict:
    """The filled cells under a prefix, without it."""
    found = {name: row.get(prefix + name, "") for name in names}
    return {name: _value(name, text) for name, text in found.items() if text}


def _cells(row: dict, column: str, names: tuple[str, ...]) -> list[dict]:
    entries = [entry for entry in row.get(column, "").split(";") if entry.strip()]
    return [_entry(column, entry, names) for entry in entries]


def _entry(column: str, text: str, names: tuple[str, ...]) -> dict:
    parts = [part.strip() for part in text.split("|")]
    if len(parts) > len(names):
        raise Invalid(fields={column: _("Too many parts: %(names)s.") % {"names": "|".join(names)}})
    return {name: _value(name, part) for name, part in zip(names, parts, strict=False) if part}


def _value(name: str, text: str):
    """What the JSON of the API would hold; what does not fit is left as text for the API's own check."""
    if name in NUMBERS and re.fullmatch(r"[0-9]{1,15}", text):
        return int(text)
    if name == "virtual" and text.lower() in ("true", "false"):
        return text.lower() == "true"
    if name in ("line_nos", "gift_cards", "codes"):
        return text.split()
    if name == "items":
        return [_item(item) for item in text.split()]
    return text


def _item(text: str) -> dict:
    line_no, _star, quantity = text.rpartition("*")
    return {
        "line_no": line_no,
        "quantity": int(quantity) if re.fullmatch(r"[0-9]{1,9}", quantity) else quantity,
    }
