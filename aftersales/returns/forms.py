"""Filing on the page: what is picked so far, what that opens, and the wish it makes."""

from datetime import datetime
from functools import cached_property
from zoneinfo import ZoneInfo

from django import forms as django_forms

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from aftersales.policy import reasons
from aftersales.returns import rules
from aftersales.returns.queries import Purchase, goods_state
from aftersales.returns.services.wishes import Wish, WishLine
from logistics.parcels import slots
from orders.catalogue.models import Product
from orders.purchases.models import OrderLine
from returns_platform.kernel import forms, ui

KIND_NAMES = {
    "refund_only": gettext_lazy("Refund only"),
    "return_refund": gettext_lazy("Return and refund"),
    "exchange": gettext_lazy("Exchange"),
    "repair": gettext_lazy("Repair"),
    "resend": gettext_lazy("Send it again"),
}
KIND_HINTS = {
    "refund_only": gettext_lazy("Nothing to send back"),
    "return_refund": gettext_lazy("You send the goods back and get the money"),
    "exchange": gettext_lazy("You send the goods back and get another item"),
    "repair": gettext_lazy("You send the goods in and get them back mended"),
    "resend": gettext_lazy("You get what is missing, free of charge"),
}
SHOWN_SLOT_DAYS = 3


class FilingForm(forms.Form):
    """One request being filled in. Its fields follow from the lines picked and the reasons given."""

    token = django_forms.CharField(max_length=40, widget=django_forms.HiddenInput)
    note = forms.Text(label=gettext_lazy("Anything to add"), max_length=2000, multiline=True, required=False)

    def __init__(self, data=None, *, bought: Purchase, picked: list[OrderLine], now: datetime, **kwargs):
        self.bought, self.picked, self.now = bought, picked, now
        super().__init__(data, **kwargs)
        for line in picked:
            self._add_line_fields(line)
        self._add_choice("kind", gettext_lazy("What would you like?"), self.kinds, KIND_NAMES)
        if self.kind_sends_back:
            self._add_choice("send_back", gettext_lazy("How do you send it back?"), ("pickup", "self_ship"), {})
            if self.chosen("send_back", "pickup") == "pickup":
                self.fields["slot"] = django_forms.ChoiceField(
                    label=gettext_lazy("Pickup time"), choices=[(self._value(slot), "") for slot in self.free_slots],
                    error_messages={"invalid_choice": gettext_lazy("This pickup time is gone. Choose another one.")},
                )  # fmt: skip
        if self.kind_refunds:
            self._add_choice("refund_to", gettext_lazy("Where should the money go?"), ("original", "balance"), {})

    # --- fields ---

    def _add_line_fields(self, line: OrderLine) -> None:
        free = free_units(line, self.flow_of(line))
        self.fields[f"qty_{line.pk}"] = forms.Whole(label=gettext_lazy("How many"), min_value=1, max_value=max(free, 1))
        self.fields[f"reason_{line.pk}"] = django_forms.ChoiceField(
            label=gettext_lazy("Why?"),
            choices=[(code, reasons.get(code).text) for code in self.reasons_for(line)],
            error_messages={"required": gettext_lazy("Choose a reason"), "invalid_choice": gettext_lazy("Choose a reason")},
        )
        if self.chosen("kind") == "exchange":
            self.fields[f"exchange_{line.pk}"] = django_forms.ChoiceField(
                label=gettext_lazy("Exchange for"), choices=self.alternatives(line),
                error_messages={"required": gettext_lazy("Choose what you want instead")},
            )  # fmt: skip

    def _add_choice(self, name: str, label, values: tuple[str, ...], names: dict) -> None:
        self.fields[name] = django_forms.ChoiceField(
            label=label, choices=[(value, names.get(value, value)) for value in values],
            error_messages={"required": gettext_lazy("Choose one"), "invalid_choice": gettext_lazy("Choose one")},
        )  # fmt: skip

    def chosen(self, name: str, default: str = "") -> str:
        """What was sent for a field so far, whether or not it holds."""
        return (self.data.get(name) if self.is_bound else None) or default

    # --- what is on offer ---

    def flow_of(self, line: OrderLine) -> str:
        return flow(self.bought, line)

    def reasons_for(self, line: OrderLine) -> tuple[str, ...]:
        excluded = line.no_reason_excluded_confirmed_at is not None
        return reasons.offered(line.category, self.flow_of(line), no_reason=not excluded)

    def reason_of(self, line: OrderLine) -> str:
        sent = self.chosen(f"reason_{line.pk}")
        return sent if sent in self.reasons_for(line) else ""

    @cached_property
    def kinds(self) -> tuple[str, ...]:
        """Kinds that every chosen reason offers; none before a reason is chosen."""
        given = [reasons.get(self.reason_of(line)).kinds for line in self.picked if self.reason_of(line)]
        if len(given) < len(self.picked):
            return ()
        return tuple(kind for kind in PREFERRED if all(kind in kinds for kinds in given))

    @property
    def kind(self) -> str:
        """The kind chosen, else the first on offer: sending goods back before keeping them."""
        sent = self.chosen("kind")
        return sent if sent in self.kinds else next(iter(self.kinds), "")

    @property
    def kind_sends_back(self) -> bool:
        return rules.goods_come_back(self.kind, "pickup")

    @property
    def kind_refunds(self) -> bool:
        return self.kind in ("refund_only", "return_refund")

    @property
    def send_back(self) -> str:
        if not self.kind_sends_back:
            return "none"
        sent = self.chosen("send_back")
        return sent if sent in ("pickup", "self_ship") else "pickup"

    @property
    def refund_to(self) -> str:
        return "balance" if self.kind_refunds and self.chosen("refund_to") == "balance" else "original"

    @cached_property
    def free_slots(self) -> list[slots.Slot]:
        return slots.free_slots(self.now, self.bought.order.merchant.zone)

    @property
    def slot(self) -> slots.Slot | None:
        if self.send_back != "pickup":
            return None
        sent = self.chosen("slot")
        free = [slot for slot in self.free_slots if not slot.full]
        return next((slot for slot in free if self._value(slot) == sent), free[0] if free else None)

    @staticmethod
    def _value(slot: slots.Slot) -> str:
        return f"{slot.start:%Y%m%dT%H%M}"

    def alternatives(self, line: OrderLine) -> list[tuple[str, str]]:
        others = Product.objects.filter(merchant=self.bought.order.merchant, category=line.category)
        return [(product.sku, product.title) for product in others.order_by("title")[:50]]

    @property
    def asks_for(self) -> list[str]:
        """What the photos should show, by the evidence classes of the chosen reasons."""
        classes = {reasons.get(self.reason_of(line)).evidence for line in self.picked if self.reason_of(line)}
        return [str(ask) for name in sorted(classes) for ask in reasons.EVIDENCE[name].asks]

    # --- parts of the page ---

    def reason_choices(self, line: OrderLine) -> list[ui.Choice]:
        picked = self.reason_of(line)
        return [ui.Choice(code, str(reasons.get(code).text), picked=code == picked) for code in self.reasons_for(line)]

    @property
    def kind_choices(self) -> list[ui.Choice]:
        return [ui.Choice(kind, str(KIND_NAMES[kind]), str(KIND_HINTS[kind]), picked=kind == self.kind) for kind in self.kinds]

    @property
    def way_choices(self) -> list[ui.Choice]:
        merchant_pays = any(reasons.is_fault(self.reason_of(line)) for line in self.picked)
        payer = _("The shop pays the courier") if merchant_pays else _("You pay the courier")
        return [
            ui.Choice("pickup", _("SF Express picks it up"), payer, picked=self.send_back == "pickup"),
            ui.Choice("self_ship", _("I send it myself"), _("You get the shop's address"), picked=self.send_back == "self_ship"),
        ]

    @property
    def slot_days(self) -> list[ui.SlotDay]:
        zone, picked, days = ZoneInfo(self.bought.order.merchant.zone), self.slot, {}
        for slot in self.free_slots:
            start, end = slot.start.astimezone(zone), slot.end.astimezone(zone)
            tile = ui.Slot(self._value(slot), f"{start:%H:%M}–{end:%H:%M}", full=slot.full, picked=slot == picked)
            days.setdefault(start.date(), []).append(tile)
        return [ui.SlotDay(day, tiles) for day, tiles in days.items()][:SHOWN_SLOT_DAYS]

    # --- the wish ---

    def wish(self, *, evidence=()) -> Wish | None:
        """What is asked for as it stands, with defaults where nothing was chosen; None before reasons are given."""
        if not self.picked or not self.kind:
            return None
        slot = self.slot
        return Wish(
            kind=self.kind, lines=tuple(self._wish_line(line) for line in self.picked), send_back=self.send_back,
            refund_to=self.refund_to, refund_to_agreed_at=self.now if self.refund_to != "original" else None,
            note=self.cleaned_note, evidence=tuple(evidence), slot_from=slot and slot.start, slot_to=slot and slot.end,
            form_token=self.chosen("token") or None,
        )  # fmt: skip

    def _wish_line(self, line: OrderLine) -> WishLine:
        exchange = self.chosen(f"exchange_{line.pk}") if self.kind == "exchange" else ""
        if self.kind == "exchange" and not exchange:
            exchange = line.sku
        return WishLine(line.line_no, self.quantity_of(line), self.reason_of(line), exchange)

    def quantity_of(self, line: OrderLine) -> int:
        sent = self.chosen(f"qty_{line.pk}", "1")
        free = free_units(line, self.flow_of(line))
        return int(sent) if sent.isascii() and sent.isdigit() and 1 <= int(sent[:9]) <= free else 1

    @property
    def cleaned_note(self) -> str:
        return self.cleaned_data.get("note", "") if hasattr(self, "cleaned_data") else ""


