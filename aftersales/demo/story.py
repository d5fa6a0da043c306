"""What happens in the story: orders over ninety days, and what becomes of those that come back. All from one seed."""

import random
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from aftersales.demo.people import CUSTOMERS, GIVEN, PLACES, SHOPS, SURNAMES, ShopPlan, Sold

SEED = 20260301
DAYS = 90
ORDERS = 320

# How far a request gets; each is reached through the services, step by step.
ENDINGS = (
    "paid", "paid", "paid", "paid", "paid_to_balance", "refused", "withdrawn", "lapsed",
)  # fmt: skip
STAGES = (
    "in_review", "needs_evidence", "approved", "awaiting_goods", "in_transit", "arrived", "counted", "doubtful",
    "promised", "held", "with_a_person", "out_of_window",
)  # fmt: skip


# Endings that only some reasons lead to by the rules.
FITTING = {"in_review": "OT.OTHER", "needs_evidence": "FU.MISSING", "lapsed": "FU.MISSING"}


@dataclass(frozen=True, slots=True)
class LinePlan:
    goods: Sold
    quantity: int


@dataclass(frozen=True, slots=True)
class ReturnPlan:
    """reason, and how far it gets. hours: from the signature (or the purchase) to the filing."""

    reason: str
    ending: str
    quantity: int = 1
    hours: float = 20
    kind: str = ""  # "": money back, as the reason allows
    way: str = ""  # how the goods travel; "": as the ending needs
    instead: str = ""  # the article they are exchanged for; of a drop-off, "station"


@dataclass(frozen=True, slots=True)
class OrderPlan:
    number: str
    shop: ShopPlan
    customer: tuple[str, str, str, str | None]  # external id, name, phone, username
    place: tuple[str, str, str, str]
    placed_at: datetime
    lines: tuple[LinePlan, ...]
    channel: str = "wechat"
    shipped: bool = True
    signed_after: timedelta | None = timedelta(days=3)
    returned: ReturnPlan | None = None
    balance_part: int = 0
    facts: dict = field(default_factory=dict)

    @property
    def signed_at(self) -> datetime | None:
        return self.placed_at + self.signed_after if self.shipped and self.signed_after else None


def orders(base: datetime) -> list[OrderPlan]:
    """Every order of the story, oldest first. base: the hour of the first load."""
    plans = [*_cast(base), *(_crowd(base, index) for index in range(ORDERS))]
    return sorted(plans, key=lambda plan: (plan.placed_at, plan.number))


# --- the cast: ann and bob, one order for every state a visitor wants to see ------------------------------


def _cast(base: datetime) -> list[OrderPlan]:
    return [_scene(base, number, *scene) for number, scene in enumerate((*SCENES, *OTHERS), start=1)]


# customer, sku, quantity, days since signature (None: not sent yet; negative: on its way), reason, ending
SCENES = (
    ("ann", "COAT-M", 1, 2, "", ""),
    ("ann", "SCARF-G", 1, 3, "NR.COLOR", "awaiting_goods"),
    ("ann", "BUDS-2", 1, None, "", ""),
    ("ann", "APPLE-1KG", 3, 0.3, "", ""),
    ("ann", "DRESS-S", 1, 3, "NR.SIZE_SMALL", "in_transit"),
    ("ann", "NUT-750", 3, 4, "NR.NO_LONGER_WANT", "paid"),
    ("ann", "BERRY-500", 1, 0.8, "FR.ROT", "needs_evidence_asked"),
    ("ann", "RUN-42", 1, 40, "NR.NO_LONGER_WANT", "refused_by_rule"),
    ("ann", "TEE-L", 2, -1, "", ""),
    ("ann", "POWER-20", 1, 9, "QL.DEFECT", "paid_to_balance"),
    ("bob", "PHONE-X", 1, 3, "QL.DEFECT", "needs_evidence"),
    ("bob", "BOOK-14", 1, 4, "NR.NO_LONGER_WANT", "held"),
    ("bob", "CUP-NAME", 1, 5, "QL.NOT_AS_DESCRIBED", "in_review"),
    ("bob", "GRAPE-1KG", 2, 0.5, "FR.ROT", "in_review"),
    ("bob", "MILK-24", 1, 6, "LG.DAMAGED", "arrived"),
    ("bob", "BAG-01", 1, 5, "NR.COLOR", "counted"),
    ("bob", "DRESS-S", 1, 6, "NR.STYLE", "doubtful"),
    ("bob", "LAMP-D", 1, 4, "LG.DAMAGED", "with_a_person"),
    ("bob", "COAT-M", 1, None, "UN.NOT_SHIPPED", "paid"),
    ("bob", "CRAB-8", 1, 2, "FR.DEAD", "refused_by_rule"),
    ("bob", "TEE-L", 2, None, "", ""),
    ("bob", "BUDS-2", 1, None, "", ""),
)

