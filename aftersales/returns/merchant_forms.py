"""What a shop writes about a case: yes, no, show me more, a message."""

from django import forms as django_forms
from django.utils.translation import gettext_lazy as _

from aftersales.policy.reasons import REJECTIONS
from aftersales.returns.models import Message
from returns_platform.kernel import forms

# What a shop may ask to see, by class of evidence; E0 asks for nothing.
CLASSES = (
    ("E1", _("One to three photos that show it")),
    ("E2", _("Photos of the goods, the problem, the label and the waybill")),
    ("E3", _("The same, and a test report")),
    ("E4", _("The same, and a note from a hospital")),
    ("EV", _("An uncut video of the unboxing")),
)


def refusal_codes() -> list[tuple[str, object]]:
    """Grounds that the customer may read; internal ones are the platform's."""
    return [(rejection.code, rejection.text) for rejection in REJECTIONS.values() if not rejection.internal]


class ApproveForm(forms.Form):
    text = forms.Text(
        max_length=2000, multiline=True, rows=2, required=False, label=_("A word to the customer"),
        help_text=_("The customer is told of the approval anyway."),
    )  # fmt: skip


class RefuseForm(forms.Form):
    code = django_forms.ChoiceField(label=_("Ground"))
    text = forms.Text(
        max_length=2000, multiline=True, rows=3, label=_("What you found"),
        help_text=_("The customer reads this. Say what would change it."),
    )  # fmt: skip

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["code"].choices = [("", _("Choose…")), *refusal_codes()]


class AskForm(forms.Form):
    classes = django_forms.MultipleChoiceField(
        choices=CLASSES, widget=forms.Boxes, required=False, label=_("What to show")
    )
    text = forms.Text(
        max_length=2000, multiline=True, rows=3, required=False, label=_("In your words"),
        help_text=_("The customer reads this, for example: a close-up of the left cuff in daylight."),
    )  # fmt: skip


class SayForm(forms.Form):
    text = forms.Text(max_length=2000, multiline=True, rows=3, label=_("Message"))
    audience = django_forms.ChoiceField(
        label=_("Who reads it"), widget=forms.Radios, initial=Message.Audience.ALL,
        choices=((Message.Audience.ALL, _("The customer")), (Message.Audience.SHOP, _("Only colleagues"))),
    )  # fmt: skip


class AgreeForm(forms.Form):
    """Nothing to fill in: the button is the answer."""


class UndoForm(forms.Form):
    """Nothing to fill in: one click."""


class ImportForm(forms.Form):
    file = django_forms.FileField(
        label=_("File of orders"),
        help_text=_("CSV with one row for each order line, or JSON lines; up to 50 MB."),
        widget=django_forms.FileInput(attrs={"accept": ".csv,.jsonl,.json,text/csv"}),
    )
