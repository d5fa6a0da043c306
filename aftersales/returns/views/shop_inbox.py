"""The shop's inbox, and what is done there to many requests at once."""

from collections.abc import Callable

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods

from aftersales.returns import inbox as queue
from aftersales.returns import merchant_forms, shop_case
from aftersales.returns.models import ReturnRequest
from aftersales.returns.names import KINDS, kind_name
from aftersales.returns.queries import cases_of
from aftersales.returns.services import decisions, undoing
from aftersales.returns.shop_case import actor_of
from aftersales.returns.shop_words import ShopTeller
from orders.merchants.models import Member
from orders.merchants.queries import may, membership, must_be_able
from returns_platform.kernel import clock, pages, ui
from returns_platform.kernel.errors import Malformed, Refused

PAGE_ROWS = 50
NAMES = {
    "decide": gettext_lazy("To decide"),
    "over": gettext_lazy("Overdue"),
    "count": gettext_lazy("To count"),
    "inspect": gettext_lazy("To inspect"),
    "money": gettext_lazy("Money waits"),
    "goods": gettext_lazy("On the way"),
    "evidence": gettext_lazy("Waits for proof"),
    "done": gettext_lazy("Done lately"),
}
TONES = {"over": "bad", "money": "late"}
CAN_BE_PICKED = ("decide", "over", "evidence")
GROUPS = {
    "NR": gettext_lazy("No reason needed"),
    "QL": gettext_lazy("Quality"),
    "FR": gettext_lazy("Fresh goods"),
    "FU": gettext_lazy("Wrong or missing"),
    "LG": gettext_lazy("Courier"),
    "UN": gettext_lazy("Not sent yet"),
    "SV": gettext_lazy("Service"),
    "OT": gettext_lazy("Other"),
}


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@pages.repeats("pick")
def inbox(request: HttpRequest, code: str) -> HttpResponse:
    member = membership(request.user, code)
    must_be_able(member, "see_cases")
    if request.method == "POST":
        return _bulk(request, member)
    return _inbox_page(request, member)


def _inbox_page(request: HttpRequest, member: Member) -> HttpResponse:
    merchant, now = member.merchant, clock.now()
    asked = _asked(request)
    rows, order = _asked_rows(member, asked, now=now)
    page = pages.keyset(rows, request, order=order, size=PAGE_ROWS)
    may_pick = asked["view"] in CAN_BE_PICKED and (may(member, "approve") or may(member, "reject"))
    context = {
        "merchant": merchant,
        "zone": merchant.zone,
        "here": "inbox",
        "asked": asked,
        "counters": _counters(merchant, asked, now=now),
        "page": page,
        "rows": _rows(page.rows, member, now=now),
        "no_pick": not may_pick,
        "actions": _bulk_actions(member),
        "groups": _options(GROUPS, asked["reason"]),
        "kinds": _options(KINDS, asked["kind"]),
        "sorts": _options({"due": _("Due first"), "new": _("Newest first")}, asked["by"]),
        "result": _told_result(request, member, now=now),
        "no_address": not merchant.returns_go_to.can_take_returns,
        "may_set_up": may(member, "set_up"),
        "nothing": _nothing(asked),
    }
    return pages.render(request, "aftersales/merchant/inbox.html", context)


def _asked(request: HttpRequest) -> dict[str, str]:
    """What the address asks for; a search looks at every case, whatever its state."""
    text = pages.text(request.GET, "q", most=64)
    return {
        "q": text,
        "view": "" if text else pages.one_of(request.GET, "view", queue.VIEWS, "decide"),
        "reason": pages.one_of(request.GET, "reason", GROUPS),
        "kind": pages.one_of(request.GET, "kind", KINDS),
        "by": pages.one_of(request.GET, "by", ("due", "new"), "due"),
    }


def _asked_rows(member: Member, asked: dict, *, now):
    if asked["q"]:
        rows, order = queue.searched(member.merchant, asked["q"]), queue.NEWEST
    else:
        rows, order = queue.rows_of(member.merchant, asked["view"], now=now), queue.VIEWS[asked["view"]].order
    if asked["by"] == "new":
        order = queue.NEWEST
    return queue.narrowed(rows, reason=asked["reason"], kind=asked["kind"]), order


