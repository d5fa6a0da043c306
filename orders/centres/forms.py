"""Who works in a return centre, as its manager says."""

from django import forms as django_forms
from django.utils.translation import gettext_lazy

from orders.centres.models import CentreMember
from orders.merchants.forms import InviteForm, RoleForm

ROLES = CentreMember.Role.choices


class CentreRoleForm(RoleForm):
    """As what somebody works there."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["role"].choices = self.fields["also"].choices = ROLES
        self.fields["role"].initial = CentreMember.Role.INSPECTOR


class CentreInviteForm(InviteForm):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["role"].choices = self.fields["also"].choices = ROLES
        self.fields["role"].initial = CentreMember.Role.INSPECTOR
        self.fields["sign_in_name"].help_text = gettext_lazy(
            "Small letters, digits, dot and line. The code of the centre and a plus stand before it."
        )


class ShopOfCentreForm(django_forms.Form):
    """Which shop joins; the platform's people choose among those that are at no centre."""

    shop = django_forms.ModelChoiceField(queryset=None, label=gettext_lazy("Shop"))

    def __init__(self, *args, shops, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["shop"].queryset = shops
