"""How the goods travel back, as the form offers it: the ways with who pays, and the suggested one with its reason."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from aftersales.returns.guidance import FRESH_DAYS, WAYS, Advice, Known
from aftersales.returns.points import distance
from aftersales.returns.queries import Purchase
from logistics.points.queries import Near
from logistics.rates.queries import nobody_serves
from orders.catalogue.models import Product
from orders.purchases.models import Order, OrderLine
from returns_platform.kernel import ui

# --- what is known ----------------------------------------------------------------------------------------


def known(bought: Purchase, going: Iterable[tuple[OrderLine, int]], near: list[Near], *, now: datetime) -> Known:
    """The facts of a suggestion, in four statements. going: the lines that go back with their units."""
    going, order = list(going), bought.order
    return Known(
        categories=frozenset(line.category for line, _units in going),
        grams=_grams(order, going),
        before=tuple(one.send_back for one in bought.earlier if one.send_back in WAYS),
        fresh_orders=_fresh_orders(order, now=now),
        point_km=near[0].kilometres if near else None,
        courier_comes=not nobody_serves(
            order.merchant_id, order.ship_to, order.merchant.returns_go_to.return_address, now=now
        ),
    )


def _grams(order: Order, going: list[tuple[OrderLine, int]]) -> int | None:
    """By the catalogue; None where it does not know one of them."""
    wanted = {line.sku for line, _units in going}
    weights = dict(Product.objects.filter(merchant=order.merchant_id, sku__in=wanted).values_list("sku", "weight_g"))
    if not wanted or wanted - weights.keys():
        return None
    return sum(weights[line.sku] * units for line, units in going)


def _fresh_orders(order: Order, *, now: datetime) -> int:
    since = now - timedelta(days=FRESH_DAYS)
    lines = OrderLine.objects.filter(order__customer=order.customer_id, order__placed_at__gt=since, category="fresh")
    return lines.values("order").distinct().count()


# --- in words ---------------------------------------------------------------------------------------------


def choices(
    picked: str, advice: Advice, near: list[Near], *, fault: bool, cost: int, currency: str, rides: bool = False
) -> list[ui.Choice]:
    """The ways with who pays and how much. fault: the shop pays. cost: of the way back, minor units.

    rides: the courier comes at the time she chose anyway, and is paid once.
    """
    price = ui.money(0, currency) if fault or rides else _("about %(sum)s") % {"sum": ui.money(cost, currency)}
    own = _("the shop pays you back, up to %(sum)s") if fault else _("you pay the courier, about %(sum)s")
    rows = [
        ("pickup", _("A courier picks it up"), _("Nothing to print: the courier brings what is needed"), price),
        ("self_ship", _("I send it myself"), own % {"sum": ui.money(cost, currency)}, ""),
    ]
    if near:
        rows.append(("drop_off", _("I bring it to a store or point"), _nearest(near[0]), ui.money(0, currency)))
    more = {"pickup": "aftersales/returns/_file_pickup.html", "drop_off": "aftersales/returns/_file_points.html"}
    return [
        ui.Choice(
            way, label, hint, price, picked=way == picked, more=more.get(way, ""),
            advice=why(advice) if way == advice.way else "",
        )
        for way, label, hint, price in rows
    ]  # fmt: skip


def _nearest(near: Near) -> str:
    told = {"name": near.point.local_name, "distance": distance(near.kilometres)}
    return _("the nearest is %(name)s, %(distance)s from the centre of your district") % told


def why(advice: Advice) -> str:
    """The reason of a suggestion, said to her; "" where there is none."""
    if advice.why == "usual":
        told = ngettext(
            "Suggested: you chose it last time", "Suggested: you chose it the last %(n)s times", advice.times
        )
        return told % {"n": advice.times}
    return {
        "no_courier": _("Suggested: no courier comes to your place at the moment"),
        "large": _("Suggested: what is large or heavy is best carried by the courier"),
        "fresh": _("Suggested: fresh goods should not wait"),
        "fresh_buyer": _("Suggested: you often buy fresh goods here, and the courier comes to your door"),
        "small": _("Suggested: the goods are light and a point is near"),
    }.get(advice.why, "")