PREFERRED = ("return_refund", "refund_only", "exchange", "repair", "resend")


def flow(bought: Purchase, line: OrderLine) -> str:
    """Which flow a line's free units get: what was signed first, then what is on its way, then what never left."""
    if not line.returnable and line.cancellable:
        return "unshipped"
    return goods_state(bought, line)


def free_units(line: OrderLine, line_flow: str) -> int:
    return line.cancellable if line_flow == "unshipped" else line.returnable


class EvidenceForm(forms.Form):
    """An answer to a request for evidence, or more photos of one's own accord."""

    text = forms.Text(label=gettext_lazy("Your answer"), max_length=2000, multiline=True, required=False)


class WaybillForm(forms.Form):
    """The number on the receipt of a parcel that the customer sent."""

    courier = django_forms.ChoiceField(
        label=gettext_lazy("Courier"),
        choices=[
            ("sf", gettext_lazy("SF Express")), ("jd", gettext_lazy("JD Logistics")), ("yto", gettext_lazy("YTO Express")),
            ("zto", gettext_lazy("ZTO Express")), ("sto", gettext_lazy("STO Express")), ("yunda", gettext_lazy("Yunda Express")),
            ("jt", gettext_lazy("J&T Express")), ("ems", gettext_lazy("EMS")), ("other", gettext_lazy("Another courier")),
        ],
    )  # fmt: skip
    waybill = django_forms.RegexField(
        label=gettext_lazy("Waybill number"), regex=r"^[A-Za-z0-9-]{6,32}$", strip=True,
        error_messages={
            "required": gettext_lazy("Enter the number on your receipt"),
            "invalid": gettext_lazy("A waybill number has 6 to 32 letters and digits"),
        },
    )  # fmt: skip


class MessageForm(forms.Form):
    text = forms.Text(label=gettext_lazy("Write a message"), max_length=2000, multiline=True)


class SlotForm(forms.Form):
    slot = django_forms.CharField(label=gettext_lazy("Pickup time"), max_length=20)

    def times(self, zone: str, *, now: datetime) -> slots.Slot | None:
        sent = self.cleaned_data["slot"]
        return next((slot for slot in slots.free_slots(now, zone) if FilingForm._value(slot) == sent), None)


