"""The bench's forms: how many came of each line, and in which condition they are."""

from collections.abc import Sequence

from django import forms as django_forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from aftersales.inspection.models import Disposition, Grade, Inspection
from aftersales.inspection.queries import BenchLine, SetApart
from aftersales.inspection.rules import BRINGS_MONEY
from aftersales.inspection.services import Arrived, Brought, Graded, Onward
from aftersales.policy import reasons
from aftersales.returns import presenting
from aftersales.returns.services.finding import may_turn_out
from aftersales.returns.views.uploads import Photos
from orders.purchases.models import OrderLine
from returns_platform.kernel import forms, ui
from returns_platform.kernel.api import AMOUNT_LIMIT

MOST_UNITS = 1_000_000
HEAVIEST_G = 1_000_000
# Where goods of a grade usually go; the bench may say otherwise.
USUAL_WAY = {
    Grade.A: Disposition.RESTOCK,
    Grade.B: Disposition.RESALE_OPENED,
    Grade.C: Disposition.REFURBISH,
    Grade.D: Disposition.RETURN_TO_VENDOR,
    Grade.S: Disposition.SCRAP,
    Grade.X: Disposition.DISPUTE,
}


class CountForm(forms.Form):
    """A number for every announced line; lines of the order that were not announced may be left empty."""

    def __init__(self, data=None, *, expected: Sequence[BenchLine], others: Sequence[OrderLine] = ()):
        super().__init__(data)
        self.announced = {f"came_{entry.line.pk}": entry.line.order_line.line_no for entry in expected}
        self.others = {f"extra_{line.pk}": line.line_no for line in others}
        for entry in expected:
            label = _("%(goods)s: how many came") % {"goods": entry.line.order_line.title}
            self._add(f"came_{entry.line.pk}", label, required=True)
        for line in others:
            self._add(f"extra_{line.pk}", line.title, required=False)

    def _add(self, name: str, label: str, *, required: bool) -> None:
        wrong = {"required": _("Enter how many came; 0 if it is not in the parcel")}
        field = forms.Whole(min_value=0, max_value=MOST_UNITS, label=label, required=required, error_messages=wrong)
        self.fields[name] = field

    @property
    def arrived(self) -> list[Arrived]:
        names = self.announced | self.others
        said = self.cleaned_data
        return [Arrived(line_no, said[name]) for name, line_no in names.items() if said[name] is not None]


class BoxForm(CountForm):
    """The same for a later box, which its waybill names: sent twice, it is counted once."""

    def __init__(self, data=None, *, expected: Sequence[BenchLine], waybill: str = ""):
        super().__init__(data, expected=expected)
        self.fields["waybill"] = forms.Text(max_length=32, required=False, widget=django_forms.HiddenInput)
        self.fields["waybill"].initial = waybill


class WeightForm(forms.Form):
    """What the scale says of the parcel."""

    grams = forms.Whole(
        min_value=1, max_value=HEAVIEST_G, label=gettext_lazy("On the scale, grams"),
        error_messages={"required": gettext_lazy("Enter what the scale says, in grams")},
    )  # fmt: skip


def _note() -> forms.Text:
    return forms.Text(
        max_length=2000, multiline=True, rows=2, required=False, label=gettext_lazy("What you see"),
        help_text=gettext_lazy("The customer can read it. Needed when opened goods are sold again."),
    )  # fmt: skip


def _sold_as() -> forms.Text:
    return forms.Text(
        max_length=64, required=False, label=gettext_lazy("Article number they are sold as"),
        help_text=gettext_lazy("Only for opened goods that have an article of their own; otherwise leave it empty."),
    )  # fmt: skip


