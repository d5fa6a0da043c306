"""Typed condition rows in a form: which fact, which operator, which value. Works without script."""

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from returns_platform.kernel.errors import Invalid

from . import conditions
from .models import RuleRow
from .reasons import EVIDENCE
from .texts import CODES

ROWS = 5


def _choices(named) -> list:
    return [("", "—"), *((name, one.label) for name, one in named.items())]


class ConditionsWidget(forms.MultiWidget):
    """A fixed number of rows, three controls each; an empty row is none."""

    def __init__(self):
        row = (
            lambda: forms.Select(choices=_choices(conditions.FIELDS)),
            lambda: forms.Select(choices=_choices(conditions.OPERATORS)),
            lambda: forms.TextInput(attrs={"size": 24}),
        )
        super().__init__([control() for _row in range(ROWS) for control in row])

    def decompress(self, value):
        typed = []
        for row in value or []:
            typed += [row["field"], row["op"], conditions.value_as_text(row["field"], row["value"])]
        return typed + [""] * (3 * ROWS - len(typed))


class ConditionsField(forms.MultiValueField):
    """Rows of typed text in, the list of conditions out; what cannot work is said in one sentence."""

    widget = ConditionsWidget

    def __init__(self, **kwargs):
        parts = [forms.CharField(required=False) for _part in range(3 * ROWS)]
        super().__init__(parts, require_all_fields=False, required=False, **kwargs)

    def compress(self, typed):
        rows = [typed[place : place + 3] for place in range(0, len(typed), 3)]
        try:
            found = [_condition(*row) for row in rows if any(row)]
            conditions.compiled(found)
        except Invalid as wrong:
            raise ValidationError(str(wrong.message)) from wrong
        return found

    def has_changed(self, initial, data):
        return super().has_changed(initial or [], data)


class RuleForm(forms.ModelForm):
    code = forms.ChoiceField(label=_("what people are told"), choices=list(CODES.items()))
    asks = forms.ChoiceField(
        label=_("evidence asked for"),
        choices=[("", "—"), *((code, code) for code in EVIDENCE)],
        required=False,
    )
    conditions = ConditionsField(label=_("when all of this holds"))

    class Meta:
        model = RuleRow
        fields = ["priority", "name", "effect", "code", "who", "asks", "conditions"]


class PublishForm(forms.Form):
    starts_at = forms.SplitDateTimeField(label=_("in force from"), help_text=_("Purchases from then on."))


def _condition(field: str, op: str, typed: str) -> dict:
    if not (field and op and typed):
        raise Invalid(_("A condition is a field, an operator and a value."))
    if field not in conditions.FIELDS or op not in conditions.OPERATORS:
        raise Invalid(_("Choose a field and an operator from the lists."))
    return {"field": field, "op": op, "value": conditions.value_from_text(field, op, typed)}
