"""One clause as a shop types it: lists, numbers and units; the fields follow from what is given."""

from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from django import forms as django_forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from orders.catalogue.models import Category
from returns_platform.kernel import forms

from .clause_models import ClauseRow
from .clauses import FAULTS
from .models import WindowRow
from .reasons import REASONS

MOST_MONEY = 10_000_000
_GOODS = ("category", "sku")
# What each kind of clause asks for, in the order of the page.
FIELDS = {
    "window": ("basis", "length", "unit", *_GOODS, "reason"),
    "open": ("length", "unit", *_GOODS),
    "keep": ("limit", "basis", *_GOODS, "reason"),
    "send_back": ("limit", "basis", *_GOODS, "reason"),
    "freight": _GOODS,
    "evidence": ("evidence", "reason", *_GOODS),
    "no_deduction": ("term",),
    "time": ("term", "length"),
    "courier": ("limit",),
}
_FIXED = {"open": {"basis": "no_reason"}, "freight": {"basis": "no_reason"}}
_BASES = {"window": ("no_reason", *FAULTS)}
_CHOOSE = {"invalid_choice": _("Choose one of these")}


class ClauseForm(forms.Form):
    """The fields of one kind of clause. gives: which; currency: the shop's."""

    def __init__(self, *args, gives: str, currency: str, row: ClauseRow | None = None, **kwargs):
        self.gives, self.row = gives, row or ClauseRow(gives=gives)
        self.base_fields = {name: _FIELD[name](gives, currency) for name in FIELDS[gives]}
        super().__init__(*args, initial={name: getattr(self.row, name) for name in FIELDS[gives]}, **kwargs)

    def clean_sku(self) -> str:
        sku = self.cleaned_data["sku"].strip()
        if any(character.isspace() and character != " " for character in sku):
            raise ValidationError(gettext("Write the product's number as your shop system knows it."))
        return sku

    def as_row(self) -> ClauseRow:
        """The row with what was typed; saving is the service's."""
        for name, value in (_FIXED.get(self.gives, {}) | self.cleaned_data).items():
            setattr(self.row, name, value)
        if self.gives in ("window", "open") and not self.row.unit:
            self.row.unit = WindowRow.Unit.DAYS
        return self.row


class StartForm(forms.Form):
    """When a draft starts: at the beginning of a day on the shop's clock; today means at once."""

    day = django_forms.DateField(
        label=_("In force from the beginning of"),
        help_text=_("Orders placed from then on follow it; earlier ones keep what held when they were placed."),
        widget=django_forms.DateInput({"type": "date"}),
        error_messages={"invalid": _("Choose a day.")},
    )
    note = forms.Text(
        label=_("What changes and why"), max_length=500, required=False, multiline=True, rows=2,
        help_text=_("Your customers read it in the notice."),
    )  # fmt: skip

    def __init__(self, *args, zone: str, now: datetime, **kwargs):
        self.zone, self.now = ZoneInfo(zone), now
        super().__init__(*args, **kwargs)

    @property
    def today(self) -> date:
        return self.now.astimezone(self.zone).date()

    def clean_day(self) -> date:
        day = self.cleaned_data["day"]
        if day < self.today:
            raise ValidationError(gettext("That day is over. Choose today or a later day."))
        if day.year > self.today.year + 2:
            raise ValidationError(gettext("That is more than two years ahead. Choose an earlier day."))
        return day

    @property
    def starts_at(self) -> datetime:
        day = self.cleaned_data["day"]
        return self.now if day == self.today else datetime.combine(day, time(), self.zone)


def _basis(gives: str, _currency: str):
    known = dict(WindowRow.Basis.choices)
    choices = [(name, known[name]) for name in _BASES.get(gives, FAULTS)]
    if gives not in _BASES:
        choices = [("", _("faulty, wrong or damaged goods")), *choices]
    return django_forms.ChoiceField(
        label=_("For what"), choices=choices, required=gives in _BASES, error_messages=_CHOOSE
    )


def _category(gives: str, _currency: str):
    empty = _("Choose") if gives == "open" else _("All goods")
    return django_forms.ChoiceField(
        label=_("Kind of goods"), choices=[("", empty), *Category.choices], required=False, error_messages=_CHOOSE
    )


def _reason(gives: str, _currency: str):
    bases = ("no_reason", *FAULTS) if gives == "window" else FAULTS
    offered = [
        (code, one.text) for code, one in REASONS.items() if one.basis in bases and one.group not in ("UN", "PL")
    ]
    return django_forms.ChoiceField(
        label=_("One reason only"), choices=[("", _("All reasons")), *offered], required=False, error_messages=_CHOOSE
    )


def _term(gives: str, _currency: str):
    choices = ClauseRow.Time.choices if gives == "time" else ClauseRow.Deduction.choices
    return django_forms.ChoiceField(label=_("Which"), choices=choices, error_messages=_CHOOSE)


def _sku(_gives: str, _currency: str):
    return forms.Text(
        label=_("One product only"), max_length=64, required=False,
        help_text=_("Its number in your shop system, for example NUT-750."),
    )  # fmt: skip


def _unit(_gives: str, _currency: str):
    choices = [(WindowRow.Unit.DAYS, _("days, to the end of the last one")), (WindowRow.Unit.HOURS, _("hours"))]
    return django_forms.ChoiceField(label=_("Counted in"), choices=choices, error_messages=_CHOOSE)


_FIELD = {
    "basis": _basis,
    "category": _category,
    "reason": _reason,
    "term": _term,
    "sku": _sku,
    "unit": _unit,
    "length": lambda gives, currency: forms.Whole(label=_("How long"), max_value=8760),
    "limit": lambda gives, currency: forms.Money(
        label=_("Up to"), currency=currency, min_value=1, max_value=MOST_MONEY
    ),
    "evidence": lambda gives, currency: django_forms.ChoiceField(
        label=_("You ask for at most"), choices=ClauseRow.Evidence.choices, error_messages=_CHOOSE
    ),
}
