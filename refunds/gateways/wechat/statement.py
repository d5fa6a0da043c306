"""WeChat's trade bill of one day: read whole, or not at all.

As the API gives it, or as somebody saved it from the merchant platform (UTF-8, with or without BOM, or GBK). Every
value has a backtick before it; sums are in yuan; the last line holds the totals, and they have to add up.
"""

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from refunds.gateways.interface import Statement, StatementRow, StatementUnreadable
from refunds.gateways.wechat.keys import account

BEIJING = ZoneInfo("Asia/Shanghai")
NEEDED = (
    "交易时间", "商户号", "微信订单号", "交易状态", "货币种类", "微信退款单号", "商户退款单号", "退款金额",
    "退款状态",
)  # fmt: skip
TOTAL_ROWS, TOTAL_SETTLED, TOTAL_ASKED = "总交易单数", "退款总金额", "申请退款总金额"
SETTLED, ASKED = "退款金额", "申请退款金额"  # without and with coupons that were no money
APPLIED_AT, SUCCEEDED_AT, AT = "退款申请时间", "退款成功时间", "交易时间"

# What a refund's state on the bill means: money went out, came back, or has not moved.
KINDS = {"SUCCESS": "refund", "FAIL": "reversal", "PROCESSING": "other", "CHANGE": "other"}
TRADES = {"SUCCESS", "REFUND", "REVOKED"}
YUAN = re.compile(r"([0-9]{1,12})(?:\.([0-9]{1,2}))?")
WHEN = "%Y-%m-%d %H:%M:%S"


def read(raw: bytes, *, day: date) -> Statement:
    """The bill of that Beijing day; no bytes are a day without refunds. Raises StatementUnreadable.

    Rows that stand there twice are read twice: they are findings.
    """
    if not raw:
        return Statement(day, ())
    lines = _text(raw).replace("\r\n", "\n").rstrip("\n").split("\n")
    titles = _titles(lines[0])
    if len(lines) < 3 or not lines[-2].startswith(TOTAL_ROWS):
        raise StatementUnreadable("the totals are missing: the file is cut short", line=len(lines))
    us = account().mchid
    found = [_fields(line, titles, number=at) for at, line in enumerate(lines[1:-2], start=2)]
    rows = tuple(_row(fields, line=at, day=day, us=us) for at, fields in enumerate(found, start=2))
    _must_add_up(found, _fields(lines[-1], lines[-2].split(","), number=len(lines)), line=len(lines))
    return Statement(day, rows)


def _text(raw: bytes) -> str:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise StatementUnreadable("neither UTF-8 nor GBK")


def _titles(line: str) -> list[str]:
    titles = line.split(",")
    if missing := [name for name in NEEDED if titles.count(name) != 1]:
        raise StatementUnreadable(f"no bill of WeChat Pay: the column {missing[0]} is not there once", line=1)
    return titles


def _fields(line: str, titles: list[str], *, number: int) -> dict[str, str]:
    """Split at the backticks, so that a comma in the name of goods is no border."""
    values = line[1:].split(",`")
    if not line.startswith("`") or len(values) != len(titles):
        raise StatementUnreadable(f"{len(values)} values under {len(titles)} columns", line=number)
    return dict(zip(titles, values, strict=True))


def _row(fields: Mapping[str, str], *, line: int, day: date, us: str) -> StatementRow:
    if fields["商户号"] != us:
        raise StatementUnreadable(f"of another merchant: {fields['商户号'][:32]}", line=line)
    kind = _kind(fields, line=line)
    at = _moment(fields.get(SUCCEEDED_AT) or fields[AT], line=line)
    days = {at.date()}
    if fields.get(APPLIED_AT):
        days.add(_moment(fields[APPLIED_AT], line=line).date())
    if day not in days:
        raise StatementUnreadable(f"of another day: {at.date()}", line=line)
    amount = _fen(fields.get(ASKED, fields[SETTLED]), line=line)
    if kind != "other" and amount == 0:
        raise StatementUnreadable("a refund of nothing", line=line)
    if not re.fullmatch(r"[A-Z]{3}", fields["货币种类"]):
        raise StatementUnreadable("no currency", line=line)
    return StatementRow(
        line=line, kind=kind, number=_number(fields["商户退款单号"], line=line),
        channel_ref=_number(fields["微信退款单号"], line=line),
        transaction_id=_number(fields["微信订单号"], line=line), amount=amount, currency=fields["货币种类"],
        at=at.astimezone(UTC),
    )  # fmt: skip


def _kind(fields: Mapping[str, str], *, line: int) -> str:
    if fields["交易状态"] not in TRADES:
        raise StatementUnreadable(f"an unknown state of a trade: {fields['交易状态'][:32]}", line=line)
    if fields["交易状态"] != "REFUND":
        return "other"
    if fields["退款状态"] not in KINDS:
        raise StatementUnreadable(f"an unknown state of a refund: {fields['退款状态'][:32]}", line=line)
    return KINDS[fields["退款状态"]]


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
    return int(found[1]) * 100 + int((found[2] or "").ljust(2, "0"))


def _must_add_up(found: list[dict[str, str]], totals: Mapping[str, str], *, line: int) -> None:
    if totals[TOTAL_ROWS] != str(len(found)):
        raise StatementUnreadable(f"{len(found)} rows, and the total says {totals[TOTAL_ROWS][:32]}", line=line)
    for name, total in ((SETTLED, TOTAL_SETTLED), (ASKED, TOTAL_ASKED)):
        if total not in totals or (found and name not in found[0]):
            continue
        added = sum(_fen(fields[name], line=at) for at, fields in enumerate(found, start=2))
        if added != _fen(totals[total], line=line):
            raise StatementUnreadable(f"the rows of {name} do not add up to {total}", line=line)
