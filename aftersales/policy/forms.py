"""Typed condition rows in a form: which fact, which operator, which value. Works without script."""

from datetime import datetime, time
from zoneinfo import ZoneInfo

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext_lazy as _

from orders.catalogue.models import Category
from returns_platform.kernel.errors import Invalid

from . import conditions
from .models import RuleRow, WindowRow
from .reasons import EVIDENCE, REASONS
from .texts import CODES

_CONTROLS = 3


def _choices(named) -> list:
    return [("", "—"), *((name, one.label) for name, one in named.items())]


class ConditionsWidget(forms.MultiWidget):
    """A fixed number of rows, three controls each; an empty row is none."""

    def __init__(self):
        row = (
            lambda: forms.Select({"aria-label": _("fact")}, _choices(conditions.FIELDS)),
            lambda: forms.Select({"aria-label": _("operator")}, _choices(conditions.OPERATORS)),
            lambda: forms.TextInput({"aria-label": _("value"), "size": 24}),
        )
        super().__init__([control() for _row in range(conditions.MOST_ROWS) for control in row])

    def decompress(self, value):
        return _as_typed(value)

    def render(self, name, value, attrs=None, renderer=None):
        controls = self.get_context(name, value, attrs)["widget"]["subwidgets"]
        drawn = [self._render(one["template_name"], {"widget": one}, renderer) for one in controls]
        rows = [drawn[place : place + _CONTROLS] for place in range(0, len(drawn), _CONTROLS)]
        return format_html("<div>{}</div>", format_html_join("", "<p>{} {} {}</p>", rows))


class ConditionsField(forms.MultiValueField):
    """Rows of typed text in, the list of conditions out; what cannot work is said in one sentence."""

    widget = ConditionsWidget

    def __init__(self, **kwargs):
        parts = [forms.CharField(required=False) for _part in range(_CONTROLS * conditions.MOST_ROWS)]
        super().__init__(parts, require_all_fields=False, required=False, **kwargs)

    def prepare_value(self, value):
        # Stored conditions are a list too, which the widget would take for what was typed.
        return value if value and isinstance(value[0], str) else _as_typed(value)

    def has_changed(self, initial, data):
        return super().has_changed(_as_typed(initial), data)

    def compress(self, typed):
        rows = [typed[place : place + _CONTROLS] for place in range(0, len(typed), _CONTROLS)]
        try:
            found = [_condition(*row) for row in rows if any(row)]
            conditions.compiled(found)
        except Invalid as wrong:
            raise ValidationError(str(wrong.message)) from wrong
        return found


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


class WindowForm(forms.ModelForm):
    category = forms.ChoiceField(label=_("category"), required=False)
    reason = forms.ChoiceField(
        label=_("reason"),
        required=False,
        choices=[("", _("all")), *((code, f"{code} {one.text}") for code, one in REASONS.items())],
    )

    class Meta:
        model = WindowRow
        fields = ["basis", "category", "reason", "length", "unit", "excluded"]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        known = dict(Category.choices)
        own = self.instance.category  # other codes are taken as shops send them
        more = [(own, own)] if own and own not in known else []
        self.fields["category"].choices = [("", _("all")), *known.items(), *more]


class PublishForm(forms.Form):
    """When a draft starts: at the beginning of a day, on the platform's clock."""

    day = forms.DateField(
        label=_("in force from the beginning of"),
        help_text=_("Orders placed from then on follow it; earlier ones keep their policy."),
        widget=forms.DateInput({"type": "date"}),
    )

    @property
    def starts_at(self) -> datetime:
        return datetime.combine(self.cleaned_data["day"], time(), ZoneInfo(settings.SHOP_ZONE))


def _as_typed(stored) -> list[str]:
    """Stored conditions as the controls hold them."""
    typed = []
    for row in stored or []:
        typed += [row["field"], row["op"], conditions.value_as_text(row["field"], row["value"])]
    return typed + [""] * (_CONTROLS * conditions.MOST_ROWS - len(typed))


def _condition(field: str, op: str, typed: str) -> dict:
    if not (field and op and typed):
        raise Invalid(_("A condition is a field, an operator and a value."))
    if field not in conditions.FIELDS or op not in conditions.OPERATORS:
        raise Invalid(_("Choose a field and an operator from the lists."))
    return {"field": field, "op": op, "value": conditions.value_from_text(field, op, typed)}
