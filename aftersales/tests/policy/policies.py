"""The platform's policy without a database, and requests to ask it about."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from aftersales.policy import conditions, platform_policy
from aftersales.policy.facts import Arrival, line_facts
from aftersales.policy.rules import Facts, Policy, Terms, Verdict, judge
from aftersales.policy.windows import OffDays

ZONE = "Asia/Shanghai"
SHANGHAI = ZoneInfo(ZONE)
VERSION_1 = Policy(
    number=platform_policy.NUMBER,
    starts_at=platform_policy.STARTS_AT,
    windows=platform_policy.WINDOWS,
    rules=tuple(conditions.compiled_rule(**rule) for rule in platform_policy.RULES),
    terms=Terms(**platform_policy.TERMS),
)


def local(text: str) -> datetime:
    """2026-11-03 10:00:00 on the shop's clock, as UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI).astimezone(UTC)


SIGNED = local("2026-11-03 10:00:00")
NEXT_DAY = local("2026-11-04 09:00:00")
DELIVERED = (Arrival(3, shipped_at=local("2026-11-02 09:00:00"), signed_at=SIGNED),)


def line(reason: str, **known):
    """A line of three units at 40.00, signed for on 3 November at 10:00; one is asked for a day later."""
    about = {
        "line_no": "1",
        "category": "apparel",
        "quantity": 1,
        "unit_price": 4000,
        "units": 3,
        "zone": ZONE,
        "filed_at": NEXT_DAY,
        "off_days": OffDays(),
        "arrivals": DELIVERED,
    }
    return line_facts(VERSION_1, reason=reason, **(about | known))


def request(*lines, **known) -> Facts:
    about = {
        "kind": "return_refund",
        "sent_back": True,
        "amount": 4000,
        "currency": "CNY",
        "filed_at": NEXT_DAY,
        "zone": ZONE,
    }
    return Facts(lines=lines, **(about | known))


def verdict(reason: str, *, policy: Policy = VERSION_1, filed_at=NEXT_DAY, kind="return_refund", **known) -> Verdict:
    """Of one line. What is not about the line is about the request."""
    own = {name: known.pop(name) for name in ("amount", "risk", "resettle", "miscounted") if name in known}
    sent_back = known.pop("sent_back", kind in ("return_refund", "exchange", "repair"))
    asked = request(
        line(reason, filed_at=filed_at, **known), kind=kind, sent_back=sent_back, filed_at=filed_at, **own
    )
    return judge(asked, policy)