# The same, with what is asked for, how the goods travel, and the article that is wanted instead.
OTHERS = (
    ("ann", "COAT-M", 1, 5, "NR.SIZE_LARGE", "swap_sent", "exchange", "pickup", "COAT-L"),
    ("bob", "DRESS-S", 1, 6, "NR.SIZE_SMALL", "swap_delivered", "exchange", "pickup", "DRESS-M"),
    ("ann", "COAT-M", 1, 1, "NR.STYLE", "swap_to_pay", "exchange", "pickup", "COAT-LONG"),
    ("bob", "RUN-42", 1, 2, "NR.SIZE_SMALL", "swap_waits_for_stock", "exchange", "pickup", "RUN-43"),
    ("ann", "POWER-20", 1, 4, "OT.OTHER", "repair_quoted", "repair", "pickup", ""),
    ("bob", "BUDS-2", 1, 8, "QL.DEFECT", "repair_sent", "repair", "pickup", ""),
    ("ann", "MILK-24", 2, 3, "FU.MISSING", "resend_sent", "resend", "none", ""),
    ("ann", "BAG-01", 1, 3, "NR.COLOR", "dropped_off", "return_refund", "drop_off", ""),
    ("bob", "SCARF-G", 1, 3, "NR.COLOR", "dropped_off", "return_refund", "drop_off", "station"),
    ("bob", "LAMP-D", 1, 3, "NR.NO_LONGER_WANT", "in_transit_by_jd", "return_refund", "pickup", ""),
    ("bob", "TEE-L", 1, 6, "NR.STYLE", "on_a_sheet", "return_refund", "pickup", ""),
)


def _scene(base: datetime, number: int, who, sku, quantity, days, reason, ending, *other) -> OrderPlan:
    name, phone, _language, place = CUSTOMERS[who]
    shop, goods = _sold(sku)
    shipped = days is not None
    signed_after = timedelta(days=3) if shipped and days >= 0 else None
    placed_at = base - (timedelta(days=days) + timedelta(days=3) if signed_after else timedelta(days=2))
    hours = min(20, 24 * (days or 1) * 0.4)
    if ending == "refused_by_rule":  # late: by weeks for clothes, by hours for fresh food
        hours = 24 * days - 2 if days > 7 else 30
    returned = ReturnPlan(reason, ending, 1, hours, *other) if reason else None
    return OrderPlan(
        number=f"{placed_at:%Y%m%d}{number:04d}", shop=shop, customer=(f"c-{who}", name, phone, who), place=place,
        placed_at=placed_at, lines=(LinePlan(goods, quantity),), shipped=shipped, signed_after=signed_after,
        channel="bank_transfer" if ending == "with_a_person" else _paid_by(shop, other=who == "bob"),
        returned=returned,
        balance_part=2000 if sku == "NUT-750" else 0,
    )  # fmt: skip


OTHER_WAYS = {"style": "alipay", "volt": "stripe"}


def _paid_by(shop: ShopPlan, *, other: bool) -> str:
    """By WeChat Pay, or the other way that the shop takes. A transfer by bank is paid back by a person."""
    return OTHER_WAYS.get(shop.code, "wechat") if other else "wechat"


def _sold(sku: str) -> tuple[ShopPlan, Sold]:
    return next((shop, goods) for shop in SHOPS for goods in shop.goods if goods.sku == sku)


# --- the crowd --------------------------------------------------------------------------------------------


def _crowd(base: datetime, index: int) -> OrderPlan:
    luck = random.Random(f"{SEED}-order-{index}")
    shop = luck.choices(SHOPS, weights=(4, 4, 3))[0]
    # The first forty are recent and live, so that every queue has something in it.
    live = index < 40
    age = luck.uniform(4.2, 6.5) if live else luck.uniform(8, DAYS)
    placed_at = base - timedelta(days=age)
    lines = tuple(
        LinePlan(goods, luck.choices((1, 2, 3), weights=(6, 2, 1))[0])
        for goods in luck.sample(shop.goods, luck.choices((1, 2, 3), weights=(6, 3, 1))[0])
    )
    return OrderPlan(
        number=f"{placed_at:%Y%m%d}{1000 + index}", shop=shop, customer=_somebody(luck), place=luck.choice(PLACES),
        placed_at=placed_at, lines=lines,
        channel=_paid_by(shop, other=index % 2 == 0) if luck.random() < 0.93 else "balance",
        signed_after=timedelta(days=luck.uniform(0.6, 2.8)), returned=_return_of(luck, lines[0], live=live),
    )  # fmt: skip


def _somebody(luck: random.Random) -> tuple[str, str, str, None]:
    number = luck.randrange(120)
    who = random.Random(f"{SEED}-person-{number}")
    return f"c-{number}", who.choice(SURNAMES) + who.choice(GIVEN), f"+86139000{10000 + number}", None


def _return_of(luck: random.Random, line: LinePlan, *, live: bool) -> ReturnPlan | None:
    if not live and luck.random() > line.goods.returns:
        return None
    if line.goods.category == "digital":
        return ReturnPlan(line.goods.reasons[0], "paid")
    reason = luck.choice(line.goods.reasons)
    hours = luck.uniform(1, 8) if line.goods.category == "fresh" else luck.uniform(5, 30)
    if live:
        hours = min(hours, 20)
    ending = luck.choice(STAGES) if live else luck.choice(ENDINGS)
    reason = FITTING.get(ending, reason)
    return ReturnPlan(reason, ending, luck.randint(1, line.quantity), hours)
