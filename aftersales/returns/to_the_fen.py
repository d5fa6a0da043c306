"""The calculation behind a bill's lines, step by step and exact: what anybody can check with a pocket calculator."""

from collections.abc import Iterator, Mapping
from fractions import Fraction

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from aftersales.bills.bill import STORED
from aftersales.bills.facts import BALANCE_FIRST, CASH_FIRST, shares_in
from orders.purchases.models import OrderLine
from returns_platform.kernel import ui

Step = tuple[str, str]  # what, and the sum behind it


def how_worked_out(body: Mapping, bought: Mapping[str, OrderLine], *, strategy: str = "") -> Iterator[Step]:
    """Every step from what was paid to what each payment gives back. strategy: of the tenders, by the policy."""
    for line in body["lines"]:
        if line["line_no"] in bought:
            yield from _of_line(line, bought[line["line_no"]], body["currency"])
    yield from _freight(body)
    yield from _earned(body)
    if len(body["tenders"]) > 1:
        yield _("Over the payments"), _over_payments(body, strategy)


# --- a line -----------------------------------------------------------------------------------------------


def _of_line(line: Mapping, bought: OrderLine, currency: str) -> Iterator[Step]:
    if line["cut"]["goodwill"]:
        told = _("%(sum)s, as a person set it; what is left of the price is the base of later returns")
        yield line["title"], told % {"sum": ui.money(line["amount"], currency)}
    if not line["quantity"]:
        return
    yield line["title"], _paid(bought, currency)
    yield _units(line["quantity"], bought.quantity), _their_part(line, bought, currency)
    if line["cut"]["settled"] != line["cut"]["totals"]:
        yield from _settled_anew(line, bought, currency)
    if line["points"]:
        yield _("Points used"), _share_of_points(line["points"], bought.points_used, line, bought)
    if line["tax"]:
        yield _("Tax in it"), ui.money(line["tax"], currency)


def _paid(bought: OrderLine, currency: str) -> str:
    price = bought.unit_price * bought.quantity - bought.line_discount
    said = {
        "price": ui.money(price, currency), "off": ui.money(sum(bought.discount_shares), currency),
        "points": ui.money(bought.share_points, currency), "net": ui.money(bought.net, currency),
    }  # fmt: skip
    return _("%(price)s − %(off)s discounts − %(points)s points = %(net)s paid") % said


def _units(some: int, of: int) -> str:
    return ngettext("%(k)s unit of %(q)s", "%(k)s units of %(q)s", some) % {"k": some, "q": of}


def _their_part(line: Mapping, bought: OrderLine, currency: str) -> str:
    """M2a and M3: what all units so far carry of what is left, less what was promised for those before."""
    left, units, before, promised = line["cut"].get("basis") or (bought.net, bought.quantity, 0, 0)
    n = before + line["quantity"]
    exact = Fraction(left * n, units)
    said = {
        "net": ui.money(left, currency), "k": n, "q": units, "exact": _exact(exact, currency),
        "whole": ui.money(left * n // units, currency), "before": ui.money(promised, currency),
        "sum": ui.money(line["cut"]["totals"][0], currency),
    }  # fmt: skip
    told = _("%(net)s × %(k)s ÷ %(q)s = %(exact)s, in whole fen %(sum)s; the last unit takes the rest") % said
    if before or promised:
        told = _(
            "%(net)s × %(k)s ÷ %(q)s = %(exact)s, in whole fen %(whole)s, "
            "less %(before)s for the units before: %(sum)s"
        ) % said  # fmt: skip
    if left == bought.net and units == bought.quantity:
        return told
    return _("%(told)s. Of the price %(net)s was left over the %(q)s units still out") % (said | {"told": told})


def _settled_anew(line: Mapping, bought: OrderLine, currency: str) -> Iterator[Step]:
    """M8a: each promotion whose condition the kept goods no longer meet, or still meet in full."""
    before, after = (shares_in(tuple(line["cut"][name])) for name in ("totals", "settled"))
    for discount, pro_rata, settled in zip(bought.order.discounts.all(), before, after, strict=True):
        if pro_rata == settled:
            continue
        said = {
            "name": discount.name, "sum": ui.money(abs(settled - pro_rata), currency),
            "from": ui.money(discount.threshold or 0, currency),
        }  # fmt: skip
        told = _(
            "it is for goods from %(from)s, and what is kept is less: %(sum)s that the kept goods had of it go back"
        )
        if settled < pro_rata:
            told = _("it stays whole with what is kept: %(sum)s come back on these units")
        yield _("Promotion “%(name)s”") % said, told % said
    rata, paid = line["cut"]["totals"][0], line["cut"]["settled"][0]
    yield _("Settled anew"), _("%(rata)s by units, %(moved)s by the promotion: %(sum)s, never below 0") % {
        "rata": ui.money(rata, currency), "moved": _signed(paid - rata, currency), "sum": ui.money(paid, currency),
    }  # fmt: skip


def _share_of_points(back: int, used: int, line: Mapping, bought: OrderLine) -> str:
    said = {"used": used, "k": line["quantity"], "q": bought.quantity, "back": back}
    return (
        _("%(used)s points over %(q)s units: %(back)s for these %(k)s, in whole points, the rest with the last")
        % said
    )


# --- the request ------------------------------------------------------------------------------------------


def _freight(body: Mapping) -> Iterator[Step]:
    currency = body["currency"]
    if body["freight_fault"]:
        yield _("Delivery of faulty items"), _(
            "%(sum)s: their share of the delivery that was paid, over the units of each item, once in all"
        ) % {"sum": ui.money(body["freight_fault"], currency)}  # fmt: skip
    if body["freight_whole"]:
        yield _("Delivery of the whole order"), _(
            "%(sum)s: what was paid for it less what came back before, because nothing of the order is kept"
        ) % {"sum": ui.money(body["freight_whole"], currency)}  # fmt: skip


def _earned(body: Mapping) -> Iterator[Step]:
    short = body.get("points_shortfall", 0)
    if body["points_taken"] or short:
        said = {"earned": body["points_taken"] + short, "taken": body["points_taken"], "short": short}
        yield (
            _("Points earned"),
            _("%(earned)s were earned with these units: %(taken)s taken, %(short)s lacking") % said,
        )


def _over_payments(body: Mapping, strategy: str) -> str:
    parts = " + ".join(ui.money(part["amount"], body["currency"]) for part in body["tenders"])
    both = len({part["channel"] in STORED for part in body["tenders"]}) == 2
    ways = {
        BALANCE_FIRST: _("%(parts)s: the balance and gift cards first, as far as they held; the rest in proportion"),
        CASH_FIRST: _("%(parts)s: what was paid from outside first, as far as it held; the rest on what is stored"),
    }
    in_proportion = _(
        "%(parts)s: each in proportion to what it still held, rounded down; left-over fen go one each to the first"
    )
    return (ways.get(strategy, in_proportion) if both else in_proportion) % {"parts": parts}


# --- sums -------------------------------------------------------------------------------------------------


def _signed(amount: int, currency: str) -> str:
    return f"{'+' if amount > 0 else '−'}{ui.money(abs(amount), currency)}"


def _exact(amount: Fraction, currency: str) -> str:
    """Two places beyond the smallest coin, cut off: ¥33.3333."""
    coins, rest = divmod(amount.numerator * 100 // amount.denominator, 100)
    return f"{ui.money(coins, currency)}{rest:02d}"
