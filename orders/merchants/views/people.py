"""Who works for a shop: an owner invites colleagues, says what they do, and lets them go."""

from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from orders.merchants.forms import InviteForm, RoleForm
from orders.merchants.models import Member
from orders.merchants.queries import colleague, member_who_may
from orders.merchants.services import change_role, invite_member, remove_member
from returns_platform.kernel import clock, pages
from returns_platform.kernel.errors import Conflict, NotAllowed

PAGES = ("person", "person_link", "remove_person")  # of one of them


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@pages.repeats("also")
def people(request: HttpRequest, code: str) -> HttpResponse:
    """Everybody who works for the shop, and the form to invite one more."""
    member = member_who_may(request, code, "manage_staff")
    form = InviteForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        try:
            invited = invite_member(
                member.merchant, sign_in_name=said["sign_in_name"], name=said["name"], **form.roles, by=request.user
            )
        except Conflict as taken:
            form.refuse(taken)
        else:
            return _with_link(request, member, invited)
    return _people(request, member, form)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@pages.repeats("also")
def person(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """One colleague: what they do here. Nobody changes their own."""
    member = member_who_may(request, code, "manage_staff")
    other = colleague(member, pk)
    form = RoleForm(request.POST or None, initial={"role": other.role, "also": other.also})
    if request.method == "POST" and form.is_valid():
        change_role(other, **form.roles, by=request.user)
        messages.success(request, _("Saved."))
        return redirect("merchant:people", code)
    return _person(request, member, other, form)


@login_required
@require_POST
def new_link(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """Another link, for somebody who has not chosen a password yet. Who has one is not taken over by it."""
    member = member_who_may(request, code, "manage_staff")
    other = colleague(member, pk)
    if not waits_for_password(other):
        raise NotAllowed(_("This person has a password already and changes it themselves."))
    return _with_link(request, member, other)


@login_required
@require_POST
def remove(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    member = member_who_may(request, code, "manage_staff")
    other = colleague(member, pk)
    remove_member(other, by=request.user, now=clock.now())
    messages.success(request, _("%(name)s does not work here any more.") % {"name": name_of(other)})
    return redirect("merchant:people", code)


# --- pages ------------------------------------------------------------------------------------------------


def _people(request: HttpRequest, member: Member, form: InviteForm, **more) -> HttpResponse:
    members = member.merchant.members.select_related("user").order_by("user__first_name", "pk")
    context = {
        "merchant": member.merchant,
        "form": form,
        "people": [_row(other, member) for other in members],
        "here": "settings",
        **more,
    }
    wrong = form.is_bound and form.errors
    response = pages.render(request, "merchant/people.html", context, status=422 if wrong else 200)
    response["Cache-Control"] = "no-store"
    return response


def _row(other: Member, member: Member) -> dict:
    return row_of(other, member, house="merchant", code=member.merchant.code)


def row_of(other, reader, *, house: str, code: str) -> dict:
    """A line of a list of people. other: a member of whatever house; reader: the one who reads it, where they are one
    of them. house: the namespace of its pages."""
    return {
        "pk": other.pk,
        "name": name_of(other),
        "sign_in_name": other.user.username,
        "roles": [str(other.Role(role).label) for role in (other.role, *other.also)],
        "me": reader is not None and other.user_id == reader.user_id,
        "waits": waits_for_password(other),
        "disabled": not other.user.is_active,
        "pages": {name: reverse(f"{house}:{name}", args=[code, other.pk]) for name in PAGES},
    }


def _with_link(request: HttpRequest, member: Member, invited: Member) -> HttpResponse:
    """The link is shown once, on the answer itself: it is in no address and in no session."""
    link = password_link(request, invited) if waits_for_password(invited) else ""
    return _people(request, member, InviteForm(), invited=_row(invited, member), link=link)


def password_link(request: HttpRequest, invited: Member) -> str:
    key = {"uidb36": user_pk_to_url_str(invited.user), "key": default_token_generator.make_token(invited.user)}
    return request.build_absolute_uri(reverse("account_reset_password_from_key", kwargs=key))


def waits_for_password(other: Member) -> bool:
    return other.user.is_active and not other.user.has_usable_password()


def name_of(other: Member) -> str:
    return other.user.first_name or other.user.username


def _person(request: HttpRequest, member: Member, other: Member, form: RoleForm) -> HttpResponse:
    context = {
        "merchant": member.merchant,
        "form": form,
        "person": _row(other, member),
        "here": "settings",
    }
    return pages.render(request, "merchant/person.html", context, status=422 if form.errors else 200)
