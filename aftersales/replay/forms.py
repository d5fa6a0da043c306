"""Whose cases, of which time: what a replay is asked for."""

from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from django import forms as django_forms
from django.conf import settings
from django.core.validators import MinValueValidator
from django.utils.translation import gettext_lazy as _

from orders.merchants.models import Merchant
from returns_platform.kernel import forms

EARLIEST = date(2000, 1, 1)  # the first policy starts then


def _day(label, help_text) -> django_forms.DateField:
    return django_forms.DateField(
        label=label, help_text=help_text, required=False, widget=django_forms.DateInput({"type": "date"}),
        validators=[MinValueValidator(EARLIEST)],
    )  # fmt: skip


class SpanForm(forms.Form):
    """Days on the clock of `zone`; both may be left empty."""

    since = _day(_("Filed from"), _("Empty: from the first case on."))
    until = _day(_("Filed before"), _("Empty: up to the newest case."))

    def __init__(self, *args, zone: str = "", **kwargs):
        super().__init__(*args, **kwargs)
        self.zone = ZoneInfo(zone or settings.SHOP_ZONE)

    def clean(self):
        told = super().clean()
        since, until = told.get("since"), told.get("until")
        if since and until and since >= until:
            self.add_error("until", _("The end lies before the beginning."))
        return told

    @property
    def span(self) -> dict[str, datetime | None]:
        return {name: self._beginning(self.cleaned_data.get(name)) for name in ("since", "until")}

    def _beginning(self, day: date | None) -> datetime | None:
        return datetime.combine(day, time(), self.zone) if day else None


class ReplayForm(SpanForm):
    """For the platform: any shop, or all of them."""

    merchant = django_forms.ModelChoiceField(
        label=_("shop"), queryset=Merchant.objects.order_by("name"), required=False, empty_label=_("all shops")
    )
    field_order = ["merchant", "since", "until"]

    @property
    def scope(self) -> dict:
        return {"merchant": self.cleaned_data["merchant"], **self.span}
