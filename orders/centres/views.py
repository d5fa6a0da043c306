"""The people of a return centre: its manager invites colleagues, says what they do, and lets them go."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from orders.centres.forms import CentreInviteForm, CentreRoleForm
from orders.centres.models import CentreMember
from orders.centres.queries import centre_member_who_may, colleague
from orders.centres.services import change_centre_role, invite_to_centre, remove_from_centre
from orders.merchants.views.people import name_of, password_link, row_of, waits_for_password
from returns_platform.kernel import pages
from returns_platform.kernel.errors import Conflict, NotAllowed


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@pages.repeats("also")
def people(request: HttpRequest, code: str) -> HttpResponse:
    """Everybody who works there, and the form to invite one more."""
    member = centre_member_who_may(request.user, code, "manage_staff")
    form = CentreInviteForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        try:
            invited = invite_to_centre(
                member.centre, sign_in_name=said["sign_in_name"], name=said["name"], **form.roles, by=request.user
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
    member = centre_member_who_may(request.user, code, "manage_staff")
    other = colleague(member, pk)
    form = CentreRoleForm(request.POST or None, initial={"role": other.role, "also": other.also})
    if request.method == "POST" and form.is_valid():
        change_centre_role(other, **form.roles, by=request.user)
        messages.success(request, _("Saved."))
        return redirect("centre:people", code)
    context = {"centre": member.centre, "member": member, "form": form, "person": _row(other, member),
               "here": "people"}  # fmt: skip
    return pages.render(request, "centres/person.html", context, status=422 if form.errors else 200)


@login_required
@require_POST
def new_link(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """Another link, for somebody who has not chosen a password yet. Who has one is not taken over by it."""
    member = centre_member_who_may(request.user, code, "manage_staff")
    other = colleague(member, pk)
    if not waits_for_password(other):
        raise NotAllowed(_("This person has a password already and changes it themselves."))
    return _with_link(request, member, other)


@login_required
@require_POST
def remove(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    member = centre_member_who_may(request.user, code, "manage_staff")
    other = colleague(member, pk)
    remove_from_centre(other, by=request.user)
    messages.success(request, _("%(name)s does not work here any more.") % {"name": name_of(other)})
    return redirect("centre:people", code)


# --- pages ------------------------------------------------------------------------------------------------


def _people(request: HttpRequest, member: CentreMember, form: CentreInviteForm, **more) -> HttpResponse:
    members = member.centre.members.select_related("user").order_by("user__first_name", "pk")
    context = {
        "centre": member.centre, "member": member, "form": form, "here": "people",
        "people": [_row(other, member) for other in members], **more,
    }  # fmt: skip
    response = pages.render(
        request, "centres/people.html", context, status=422 if form.is_bound and form.errors else 200
    )
    response["Cache-Control"] = "no-store"
    return response


def _row(other: CentreMember, member: CentreMember) -> dict:
    return row_of(other, member, house="centre", code=member.centre.code)


def _with_link(request: HttpRequest, member: CentreMember, invited: CentreMember) -> HttpResponse:
    """The link is shown once, on the answer itself: it is in no address and in no session."""
    link = password_link(request, invited) if waits_for_password(invited) else ""
    return _people(request, member, CentreInviteForm(), invited=_row(invited, member), link=link)
