"""A shop tries the draft of its clauses on its own cases, or in the shadow of new ones; on nobody else's."""

from collections.abc import Callable

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from aftersales.policy.clause_models import ClauseVersion
from aftersales.replay import presenting, queries, services
from aftersales.replay.forms import SpanForm
from aftersales.replay.models import Trial
from orders.merchants.models import Member
from orders.merchants.queries import member_who_may
from returns_platform.kernel import clock, pages
from returns_platform.kernel.actors import Actor
from returns_platform.kernel.errors import Invalid, NotThere, Refused
from returns_platform.kernel.tables import csv_answer

MAY_TRY = "edit_policy"


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def trial(request: HttpRequest, code: str, number: int) -> HttpResponse:
    """What a version of the clauses would change; a draft is tried from here."""
    member, version = _asked(request, code, number)
    form = SpanForm(request.POST or None, zone=member.merchant.zone)
    if request.method == "POST" and form.is_valid():
        try:
            begun = services.replay(version, **form.span, by=_actor(member), now=clock.now())
        except Invalid as no:
            form.refuse(no)
        except Refused as no:
            messages.error(request, str(no.message))
            return _back(member, version)
        else:
            messages.success(request, _("It has begun. You may leave this page and come back."))
            return _back(member, version, begun)
    return _page(request, member, version, form)


def _page(request: HttpRequest, member: Member, version: ClauseVersion, form: SpanForm) -> HttpResponse:
    trials = list(queries.trials_of(version)[: presenting.MOST_TRIALS])
    shown, content = presenting.asked_for(trials, request.GET), queries.digest(version)
    context = {
        "merchant": member.merchant,
        "zone": member.merchant.zone,
        "here": "policy",
        "version": version,
        "form": form,
        "trials": [presenting.found(one, content=content) for one in trials],
        "shown": shown and presenting.found(shown, content=content),
        "running": {one.kind: one for one in trials if one.is_running},
        **(presenting.list_of(shown, request) if shown else {}),
    }
    status = 422 if form.is_bound and form.errors else 200
    return pages.render(request, "aftersales/merchant/trial.html", context, status=status)


@login_required
@require_POST
def shadow(request: HttpRequest, code: str, number: int) -> HttpResponse:
    member, version = _asked(request, code, number)
    told = _("From now on the draft answers each new case as well, without any effect.")
    begin = services.shadow
    return _done(request, member, version, lambda: begin(version, by=_actor(member), now=clock.now()), told)


@login_required
@require_POST
def stop(request: HttpRequest, code: str, number: int, pk: int) -> HttpResponse:
    member, version = _asked(request, code, number)
    found = _own(version, pk)
    return _done(request, member, version, lambda: services.stop(found.pk, now=clock.now()), _("It is stopped."))


@login_required
@require_safe
def cases_csv(request: HttpRequest, code: str, number: int, pk: int) -> HttpResponse:
    _member, version = _asked(request, code, number)
    return csv_answer(f"trial-{pk}.csv", presenting.table(presenting.rows_of(_own(version, pk), request.GET)))


def _asked(request: HttpRequest, code: str, number: int) -> tuple[Member, ClauseVersion]:
    """The owner of the shop in the address, and a version of that shop's clauses."""
    member = member_who_may(request, code, MAY_TRY)
    version = member.merchant.clause_versions.filter(number=number).first()
    if version is None:
        raise NotThere
    return member, version


def _own(version: ClauseVersion, pk: int) -> Trial:
    found = queries.trials_of(version).filter(pk=pk).first()
    if found is None:
        raise NotThere
    return found


def _done(request, member: Member, version: ClauseVersion, act: Callable[[], Trial], told: str) -> HttpResponse:
    try:
        found = act()
    except Refused as no:
        messages.error(request, str(no.message))
        return _back(member, version)
    messages.success(request, told)
    return _back(member, version, found)


def _back(member: Member, version: ClauseVersion, shown: Trial | None = None) -> HttpResponse:
    address = reverse("merchant:trial", args=[member.merchant.code, version.number])
    return redirect(f"{address}?trial={shown.pk}" if shown else address)


def _actor(member: Member) -> Actor:
    return Actor("merchant", str(member.user_id), member.user.get_full_name() or member.user.get_username())
