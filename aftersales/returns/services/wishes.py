"""What a customer wishes, checked against what was bought: the 422 rules, before anything is judged."""

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from aftersales.policy import reasons
from aftersales.returns.models import ReturnLine
from aftersales.returns.queries import Purchase
from orders.purchases.models import OrderLine
from returns_platform.kernel.errors import Invalid

MOST_REPAIRS = 2
ELSEWHERE = ("balance", "coupon")


@dataclass(frozen=True, slots=True)
class WishLine:
    line_no: str
    quantity: int
    reason: str
    exchange_sku: str = ""


@dataclass(frozen=True, slots=True)
class Wish:
    """A request as somebody fills it in, by page or by API."""

    kind: str
    lines: tuple[WishLine, ...]
    send_back: str = "none"
    refund_to: str = "original"
    refund_to_agreed_at: datetime | None = None
    note: str = ""
    evidence: tuple[UUID, ...] = ()
    slot_from: datetime | None = None
    slot_to: datetime | None = None
    slot_chosen: bool = True  # False: none was asked for, and the next free one was taken
    form_token: str | None = None
    device: str = ""  # keyed digest of the browser
    pays_back: bool = False  # the platform gives back what was paid for a request that does not need it


@dataclass(frozen=True, slots=True)
class Taking:
    """One line of a checked wish: which units of which order line, and for which reason."""

    line: OrderLine
    quantity: int
    shipped: bool
    reason: reasons.Reason
    exchange_sku: str = ""
    errors: dict = field(default_factory=dict)

    @property
    def fault(self) -> bool:
        return reasons.is_fault(self.reason.code)


def takings(bought: Purchase, wish: Wish) -> list[Taking]:
    """The lines a wish takes; raises Invalid naming every field that cannot be."""
    wrong = _wrong_about(bought, wish)
    for index, entry in enumerate(wish.lines):
        wrong |= {f"lines.{index}.{name}": told for name, told in _wrong_in(bought, wish, entry).items()}
    if wrong:
        raise Invalid(_("Some fields are not accepted."), fields=wrong)
    return [_taking(bought, entry) for entry in wish.lines]


def _taking(bought: Purchase, entry: WishLine) -> Taking:
    reason = reasons.get(entry.reason)
    shipped = not draws_on_unshipped(entry.reason)
    return Taking(bought.lines[entry.line_no], entry.quantity, shipped, reason, entry.exchange_sku)


def draws_on_unshipped(reason: str) -> bool:
    return reason.startswith("UN.")


def _wrong_about(bought: Purchase, wish: Wish) -> dict:
    wrong = {}
    if not bought.order.takes_after_sale and not (wish.pays_back and bought.order.is_money_only):
        wrong["order_no"] = _("This order is not paid or was cancelled, so there is nothing to return.")
    if not wish.lines:
        wrong["lines"] = _("Choose at least one item.")
    if len({entry.line_no for entry in wish.lines}) < len(wish.lines):
        wrong["lines"] = _("Name each line once.")
    if wish.refund_to in ELSEWHERE and wish.refund_to_agreed_at is None:
        wrong["refund_to_agreed_at"] = _("Another way than the original one needs the customer's own choice.")
    return wrong | _wrong_way_back(wish)


def _wrong_way_back(wish: Wish) -> dict:
    goods_return = wish.kind in ("return_refund", "exchange", "repair")
    if not goods_return and wish.send_back != "none":
        return {"send_back": _("Nothing is sent back for this kind of request.")}
    if wish.slot_from and wish.send_back != "pickup":
        return {"pickup": _("A pickup time needs a pickup.")}
    return {}


def _wrong_in(bought: Purchase, wish: Wish, entry: WishLine) -> dict:
    line = bought.lines.get(entry.line_no)
    if line is None:
        return {"line_no": _("This line is not part of the order.")}
    if not reasons.known(entry.reason):
        return {"reason": _("This reason is not known.")}
    unfit = reasons.cannot_fit(
        entry.reason, kind=wish.kind, category=line.category, shipped=line.shipped,
        unshipped=line.quantity - line.shipped,
    )  # fmt: skip
    if unfit:
        return {"reason": unfit}
    if wish.kind == "repair" and _mended_twice(line):
        return {"reason": _("It was mended twice already. Ask for an exchange or your money instead.")}
    free = line.cancellable if draws_on_unshipped(entry.reason) else line.returnable
    if entry.quantity > free:
        return {"quantity": _not_that_many(line, entry, free)}
    if (wish.kind == "exchange") != bool(entry.exchange_sku):
        return {"exchange_sku": _("Say which item you want instead, for an exchange only.")}
    return {}


def _mended_twice(line: OrderLine) -> bool:
    """Two repairs are enough for anybody: then it is exchanged or paid back."""
    done = ReturnLine.objects.filter(order_line=line, request__kind="repair", request__state="completed")
    return done.count() >= MOST_REPAIRS


def _not_that_many(line: OrderLine, entry: WishLine, free: int):
    if not free and not line.cancellable:
        return _("All of this item is in a request already. You find it on the page of the order.")
    if draws_on_unshipped(entry.reason) or not line.cancellable:
        return _("%(free)s of this item can be returned now.") % {"free": free}
    told = _(
        "%(free)s of this item can be returned now. "
        "%(unshipped)s were not sent yet: ask for that money back separately."
    )
    return told % {"free": free, "unshipped": line.cancellable}
