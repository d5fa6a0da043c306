"""Acts on a request that is filed: a form each, and the pickup times they share with filing."""

from collections.abc import Iterable
from datetime import datetime
from zoneinfo import ZoneInfo

from django import forms as django_forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from logistics import couriers
from logistics.parcels import queries as parcels
from logistics.parcels import slots
from orders.merchants.models import Merchant
from refunds.payouts import payees
from refunds.payouts.payees import Payee
from returns_platform.kernel import forms, ui

SHOWN_SLOT_DAYS = 3
MOST_NOTE = 2000


def slot_value(slot: slots.Slot) -> str:
    return f"{slot.start:%Y%m%dT%H%M}"


def slot_days(
    found: list[slots.Slot], *, picked: slots.Slot | None, zone: str, anyway: Iterable[datetime] = ()
) -> list[ui.SlotDay]:
    """The next days with their times, as tiles. anyway: when a courier comes for another return."""
    anyway = frozenset(anyway)
    days: dict = {}
    for slot in found:
        start, end = slot.start.astimezone(ZoneInfo(zone)), slot.end.astimezone(ZoneInfo(zone))
        hours = _("%(start)s–%(end)s h") % {"start": start.hour, "end": end.hour}
        tile = ui.Slot(slot_value(slot), hours, full=slot.full, picked=slot == picked, anyway=slot.start in anyway)
        days.setdefault(start.date(), []).append(tile)
    shown = [ui.SlotDay(day, tiles) for day, tiles in days.items()]
    return [day for nth, day in enumerate(shown) if nth < SHOWN_SLOT_DAYS or any(one.anyway for one in day.slots)]


class Nothing(forms.Form):
    """A button and no fields."""


class EvidenceForm(forms.Form):
    """Photos or words. wrong: what became of uploads that were not taken."""

    text = forms.Text(label=gettext_lazy("Your answer"), max_length=2000, multiline=True, required=False)

    def __init__(self, *args, wrong: list[str] = (), **kwargs):
        super().__init__(*args, **kwargs)
        self.wrong = wrong

    def clean(self):
        for sentence in self.wrong:
            self.add_error(None, sentence)
        return super().clean()


class CourierPaidForm(EvidenceForm):
    """What a courier was paid, with the photo of the receipt."""

    text = None

    def __init__(self, *args, currency: str, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["paid"] = forms.Money(
            label=gettext_lazy("What you paid the courier"), currency=currency, min_value=1, max_value=10_000_000,
            error_messages={"required": gettext_lazy("Enter what stands on the receipt")},
        )  # fmt: skip


class SlotForm(forms.Form):
    """Another pickup time. chosen: the start of the present one. anyway: when a courier comes for another return."""

    def __init__(
        self,
        data=None,
        *,
        merchant: Merchant,
        now: datetime,
        chosen: datetime | None,
        anyway: Iterable[datetime] = (),
    ):
        super().__init__(data)
        self.anyway = list(anyway)
        self.zone, self.found = merchant.zone, parcels.slots_of(merchant, now=now)
        self.chosen = next((slot for slot in self.found if slot.start == chosen), None)
        self.fields["slot"] = django_forms.ChoiceField(
            label=gettext_lazy("Pickup time"),
            choices=[(slot_value(slot), "") for slot in self.found if not slot.full],
            error_messages={
                "required": gettext_lazy("Choose a pickup time"),
                "invalid_choice": gettext_lazy("This pickup time is gone. Choose another one."),
            },
        )

    @property
    def slot(self) -> slots.Slot:
        return next(slot for slot in self.found if slot_value(slot) == self.cleaned_data["slot"])

    @property
    def days(self) -> list[ui.SlotDay]:
        return slot_days(self.found, picked=self.chosen, zone=self.zone, anyway=self.anyway)


class WaybillForm(forms.Form):
    """The number on the receipt of a parcel that the customer sent."""

    waybill = forms.Text(
        label=gettext_lazy("Waybill number"), max_length=40, help_text=gettext_lazy("It stands on your receipt")
    )
    courier = django_forms.ChoiceField(
        label=gettext_lazy("Courier"), required=False,
        choices=[("", gettext_lazy("We recognise it by the number")), *couriers.NAMES.items()],
    )  # fmt: skip
    shared = django_forms.BooleanField(
        label=gettext_lazy("The goods of another of my returns are in the same parcel"), required=False
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["waybill"].error_messages["required"] = gettext_lazy("Enter the number on your receipt")
        self.fields["waybill"].widget.attrs |= {"autocapitalize": "characters", "spellcheck": "false"}


class PayeeFields(forms.Form):
    """A bank account that money shall go to."""

    name = forms.Text(
        label=gettext_lazy("Name of the account's owner"), max_length=60,
        error_messages={"required": gettext_lazy("Enter the name as the bank has it")},
    )  # fmt: skip
    bank = forms.Text(
        label=gettext_lazy("Bank"), max_length=60,
        error_messages={"required": gettext_lazy("Enter the bank")},
        help_text=gettext_lazy("For example China Merchants Bank, with the branch if you know it"),
    )  # fmt: skip
    account = forms.Text(
        label=gettext_lazy("Card or account number"), max_length=40,
        error_messages={"required": gettext_lazy("Enter the card or account number")},
        help_text=gettext_lazy("Only digits; blanks do not matter. We keep it sealed and show its last four digits."),
    )  # fmt: skip

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["account"].widget.attrs |= {"inputmode": "numeric", "autocomplete": "off"}

    @property
    def payee(self) -> Payee | None:
        said = self.cleaned_data
        return Payee(said["name"], said["bank"], said["account"])

    def clean_account(self) -> str:
        account = payees.clean_account(self.cleaned_data["account"])
        if wrong := payees.why_no_account(account):
            raise django_forms.ValidationError(wrong)
        return account


class WayForm(PayeeFields):
    """Where money goes that could not go back: her balance, or a bank account. Nothing is picked beforehand."""

    way = django_forms.ChoiceField(
        label=gettext_lazy("Where shall the money go?"), widget=forms.Radios, choices=(),
        error_messages={
            "required": gettext_lazy("Choose where the money shall go."),
            "invalid_choice": gettext_lazy("Choose where the money shall go."),
        },
    )  # fmt: skip
    field_order = ("way", "name", "bank", "account")

    def __init__(self, *args, balance: str, bank: str, **kwargs):
        """balance, bank: what each way is called, with how much."""
        super().__init__(*args, **kwargs)
        self.fields["way"].choices = [("balance", balance), ("bank_transfer", bank)]

    @property
    def payee(self) -> Payee | None:
        return super().payee if self.cleaned_data["way"] == "bank_transfer" else None

    def clean(self):
        """Of an account nothing is asked before she chose one."""
        said = super().clean()
        if said.get("way") != "bank_transfer":
            for name in ("name", "bank", "account"):
                self.errors.pop(name, None)
        return said


class MessageForm(forms.Form):
    text = forms.Text(label=gettext_lazy("Write a message"), max_length=2000, multiline=True, rows=2)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["text"].error_messages["required"] = gettext_lazy("Write what you want to say")


class AppealForm(forms.Form):
    text = forms.Text(label=gettext_lazy("What should we look at?"), max_length=2000, multiline=True, required=False)
