"""Alipay's bill of the trades of one day (业务明细): read whole, or not at all.

As the API gives it, a ZIP of two CSV files of which the one with the rows is read; or as somebody saved that file.
GBK or UTF-8. Lines of comment begin with #; the last ones hold the totals, and they have to add up.
"""

import csv
import io
import re
import zipfile
import zlib
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta

from refunds.gateways.alipay.keys import account
from refunds.gateways.alipay.reading import BEIJING, WHEN
from refunds.gateways.interface import Statement, StatementRow, StatementUnreadable

FIRST = "#支付宝业务明细查询"
FIRST_BYTES, BOM = (FIRST.encode(), FIRST.encode("gbk")), b"\xef\xbb\xbf"
BEGIN, END = "业务明细列表", "业务明细列表结束"
NUMBER, TRADE, KIND, DONE_AT = "退款批次号/请求号", "支付宝交易号", "业务类型", "完成时间"
ASKED, SETTLED = "订单金额（元）", "商家实收（元）"  # with and without what Alipay's own coupons paid
NEEDED = (NUMBER, TRADE, KIND, DONE_AT, ASKED, SETTLED)
KINDS = {"退款": "refund", "交易": "other"}
TOTALS = {"退款": "#退款合计", "交易": "#交易合计"}

DAY = r"\[(\d{4})年(\d\d)月(\d\d)日 00:00:00\]"
DAYS = re.compile(rf"#起始日期：{DAY}\s*终止日期：{DAY}")
ACCOUNT = re.compile(r"#账号：\[(\d{16})\d*\]")
TOTAL = re.compile(r"[^：]+：([0-9]+)笔，商家实收(?:退款)?共(-?[0-9]+\.[0-9]{2})元.*")
YUAN = re.compile(r"(-?)([0-9]{1,12})\.([0-9]{2})")

LARGEST = 200_000_000  # bytes, unpacked


def read(raw: bytes, *, day: date) -> Statement:
    """The bill of that Beijing day; no bytes are a day without trades. Raises StatementUnreadable.

    Rows that stand there twice are read twice: they are findings.
    """
    if not raw:
        return Statement(day, ())
    lines = _text(_unpacked(raw)).replace("\r\n", "\n").rstrip("\n").split("\n")
    begin, end = _places(lines)
    _must_be_ours(lines[:begin], day)
    titles = _values(lines[begin + 1], line=begin + 2)
    if missing := [name for name in NEEDED if titles.count(name) != 1]:
        raise StatementUnreadable(f"no bill of Alipay: the column {missing[0]} is not there once", line=begin + 2)
    found = {at + 1: _fields(lines[at], titles, line=at + 1) for at in range(begin + 2, end)}
    rows = tuple(_row(fields, line=line, day=day) for line, fields in found.items())
    _must_add_up(found, lines[end:], line=end + 1)
    return Statement(day, rows)


# --- the file ---------------------------------------------------------------------------------------------


def _unpacked(raw: bytes) -> bytes:
    """The file with the rows. What the files are called does not matter, only how they begin."""
    if not raw.startswith(b"PK"):
        return raw
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as files:
            contents = [_content(files, info) for info in files.infolist()[:10]]
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError, OSError):
        raise StatementUnreadable("the ZIP is damaged") from None
    found = [content for content in contents if content.removeprefix(BOM).startswith(FIRST_BYTES)]
    if len(found) != 1:
        raise StatementUnreadable("the ZIP holds no file of rows, or several")
    return found[0]


def _content(files: zipfile.ZipFile, info: zipfile.ZipInfo) -> bytes:
    with files.open(info) as file:
        content = file.read(LARGEST + 1)
    if len(content) > LARGEST:
        raise StatementUnreadable("a file of the ZIP is too large")
    return content


def _text(raw: bytes) -> str:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise StatementUnreadable("neither UTF-8 nor GBK")


