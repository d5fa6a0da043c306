"""What no policy of the platform may say, whoever publishes it: the law's floor, and what nobody could understand.

Pure, about one row each: {field: sentence}, empty where the row can stand. Asked when it is saved and when it is
published.
"""

from collections.abc import Iterable, Mapping
from operator import eq, ge, gt, le, lt, ne

from django.utils.translation import gettext as _

from .conditions import FIELDS, amount_limit
from .reasons import REASONS, is_fault

LEAST_DAYS = 7  # for returns without a reason, and for goods that are not as they should be
LEAST_FRESH_HOURS = 12
MOST = {"days": 1095, "hours": 720}  # nobody plans for more, and a typing mistake of two digits is caught
EXCLUDABLE_BY_LAW = frozenset({"fresh", "custom", "digital"})
FAULTS = ("quality", "fulfilment")

# {term: (least, most)}. Seven days after the goods are there the money has to be back, and fifteen without an answer
# are punishable; the others keep a typing mistake from holding money for years or giving away a multiple of it.
TERMS = {
    "merchant_answer_hours": (1, 360), "evidence_hours": (1, 720), "customer_send_days": (1, 90),
    "merchant_count_hours": (1, 168), "inspection_days": (1, 7), "exchange_pay_hours": (1, 720),
    "platform_call_days": (1, 365), "grace_coupon_days": (0, 365), "no_scan_buffer_days": (0, 60),
    "max_attempts": (1, 100), "point_value": (0, 100), "balance_bonus_bp": (0, 2000),
    "return_freight_cost": (0, 100_000), "return_freight_cap": (0, 100_000),
    "second_person_above": (0, 100_000_000), "hold_s": (0, 86_400),
}  # fmt: skip

# What people are told, by what the rule does. A sentence that says something else would be a lie to the customer.
SENTENCES = {
    "approve": ("within_window", "unshipped", "small_quality", "quality_with_return", "approved_by_rule"),
    "review": (
        "above_limit", "goodwill", "kit", "miscounted", "resettle", "risk", "often", "sent_again", "person_looks",
    ),
    "needs_evidence": ("evidence_missing", "video_missing"),
    "refuse": (
        "no_units", "out_of_window", "excluded_fresh", "excluded_custom", "excluded_digital", "excluded_by_law",
        "excluded_by_confirmation", "too_many_attempts", "gift_card_spent", "kit_only",
    ),
}  # fmt: skip
_NAMES_A_LIMIT = ("small_quality", "quality_with_return")
# What is certain enough to refuse without a person: {fact: (its values, the sentences that say so)}.
_CERTAIN = {
    "units_short": ((True,), ("no_units",)),
    "in_window": ((False,), ("out_of_window",)),
    "part_of_kit": ((True,), ("kit_only",)),
    "card": (("spent",), ("gift_card_spent",)),
    "attempts_left": ((0,), ("too_many_attempts",)),
    "excluded": (
        ("law", "confirmation"),
        ("excluded_fresh", "excluded_custom", "excluded_digital", "excluded_by_law", "excluded_by_confirmation"),
    ),
}
# What a sentence says beyond its ground: {sentence: (fact, its one value)}.
_SAYS = {
    "excluded_fresh": ("category", "fresh"),
    "excluded_custom": ("category", "custom"),
    "excluded_digital": ("category", "digital"),
    "excluded_by_law": ("excluded", "law"),
    "excluded_by_confirmation": ("excluded", "confirmation"),
}
_TESTS = {
    "eq": eq, "ne": ne, "lt": lt, "le": le, "gt": gt, "ge": ge,
    "in": lambda fact, values: fact in values, "not_in": lambda fact, values: fact not in values,
}  # fmt: skip


def about_window(
    basis: str, *, category: str, reason: str, length: int | None, unit: str, excluded: str
) -> dict[str, str]:
    if basis in FAULTS and excluded != "none":
        return {"excluded": _("Faulty and wrong goods can always be reported: nothing excludes that.")}
    if basis != "no_reason" and excluded != "none":
        return {"excluded": _("Only returns without a reason can be excluded.")}
    if excluded == "law":
        return _about_exclusion(category)
    if excluded == "confirmation" and not category:
        return {"category": _("A buyer can give up the right for some kinds of goods only. Choose the kind.")}
    if length is None:
        return {}
    fresh = category == "fresh" or reason.startswith("FR.")
    return _about_length(basis, fresh=fresh, length=length, unit=unit)


