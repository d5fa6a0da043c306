"""Why something stored changes, and which account gives it. Pure: no database, no clock."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from refunds.ledger import rules as ledger

REFUND = "refund"
BONUS = "bonus"
COMPENSATION = "compensation"
MOVED = "moved"  # the balance went back to the way that was paid with
BONUS_BACK = "bonus_back"
SPENT = "spent"
INSURANCE = "insurance"  # of the way back
DEPOSIT = "deposit"  # left here for a time, agreed beforehand
DEPOSIT_BACK = "deposit_back"
HAD = "had"  # more was paid with it than we had heard of


@dataclass(frozen=True, slots=True)
class Source:
    """posting: kind of the ledger transaction. account: gives the money, or gets it where the amount is below 0."""

    posting: str
    account: str


SOURCES = {
    REFUND: Source(ledger.ARRIVED, ledger.REFUNDS_PAYABLE),
    BONUS: Source(ledger.BONUS, ledger.BONUS_EXPENSE),
    BONUS_BACK: Source(ledger.BONUS_BACK, ledger.BONUS_EXPENSE),
    COMPENSATION: Source(ledger.COMPENSATION, ledger.COMPENSATION_EXPENSE),
    INSURANCE: Source(ledger.INSURANCE, ledger.INSURER),
    SPENT: Source(ledger.SPENT, ledger.MERCHANT),
    DEPOSIT: Source(ledger.DEPOSIT, ledger.CUSTOMER_DEPOSITS),
    DEPOSIT_BACK: Source(ledger.DEPOSIT_BACK, ledger.CUSTOMER_DEPOSITS),
    HAD: Source(ledger.BROUGHT_IN, ledger.MERCHANT),
}
PAYERS = {"merchant": ledger.MERCHANT, "platform": ledger.COMPENSATION_EXPENSE}  # of a compensation

CLOCKS_DIFFER = timedelta(minutes=5)  # a shop's clock and ours


@dataclass(frozen=True, slots=True)
class Use:
    """What changes on a balance that paid for an order. had, spent: signed, minor units; both may be 0."""

    had: int
    spent: int


def use(amount: int, *, spent: int, had: int, lay_there: int) -> Use:
    """Bring what is entered of a payment (`spent`, of it `had` brought in by the shop) to its amount.

    More is taken as far as it lay there when it was paid, and the rest the shop had kept elsewhere. What was paid
    less than entered comes back in the other order: what the shop brought in for a payment goes with it.
    """
    more = amount - spent
    if more > 0:
        return Use(had=max(0, more - lay_there), spent=-more)
    return Use(had=-min(had, -more), spent=-more)


# --- points -----------------------------------------------------------------------------------------------

TOLD = "told"  # the shop named another number than we had
ASSUMED = "assumed"  # the shop never told one: it is believed to have had what is taken
TAKEN = "taken"  # earned with what came back
BACK = "back"  # used for what came back


@dataclass(frozen=True, slots=True)
class Taking:
    """How many points are taken and how many are lacking. assumed: put in first, where the number is unknown."""

    taken: int
    shortfall: int
    assumed: int = 0


def taking(earned: int, *, taken: int, shortfall: int, balance: int, known: bool) -> Taking:
    """A case that took so much should have taken `earned`: what it takes now, below 0 what it gives back (T56)."""
    more = earned - taken - shortfall
    if more >= 0:
        there = min(more, balance) if known else more
        return Taking(there, more - there, assumed=max(0, there - balance))
    less_shortfall = min(-more, shortfall)
    return Taking(more + less_shortfall, -less_shortfall)


# --- coupons ----------------------------------------------------------------------------------------------

EXTEND, REISSUE, FORFEIT = "EXTEND", "REISSUE", "FORFEIT"  # what the policy does with an expired coupon (T58)
WAYS = {EXTEND: "extended", REISSUE: "reissued", FORFEIT: "forfeited"}


@dataclass(frozen=True, slots=True)
class Back:
    """How a coupon comes back: one of ReturnedCoupon.Way, and until when it is valid then (None: no end)."""

    way: str
    valid_until: datetime | None


def coupon_back(valid_until: datetime | None, *, expired: str, days: int, zone: str, now: datetime) -> Back:
    """A valid coupon as it was; an expired one by the policy, for whole days in the shop's zone."""
    if valid_until is None or now <= valid_until:
        return Back("same", valid_until)
    if expired == FORFEIT:
        return Back("forfeited", valid_until)
    return Back(WAYS[expired], _end_of_day(now + timedelta(days=days), zone))


def _end_of_day(at: datetime, zone: str) -> datetime:
    local = at.astimezone(ZoneInfo(zone))
    return datetime.combine(local.date(), time(23, 59, 59), tzinfo=local.tzinfo)


# --- gift cards -------------------------------------------------------------------------------------------

SOLD = "sold"
LEFT = "left"  # the shop says what is left on it
DISABLED = "disabled"  # it was returned itself, empty from then on (T65)

# Every change of a card but a refund is between its holder and the shop.
CARD_SOURCES = {kind: Source(ledger.CARD, ledger.MERCHANT) for kind in (SOLD, SPENT, HAD, LEFT, DISABLED)}
CARD_SOURCES[REFUND] = SOURCES[REFUND]

# --- compensation -----------------------------------------------------------------------------------------

LIMIT = 5_000  # minor units: what one person may give; more waits for another one
POINTS_LIMIT = 5_000


def needs_second(amount: int, *, points: bool) -> bool:
    return amount > (POINTS_LIMIT if points else LIMIT)
