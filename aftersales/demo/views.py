"""The demo's own page: every SMS and letter with its code, buttons for the outside world, accounts to try.

It is there only under DEMO. Nothing here is part of a real installation.
"""

import base64
import hashlib
from collections.abc import Callable
from functools import wraps

from csp.decorators import csp_update
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login, logout
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from aftersales.demo import behaviours, outside, page, people, stand_ins
from aftersales.notifications.letters import style
from aftersales.notifications.models import Notice
from aftersales.notifications.sending import written
from orders.accounts.models import SentMessage, User
from returns_platform.kernel import clock, pages
from returns_platform.kernel.errors import NotThere

# A letter brings its style sheet inside; that one, and no other, may stand in the page that shows it.
LETTER_STYLE = f"'sha256-{base64.b64encode(hashlib.sha256(style().encode()).digest()).decode()}'"


def only_in_the_demo(view: Callable) -> Callable:
    """404 everywhere else, as if the page had never been written."""

    @wraps(view)
    def guarded(request: HttpRequest, *args, **kwargs) -> HttpResponse:
        if not settings.DEMO:
            raise NotThere
        return view(request, *args, **kwargs)

    return guarded


def for_staff_of_the_demo(view: Callable) -> Callable:
    """The platform's people alone choose how the outside world fails; for everybody else signed in it is 404."""

    @only_in_the_demo
    @login_required
    @wraps(view)
    def guarded(request: HttpRequest, *args, **kwargs) -> HttpResponse:
        if not request.user.is_staff:
            raise NotThere
        return view(request, *args, **kwargs)

    return guarded


@only_in_the_demo
@require_safe
def outbox(request: HttpRequest) -> HttpResponse:
    to, channel = pages.text(request.GET, "to"), pages.one_of(request.GET, "channel", SentMessage.Channel.values)
    found = pages.keyset(page.messages(to=to, channel=channel), request, order=("-at", "-pk"), size=20)
    context = {
        "page": found, "sent": page.shown(found.rows), "to": to, "channel": channel,
        "carried": page.carried(), "goes_well": page.GOES_WELL, "goes_wrong": page.GOES_WRONG,
        "accounts": page.accounts(), "password": people.PASSWORD,
    }  # fmt: skip
    return pages.render(request, "aftersales/demo/outbox.html", context)


@only_in_the_demo
@require_POST
def move_parcel(request: HttpRequest, parcel_id: int) -> HttpResponse:
    parcel = page.parcels().filter(pk=parcel_id).first()
    event = pages.one_of(request.POST, "event", page.EVENTS)
    if parcel is None or not event:
        raise NotThere(_("This parcel is not on its way any more."))
    done = _("%(courier)s reports: %(event)s. The case follows in a few seconds.")
    facts = {"courier": parcel.courier_name, "event": page.EVENTS[event]}
    _try(
        request,
        lambda: outside.move_parcel(parcel.followed_by, waybill=parcel.waybill or parcel.number, event=event),
        done % facts,
    )
    return redirect("demo:outbox")


@for_staff_of_the_demo
@require_safe
def next_behaviours(request: HttpRequest) -> HttpResponse:
    """Every stand-in: what it may do next, what waits, what it did last."""
    context = {"stand_ins": stand_ins.all_of_them(now=clock.now()), "here": "behaviours"}
    return pages.render(request, "aftersales/demo/behaviours.html", context)


@for_staff_of_the_demo
@require_POST
def behave_next(request: HttpRequest, name: str) -> HttpResponse:
    """How a stand-in behaves at the next calls; without a known behaviour, as usual again."""
    if name not in settings.STAND_INS:
        raise NotThere
    chosen = behaviours.choices(name)
    behaviour = pages.one_of(request.POST, "behaviour", chosen)
    times = pages.whole(request.POST, "times", default=1, least=1, most=100)
    facts = {"name": behaviours.stand_in_name(name), "behaviour": chosen.get(behaviour, ""), "times": times}
    if behaviour and "forget" not in request.POST:
        done = _("%(name)s, next %(times)s: %(behaviour)s.") % facts
        _try(request, lambda: outside.behave_next(name, behaviour=behaviour, times=times), done)
    else:
        done = _("%(name)s behaves as usual again.") % facts
        _try(request, lambda: outside.behave_as_usual(name), done)
    return redirect("demo:behaviours")


def _try(request: HttpRequest, ask: Callable[[], None], done: str) -> None:
    """Say what happened, also when the stand-in did not do it."""
    try:
        ask()
    except outside.StandInSilent as silent:
        messages.error(request, silent.message)
    else:
        messages.success(request, done)


@only_in_the_demo
@require_POST
def sign_in_as(request: HttpRequest, username: str) -> HttpResponse:
    """Be one of the demo's people: their password stands on the page anyway."""
    user = User.objects.filter(username=username, is_active=True).first()
    if user is None or username not in {account.username for account in page.accounts()}:
        raise NotThere
    logout(request)
    login(request, user, backend="django.contrib.auth.backends.ModelBackend")
    return redirect(settings.LOGIN_REDIRECT_URL)


@only_in_the_demo
@require_safe
@csp_update({"style-src": [LETTER_STYLE]})
def letter(request: HttpRequest, notice_id: int) -> HttpResponse:
    """A letter as it looks in a mailbox."""
    notice = Notice.objects.filter(pk=notice_id, channel=Notice.Channel.EMAIL, sent_at__isnull=False).first()
    if notice is None:
        raise NotThere
    return HttpResponse(written(notice, at=notice.sent_at).html)
