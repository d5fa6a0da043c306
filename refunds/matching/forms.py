"""A bill that somebody imports by hand."""

from datetime import date

from django import forms as django_forms
from django.utils.translation import gettext_lazy as _

from refunds.matching import queries, rules
from refunds.matching.services.importing import LARGEST_FILE
from refunds.payouts import texts
from returns_platform.kernel import clock, forms


class BillForm(forms.Form):
    channel = django_forms.ChoiceField(label=_("Channel"))
    day = django_forms.DateField(
        label=_("Day of the bill"), widget=django_forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text=_("In the channel's own calendar"), input_formats=["%Y-%m-%d"],
    )  # fmt: skip
    file = django_forms.FileField(
        label=_("File"), help_text=_("As the channel gives it, at most 20 MB"),
        error_messages={"empty": _("The file is empty.")},
    )  # fmt: skip

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["channel"].choices = [(code, texts.channel(code)) for code in queries.channels()]

    def clean_day(self) -> date:
        day, channel = self.cleaned_data["day"], self.cleaned_data.get("channel", "")
        if not 2000 <= day.year <= 2100 or day >= rules.day_of(channel, clock.now()):
            raise django_forms.ValidationError(_("Choose a day that is over."))
        return day

    def clean_file(self):
        file = self.cleaned_data["file"]
        if file.size > LARGEST_FILE:
            raise django_forms.ValidationError(_("A bill has at most 20 MB."))
        return file
