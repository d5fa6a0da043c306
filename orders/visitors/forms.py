"""What people type at the doors: an order number, a phone, a mailbox, a code."""

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.forms import ChoiceField, RadioSelect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from orders.accounts.rules import digits, e164
from orders.customers.models import Customer
from returns_platform.kernel import forms, ui


def _phone(text: str) -> str:
    if number := e164(text, region=settings.PHONENUMBER_DEFAULT_REGION):
        return number
    raise ValidationError(_("Enter the whole phone number, for example 138 0013 8000"))


class FindOrderForm(forms.Form):
    order_no = forms.Text(max_length=64, label=gettext_lazy("Order number"))
    phone = forms.Text(
        max_length=40,
        label=gettext_lazy("Phone number"),
        help_text=gettext_lazy("The whole number you gave when you ordered"),
    )

    def clean_phone(self) -> str:
        return _phone(self.cleaned_data["phone"])


class AddressForm(forms.Form):
    address = forms.Text(max_length=254, label=gettext_lazy("Phone number or e-mail"))

    def clean_address(self) -> str:
        address = self.cleaned_data["address"]
        if "@" not in address:
            return _phone(address)
        try:
            validate_email(address)
        except ValidationError:
            raise ValidationError(_("Enter a whole e-mail address, for example name@example.com")) from None
        return address.lower()


class CodeForm(forms.Form):
    code = forms.Text(max_length=20, label=gettext_lazy("Code"), help_text=gettext_lazy("Six digits"))

    def clean_code(self) -> str:
        code = digits(self.cleaned_data["code"])
        if len(code) != 6 or not (code.isascii() and code.isdigit()):
            raise ValidationError(_("Enter the six digits of the code"))
        return code


class WayForm(forms.Form):
    """Where the code of a link goes: a phone or mailbox the shop knows, shown masked."""

    way = ChoiceField(label=gettext_lazy("Where should the code go?"), widget=RadioSelect)

    def __init__(self, *args, customer: Customer, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["way"].choices = ways(customer)


def ways(customer: Customer) -> list[tuple[str, str]]:
    """[("phone", "138****8000"), ("email", "a***@example.com")], whichever the shop knows."""
    known = []
    if customer.phone:
        known.append(("phone", ui.mask_phone(str(customer.phone))))
    if customer.email:
        known.append(("email", ui.mask_email(customer.email)))
    return known
