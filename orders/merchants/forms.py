"""What a shop says about itself."""

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from orders.accounts.rules import e164
from returns_platform.kernel import forms


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
