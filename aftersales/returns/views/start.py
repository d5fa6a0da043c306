"""The front door, and the help centre (S25, S62)."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, resolve_url
from django.urls import NoReverseMatch, reverse
from django.views.decorators.http import require_safe

from aftersales.policy import queries as policies
from aftersales.policy import wording
from aftersales.returns import clocks as told_clocks
from orders.centres.queries import centres_of
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
    return redirect(_inbox(seen_by.user) or _centre(seen_by.user) or resolve_url("aftersales:orders"))


def _inbox(user) -> str:
    shop = shops_of(user).first()
    try:
        return reverse("merchant:inbox", args=[shop.code]) if shop else ""
    except NoReverseMatch:
        return ""


def _centre(user) -> str:
    centre = centres_of(user).first()
    return reverse("centre:bench", args=[centre.code]) if centre else ""


@require_safe
def help_centre(request: HttpRequest) -> HttpResponse:
    found = policies.in_force(clock.now())
    context = {"terms": found.terms, "sections": wording.sections(found), "here": "help"}
    return pages.render(request, "aftersales/help.html", context)


@require_safe
def clocks(request: HttpRequest) -> HttpResponse:
    """What happens when each time is over, from the figures that make it happen (S112)."""
    found = policies.in_force(clock.now())
    context = {"parts": told_clocks.published(found.terms), "policy": found, "here": "help"}
    return pages.render(request, "aftersales/clocks.html", context)
