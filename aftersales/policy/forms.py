"""Rows of a policy in forms: typed conditions, and each row told in plain words, to be unfolded. Without script."""

from dataclasses import dataclass
from datetime import datetime, time
from functools import lru_cache
from itertools import groupby
from zoneinfo import ZoneInfo

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.forms.models import BaseInlineFormSet
from django.forms.utils import flatatt
from django.utils.html import format_html, format_html_join
from django.utils.safestring import mark_safe
from django.utils.translation import get_language, gettext, pgettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from orders.catalogue.models import Category
from returns_platform.kernel.errors import Invalid

from . import conditions, law, summary, vocabulary
from .models import RuleRow, WindowRow
from .reasons import EVIDENCE, REASONS
from .texts import pattern

_CONTROLS = 3
WORDS_ID = "words-of-facts"  # of the list of known words, which stands on the page once


class PlainSelect(forms.Select):
    """A list that is drawn at once: Django takes a template for each option, and a draft has ten thousand."""

    def render(self, name, value, attrs=None, renderer=None):
        options = _options(tuple(self.choices), get_language())
        chosen = format_html('value="{}"', "" if value is None else value)
        options = mark_safe(options.replace(chosen, f"{chosen} selected", 1))
        return format_html("<select{}>{}</select>", flatatt({**self.attrs, **(attrs or {}), "name": name}), options)


@lru_cache(maxsize=64)
def _options(choices: tuple, _language: str):
    return format_html_join("", '<option value="{}">{}</option>', choices)


def _choices(named) -> list:
    return [("", "—"), *((name, one.label) for name, one in named.items())]