class GradeForm(forms.Form):
    """Units of one line with one grade. Without a way on they go where goods of the grade usually go."""

    quantity = forms.Whole(min_value=1, max_value=MOST_UNITS, label=gettext_lazy("How many of them"))
    grade = django_forms.ChoiceField(choices=Grade.choices, label=gettext_lazy("Condition"))
    disposition = django_forms.ChoiceField(
        choices=[("", gettext_lazy("As usual for this condition")), *Disposition.choices], required=False,
        label=gettext_lazy("Where they go"),
    )  # fmt: skip
    note = _note()
    sku = _sold_as()
    unit = forms.Whole(min_value=1, max_value=999, required=False, widget=django_forms.HiddenInput)
    serial = forms.Text(
        max_length=64, required=False, label=gettext_lazy("Serial number on it"),
        help_text=gettext_lazy("Compared with those that were sold. Only for one unit at a time."),
    )  # fmt: skip
    reason = django_forms.ChoiceField(
        required=False, label=gettext_lazy("It turned out to be"),
        help_text=gettext_lazy(
            "Only if it is not what the customer said. Who pays the way back follows it; the customer reads what "
            "you see, and may call the platform in. A person of the shop decides before money leaves."
        ),
    )  # fmt: skip

    def __init__(self, data=None, *, entry: BenchLine, photos: Photos | None = None, unit: int | None = None):
        """unit: one unit whose label was scanned."""
        super().__init__(data, initial={"quantity": 1 if unit else entry.left, "unit": unit})
        self.label = unit
        self.photos = photos or Photos()
        self.entry = entry
        self.fields["quantity"].max_value = max(entry.left, 1)
        self.fields["grade"].error_messages["required"] = _("Choose the condition")
        turned_out = () if entry.line.reason_filed else may_turn_out(entry.line, entry.line.request.kind)
        as_said = ("", gettext_lazy("As the customer said"))
        self.fields["reason"].choices = [as_said, *((code, reasons.get(code).text) for code in turned_out)]

    @property
    def pictures(self) -> list[ui.Photo]:
        return presenting.own_photos(self.photos.kept)

    def clean(self):
        """What was uploaded and not taken, and goods that are not ours without a photo that shows it (T26)."""
        for sentence in self.photos.wrong:
            self.add_error(None, sentence)
        if self.cleaned_data.get("grade") == Grade.X and not self.photos.kept:
            self.add_error("grade", _("Add a photo of what was in the parcel: the customer is shown it."))
        return super().clean()

    @property
    def graded(self) -> Graded:
        said = self.cleaned_data
        way = said["disposition"] or USUAL_WAY[said["grade"]]
        line_no = self.entry.line.order_line.line_no
        return Graded(
            line_no, said["quantity"], said["grade"], way, said["note"], said["sku"], self.photos.ids, said["unit"],
            said["serial"].upper(), said["reason"],
        )  # fmt: skip

    def refuse(self, refused) -> None:
        """The service speaks of lines.0.note; the form has the one line."""
        refused.fields = {name.removeprefix("lines.0."): told for name, told in refused.fields.items()}
        super().refuse(refused)


class MoveOnForm(forms.Form):
    """Units that were set apart go on: where to, how many of them."""

    seq = forms.Whole(min_value=1, max_value=30_000, widget=django_forms.HiddenInput)
    quantity = forms.Whole(min_value=1, max_value=MOST_UNITS, label=gettext_lazy("How many of them"))
    disposition = django_forms.ChoiceField(label=gettext_lazy("Where they go now"))
    note = _note()
    sku = _sold_as()

    def __init__(self, data=None, *, apart: SetApart):
        initial = {"quantity": apart.units, "seq": apart.next_seq}
        super().__init__(data, initial=initial, auto_id=f"id_{apart.graded.pk}_{apart.way}_%s")
        self.apart = apart
        others = [(way, label) for way, label in Disposition.choices if way != apart.way]
        self.fields["disposition"].choices = [("", gettext_lazy("Choose…")), *others]
        self.fields["disposition"].error_messages["required"] = _("Choose where they go now.")

    @property
    def way_name(self) -> str:
        return Disposition(self.apart.way).label

    @property
    def step(self) -> Onward:
        said = self.cleaned_data
        return Onward(said["seq"], said["quantity"], self.apart.way, said["disposition"], said["note"], said["sku"])


class RecoveryForm(forms.Form):
    """What units of one result brought: which, how many, how much together, really or as an estimate."""

    result = django_forms.ChoiceField(label=gettext_lazy("Which goods"))
    quantity = forms.Whole(min_value=1, max_value=MOST_UNITS, label=gettext_lazy("How many of them"))
    estimated = django_forms.ChoiceField(
        choices=[("", gettext_lazy("Choose…")), ("no", gettext_lazy("They brought it")),
                 ("yes", gettext_lazy("An estimate"))],
        label=gettext_lazy("How sure"),
    )  # fmt: skip

    def __init__(self, data=None, *, results: list[Inspection], currency: str):
        super().__init__(data)
        self.found = {
            f"{one.pk}.{way}": (one, way) for one in results for way in one.whereabouts if way in BRINGS_MONEY
        }
        named = [(key, self._name(one, way)) for key, (one, way) in self.found.items()]
        self.fields["result"].choices = [("", gettext_lazy("Choose…")), *named]
        self.fields["amount"] = forms.Money(
            currency=currency,
            max_value=AMOUNT_LIMIT,
            label=_("For all of them together, %(currency)s") % {"currency": currency},
        )
        self.booked = sum(len(one.recoveries.all()) for one in results)
        self.fields["seen"] = forms.Whole(min_value=0, max_value=MOST_UNITS, widget=django_forms.HiddenInput)
        self.fields["seen"].initial = self.booked

    def _name(self, one: Inspection, way: str) -> str:
        return f"{one.line.order_line.title} × {one.whereabouts[way]}, {one.grade}, {Disposition(way).label}"

    @property
    def out_of_date(self) -> bool:
        """Something was booked since the page was made: sent twice, or by somebody else."""
        return self.cleaned_data["seen"] != self.booked

    @property
    def brought(self) -> tuple[int, Brought]:
        said = self.cleaned_data
        one, way = self.found[said["result"]]
        return one.pk, Brought(
            len(one.recoveries.all()) + 1, way, said["quantity"], said["amount"], said["estimated"] == "yes"
        )
