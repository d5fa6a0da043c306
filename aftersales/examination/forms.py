"""Asking somebody independent, and what they reported."""

from django import forms as django_forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from aftersales.examination.models import Examination
from aftersales.examination.queries import examiners_for, lines_to_examine
from aftersales.returns.models import ReturnRequest
from returns_platform.kernel import forms, ui

CHOOSE = ("", gettext_lazy("Choose…"))


class AskForm(forms.Form):
    """Which goods, whom, and what is to be found out. The fees that were shown are sent along."""

    line = django_forms.ChoiceField(label=gettext_lazy("Which goods"))
    examiner = django_forms.ChoiceField(label=gettext_lazy("Who looks at it"))
    question = forms.Text(
        max_length=1000, multiline=True, rows=3, label=gettext_lazy("What is to be found out"),
        help_text=gettext_lazy("One unit is sent there. The customer, the shop and the inspector read this."),
    )  # fmt: skip

    def __init__(self, data=None, *, row: ReturnRequest):
        super().__init__(data)
        lines = [(str(line.pk), line.order_line.title) for line in lines_to_examine(row)]
        # The key carries the fee: another fee by now is another choice, which this page did not show.
        asked = {f"{one.pk}.{one.fee}": one for one in examiners_for(row)}
        self.fields["line"].choices = lines if len(lines) == 1 else [CHOOSE, *lines]
        self.fields["examiner"].choices = [CHOOSE, *((key, _told(one)) for key, one in asked.items())]
        for name in ("line", "examiner"):
            self.fields[name].error_messages["invalid_choice"] = _("Choose one of these")
        self.can_be_asked = bool(lines and asked)

    @property
    def wish(self) -> dict:
        said = self.cleaned_data
        examiner, fee = said["examiner"].split(".")
        return {
            "line_id": int(said["line"]),
            "examiner_id": int(examiner),
            "fee": int(fee),
            "question": said["question"],
        }


def _told(one) -> str:
    said = _("%(name)s, %(fee)s, report within %(days)s days")
    told = said % {"name": one.local_name, "fee": ui.money(one.fee, one.currency), "days": one.days}
    return f"{told} ({one.credentials})" if one.credentials else told


class ReportForm(forms.Form):
    """What the inspector found; the file is read apart, so that no mistake here loses it."""

    finding = django_forms.ChoiceField(
        choices=[CHOOSE, *Examination.Finding.choices], label=gettext_lazy("What was found"),
        error_messages={"invalid_choice": gettext_lazy("Choose one of these")},
    )  # fmt: skip
    found = forms.Text(
        max_length=2000, multiline=True, rows=4, label=gettext_lazy("In plain words"),
        help_text=gettext_lazy("What was looked at, what was found, what it means. Both sides read it."),
    )  # fmt: skip
