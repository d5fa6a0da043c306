"""What a document says: its number, sums in Chinese capitals, its parts. No database, no clock."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from returns_platform.kernel.money import minor_digits

DIGITS = "零壹贰叁肆伍陆柒捌玖"
PLACES = ("", "拾", "佰", "仟")
BLOCKS = ("", "万", "亿", "兆")


def voucher_number(code: str, serial: int) -> str:
    """FRESH-RV00000001: of one shop, counted without a gap."""
    return f"{code.upper()}-RV{serial:08d}"


def red_letter_number(case_ref: str, seq: int) -> str:
    """RL, the digits of the return, a serial."""
    return f"RL{''.join(letter for letter in case_ref if letter.isdigit())}-{seq}"


def rest_of(earlier: Sequence[Sequence[Mapping]], lines: Sequence[Mapping]) -> list[dict]:
    """What of the lines was not asked for yet; lines of which nothing is left are left out.

    Lines are told apart by line_no and code. An earlier line that is no longer there comes back below 0.
    """
    rest = {_which(line): dict(line) for line in lines}
    for line in (line for request in earlier for line in request):
        kept = rest.setdefault(_which(line), {**line, "quantity": 0, "amount": 0, "tax": line["tax"] and 0})
        kept["amount"] -= line["amount"]
        kept["quantity"] -= line["quantity"]
        kept["tax"] = None if kept["tax"] is None else kept["tax"] - (line["tax"] or 0)
    return [line for line in rest.values() if line["amount"] or line["tax"]]


def _which(line: Mapping) -> tuple[str, str]:
    return line["line_no"], line["code"]


def in_capitals(amount: int, currency: str) -> str:
    """人民币壹仟贰佰叁拾肆元伍角陆分, as Chinese vouchers write sums; nothing for other currencies."""
    if currency != "CNY" or minor_digits(currency) != 2:
        return ""
    yuan, fen = divmod(abs(amount), 100)
    jiao, fen = divmod(fen, 10)
    whole = f"{_whole(yuan)}元" if yuan else ""
    return f"人民币{'负' if amount < 0 else ''}{whole}{_parts(jiao, fen, after=bool(yuan))}"


def _parts(jiao: int, fen: int, *, after: bool) -> str:
    if not jiao and not fen:
        return "整" if after else "零元整"
    said = f"{DIGITS[jiao]}角" if jiao else ("零" if after else "")
    return said + (f"{DIGITS[fen]}分" if fen else "整")


def _whole(number: int) -> str:
    """A whole number in capitals: blocks of four digits, one zero where digits are skipped."""
    said, gap = "", False
    for block in reversed(range(len(BLOCKS))):
        four = number // 10_000**block % 10_000
        if not four:
            gap = bool(said)
            continue
        if said and (gap or four < 1000):
            said += DIGITS[0]
        said, gap = said + _four(four) + BLOCKS[block], False
    return said


def _four(number: int) -> str:
    said, gap = "", False
    for place in reversed(range(4)):
        digit = number // 10**place % 10
        if not digit:
            gap = bool(said)
            continue
        said += (DIGITS[0] if gap else "") + DIGITS[digit] + PLACES[place]
        gap = False
    return said


@dataclass(frozen=True, slots=True)
class PaperRow:
    """One line of a sum. name and reason are words, amount is signed and in minor units; text stands in its place."""

    name: str
    amount: int | None
    reason: str = ""
    text: str = ""
    total: bool = False


@dataclass(frozen=True, slots=True)
class Paper:
    """A document ready to be drawn, in the words of one language. facts: (label, value). notes: small, at the end.

    stamp: a word across the top, for what is no longer valid.
    """

    title: str
    number: str
    shop: str
    language: str
    currency: str
    facts: tuple[tuple[str, str], ...]
    heads: tuple[str, str]
    rows: tuple[PaperRow, ...]
    notes: tuple[str, ...] = ()
    stamp: str = ""
    missing_glyphs: str = ""  # what to say of characters that the font does not have
