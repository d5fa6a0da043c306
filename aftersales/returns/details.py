"""A word from the customer that helps the decision: what is asked follows from the reason and the goods.

Nothing of it is needed to file. The answers stand at the head of the request's note, where everybody reads them.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from django import forms as django_forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from returns_platform.kernel import forms, ui

MOST_GRAMS, MOST_UNITS, MOST_MONEY = 1_000_000, 10_000, 100_000_000
MOST_LETTERS = 200


@dataclass(frozen=True, slots=True)
class Detail:
    """One question. kind: text, grams, count, money or options; options: what can be answered, code -> words."""

    name: str
    label: str
    kind: str = "text"
    hint: str = ""
    options: Mapping[str, str] | None = None

    def field(self, currency: str) -> django_forms.Field:
        about = {"label": self.label, "help_text": self.hint, "required": False}
        if self.kind == "grams":
            return forms.Whole(max_value=MOST_GRAMS, **about)
        if self.kind == "count":
            return forms.Whole(max_value=MOST_UNITS, **about)
        if self.kind == "money":
            return forms.Money(currency=currency, max_value=MOST_MONEY, **about)
        if self.kind == "options":
            return django_forms.ChoiceField(
                choices=[("", gettext_lazy("Please choose")), *self.options.items()], **about
            )
        return forms.Text(max_length=MOST_LETTERS, **about)

    def told(self, answer, currency: str) -> str:
        """The line of the note; "" where nothing was answered."""
        if answer in (None, ""):
            return ""
        said = {"options": lambda: self.options[answer], "money": lambda: ui.money(answer, currency)}
        said |= {"grams": lambda: _("%(n)s g") % {"n": answer}}
        words = said[self.kind]() if self.kind in said else answer
        return _("%(question)s: %(answer)s") % {"question": str(self.label).rstrip("?？"), "answer": words}


YES_NO = {"yes": gettext_lazy("Yes"), "no": gettext_lazy("No")}
SHARE = {
    "little": gettext_lazy("up to a quarter"),
    "half": gettext_lazy("about half"),
    "most": gettext_lazy("most of it"),
    "all": gettext_lazy("all of it"),
}
DOCTOR = {
    "note": gettext_lazy("Yes, and I have a note from the hospital"),
    "yes": gettext_lazy("Yes, without a note"),
    "no": gettext_lazy("No"),
}
_SPOILED = Detail("share", gettext_lazy("How much of it is spoiled?"), "options", options=SHARE)
_INSTEAD = Detail("instead", gettext_lazy("What did you get instead?"))
_SERIAL = Detail("serial", gettext_lazy("Serial number"), hint=gettext_lazy("It stands on the device and on its box"))

BY_REASON: dict[str, tuple[Detail, ...]] = {
    "QL.DEFECT": (Detail("fault", gettext_lazy("What does not work?")),),
    "QL.MATERIAL": (Detail("flaw", gettext_lazy("Where is the flaw?")),),
    "QL.NOT_AS_DESCRIBED": (Detail("other", gettext_lazy("What was described otherwise?")),),
    "QL.FAKE": (Detail("doubt", gettext_lazy("What makes you think so?")),),
    "QL.EXPIRED": (Detail("date", gettext_lazy("The date on the label")),),
    "QL.ALLERGY": (
        Detail(
            "doctor", gettext_lazy("Did you see a doctor?"), "options", options=DOCTOR,
            hint=gettext_lazy("A note helps, but you can file without one. If you have it, add a photo of it."),
        ),
    ),
    "FR.ROT": (_SPOILED,),
    "FR.UNRIPE_ROT": (_SPOILED,),
    "FR.THAWED": (_SPOILED,),
    "FR.DEAD": (Detail("dead", gettext_lazy("How many are dead?"), "count"),),
    "FR.SHORT_WEIGHT": (
        Detail(
            "weighed", gettext_lazy("Weight on your scale, in grams"), "grams",
            hint=gettext_lazy("Without the packaging. Please show the scale with the goods on it in a photo."),
        ),
    ),
    "FR.SIZE_WRONG": (_INSTEAD,),
    "FU.WRONG_ITEM": (_INSTEAD,),
    "FU.MISSING": (
        Detail(
            "missing", gettext_lazy("What is missing?"),
            hint=gettext_lazy("For example the charger, two of the screws, the free gift"),
        ),
    ),
    "LG.DAMAGED": (
        Detail("outside", gettext_lazy("Was the parcel damaged on the outside?"), "options", options=YES_NO),
    ),
    "LG.NOT_RECEIVED": (
        Detail(
            "looked", gettext_lazy("Where have you looked?"),
            hint=gettext_lazy("For example at the door, with neighbours, in the parcel locker"),
        ),
    ),
    "SV.INVOICE": (Detail("invoice", gettext_lazy("What is wrong with the invoice?")),),
    "SV.PRICE_DIFF": (Detail("price", gettext_lazy("The price you saw"), "money"),),
}  # fmt: skip


def asked(reason: str, category: str) -> tuple[Detail, ...]:
    """What is asked for one item; of a device that is said to be bad, its number as well."""
    serial = (_SERIAL,) if category == "electronics" and reason.startswith("QL.") else ()
    return BY_REASON.get(reason, ()) + serial