def _counters(merchant, asked: dict, *, now) -> list[ui.Counter]:
    href = reverse("merchant:inbox", args=[merchant.code])
    found = queue.numbers(merchant, now=now)
    return [
        ui.Counter(
            number if number <= queue.MOST_COUNTED else f"{queue.MOST_COUNTED}+", str(NAMES[view]),
            f"{href}?view={view}", TONES.get(view, "") if number else "", current=view == asked["view"],
        )
        for view, number in found.items()
    ]  # fmt: skip


def _options(names: dict, picked: str) -> list[dict]:
    return [{"value": value, "name": str(name), "picked": value == picked} for value, name in names.items()]


def _nothing(asked: dict) -> str:
    if asked["q"]:
        return _("Nothing found for “%(q)s”") % {"q": asked["q"]}
    if asked["reason"] or asked["kind"]:
        return _("Nothing here with these filters")
    return {
        "decide": _("Nothing waits for your decision"),
        "over": _("Nothing is overdue"),
        "done": _("Nothing was closed in the last 30 days"),
    }.get(asked["view"], _("Nothing here now"))


def _rows(requests: list[ReturnRequest], member: Member, *, now) -> list[ui.InboxRow]:
    photos, prices = queue.photo_counts(requests), may(member, "see_prices")
    return [
        _row(ShopTeller(case, now=now, prices=prices), photos.get(case.request.return_no, 0))
        for case in cases_of(requests)
    ]


def _row(teller: ShopTeller, photos: int) -> ui.InboxRow:
    row, about = teller.request, [teller.request.customer.name, _(", ").join(teller.reasons())]
    if row.is_ended:
        about.append(ui.day(row.ended_at, now=teller.now, zone=teller.zone, style="plain"))
    if photos:
        about.append(ngettext("%(n)s photo", "%(n)s photos", photos) % {"n": photos})
    return ui.InboxRow(
        value=row.return_no, no=row.return_no, href=reverse("merchant:case", args=[row.merchant.code, row.return_no]),
        title=teller.goods(), meta=about, mark=teller.mark(), amount=teller.amount, currency=row.order.currency,
        kind=kind_name(row.kind), due_at=None if row.is_ended else row.due_at,
        paused=row.is_undecided and row.waits_for == "customer",
    )  # fmt: skip


# --- many at once -----------------------------------------------------------------------------------------


BULK = {"approve": "approve", "refuse": "reject", "undo": "undo"}  # what can be done to many, and the right it needs


def _bulk_actions(member: Member) -> list[ui.Action]:
    actions = []
    if may(member, "reject"):
        actions.append(ui.Action("refuse", _("Refuse the picked…")))
    if may(member, "approve"):
        actions.append(ui.Action("approve", _("Approve the picked"), main=True))
    return actions


def _bulk(request: HttpRequest, member: Member) -> HttpResponse:
    """Decide each picked row by itself; one of another shop refuses the whole (B108)."""
    do = pages.one_of(request.POST, "do", BULK)
    if not do:
        raise Malformed
    must_be_able(member, BULK[do])
    numbers = request.POST.getlist("pick")
    if len(numbers) > pages.MOST_ROWS:
        raise Malformed(_("Pick at most %(most)s rows at once.") % {"most": pages.MOST_ROWS})
    rows = queue.picked_of_shop(member.merchant, numbers)
    if not rows:
        messages.warning(request, _("Nothing was picked. Tick the rows first."))
        return redirect(request.get_full_path())
    if do == "refuse":
        return _refuse_many(request, member, rows)
    if do == "undo":
        return _undo_each(request, member, rows)
    return _decide_each(request, member, rows, do, decisions.approve_return)


