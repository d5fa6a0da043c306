"""What a shop writes about a case: yes, no, show me more, a message."""

from django import forms as django_forms
from django.utils.translation import gettext_lazy as _

from aftersales.policy.reasons import REJECTIONS
from aftersales.returns.damage import STEPS
from aftersales.returns.forms import PayeeFields
from aftersales.returns.models import Message
from aftersales.returns.points import weekday
from logistics import couriers
from logistics.points.models import Point
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


class GradeForm(forms.Form):
    """How much of the goods in a photo somebody sees as bad."""

    photo = django_forms.UUIDField()
    share = django_forms.TypedChoiceField(choices=[(step, step) for step in STEPS], coerce=int)


class AgreeForm(forms.Form):
    """Nothing to fill in: the button is the answer."""


class UndoForm(forms.Form):
    """Nothing to fill in: one click."""


class ProposeWayForm(PayeeFields):
    """An account that the customer told the shop, for money that could not go back the way she paid."""

    reason = forms.Text(
        max_length=300, multiline=True, rows=2, label=_("Why, and how you know that it is hers"),
        error_messages={"required": _("Say why, and how you know that it is her account.")},
    )  # fmt: skip


class ImportForm(forms.Form):
    file = django_forms.FileField(
        label=_("File of orders"),
        help_text=_("CSV with one row for each order line, or JSON lines; up to 50 MB."),
        widget=django_forms.FileInput(attrs={"accept": ".csv,.jsonl,.json,text/csv"}),
    )


class PointForm(forms.Form):
    """A point where goods can be brought; the names are those of `logistics.points.services.keep_point`."""

    name = forms.Text(max_length=100, label=_("Name"))
    name_en = forms.Text(max_length=100, required=False, label=_("Name in English"))
    phone = forms.Text(max_length=30, required=False, label=_("Phone"))
    province = forms.Text(max_length=50, label=_("Province"))
    city = forms.Text(max_length=50, label=_("City"))
    district = forms.Text(max_length=50, required=False, label=_("District"))
    street = forms.Text(max_length=200, label=_("Street and number"))
    latitude = django_forms.FloatField(
        required=False, min_value=-90, max_value=90, label=_("Latitude"),
        help_text=_("For example 31.2304. Left empty, the centre of the district stands for it."),
    )  # fmt: skip
    longitude = django_forms.FloatField(
        required=False, min_value=-180, max_value=180, label=_("Longitude"),
        help_text=_("For example 121.4737"),
    )  # fmt: skip
    opens = django_forms.TimeField(label=_("Opens at"), input_formats=["%H:%M"])
    closes = django_forms.TimeField(label=_("Closes at"), input_formats=["%H:%M"])
    closed_on = django_forms.TypedMultipleChoiceField(
        label=_("Closed on"), required=False, coerce=int, widget=forms.Boxes, choices=(),
    )  # fmt: skip
    capacity = forms.Whole(label=_("Parcels a day"), min_value=1, max_value=100_000)
    sends_on = django_forms.BooleanField(
        required=False, label=_("It sends parcels on to the warehouse"),
        help_text=_("Otherwise the goods are counted and checked at its own counter."),
    )  # fmt: skip
    is_active = django_forms.BooleanField(required=False, label=_("It takes parcels in now"))

    def __init__(self, data=None, *, point: Point | None):
        super().__init__(data, initial=_known(point) if point else {"capacity": 100, "is_active": True})
        self.fields["closed_on"].choices = [(day, weekday(day)) for day in range(1, 8)]
        for name in ("opens", "closes"):
            self.fields[name].widget = django_forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
            self.fields[name].error_messages["invalid"] = _("Enter a time such as 09:00")
        for name in ("latitude", "longitude"):
            self.fields[name].widget = django_forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"})
            self.fields[name].error_messages["invalid"] = _("Enter a number of degrees")


def _known(point: Point) -> dict:
    return {name: getattr(point, name) for name in PointForm.base_fields}


class CouriersForm(forms.Form):
    """Whom the shop wants asked: one select for each place in the order."""

    PLACES = {"first": _("Asked first"), "second": _("Asked second"), "third": _("Asked third")}

    decides = django_forms.ChoiceField(
        label=_("What decides"), widget=forms.Radios,
        choices=[("order", _("My order, unless one costs over a quarter more than the cheapest")),
                 ("price", _("The price; my order only between equals"))],
    )  # fmt: skip

    def __init__(self, data=None, *, order: list[str], cheapest: bool):
        known = couriers.under_contract()
        places = list(self.PLACES)[: len(known)]
        initial = dict(zip(places, order, strict=False)) | {"decides": "price" if cheapest else "order"}
        super().__init__(data, initial=initial)
        for place in places:
            choices = [("", _("no further courier")), *((code, couriers.name(code)) for code in known)]
            self.fields[place] = django_forms.ChoiceField(
                label=self.PLACES[place], choices=choices, required=place == "first",
                error_messages={"required": _("Choose at least one courier.")},
            )  # fmt: skip
        self.order_fields([*places, "decides"])

    def clean(self):
        cleaned, seen = super().clean(), set()
        for place in self.PLACES:
            code = cleaned.get(place)
            if code and code in seen:
                self.add_error(place, _("This courier stands in the order already."))
            seen.add(code)
        return cleaned

    @property
    def codes(self) -> list[str]:
        return [code for place in self.PLACES if (code := self.cleaned_data.get(place))]

    @property
    def cheapest(self) -> bool:
        return self.cleaned_data["decides"] == "price"
