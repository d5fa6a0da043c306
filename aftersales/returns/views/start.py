"""The front door, the help centre and the policy in plain words (S24, S25, S62)."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, resolve_url
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from aftersales.policy import queries as policies
from aftersales.policy import summary
from aftersales.policy.rules import Policy
from orders.catalogue.models import Category
from orders.merchants.queries import shops_of
from orders.visitors.queries import viewer
from returns_platform.kernel import clock, pages


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Everybody to where their work is; who is not known yet chooses a door."""
    seen_by = viewer(request)
    if seen_by.is_guest:
        return redirect("aftersales:order", seen_by.guest_order_id)
    if not seen_by.known:
        return pages.render(request, "aftersales/start.html")
    if seen_by.user.is_staff:
        return redirect("admin:index")
    return redirect(_inbox(seen_by.user) or resolve_url("aftersales:orders"))


def _inbox(user) -> str:
    shop = shops_of(user).first()
    try:
        return reverse("merchant:inbox", args=[shop.code]) if shop else ""
    except NoReverseMatch:
        return ""


@require_safe
def help_centre(request: HttpRequest) -> HttpResponse:
    context = {"terms": policies.in_force(clock.now()).terms, "here": "help"}
    return pages.render(request, "aftersales/help.html", context)


def _kinds(found: Policy) -> list[tuple[str, tuple[str, ...]]]:
    """Kinds of goods with what holds for them; those with the same rules stand together."""
    together: dict[tuple[str, ...], list[str]] = {}
    for code, name in Category.choices:
        together.setdefault(tuple(summary.category_notes(found, category=code)), []).append(str(name))
    return [(_(", ").join(names), notes) for notes, names in together.items()]


@require_safe
def policy(request: HttpRequest) -> HttpResponse:
    """The policy in force now. An order keeps the version it was bought under: its page tells that one."""
    found = policies.in_force(clock.now())
    context = {
        "policy": found,
        "kinds": _kinds(found),
        "here": "policy",
    }
    return pages.render(request, "aftersales/policy.html", context)