def _refuse_many(request: HttpRequest, member: Member, rows: list[ReturnRequest]) -> HttpResponse:
    """The ground and the words are asked for once, for all of them."""
    sent = request.POST if "refuse-code" in request.POST else None
    form = merchant_forms.RefuseForm(sent, prefix="refuse")
    if form.is_valid():
        return _decide_each(request, member, rows, "refuse", decisions.refuse_return, **form.cleaned_data)
    context = {
        "merchant": member.merchant, "zone": member.merchant.zone, "here": "inbox", "form": form,
        "rows": _rows(rows, member, now=clock.now()), "back": request.get_full_path(),
    }  # fmt: skip
    return pages.render(request, "aftersales/merchant/refuse_many.html", context, status=422 if form.errors else 200)


def _decide_each(
    request: HttpRequest, member: Member, rows: list[ReturnRequest], do: str, service: Callable, **words
) -> HttpResponse:
    by, now, done, lost = actor_of(member), clock.now(), [], []
    for row in rows:
        try:
            shop_case.must_be_the_shops(row)
            decided = service(row.pk, **words, by=by, now=now)
        except Refused as refused:
            lost.append([row.return_no, refused.code])
        else:
            first = decided.decided_at == now and decided.decided_by_id == by.id
            (done if first else lost).append(row.return_no if first else [row.return_no, "wrong_state"])
    request.session["bulk"] = {"shop": member.merchant.code, "do": do, "done": done, "lost": lost}
    return redirect(request.get_full_path())


def _undo_each(request: HttpRequest, member: Member, rows: list[ReturnRequest]) -> HttpResponse:
    """Take back what was approved at once, as far as no money has left and no goods have moved."""
    by, now, done, lost = actor_of(member), clock.now(), [], []
    for row in rows:
        try:
            undoing.undo_decision(row.pk, by=by, anybodys=False, now=now)
        except Refused as refused:
            lost.append([row.return_no, str(refused.message)])
        else:
            done.append(row.return_no)
    request.session["bulk"] = {"shop": member.merchant.code, "do": "undo", "done": done, "lost": lost}
    return redirect(request.get_full_path())


def _told_result(request: HttpRequest, member: Member, *, now) -> dict | None:
    """What became of each picked row, shown once; for one that was lost, who was faster."""
    kept = request.session.get("bulk")
    if not kept or kept["shop"] != member.merchant.code:
        return None
    del request.session["bulk"]
    done, lost = kept["done"], dict(kept["lost"])
    items = [ui.Check(_(", ").join(done), "done")] if done else []
    if kept["do"] == "undo":
        said = _("%(number)s: %(why)s")
        items += [ui.Check(said % {"number": number, "why": why}, "bad") for number, why in lost.items()]
    elif lost:
        items += _lost_rows(queue.picked_of_shop(member.merchant, lost), lost, now=now)
    return {
        "title": _result_title(kept["do"], len(done), len(lost)),
        "tone": "late" if lost else "good",
        "items": items,
        "undo": done if kept["do"] == "approve" and may(member, "undo") else [],
    }


def _result_title(do: str, done: int, lost: int) -> str:
    said = {
        "approve": ngettext("%(n)s approved", "%(n)s approved", done),
        "refuse": ngettext("%(n)s refused", "%(n)s refused", done),
        "undo": ngettext("%(n)s taken back", "%(n)s taken back", done),
    }[do] % {"n": done}
    if not lost:
        return said
    return _("%(done)s, %(lost)s not") % {"done": said, "lost": lost}


def _lost_rows(rows: list[ReturnRequest], codes: dict[str, str], *, now) -> list[ui.Check]:
    moves = queue.last_moves(rows)
    found = []
    for case in cases_of(rows):
        row, teller = case.request, ShopTeller(case, now=now)
        told = {
            "forbidden": _("this is your own purchase"),
            "platform": _("a person of the platform decides this one"),
            "invalid": _("it needs a sum, open it"),
            "untrue_ground": _("this ground does not hold for it"),
        }
        why = told.get(codes[row.return_no]) or teller.happened_then(moves[row.pk])
        found.append(ui.Check(_("%(number)s: %(why)s") % {"number": row.return_no, "why": why}, "bad"))
    return found
