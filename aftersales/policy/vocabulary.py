"""The facts of a rule in plain words: their values, and whole conditions as a sentence."""

from collections.abc import Iterable, Mapping

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from aftersales.credit.texts import LEVELS
from orders.catalogue.models import Category
from returns_platform.kernel import ui

from .conditions import FIELDS, OPERATORS, plain_amount
from .reasons import REASONS


def sentence(conditions: Iterable[Mapping]) -> str:
    """Conditions in plain words; none at all always hold."""
    told = [_clause(**row) for row in conditions]
    return pgettext("between conditions", "; ").join(told) or _("always")


def word(name: str, value) -> str:
    """One known word of a fact in the reader's language; the word itself where there is no other."""
    if name == "reason" and value in REASONS:
        return str(REASONS[value].text)
    if name == "category":
        return str(dict(Category.choices).get(value, value))
    return str(_words().get(name, {}).get(value, value))


def value_in_words(name: str, params: Mapping) -> str:
    """A fact of a trace as a person reads it."""
    value = params[name]
    if isinstance(value, bool):
        return pgettext("condition", "yes") if value else pgettext("condition", "no")
    if FIELDS[name].type == "money":
        return ui.money(value, params.get("currency", "CNY"))
    if name == "reason" and value in REASONS:
        return _("%(text)s (%(code)s)") % {"text": REASONS[value].text, "code": value}
    return word(name, value)


def known_words() -> list[tuple[str, str]]:
    """(word, what it means) of everything that may stand as a value of a condition."""
    found = {(code, word("category", code)): None for code in Category.values}
    for name, field in FIELDS.items():
        found |= {(code, word(name, code)): None for code in field.words}
    return list(found)


def _clause(field: str, op: str, value) -> str:
    known = FIELDS[field]
    if known.type == "yes_no":
        return str(known.label) if value is (op == "eq") else _otherwise(field)
    values = value if isinstance(value, list) else [value]
    named = {
        "field": known.label,
        "operator": OPERATORS[op].label,
        "value": pgettext("between things", ", ").join(_quoted(field, one) for one in values),
    }
    return _("%(field)s %(operator)s %(value)s") % named


def _quoted(field: str, value) -> str:
    kind = FIELDS[field].type
    if kind == "money":
        return plain_amount(value)
    return _("“%(word)s”") % {"word": word(field, value)} if kind == "word" else str(value)


def _otherwise(field: str) -> str:
    """What holds where a fact that is yes or no is no."""
    return {
        "sent_back": _("the goods stay with the customer"),
        "resettle": _("no promotion is settled anew"),
        "miscounted": _("no parcel was miscounted"),
        "fault": _("neither the shop nor the courier is at fault"),
        "units_short": _("there are enough units"),
        "in_window": _("the time is over"),
        "part_of_kit": _("nothing of a set stays behind"),
    }[field]


def _words() -> dict[str, dict[str, str]]:
    return {
        "kind": {
            "refund_only": _("Refund only"),
            "return_refund": _("Return and refund"),
            "exchange": _("Exchange"),
            "repair": _("Repair"),
            "resend": _("Send it again"),
        },
        "level": LEVELS,
        "group": {
            "NR": _("changed their mind"),
            "QL": _("quality"),
            "FR": _("fresh goods"),
            "FU": _("wrong or missing"),
            "LG": _("delivery"),
            "UN": _("not sent yet"),
            "SV": _("invoice or price"),
            "PL": _("recall by the platform"),
            "OT": _("something else"),
        },
        "basis": {
            "no_reason": _("without a reason"),
            "quality": _("quality"),
            "fulfilment": _("wrong, missing, damaged"),
            "goodwill": _("goodwill"),
        },
        "goods_state": {"unshipped": _("not sent yet"), "shipped": _("on the way"), "signed": _("delivered")},
        "excluded": {
            "none": pgettext("condition", "no"),
            "law": _("by law"),
            "confirmation": _("by the buyer's confirmation"),
        },
        "card": {"none": pgettext("condition", "no"), "unused": _("unused"), "spent": _("spent in part")},
    }
