"""A shop's own clauses in its back office: what holds, a draft to edit row by row, publishing with a start date."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from aftersales.policy import queries, services, wording
from aftersales.policy.clause_forms import FIELDS, ClauseForm, StartForm
from aftersales.policy.clause_models import ClauseRow, ClauseVersion
from aftersales.policy.clauses import Clauses
from aftersales.policy.rules import Policy
from orders.catalogue.models import Product
from orders.merchants.models import Member
from orders.merchants.queries import may, member_who_may
from returns_platform.kernel import clock, pages
from returns_platform.kernel.actors import Actor
from returns_platform.kernel.errors import Invalid, NotThere, WrongState


@login_required
@require_safe
def policy(request: HttpRequest, code: str) -> HttpResponse:
    """What holds in the shop now, what is coming, and the way to a draft."""
    member, now = member_who_may(request, code, "see_policy"), clock.now()
    versions = list(member.merchant.clause_versions.all())
    context = _frame(member) | {
        "now_holds": queries.in_force(now, member.merchant.pk),
        "draft": next((one for one in versions if one.is_draft), None),
        "coming": [one for one in versions if one.can_be_withdrawn(now)],
        "earlier": [one for one in versions if not one.is_draft and not one.can_be_withdrawn(now)],
    }
    context |= _told(member, context["now_holds"])
    return pages.render(request, "aftersales/policy/shop.html", context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def version(request: HttpRequest, code: str, number: int) -> HttpResponse:
    """One version: its rows and the text they make. A draft is edited and published here."""
    member, now = member_who_may(request, code, "see_policy"), clock.now()
    found = _version(member, number)
    form = StartForm(request.POST or None, zone=member.merchant.zone, now=now)
    if request.method == "POST":
        member_who_may(request, code, "edit_policy")
        if form.is_valid() and _published(request, member, found, form, now=now):
            return redirect("merchant:policy", code)
    platform = queries.in_force(now)
    context = _frame(member) | _told(member, platform.with_clauses(queries.compiled_clauses(found)))
    context |= {
        "kinder": [section for section in context["sections"] if section.mine],
        "version": found,
        "rows": _rows(member, found),
        "kinds": ClauseRow.Gives.choices,
        "form": form,
        "can_be_withdrawn": found.can_be_withdrawn(now),
        "today": form.today.isoformat(),
    }
    status = 422 if form.is_bound and form.errors else 200
    return pages.render(request, "aftersales/policy/version.html", context, status=status)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def new_clause(request: HttpRequest, code: str, number: int, gives: str) -> HttpResponse:
    member = member_who_may(request, code, "edit_policy")
    found = _draft(member, number)
    if gives not in FIELDS:
        raise NotThere
    form = ClauseForm(request.POST or None, gives=gives, currency=member.merchant.currency)
    return _clause(request, member, found, form)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def clause(request: HttpRequest, code: str, number: int, pk: int) -> HttpResponse:
    member = member_who_may(request, code, "edit_policy")
    found = _draft(member, number)
    row = found.rows.filter(pk=pk).first()
    if row is None:
        raise NotThere
    form = ClauseForm(request.POST or None, gives=row.gives, currency=member.merchant.currency, row=row)
    return _clause(request, member, found, form)


@login_required
@require_POST
def draft(request: HttpRequest, code: str) -> HttpResponse:
    member = member_who_may(request, code, "edit_policy")
    made = services.draft_clauses(member.merchant, now=clock.now())
    return redirect("merchant:policy_version", code, made.number)


@login_required
@require_POST
def remove_clause(request: HttpRequest, code: str, number: int, pk: int) -> HttpResponse:
    member = member_who_may(request, code, "edit_policy")
    services.remove_clause(_draft(member, number), pk)
    messages.success(request, _("The clause is gone."))
    return redirect("merchant:policy_version", code, number)


@login_required
@require_POST
def discard(request: HttpRequest, code: str, number: int) -> HttpResponse:
    member = member_who_may(request, code, "edit_policy")
    services.discard_clauses(_draft(member, number))
    messages.success(request, _("The draft is gone. What holds now stays."))
    return redirect("merchant:policy", code)


@login_required
@require_POST
def withdraw(request: HttpRequest, code: str, number: int) -> HttpResponse:
    member = member_who_may(request, code, "edit_policy")
    try:
        services.withdraw_clauses(_version(member, number), now=clock.now())
    except WrongState as late:
        messages.error(request, str(late.message))
    else:
        messages.success(request, _("It will not start."))
    return redirect("merchant:policy", code)


# --- behind the pages -------------------------------------------------------------------------------------


def _frame(member: Member) -> dict:
    return {"merchant": member.merchant, "zone": member.merchant.zone, "here": "policy",
            "may_edit": may(member, "edit_policy")}  # fmt: skip


def _version(member: Member, number: int) -> ClauseVersion:
    found = member.merchant.clause_versions.filter(number=number).first()
    if found is None:
        raise NotThere
    return found


def _draft(member: Member, number: int) -> ClauseVersion:
    found = _version(member, number)
    if not found.is_draft:
        raise WrongState(_("A published policy is not changed. Make a draft of it."), state=found.state)
    return found


def _told(member: Member, policy: Policy) -> dict:
    currency = member.merchant.currency
    return {
        "sections": wording.sections(policy, _products(member, policy.clauses), currency=currency),
        "general": wording.general(policy, currency=currency),
        "policy": policy,
    }


def _products(member: Member, clauses: Clauses) -> dict[str, Product]:
    """Those that a clause names and the catalogue knows."""
    skus = {row.sku for row in clauses.rows if row.sku}
    return {one.sku: one for one in Product.objects.filter(merchant=member.merchant, sku__in=skus)}


def _rows(member: Member, found: ClauseVersion) -> list[dict]:
    compiled = queries.compiled_clauses(found)
    names = {sku: product.title for sku, product in _products(member, compiled).items()}
    return [
        {
            "pk": row.row,
            "scope": wording.scope(row, names),
            "text": wording.sentence(row, currency=member.merchant.currency),
        }
        for row in compiled.rows
    ]


def _clause(request: HttpRequest, member: Member, found: ClauseVersion, form: ClauseForm) -> HttpResponse:
    if request.method == "POST" and form.is_valid():
        try:
            services.keep_clause(found, form.as_row(), now=clock.now())
        except Invalid as harsher:
            form.refuse(harsher)
        else:
            messages.success(request, _("Saved in the draft."))
            return redirect("merchant:policy_version", member.merchant.code, found.number)
    context = _frame(member) | {
        "version": found,
        "form": form,
        "title": ClauseRow.Gives(form.gives).label,
        "row": form.row,
    }
    status = 422 if form.is_bound and form.errors else 200
    return pages.render(request, "aftersales/policy/clause.html", context, status=status)


def _published(request: HttpRequest, member: Member, found: ClauseVersion, form: StartForm, *, now) -> bool:
    by = Actor("merchant", str(member.user_id), member.merchant.name)
    try:
        services.publish_clauses(found, starts_at=form.starts_at, note=form.cleaned_data["note"], by=by, now=now)
    except Invalid as refused:
        form.add_error("day" if "starts_at" in refused.fields else None, str(refused.message))
        return False
    messages.success(request, _("Version %(number)s is published.") % {"number": found.number})
    return True
