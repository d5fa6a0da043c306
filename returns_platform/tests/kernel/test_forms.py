"""Strict fields, plain sentences, and what a screen reader is given."""

import pytest
from django import forms as django_forms
from django.http import QueryDict
from django.utils import translation

from returns_platform.kernel import forms
from returns_platform.kernel.errors import Invalid, Malformed


class Ask(forms.Form):
    note = forms.Text(label="Note", max_length=5, multiline=True, required=False, help_text="The shop reads this.")
    units = forms.Whole(label="Units", max_value=3)
    refund = forms.Money(label="Refund", currency="CNY", max_value=3333, required=False)
    pick = django_forms.MultipleChoiceField(choices=[("a", "A"), ("b", "B")], required=False)


def asked(query: str) -> Ask:
    with translation.override("en"):
        form = Ask(QueryDict(query))
        form.is_valid()
        return form


@pytest.mark.parametrize("typed", ["-1", "0", "4", "1.5", "1e3", "1_0", "²", "9" * 5000, "٣", "%2B1"])
def test_units_are_plain_whole_numbers_in_their_limits(typed):
    assert asked(f"units={typed}").errors["units"] == ["Enter a whole number from 1 to 3"]


def test_full_width_digits_are_read():
    form = asked("units=２&refund=３３．３")
    assert (form.cleaned_data["units"], form.cleaned_data["refund"]) == (2, 3330)


@pytest.mark.parametrize(
    "typed", ["NaN", "Infinity", "1e2", "1_000", "٣.٥", "%2B5", "5.", "-1", "0.001", "33.34", "9" * 400]
)
def test_sums_that_are_none(typed):
    assert "refund" in asked(f"units=1&refund={typed}").errors


@pytest.mark.parametrize(("typed", "minor"), [("33.33", 3333), ("33.3", 3330), ("0", 0), ("7", 700)])
def test_sums(typed, minor):
    assert asked(f"units=1&refund={typed}").cleaned_data["refund"] == minor


def test_what_is_empty_is_named():
    assert asked("").errors["units"] == ["“Units” is still empty"]


def test_one_value_sent_twice_is_refused():
    with pytest.raises(Malformed):
        asked("units=1&units=3")
    assert asked("units=1&pick=a&pick=b").cleaned_data["pick"] == ["a", "b"]


def test_a_services_refusal_stands_at_its_field():
    form = asked("units=1")
    form.refuse(Invalid("No", fields={"units": "Only 1 is left", "slot": "Gone"}))
    assert form.errors["units"] == ["Only 1 is left"] and form.non_field_errors() == ["Gone"]


def test_a_wrong_field_is_tied_to_its_sentence():
    with translation.override("en"):
        html = str(asked("note=123456")["note"].as_field_group())
    assert 'aria-invalid="true"' in html and 'aria-describedby="id_note_helptext id_note_error"' in html
    assert 'id="id_note_error"' in html and 'id="id_note_helptext"' in html and "(optional)" in html
    assert "required" not in html