def _places(lines: list[str]) -> tuple[int, int]:
    """Where the list begins and ends, counted from 0."""
    if lines[0] != FIRST:
        raise StatementUnreadable("no bill of Alipay", line=1)
    begin = next((at for at, line in enumerate(lines) if line.startswith("#") and BEGIN in line), None)
    end = next((at for at, line in enumerate(lines) if line.startswith("#") and END in line), None)
    if begin is None or end is None or end < begin + 2:
        raise StatementUnreadable("the list has no end: the file is cut short", line=len(lines))
    return begin, end


def _must_be_ours(head: list[str], day: date) -> None:
    accounts = [found[1] for line in head if (found := ACCOUNT.fullmatch(line.strip()))]
    if accounts != [account().seller_id]:
        raise StatementUnreadable(f"of another merchant: {', '.join(accounts) or 'none named'}")
    spans = [found.groups() for line in head if (found := DAYS.fullmatch(line.strip()))]
    try:
        days = [(date(*map(int, span[:3])), date(*map(int, span[3:]))) for span in spans]
    except ValueError:
        days = []
    if days != [(day, day + timedelta(days=1))]:
        raise StatementUnreadable("of another day, or of more than one")


# --- its rows ---------------------------------------------------------------------------------------------


def _values(text: str, *, line: int) -> list[str]:
    try:
        return [value.strip() for value in next(csv.reader([text], strict=True))]
    except (csv.Error, StopIteration):
        raise StatementUnreadable("no values", line=line) from None


def _fields(text: str, titles: list[str], *, line: int) -> dict[str, str]:
    values = _values(text, line=line)
    if len(values) != len(titles):
        raise StatementUnreadable(f"{len(values)} values under {len(titles)} columns", line=line)
    return dict(zip(titles, values, strict=True))


def _row(fields: Mapping[str, str], *, line: int, day: date) -> StatementRow:
    if fields[KIND] not in KINDS:
        raise StatementUnreadable(f"an unknown kind of row: {fields[KIND][:32]}", line=line)
    at = _moment(fields[DONE_AT], line=line)
    if at.date() != day:
        raise StatementUnreadable(f"of another day: {at.date()}", line=line)
    kind, amount = KINDS[fields[KIND]], _fen(fields[ASKED], line=line)
    if kind == "refund" and amount >= 0:
        raise StatementUnreadable("a refund that takes no money", line=line)
    return StatementRow(
        line=line, kind=kind, number=_number(fields[NUMBER], line=line), channel_ref="",
        transaction_id=_number(fields[TRADE], line=line), amount=abs(amount), currency="CNY", at=at.astimezone(UTC),
    )  # fmt: skip


def _number(text: str, *, line: int) -> str:
    if len(text) > 64 or not (text.isascii() and (text.isprintable() or not text)):
        raise StatementUnreadable("a number that is none", line=line)
    return text


def _moment(text: str, *, line: int) -> datetime:
    try:
        return datetime.strptime(text, WHEN).replace(tzinfo=BEIJING)
    except ValueError:
        raise StatementUnreadable(f"no time: {text[:32]}", line=line) from None


def _fen(text: str, *, line: int) -> int:
    found = YUAN.fullmatch(text)
    if not found:
        raise StatementUnreadable(f"no sum: {text[:32]}", line=line)
    return int(found[1] + found[2] + found[3])


def _must_add_up(found: Mapping[int, Mapping[str, str]], foot: list[str], *, line: int) -> None:
    for kind, total in TOTALS.items():
        lines = [TOTAL.fullmatch(text.strip()) for text in foot if text.startswith(total)]
        if len(lines) != 1 or lines[0] is None:
            raise StatementUnreadable(f"{total} is missing: the file is cut short", line=line)
        sums = [_fen(fields[SETTLED], line=at) for at, fields in found.items() if fields[KIND] == kind]
        if (len(sums), sum(sums)) != (int(lines[0][1]), _fen(lines[0][2], line=line)):
            raise StatementUnreadable(f"the rows do not add up to {total}", line=line)
