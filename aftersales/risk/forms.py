"""What a customer answers to a measure."""

from django.utils.translation import gettext_lazy as _

from returns_platform.kernel import forms


class AppealForm(forms.Form):
    text = forms.Text(
        max_length=2000, label=_("What is not right?"), multiline=True, rows=3,
        error_messages={"required": _("Tell us in a few words what is not right.")},
    )  # fmt: skip


class Nothing(forms.Form):
    """The button is the answer."""