class ConditionsWidget(forms.MultiWidget):
    """A fixed number of rows, three controls each; an empty row is none."""

    def __init__(self):
        row = (
            lambda: PlainSelect({"aria-label": _("fact")}, _choices(conditions.FIELDS)),
            lambda: PlainSelect({"aria-label": _("operator")}, _choices(conditions.OPERATORS)),
            forms.TextInput,
        )
        super().__init__([control() for _row in range(conditions.MOST_ROWS) for control in row])

    def decompress(self, value):
        return _as_typed(value)

    def render(self, name, value, attrs=None, renderer=None):
        """Rows that are filled and one more; the others unfold.

        Drawn here, and not by a template for each of some thousand options: a draft has forty rules.
        """
        typed = [part or "" for part in (value if isinstance(value, list) else _as_typed(value))]
        key = (attrs or {}).get("id", name)
        drawn = [
            _control(control, f"{name}_{place}", f"{key}_{place}", part)
            for place, (control, part) in enumerate(zip(self.widgets, typed, strict=True))
        ]
        filled = [place for place, part in enumerate(typed) if part]
        first = (max(filled, default=-1) // _CONTROLS + 2) * _CONTROLS
        shown, more = _condition_rows(drawn[:first]), _condition_rows(drawn[first:])
        if more:
            more = format_html("<details><summary>{}</summary>{}</details>", _("More conditions"), more)
        return format_html('<div class="conditions">{}{}</div>', shown, more)


def _control(control, name: str, key: str, typed: str):
    if not isinstance(control, PlainSelect):
        return format_html(
            '<input type="text" name="{}" id="{}" value="{}" aria-label="{}" list="{}" autocomplete="off">',
            name, key, typed, gettext("value"), WORDS_ID,
        )  # fmt: skip
    return control.render(name, typed, {"id": key})


def _condition_rows(drawn: list[str]):
    rows = [drawn[place : place + _CONTROLS] for place in range(0, len(drawn), _CONTROLS)]
    return format_html_join("", "<p>{} {} {}</p>", rows)


class ConditionsField(forms.MultiValueField):
    """Rows of typed text in, the list of conditions out; what cannot work is said in one sentence."""

    widget = ConditionsWidget

    def __init__(self, **kwargs):
        parts = [forms.CharField(required=False) for _part in range(_CONTROLS * conditions.MOST_ROWS)]
        super().__init__(parts, require_all_fields=False, required=False, **kwargs)

    def prepare_value(self, value):
        # Stored conditions are a list too, which the widget would take for what was typed.
        return _as_typed(value) if not value or isinstance(value[0], dict) else value

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
    # The empty choice comes first: a row that nobody touched is sent as it came and is no rule.
    code = forms.ChoiceField(
        label=_("what people are told"),
        choices=lambda: [("", "—"), *_sentences()],
        widget=PlainSelect,
    )
    asks = forms.ChoiceField(
        label=_("evidence asked for"),
        choices=lambda: [("", "—"), *((code, evidence_in_words(code)) for code in EVIDENCE)],
        required=False,
        widget=PlainSelect,
    )
    conditions = ConditionsField(label=_("when all of this holds"))

    class Meta:
        model = RuleRow
        fields = ["priority", "name", "effect", "code", "who", "asks", "conditions"]
        widgets = {"effect": PlainSelect, "who": PlainSelect}
        labels = {"name": pgettext_lazy("of a rule", "name")}

    @property
    def told(self) -> "Told":
        """The row as it is stored, in words."""
        row = self.instance
        if row.pk is None:
            return Told(gettext("Add a rule"))
        who = row.get_who_display() if row.effect == RuleRow.Effect.REVIEW else ""
        text = " · ".join(filter(None, [who, evidence_in_words(row.asks), pattern(row.code)]))
        return Told(_first_up(vocabulary.sentence(row.conditions)), text, str(row.priority))


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

    @property
    def told(self) -> "Told":
        """The row as it is stored, in words."""
        row = self.instance
        if row.pk is None:
            return Told(gettext("Add a time limit"))
        goods = vocabulary.word("category", row.category) if row.category else gettext("All goods")
        about = gettext("%(goods)s, for “%(reason)s”") % {
            "goods": goods,
            "reason": vocabulary.word("reason", row.reason),
        }
        length = summary.length(row.length, row.unit) if row.length else ""
        closed = "" if row.excluded == WindowRow.Excluded.NONE else row.get_excluded_display()
        return Told(_first_up(about if row.reason else goods), " · ".join(filter(None, [length, closed])))


@dataclass(frozen=True, slots=True)
class Told:
    """A row in one line. number: its place, "" where the order means nothing."""

    title: str
    text: str = ""
    number: str = ""


@dataclass(frozen=True, slots=True)
class Wrong:
    """Something that cannot be saved: at which place of the page, of which row, and why."""

    anchor: str
    row: str
    why: str


class Rows(BaseInlineFormSet):
    """The rows of a draft, in groups under a heading. by: the field whose value they are grouped by."""

    by = ""

    @property
    def groups(self) -> list[tuple[str, list]]:
        """Rows that follow each other and are alike stand together, so that their order stays what it is."""
        return [
            (_first_up(str(title)), list(forms)) for title, forms in groupby(self.initial_forms, key=self._heading)
        ]

    @property
    def wrong(self) -> list[Wrong]:
        whole = [Wrong(f"{self.prefix}-group", _first_up(str(self.model._meta.verbose_name_plural)), why)
                 for why in self.non_form_errors()]  # fmt: skip
        return whole + [
            Wrong(form.prefix, f"{form.told.number} {form.told.title}".strip(), why)
            for form in self.forms
            for whys in form.errors.values()
            for why in whys
        ]

    def _heading(self, form) -> str:
        return getattr(form.instance, f"get_{self.by}_display")()


class RuleRows(Rows):
    by = "effect"


class WindowRows(Rows):
    by = "basis"


def _sentences() -> list:
    """What people can be told, under what the rule does."""
    effects = dict(RuleRow.Effect.choices)
    return [
        (code, f"{effects[effect]}: {pattern(code)}") for effect, codes in law.SENTENCES.items() for code in codes
    ]


def evidence_in_words(code: str) -> str:
    if code not in EVIDENCE:
        return ""
    things = pgettext("between things", ", ").join(str(thing) for thing in EVIDENCE[code].asks)
    return f"{code}: {things or gettext('nothing')}"


def _first_up(text: str) -> str:
    return text[:1].upper() + text[1:]


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
