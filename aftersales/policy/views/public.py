"""The policy in plain words for everybody (S24 to S26): the platform's, a shop's, one product's, and the agreement.

What stands here holds for orders placed now; an order keeps what held when it was placed, and its page tells that.
"""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import require_safe

from aftersales.policy import queries, wording
from aftersales.policy.rules import Policy
from aftersales.policy.standards import standard
from orders.catalogue.models import Product
from orders.merchants.models import Merchant
from returns_platform.kernel import clock, pages


@require_safe
def platform(request: HttpRequest) -> HttpResponse:
    found = queries.in_force(clock.now())
    return _page(request, found, sections=wording.sections(found))


@require_safe
def shop(request: HttpRequest, code: str) -> HttpResponse:
    merchant = get_object_or_404(Merchant, code=code)
    found = queries.in_force(clock.now(), merchant.pk)
    named = {row.sku for row in found.clauses.rows if row.sku}
    products = {one.sku: one for one in Product.objects.filter(merchant=merchant, sku__in=named)}
    told = wording.sections(found, products, currency=merchant.currency)
    return _page(request, found, merchant=merchant, sections=told)


@require_safe
def product(request: HttpRequest, code: str, sku: str) -> HttpResponse:
    """What holds for one product before it is bought; a shop's product page links here."""
    found = get_object_or_404(Product.objects.select_related("merchant"), merchant__code=code, sku=sku[:64])
    merchant = found.merchant
    holds = queries.in_force(clock.now(), merchant.pk)
    notes = wording.notes(holds, category=found.category, sku=found.sku, currency=merchant.currency)
    section = wording.Section(found.title, tuple(notes), str(standard(found.category).intact))
    return _page(request, holds, merchant=merchant, product=found, sections=[section])


@require_safe
def agreement(request: HttpRequest) -> HttpResponse:
    """What a user agrees to; what matters most for returns stands on top and in bold."""
    found = queries.in_force(clock.now())
    context = {"policy": found, "in_short": wording.in_short(found), "here": "policy"}
    return pages.render(request, "aftersales/policy/agreement.html", context)


def _page(request: HttpRequest, found: Policy, *, merchant: Merchant | None = None, **more) -> HttpResponse:
    currency = merchant.currency if merchant else "CNY"
    context = {
        "policy": found,
        "shop": merchant,
        "zone": merchant.zone if merchant else None,
        "general": wording.general(found, currency=currency),
        "here": "policy",
        "intact": [] if "product" in more else wording.intact(),
        "all_of_it": reverse("aftersales:shop_policy", args=[merchant.code]) if merchant else "",
    } | more
    return pages.render(request, "aftersales/policy/policy.html", context)
