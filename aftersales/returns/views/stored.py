"""The customer's own page of what they have at each shop."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from aftersales.returns import stored
from orders.visitors.queries import Viewer, known_viewer
from refunds.wallet.queries import wallet_entries
from returns_platform.kernel import clock, pages
from returns_platform.kernel.errors import NotThere

HERE = "balance"


@require_safe
def balance(request: HttpRequest) -> HttpResponse:
    """All shops with the newest entries of each; `?shop=` one shop with every entry, page by page."""
    seen_by, now = known_viewer(request), clock.now()
    if code := pages.text(request.GET, "shop", most=50):
        return _one_shop(request, seen_by, code, now=now)
    running = not seen_by.is_guest
    context = {
        "shops": stored.at_shops(seen_by, now=now), "heads": stored.heads(running=running),
        "points_heads": stored.points_heads(), "guest": seen_by.is_guest, "here": HERE,
    }  # fmt: skip
    return pages.render(request, "aftersales/returns/balance.html", context)


def _one_shop(request: HttpRequest, seen_by: Viewer, code: str, *, now) -> HttpResponse:
    customer = next((one for one in stored.seen_customers(seen_by) if one.merchant.code == code), None)
    if customer is None:
        raise NotThere
    order = stored.only_order(seen_by)
    page = pages.keyset(wallet_entries(customer, order=order), request, order=("-at", "-pk"))
    running = order is None
    context = {
        "shop": stored.at_shop(customer, order=order, now=now), "page": page, "heads": stored.heads(running=running),
        "rows": stored.rows(page.rows, customer, running=running, now=now), "here": HERE,
    }  # fmt: skip
    return pages.render(request, "aftersales/returns/balance_of.html", context)
