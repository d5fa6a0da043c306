"""What a person bought, and the way into an after-sale from there (S1, S2, S25)."""

from dataclasses import replace
from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from aftersales.policy import queries as policies
from aftersales.policy import wording
from aftersales.policy.windows import OffDays
from aftersales.returns import buying, entries
from aftersales.returns.entries import Entry
from aftersales.returns.headlines import in_a_few_words
from aftersales.returns.names import shop_name
from aftersales.returns.queries import SeenOrder, cases_of, live_requests, requests_seen_by, seen_orders
from orders.purchases.models import Order
from orders.visitors.queries import Viewer, known_viewer, orders_for_list
from returns_platform.kernel import clock, pages
from returns_platform.kernel.errors import NotThere

LIVE_ON_TOP = 5
ORDERS_A_PAGE = 20


@require_safe
def orders(request: HttpRequest) -> HttpResponse:
    """Every order of the viewer, newest first; what is under way stands on top."""
    seen_by, now = known_viewer(request), clock.now()
    page = pages.keyset(orders_for_list(seen_by), request, order=("-placed_at", "-pk"), size=ORDERS_A_PAGE)
    off_days = policies.off_days()
    context = {
        "page": page,
        "orders": [_order_on_list(seen, off_days=off_days, now=now) for seen in seen_orders(page.rows)],
        "live": _live(seen_by, now=now) if page.first else [],
        "here": "orders",
    }
    return pages.render(request, "aftersales/returns/orders.html", context)


def _order_on_list(seen: SeenOrder, *, off_days: OffDays, now: datetime) -> dict:
    return {
        "order": seen.order,
        "shop": shop_name(seen.order.merchant),
        "mark": buying.mark(seen, now=now),
        "entries": entries.entries(seen, off_days=off_days, now=now),
        "paid": buying.paid(seen.order),
    }


def _live(seen_by: Viewer, *, now: datetime) -> list[dict]:
    return in_a_few_words(cases_of(list(live_requests(seen_by)[:LIVE_ON_TOP])), now=now)


@require_safe
def order(request: HttpRequest, order_id: int) -> HttpResponse:
    seen_by, now = known_viewer(request), clock.now()
    found = seen_orders(list(orders_for_list(seen_by).filter(pk=order_id)))
    if not found:
        raise NotThere
    return pages.render(request, "aftersales/returns/order.html", _order_page(seen_by, found[0], now=now))


def _order_page(seen_by: Viewer, seen: SeenOrder, *, now: datetime) -> dict:
    own_cases = cases_of(list(requests_seen_by(seen_by).filter(order=seen.order).order_by("-filed_at")))
    found = entries.entries(seen, off_days=policies.off_days(), now=now)
    return {
        "order": seen.order,
        "shop": shop_name(seen.order.merchant),
        "zone": seen.order.merchant.zone,
        "title": buying.headline(seen, found),
        **_ways_in(seen.order, found),
        "bill": buying.payment_rows(seen.order),
        "cases": in_a_few_words(own_cases, now=now),
        "rules": _rules(seen),
        "policy": seen.policy,
        "here": "orders",
    }


def _ways_in(order: Order, found: list[Entry]) -> dict:
    """The lines, and the main button in their own words where they agree. A single line has no second button."""
    open_to_ask = [entry for entry in found if entry.action and not entry.is_filed]
    if not open_to_ask:
        return {"entries": found, "action": ""}
    if len(found) == 1:
        entry = found[0]
        return {"entries": [replace(entry, action="", href="")], "action": entry.action, "action_href": entry.href}
    words = {entry.action for entry in open_to_ask}
    action = words.pop() if len(words) == 1 else _("Ask for a return or refund")
    return {"entries": found, "action": action, "action_href": reverse("aftersales:file", args=[order.pk])}


def _rules(seen: SeenOrder) -> list[str]:
    """What holds for the kinds of goods in an order, each sentence once."""
    told = {}
    for line in seen.lines:
        confirmed = line.line.no_reason_excluded_confirmed_at
        notes = wording.notes(
            seen.policy, category=line.line.category, sku=line.line.sku, confirmed_at=confirmed,
            currency=seen.order.currency,
        )  # fmt: skip
        told |= dict.fromkeys(notes)
    general = wording.general(seen.policy, currency=seen.order.currency)
    return [*told, *general, _("Faulty or wrong goods: the shop pays for sending them back.")]
