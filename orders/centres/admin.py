"""The platform's people list return centres, name who runs one, and let shops join and leave."""

from django.contrib import admin, messages
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from simple_history.admin import SimpleHistoryAdmin

from orders.centres.forms import CentreInviteForm, ShopOfCentreForm
from orders.centres.models import Centre
from orders.centres.queries import joined_to
from orders.centres.services import invite_to_centre, join_centre, leave_centre
from orders.merchants.models import Merchant
from orders.merchants.views.people import password_link, row_of, waits_for_password
from returns_platform.kernel import clock, pages
from returns_platform.kernel.actors import Actor
from returns_platform.kernel.errors import Refused

MAY_RUN = "orders.run_centre"


@admin.register(Centre)
class CentreAdmin(SimpleHistoryAdmin):
    """Where it is and what it asks is edited here; what shops agreed to before stays as it was."""

    list_display = ("name", "code", "city", "fee_parcel", "fee_unit", "currency", "takes_shops")
    search_fields = ("name", "name_en", "code")
    fields = (
        "code", "name", "name_en", "receiver", "phone", "province", "city", "district", "street", "opening_hours",
        "currency", "fee_parcel", "fee_unit", "takes_shops",
    )  # fmt: skip
    change_form_template = "admin/orders/centre/change_form.html"

    def get_readonly_fields(self, request, obj=None):
        return ("code", "currency") if obj else ()

    def has_delete_permission(self, request, obj=None) -> bool:
        return False

    def get_urls(self):
        run = self.admin_site.door(self.run_view, MAY_RUN)
        return [path("<int:pk>/run/", run, name="orders_centre_run"), *super().get_urls()]

    @method_decorator(pages.repeats("also"))
    def run_view(self, request, pk):
        """Who works there and who has joined. POST do=invite, join or leave."""
        centre = get_object_or_404(Centre, pk=pk)
        do = request.POST.get("do", "")
        invite = CentreInviteForm(request.POST if do == "invite" else None, initial={"role": "manager"})
        free = Merchant.objects.filter(joining=None, currency=centre.currency).order_by("name")
        join = ShopOfCentreForm(request.POST if do == "join" else None, shops=free)
        told = ""
        try:
            if do == "invite" and invite.is_valid():
                return self._page(request, centre, join=join, invited=_invite(centre, invite, request.user))
            if (do == "join" and _join(centre, join, request.user)) or (do == "leave" and _leave(centre, request)):
                messages.success(request, _("Saved."))
                return redirect(reverse("admin:orders_centre_run", args=[centre.pk]))
        except Refused as refused:
            told = str(refused.message)
        status = 422 if told or invite.errors or join.errors else 200
        return self._page(request, centre, invite=invite, join=join, told=told, status=status)

    def _page(self, request, centre, *, join, invite=None, status=200, told="", invited=None):
        context = {
            **self.admin_site.each_context(request), "opts": self.opts, "title": centre.local_name, "centre": centre,
            "people": [
                row_of(one, None, house="centre", code=centre.code)
                for one in centre.members.select_related("user").order_by("pk")
            ],
            "joined": joined_to(centre), "join_form": join, "told": told, "invited": invited,
            "invite_form": invite or CentreInviteForm(initial={"role": "manager"}),
            "link": password_link(request, invited) if invited and waits_for_password(invited) else "",
        }  # fmt: skip
        answer = TemplateResponse(request, "admin/orders/centre/run.html", context, status=status)
        answer["Cache-Control"] = "no-store"
        return answer

    def history_view(self, request, object_id, extra_context=None):
        _must_be_keys(object_id)
        return super().history_view(request, object_id, extra_context)

    def history_form_view(self, request, object_id, version_id, extra_context=None):
        _must_be_keys(object_id, version_id)
        return super().history_form_view(request, object_id, version_id, extra_context)


def _must_be_keys(*texts: str) -> None:
    """The pages of a row's history break on anything but numbers."""
    if not all(text.isdecimal() for text in texts):
        raise Http404


def _invite(centre: Centre, form: CentreInviteForm, user):
    said = form.cleaned_data
    return invite_to_centre(centre, sign_in_name=said["sign_in_name"], name=said["name"], **form.roles, by=user)


def _join(centre: Centre, form: ShopOfCentreForm, user) -> bool:
    if not form.is_valid():
        return False
    join_centre(
        form.cleaned_data["shop"].pk, centre.pk, fee_parcel=centre.fee_parcel, fee_unit=centre.fee_unit,
        by=_actor(user), now=clock.now(),
    )  # fmt: skip
    return True


def _leave(centre: Centre, request) -> bool:
    joining = get_object_or_404(joined_to(centre), merchant__code=request.POST.get("shop", ""))
    leave_centre(joining.merchant_id, by=_actor(request.user), now=clock.now())
    return True


def _actor(user) -> Actor:
    return Actor("support", str(user.pk), user.get_full_name() or user.get_username())
