"""Conditions of a rule: rows of field, operator, value, typed against the facts and compiled once a version.

A row is {"field": "amount", "op": "le", "value": 3000}; all rows of a rule must hold; no row always holds.
What cannot work is refused when it is saved, in the reader's language: a field that does not exist, an
operator that does not go with it, a value of another type. There are no pattern operators: a pattern can run
for minutes.
"""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import rule_engine
from django.utils.translation import gettext, pgettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _
from rule_engine import Context, DataType, type_resolver_from_dict

from aftersales.credit.rules import LEVELS
from returns_platform.kernel.errors import Invalid

from .reasons import BASES, KINDS, REASONS, STATES
from .rules import CARDS, EXCLUSIONS, Rule

GROUPS = tuple(dict.fromkeys(reason.group for reason in REASONS.values()))
_WORD = re.compile(r"[A-Za-z0-9._-]{1,64}")
_LARGEST = 10**12
_SHOWN = 8  # known words that an error names
_READABLE = 40  # characters of a wrong value that an error repeats
MOST_ROWS = 6
MOST_WORDS = 200  # of a list: each is compared at every judgement


@dataclass(frozen=True, slots=True)
class Field:
    """One fact a condition may ask. type: money (minor units), whole, yes_no or word. words: known ones."""

    label: str
    type: str
    words: tuple[str, ...] = ()


FIELDS = {
    "kind": Field(_("what is asked for"), "word", KINDS),
    "sent_back": Field(_("goods come back"), "yes_no"),
    "amount": Field(_("amount of the request"), "money"),
    "currency": Field(_("currency"), "word"),
    "risk": Field(_("risk, 0 to 100"), "whole"),
    "level": Field(_("credit of the customer"), "word", LEVELS),
    "returns_lately": Field(_("requests in 30 days, this one counted"), "whole"),
    "kept_lately": Field(_("paid or sent again without a return in 90 days, this one counted"), "money"),
    "resettle": Field(_("promotion settled anew"), "yes_no"),
    "miscounted": Field(_("a parcel was miscounted"), "yes_no"),
    "reason": Field(_("reason"), "word", tuple(REASONS)),
    "group": Field(_("group of the reason"), "word", GROUPS),
    "basis": Field(_("basis"), "word", BASES),
    "fault": Field(_("the shop or courier is at fault"), "yes_no"),
    "category": Field(_("category"), "word"),
    "goods_state": Field(_("state of the goods"), "word", STATES),
    "quantity": Field(_("units asked for"), "whole"),
    "unit_price": Field(_("price of one unit"), "money"),
    "units_short": Field(_("more units than there are"), "yes_no"),
    "excluded": Field(_("excluded from no-reason returns"), "word", EXCLUSIONS),
    "in_window": Field(_("within the time"), "yes_no"),
    "part_of_kit": Field(_("part of a set, the rest stays"), "yes_no"),
    "photos": Field(_("photos added"), "whole"),
    "videos": Field(_("videos added"), "whole"),
    "files": Field(_("photos and videos added"), "whole"),
    "attempts_left": Field(_("requests left for the line"), "whole"),
    "card": Field(_("gift card that comes back"), "word", CARDS),
    "sent_again": Field(_("units that were sent again before"), "whole"),
}

OF_THE_CUSTOMER = ("risk", "level", "returns_lately", "kept_lately")


@dataclass(frozen=True, slots=True)
class Operator:
    """sign: as the engine writes it. types: of fields it goes with. many: the value is a list."""

    label: str
    sign: str
    types: tuple[str, ...]
    many: bool = False


_NUMBERS = ("money", "whole")
OPERATORS = {
    "eq": Operator(pgettext_lazy("condition", "is"), "==", (*_NUMBERS, "yes_no", "word")),
    "ne": Operator(pgettext_lazy("condition", "is not"), "!=", (*_NUMBERS, "yes_no", "word")),
    "lt": Operator(_("is below"), "<", _NUMBERS),
    "le": Operator(_("is at most"), "<=", _NUMBERS),
    "gt": Operator(_("is above"), ">", _NUMBERS),
    "ge": Operator(_("is at least"), ">=", _NUMBERS),
    "in": Operator(_("is one of"), "in", ("word",), many=True),
    "not_in": Operator(_("is none of"), "not in", ("word",), many=True),
}

_ENGINE_TYPES = {
    "money": DataType.FLOAT,
    "whole": DataType.FLOAT,
    "yes_no": DataType.BOOLEAN,
    "word": DataType.STRING,
}
_TYPED = type_resolver_from_dict({name: _ENGINE_TYPES[field.type] for name, field in FIELDS.items()})
_CONTEXT = Context(type_resolver=_TYPED)


def compiled(conditions: list[dict]) -> Callable[[Mapping], bool]:
    """A function from tested facts to True or False. Raises Invalid for a row that cannot work."""
    must_be_rows(conditions)
    if not conditions:
        return lambda tested: True
    try:
        return rule_engine.Rule(expression(conditions), context=_CONTEXT).matches
    except rule_engine.errors.EngineError as wrong:
        raise Invalid(gettext("This condition cannot be read: %(wrong)s") % {"wrong": wrong.message}) from wrong


def compiled_rule(name: str, effect: str, code: str, conditions: list[dict], who: str, asks: str) -> Rule:
    """One row of a policy, ready to be asked. Raises Invalid."""
    return Rule(
        name, effect, code, compiled(conditions), who, asks, amount_limit(conditions), price_above(conditions)
    )


