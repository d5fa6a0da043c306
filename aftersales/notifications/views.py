"""The customer's inbox: what they were told, newest first. Reading it changes nothing until they say so."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from aftersales.notifications.queries import inbox_of, lines_for_customer
from aftersales.notifications.services import mark_read
from orders.customers.services import choose_rule_news
from orders.visitors.queries import known_viewer
from returns_platform.kernel import clock, pages


@require_safe
def inbox(request: HttpRequest) -> HttpResponse:
    seen_by = known_viewer(request)
    lines = inbox_of(seen_by)
    page = pages.keyset(lines, request, size=20)
    context = {
        "page": page,
        "lines": lines_for_customer(page.rows, now=clock.now()),
        "newest": max((notice.pk for notice in page.rows), default=0),
        "unread": lines.filter(read_at=None).count(),
        "rule_news": seen_by.customers().filter(rule_news=True).exists(),
        "here": "inbox",
    }
    return pages.render(request, "notifications/inbox.html", context)


@require_POST
def read_all(request: HttpRequest) -> HttpResponse:
    """Everything up to the newest line that the page showed: what came in meanwhile stays unread."""
    seen_by = known_viewer(request)
    newest = pages.whole(request.POST, "newest", default=0, least=0, most=10**9)
    mark_read(inbox_of(seen_by).filter(pk__lte=newest), now=clock.now())
    return redirect("aftersales:inbox")


@require_POST
def rule_news(request: HttpRequest) -> HttpResponse:
    """Whether news of rules come by e-mail and SMS too."""
    wanted = pages.one_of(request.POST, "by_mail", ("yes", "no"), default="yes") == "yes"
    choose_rule_news(known_viewer(request).customers(), wanted=wanted)
    told = _("You hear of new rules by e-mail and SMS too.") if wanted else _("You read of new rules here only.")
    messages.success(request, told)
    return redirect("aftersales:inbox")


@require_POST
def read_one(request: HttpRequest, pk: int) -> HttpResponse:
    """One line is put away, from the page where it stood."""
    mark_read(inbox_of(known_viewer(request)).filter(pk=pk), now=clock.now())
    return redirect(pages.back(request, reverse("aftersales:inbox")))
