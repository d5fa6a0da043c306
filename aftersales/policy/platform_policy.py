"""Version 1 of the platform's policy, as data: in force from 2000-01-01, the same for every shop.

The first rule that matches decides. Money in minor units: 3000 is 30.00.
"""

from datetime import UTC, datetime

from .windows import Window

NUMBER = 1
# The start of that day on the clock of the platform's own zone is earlier; no order is that old.
STARTS_AT = datetime(2000, 1, 1, tzinfo=UTC)

TERMS = {
    "broken_threshold": "PRO_RATA",
    "tender_strategy": "proportional",
    "deduct_pickup": False,
    "deduct_waived_freight": False,
    "deduct_points_shortfall": False,
    "point_value": 1,
    "expired_coupon": "EXTEND",
    "fresh_ladder": False,
    "balance_bonus_bp": 200,
    "second_person_above": 500_000,
    "hold_s": None,
    "return_freight_cost": 1200,
    "return_freight_cap": 1200,
    "merchant_answer_hours": 24,
    "evidence_hours": 72,
    "customer_send_days": 7,
    "merchant_count_hours": 48,
    "inspection_days": 7,
    "exchange_pay_hours": 48,
    "platform_call_days": 15,
    "grace_coupon_days": 7,
    "max_attempts": 5,
    "no_scan_buffer_days": 10,
}

WINDOWS = (
    Window("no_reason", length=7),
    Window("no_reason", "fresh", excluded="law"),
    Window("no_reason", "custom", excluded="law"),
    Window("no_reason", "digital", excluded="law"),
    Window("no_reason", "cosmetics", length=7, excluded="confirmation"),
    Window("no_reason", "electronics", length=7, excluded="confirmation"),
    Window("quality", length=15),
    Window("quality", "fresh", length=24, unit="hours"),
    Window("quality", "fresh", "FR.DEAD", length=12, unit="hours"),
    Window("fulfilment", length=15),
    Window("fulfilment", "fresh", length=24, unit="hours"),
)


def _is(field: str, value) -> dict:
    return {"field": field, "op": "eq", "value": value}


def _in(field: str, *values) -> dict:
    return {"field": field, "op": "in", "value": list(values)}


def _number(field: str, op: str, value: int) -> dict:
    return {"field": field, "op": op, "value": value}


def _rule(name: str, effect: str, code: str, *conditions: dict, who: str = "merchant", asks: str = "") -> dict:
    return {
        "name": f"platform.{name}",
        "effect": effect,
        "code": code,
        "conditions": list(conditions),
        "who": who,
        "asks": asks,
    }


_OUR_FAULT = _in("basis", "quality", "fulfilment")
RULES = (
    _rule("units", "refuse", "no_units", _is("units_short", True)),
    _rule("gift_card_spent", "refuse", "gift_card_spent", _is("card", "spent")),
    _rule("fresh_excluded", "refuse", "excluded_fresh", _is("excluded", "law"), _is("category", "fresh")),
    _rule("custom_excluded", "refuse", "excluded_custom", _is("excluded", "law"), _is("category", "custom")),
    _rule("digital_excluded", "refuse", "excluded_digital", _is("excluded", "law"), _is("category", "digital")),
    _rule("law_excluded", "refuse", "excluded_by_law", _is("excluded", "law")),
    _rule("confirmed", "refuse", "excluded_by_confirmation", _is("excluded", "confirmation")),
    _rule("window", "refuse", "out_of_window", _is("in_window", False)),
    _rule("attempts", "refuse", "too_many_attempts", _number("attempts_left", "le", 0)),
    _rule(
        "show_fulfilment",
        "needs_evidence",
        "evidence_missing",
        _in("reason", "FU.MISSING", "FU.EMPTY", "FU.WRONG_ITEM"),
        _number("files", "eq", 0),
        asks="E1",
    ),
    _rule(
        "show_unboxing",
        "needs_evidence",
        "video_missing",
        _is("group", "QL"),
        _number("unit_price", "gt", 50_000),
        _number("videos", "eq", 0),
        asks="EV",
    ),
    _rule("risk", "review", "risk", _number("risk", "ge", 60), who="support"),
    _rule("goodwill", "review", "goodwill", _is("basis", "goodwill")),
    _rule("kit", "review", "kit", _is("part_of_kit", True)),
    _rule("resettle", "review", "resettle", _is("resettle", True)),
    _rule("miscounted", "review", "miscounted", _is("miscounted", True)),
    # What was sent again and is wrong once more: the shop finds out what happens to its parcels.
    _rule("sent_again", "review", "sent_again", _is("sent_back", False), _number("sent_again", "gt", 0)),
    _rule("unshipped", "approve", "unshipped", _is("group", "UN")),
    _rule("no_reason", "approve", "within_window", _is("group", "NR"), _is("sent_back", True)),
    _rule(
        "keep_small",
        "approve",
        "small_quality",
        _OUR_FAULT,
        _is("sent_back", False),
        _number("amount", "le", 3000),
    ),
    _rule(
        "fault_sent_back",
        "approve",
        "quality_with_return",
        _OUR_FAULT,
        _is("sent_back", True),
        _number("amount", "le", 50_000),
    ),
    # What long and spotless custom has earned.
    _rule(
        "trusted_keeps",
        "approve",
        "small_quality",
        _is("basis", "quality"),
        _is("sent_back", False),
        _is("level", "trusted"),
        _number("amount", "le", 5000),
        _number("kept_lately", "le", 20_000),
    ),
    _rule(
        "trusted_sends_back",
        "approve",
        "quality_with_return",
        _OUR_FAULT,
        _is("sent_back", True),
        _is("level", "trusted"),
        _number("amount", "le", 100_000),
    ),
    _rule("otherwise", "review", "above_limit"),
)
