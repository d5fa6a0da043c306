"""What a shop says about itself and about the people who work for it."""

import re

from django import forms as django_forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from orders.accounts.rules import e164
from orders.merchants.models import Member
from returns_platform.kernel import forms

SIGN_IN_NAME = re.compile(r"[a-z][a-z0-9.-]{1,29}")


class ShopForm(forms.Form):
    """The settings of a shop; the names are those of `services.SETTINGS`."""

    name = forms.Text(max_length=100, label=gettext_lazy("Name of the shop"))
    name_en = forms.Text(max_length=100, required=False, label=gettext_lazy("Name in English"))
    return_name = forms.Text(max_length=100, label=gettext_lazy("Who takes returns in"))
    return_phone = forms.Text(
        max_length=40,
        label=gettext_lazy("Phone for couriers"),
        help_text=gettext_lazy("Printed on the waybill"),
    )
    return_province = forms.Text(max_length=50, label=gettext_lazy("Province"))
    return_city = forms.Text(max_length=50, label=gettext_lazy("City"))
    return_district = forms.Text(max_length=50, required=False, label=gettext_lazy("District"))
    return_street = forms.Text(max_length=200, label=gettext_lazy("Street and number"))
    opening_hours = forms.Text(
        max_length=200,
        label=gettext_lazy("Opening hours"),
        help_text=gettext_lazy("When somebody can take parcels, for example Monday to Saturday, 09:00–18:00"),
    )
    contact = forms.Text(
        max_length=200,
        label=gettext_lazy("How customers reach you"),
        help_text=gettext_lazy("A phone number, an e-mail address or a chat name"),
    )

    def clean_return_phone(self) -> str:
        number = e164(self.cleaned_data["return_phone"], region=settings.PHONENUMBER_DEFAULT_REGION)
        if number is None:
            raise ValidationError(_("Enter a phone number that couriers can call"))
        return number


class RoleForm(forms.Form):
    """As what somebody works for the shop."""

    role = django_forms.ChoiceField(
        choices=Member.Role.choices, label=gettext_lazy("Works as"), initial=Member.Role.AGENT,
        error_messages={"invalid_choice": gettext_lazy("Choose one of these")},
    )  # fmt: skip
    also = django_forms.MultipleChoiceField(
        choices=Member.Role.choices, required=False, widget=forms.Boxes, label=gettext_lazy("Also does the work of"),
        error_messages={"invalid_choice": gettext_lazy("Choose one of these")},
    )  # fmt: skip

    @property
    def roles(self) -> dict:
        said = self.cleaned_data
        return {"role": said["role"], "also": tuple(name for name in said["also"] if name != said["role"])}


class InviteForm(RoleForm):
    name = forms.Text(max_length=100, label=gettext_lazy("Name"))
    sign_in_name = forms.Text(
        max_length=30, label=gettext_lazy("Signs in as"),
        help_text=gettext_lazy("Small letters, digits, dot and line. The name of your shop stands before it."),
    )  # fmt: skip

    field_order = ("name", "sign_in_name", "role", "also")

    def clean_sign_in_name(self) -> str:
        name = self.cleaned_data["sign_in_name"].strip().lower()
        if not SIGN_IN_NAME.fullmatch(name):
            raise ValidationError(_("Use 2 to 30 small letters, digits, dots and lines, a letter first"))
        return name
