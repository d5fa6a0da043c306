"""Pages of a shop about itself: the checklist and the settings it needs to take returns."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from orders.merchants.forms import ShopForm
from orders.merchants.models import Member
from orders.merchants.queries import Task, checklist, is_ready, may, member_who_may
from orders.merchants.services import SETTINGS, issue_token, set_up_shop
from returns_platform.kernel import clock, pages, ui
from returns_platform.kernel.actors import Actor


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def settings(request: HttpRequest, code: str) -> HttpResponse:
    member = member_who_may(request, code, "set_up")
    form = ShopForm(request.POST or None, initial={name: getattr(member.merchant, name) for name in SETTINGS})
    if request.method == "POST" and form.is_valid():
        set_up_shop(member.merchant, by=_actor(member), **form.cleaned_data)
        messages.success(request, _("Saved."))
        return redirect(request.path)
    return _page(request, member, form)


@login_required
@require_POST
def new_token(request: HttpRequest, code: str) -> HttpResponse:
    """A token is shown once, on the answer itself: it is in no address and in no session."""
    member = member_who_may(request, code, "manage_tokens")
    token = issue_token(member.merchant, now=clock.now(), by=request.user, label=_("made on the settings page"))
    form = ShopForm(initial={name: getattr(member.merchant, name) for name in SETTINGS})
    return _page(request, member, form, token=token)


def _actor(member: Member) -> Actor:
    return Actor("merchant", str(member.user_id), member.merchant.name)


def _check(task: Task) -> ui.Check:
    return ui.Check(task.text, "done" if task.done else "open", "" if task.needed else _("can wait"))


def _page(request: HttpRequest, member: Member, form: ShopForm, token: str = "") -> HttpResponse:
    context = {
        "merchant": member.merchant,
        "form": form,
        "checks": [_check(task) for task in checklist(member.merchant)],
        "ready": is_ready(member.merchant),
        "token": token,
        "may_manage_staff": may(member, "manage_staff"),
        "here": "settings",
    }
    response = pages.render(
        request, "merchant/setup.html", context, status=422 if form.is_bound and form.errors else 200
    )
    response["Cache-Control"] = "no-store"
    return response
