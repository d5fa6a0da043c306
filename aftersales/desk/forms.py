"""What staff fill in about a case. Every field that a choice needs is asked for before anything is confirmed."""

from django import forms as django_forms
from django.utils.translation import gettext_lazy as _

from aftersales.returns import gifts
from aftersales.returns.merchant_forms import CLASSES, refusal_codes
from returns_platform.kernel import forms

APPROVE, PART, OFFER, ASK, REFUSE = "approve", "part", "offer", "ask", "refuse"
PAY, RELEASE = "pay", "release"
AGREE, DECLINE = "agree", "decline"
AFTER = (("next", _("take the next")), ("stay", _("stay here")), ("back", _("change something")))


class Step(forms.Form):
    """seen: the version of the case on the page. confirmed: said yes to what was read back. queue: where from."""

    seen = forms.Whole(min_value=0, max_value=10**9)
    confirmed = django_forms.BooleanField(required=False)
    queue = django_forms.CharField(required=False, max_length=30)
    then = django_forms.ChoiceField(choices=AFTER, required=False)


class DecideForm(Step):
    do = django_forms.ChoiceField(error_messages={"required": _("Choose what to do.")})
    code = django_forms.ChoiceField(required=False)
    classes = django_forms.MultipleChoiceField(required=False)
    text = forms.Text(max_length=2000, multiline=True, required=False)
    amount = forms.Text(max_length=20, required=False)
    line_no = forms.Text(max_length=64, required=False)

    def __init__(self, *args, choices, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["do"].choices = choices
        self.fields["code"].choices = [("", _("Choose…")), *refusal_codes()]
        self.fields["classes"].choices = CLASSES

    def clean(self):
        said = super().clean()
        if said.get("do") == REFUSE and not said.get("code"):
            self.add_error("code", _("Choose one of the reasons for a refusal."))
        if said.get("do") == REFUSE and not said.get("text"):
            self.add_error("text", _("Say in one or two sentences what you found. The customer reads it."))
        if said.get("do") in (PART, OFFER) and not said.get("amount"):
            self.add_error("amount", _("Say how much of the price is paid back."))
        if said.get("do") == ASK and not (said.get("text") or said.get("classes")):
            self.add_error("text", _("Say what the customer should show you."))
        return said


class SecondForm(Step):
    """Nothing to fill in: the yes is the answer."""


class MissingForm(Step):
    do = django_forms.ChoiceField(
        choices=((PAY, _("Found: pay them")), (RELEASE, _("Release them"))),
        error_messages={"required": _("Choose what to do.")},
    )
    text = forms.Text(
        max_length=2000, multiline=True, error_messages={"required": _("Say what you found out. Colleagues read it.")}
    )  # fmt: skip


class RoadForm(Step):
    do = django_forms.ChoiceField(
        choices=((PAY, _("Pay as approved")), (RELEASE, _("Close it"))),
        error_messages={"required": _("Choose what to do.")},
    )
    text = forms.Text(
        max_length=2000, multiline=True, error_messages={"required": _("Say what you found out. Colleagues read it.")}
    )  # fmt: skip


class ReopenForm(Step):
    text = forms.Text(
        max_length=2000, multiline=True, error_messages={"required": _("Say what you found out. Colleagues read it.")}
    )  # fmt: skip


class CompensateForm(Step, gifts.GiveFields):
    """What is given, how much, for which ground and why."""


class GiftStepForm(Step):
    do = django_forms.ChoiceField(choices=((AGREE, _("Agree")), (DECLINE, _("Do not give it"))))
    gift = forms.Whole(max_value=2**31)


class SayForm(forms.Form):
    text = forms.Text(max_length=2000, multiline=True, error_messages={"required": _("Write what you want to say.")})
    audience = django_forms.ChoiceField(
        choices=(("platform", _("Colleagues of the platform")), ("all", _("The customer and the shop"))),
        initial="platform",
    )


class CloseForm(forms.Form):
    note = forms.Text(max_length=2000, multiline=True, error_messages={"required": _("Say what was done.")})