def _about_exclusion(category: str) -> dict[str, str]:
    if category in EXCLUDABLE_BY_LAW:
        return {}
    named = {"category": category or "*"}
    return {"category": _("The law does not exclude “%(category)s” from returns without a reason.") % named}


def _about_length(basis: str, *, fresh: bool, length: int, unit: str) -> dict[str, str]:
    if length > MOST.get(unit, 0):
        return {"length": _("At most %(most)s.") % {"most": MOST.get(unit, 0)}}
    in_days = unit == "days" and length >= LEAST_DAYS
    if basis == "no_reason" and not in_days:
        told = _("Returns without a reason are open for at least %(days)s days.")
        return {"length": told % {"days": LEAST_DAYS}}
    if basis in FAULTS and fresh and unit == "hours" and length < LEAST_FRESH_HOURS:
        told = _("Fresh goods can be reported for at least %(hours)s hours.")
        return {"length": told % {"hours": LEAST_FRESH_HOURS}}
    if basis in FAULTS and not fresh and not in_days:
        told = _("Faulty and wrong goods can be reported for at least %(days)s days.")
        return {"length": told % {"days": LEAST_DAYS}}
    return {}


def about_rule(effect: str, code: str, conditions: Iterable[Mapping]) -> dict[str, str]:
    """conditions: rows that fit the facts (`conditions.must_be_rows`)."""
    rows = list(conditions)
    if code not in SENTENCES.get(effect, ()):
        return {"code": _("This sentence says something else than the rule does.")}
    if code in _NAMES_A_LIMIT and amount_limit(rows) is None:
        return {"conditions": _("The sentence names a limit: add “amount of the request is at most …”.")}
    if effect == "needs_evidence" and any(REASONS[reason].basis == "no_reason" for reason in _reasons(rows)):
        return {"conditions": _("Who returns without a reason proves nothing: add for which reasons this is asked.")}
    if effect == "refuse":
        return _about_refusal(code, rows)
    return {}


def _about_refusal(code: str, rows: list[Mapping]) -> dict[str, str]:
    """By itself a rule refuses only what is certain; everything else is a person's."""
    ground, values = next((name, values) for name, (values, codes) in _CERTAIN.items() if code in codes)
    if not _is_said(rows, ground, values):
        told = _("A rule refuses only what is certain. For this sentence a condition must say it: “%(field)s”.")
        return {"conditions": told % {"field": FIELDS[ground].label}}
    about, value = _SAYS.get(code, (ground, None))
    if value and not _is_said(rows, about, (value,)):
        told = _("The sentence speaks of “%(value)s”: add that as a condition on “%(field)s”.")
        return {"conditions": told % {"value": value, "field": FIELDS[about].label}}
    if code == "kit_only" and any(REASONS[reason].basis in FAULTS for reason in _reasons(rows)):
        return {"conditions": _("A faulty part of a set can always be reported: add for which reasons this holds.")}
    return {}


def about_terms(terms: Mapping) -> dict[str, str]:
    wrong = {}
    for name, (least, most) in TERMS.items():
        value = terms[name]
        if value is not None and not least <= value <= most:
            wrong[name] = _("From %(least)s to %(most)s.") % {"least": least, "most": most}
    return wrong


def _reasons(rows: list[Mapping]) -> list[str]:
    """The reasons for which the conditions can hold."""
    asked = [row for row in rows if row["field"] in ("reason", "group", "basis", "fault")]
    return [code for code in REASONS if all(_holds(row, code) for row in asked)]


def _holds(row: Mapping, code: str) -> bool:
    reason = REASONS[code]
    known = {"reason": code, "group": reason.group, "basis": reason.basis, "fault": is_fault(code)}
    return _TESTS[row["op"]](known[row["field"]], row["value"])


def _is_said(rows: list[Mapping], field: str, values: tuple) -> bool:
    """Whether a condition leaves the fact no other value than these."""
    return any(row["field"] == field and set(_could_be(row)) <= set(values) for row in rows)


def _could_be(row: Mapping) -> list:
    """The values that a condition leaves to its fact, of all that could matter."""
    field = FIELDS[row["field"]]
    said = row["value"] if isinstance(row["value"], list) else [row["value"]]
    any_other = {"yes_no": (True, False), "word": field.words or (*said, "any other")}
    return [one for one in any_other.get(field.type, range(101)) if _TESTS[row["op"]](one, row["value"])]