def must_be_rows(conditions) -> None:
    """Raises Invalid for the first row that does not fit the facts."""
    if not isinstance(conditions, list):
        raise Invalid(gettext("Conditions are a list of rows."))
    if len(conditions) > MOST_ROWS:
        raise Invalid(gettext("A rule has at most %(most)s conditions.") % {"most": MOST_ROWS})
    for row in conditions:
        _must_fit(row)


def must_not_refuse_a_person(effect: str, conditions: list[dict]) -> None:
    """What is known of a customer can bring a person to look, and never refuses by itself (S115). Raises Invalid."""
    about = next((row["field"] for row in conditions if row["field"] in OF_THE_CUSTOMER), None)
    if effect == "refuse" and about:
        told = gettext("“%(field)s” can have a person look. It cannot refuse.")
        raise Invalid(told % {"field": FIELDS[about].label})


def expression(conditions: list[dict]) -> str:
    """What the engine reads. Values are checked words, whole numbers and yes or no, never free text."""
    return " and ".join(
        f"{row['field']} {OPERATORS[row['op']].sign} {json.dumps(row['value'])}" for row in conditions
    )


def value_from_text(field: str, op: str, text: str):
    """What a person typed beside a field and an operator, as the value of a row. Raises Invalid."""
    kind = FIELDS[field].type
    if kind == "money":
        return _money(text)
    if kind == "whole":
        return _whole(text)
    if kind == "yes_no":
        return _yes_no(text)
    words = [word for word in re.split(r"[\s,，、]+", text.strip()) if word]
    return words if OPERATORS[op].many else text.strip()


def value_as_text(field: str, value) -> str:
    """The value of a row as a person types it."""
    if FIELDS[field].type == "money":
        return plain_amount(value)
    if isinstance(value, bool):
        return pgettext("condition", "yes") if value else pgettext("condition", "no")
    return ", ".join(value) if isinstance(value, list) else str(value)


def plain_amount(minor: int) -> str:
    """500.00, as a person types it: a rule holds for every currency."""
    return f"{minor // 100}.{minor % 100:02d}"


def amount_limit(conditions: list[dict]) -> int | None:
    """Up to which amount the rule holds, minor units, where it says so."""
    limits = [row["value"] for row in conditions if row["field"] == "amount" and row["op"] == "le"]
    return min(limits, default=None)


def price_above(conditions: list[dict]) -> int | None:
    """Above which price of a unit the rule holds, minor units, where it says so."""
    floors = [
        row["value"] - (row["op"] == "ge")
        for row in conditions
        if row["field"] == "unit_price" and row["op"] in ("gt", "ge")
    ]
    return max(floors, default=None)


def _must_fit(row) -> None:
    if not isinstance(row, dict) or set(row) != {"field", "op", "value"}:
        raise Invalid(gettext("A condition is a field, an operator and a value."))
    field, operator = (known.get(_name(row[part])) for known, part in ((FIELDS, "field"), (OPERATORS, "op")))
    if field is None:
        raise Invalid(gettext("There is no fact named “%(name)s”.") % {"name": _short(row["field"])})
    if operator is None:
        raise Invalid(gettext("There is no operator named “%(name)s”.") % {"name": _short(row["op"])})
    if field.type not in operator.types:
        named = {"field": field.label, "operator": operator.label}
        raise Invalid(gettext("“%(field)s” does not go with “%(operator)s”.") % named)
    values = row["value"] if operator.many and isinstance(row["value"], list) else [row["value"]]
    if not values or (operator.many and not isinstance(row["value"], list)):
        raise Invalid(gettext("“%(operator)s” needs at least one value.") % {"operator": operator.label})
    if len(values) > MOST_WORDS:
        raise Invalid(gettext("A list has at most %(most)s values.") % {"most": MOST_WORDS})
    for value in values:
        _must_be_of(field, value)


def _must_be_of(field: Field, value) -> None:
    if field.type == "yes_no":
        fits = isinstance(value, bool)
    elif field.type == "word":
        known = isinstance(value, str) and (value in field.words if field.words else _WORD.fullmatch(value))
        fits = bool(known)
    else:
        fits = isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= _LARGEST
    if not fits:
        named = {"value": _short(value), "field": field.label, "known": ", ".join(field.words[:_SHOWN])}
        told = (
            gettext("“%(value)s” is no value for “%(field)s”. Write for example: %(known)s.")
            if field.words
            else gettext("“%(value)s” is no value for “%(field)s”.")
        )
        raise Invalid(told % named)


def _name(value) -> str:
    return value if isinstance(value, str) else ""


def _short(value) -> str:
    said = str(value)
    return said if len(said) <= _READABLE else f"{said[:_READABLE]}…"


def _money(text: str) -> int:
    found = re.fullmatch(r"(\d{1,10})(?:\.(\d{1,2}))?", text.strip(), re.ASCII)
    if not found:
        raise Invalid(gettext("Write an amount such as 500.00."))
    return int(found[1]) * 100 + int((found[2] or "0").ljust(2, "0"))


def _whole(text: str) -> int:
    if not re.fullmatch(r"\d{1,9}", text.strip(), re.ASCII):
        raise Invalid(gettext("Write a whole number."))
    return int(text)


def _yes_no(text: str) -> bool:
    said = text.strip().lower()
    if said in ("yes", "true", "是"):
        return True
    if said in ("no", "false", "否"):
        return False
    raise Invalid(gettext("Write yes or no."))
