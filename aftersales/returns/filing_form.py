"""Filing on the page: what is picked so far, what that opens, the wish it makes."""

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from django import forms as django_forms
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from aftersales.policy import queries as policies
from aftersales.policy import reasons, wording
from aftersales.policy.facts import Arrival
from aftersales.policy.rules import Policy
from aftersales.policy.standards import standard
from aftersales.returns import details, entries, guidance, rules, ways
from aftersales.returns.forms import MOST_NOTE, slot_days, slot_value
from aftersales.returns.queries import Purchase, arrivals_of, goods_state
from aftersales.returns.services.wishes import Wish, WishLine
from aftersales.returns.swap_forms import offered_for
from logistics.parcels import queries as parcels
from logistics.parcels import slots
from logistics.points.counties import centre_of
from logistics.points.queries import Near, nearest
from orders.purchases.models import OrderLine
from refunds.payouts import queries as payouts
from returns_platform.kernel import forms, ui

SHOWN_POINTS = 3
MONEY = ("refund_only", "return_refund")
PREFERRED = ("return_refund", "refund_only", "exchange", "repair", "resend")
STORED = {"balance", "gift_card"}
# What most people come for; the other reasons unfold.
COMMON = frozenset({
    "NR.NO_LONGER_WANT", "NR.SIZE_LARGE", "NR.SIZE_SMALL", "QL.DEFECT", "QL.MATERIAL", "QL.EXPIRED", "QL.ALLERGY",
    "FR.ROT", "FR.SHORT_WEIGHT", "FU.WRONG_ITEM", "FU.MISSING", "LG.DAMAGED",
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Item:
    """Units of one line that share a flow: not sent yet, or sent. no_reason: the NR.* that are open. closed: where
    none is, what is over and what still runs, with the dates."""

    line: OrderLine
    flow: str  # unshipped, shipped, signed
    free: int
    no_reason: frozenset[str]
    policy: Policy
    arrivals: tuple[Arrival, ...] = ()
    closed: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        return f"{self.line.pk}u" if self.flow == "unshipped" else str(self.line.pk)

    @property
    def rules(self) -> list[str]:
        """What holds for it, in plain words."""
        line = self.line
        return wording.notes(
            self.policy, category=line.category, sku=line.sku, confirmed_at=line.no_reason_excluded_confirmed_at,
            currency=line.order.currency,
        )  # fmt: skip

    @property
    def intact(self) -> str:
        return standard(self.line.category).intact

    @property
    def reasons(self) -> tuple[str, ...]:
        return reasons.offered(self.line.category, self.flow, no_reason=self.no_reason)


def items_of(bought: Purchase, *, now: datetime) -> list[Item]:
    """Everything of an order that is free to be asked for, as listed."""
    policy, off_days = policies.in_force(bought.order.placed_at, bought.order.merchant_id), policies.off_days()
    found = []
    for line in bought.lines.values():
        line.order = bought.order  # known already: not one statement for each line
        if line.returnable:
            arrivals = arrivals_of(bought.shipped.get(line.pk, []))
            still = entries.open_without_reason(
                policy, line, arrivals, zone=bought.order.merchant.zone, off_days=off_days, now=now
            )
            flow = goods_state(bought, line)
            closed = ()
            if flow == "signed" and not still:
                closed = tuple(entries.time_notes(policy, line, arrivals, off_days=off_days, now=now))
            found.append(Item(line, flow, line.returnable, still, policy, arrivals, closed))
        if line.cancellable:
            found.append(Item(line, "unshipped", line.cancellable, frozenset(), policy))
    return found


@dataclass(frozen=True, slots=True)
class Offer:
    """One way to be made whole (N2): a kind of request and where its money goes."""

    kind: str
    refund_to: str = "original"

    @property
    def value(self) -> str:
        return f"{self.kind}.{self.refund_to}" if self.kind in MONEY else self.kind


class FilingForm(forms.Form):
    """One request being filled in. Its fields follow from the items picked and the answers given so far.

    answers: what was sent, or what a link brought along.
    """

    token = django_forms.CharField(max_length=40, widget=django_forms.HiddenInput)
    note = forms.Text(
        label=gettext_lazy("Anything to add"), max_length=MOST_NOTE, multiline=True, required=False, rows=2
    )

    def __init__(
        self, data=None, *, bought: Purchase, picked: list[Item], now: datetime, answers: QueryDict, **kwargs
    ):
        self.bought, self.picked, self.now, self.answers = bought, picked, now, answers
        super().__init__(data, **kwargs)
        for item in picked:
            self._add_item_fields(item)
        self._add_choice("outcome", gettext_lazy("What would you like?"), [offer.value for offer in self.offers])
        if self.goods_come_back:
            self._add_choice("send_back", gettext_lazy("How do you send it back?"), self._ways_back)
        if self.send_back == "pickup":
            self._add_choice("slot", gettext_lazy("Pickup time"), [slot_value(slot) for slot in self.open_slots])
            self.fields["slot"].error_messages["invalid_choice"] = _("This pickup time is gone. Choose another one.")
        self.fields["note"].widget.attrs["hx-preserve"] = "true"

    # --- fields ---

    def _add_item_fields(self, item: Item) -> None:
        self.fields[f"qty_{item.key}"] = forms.Whole(label=gettext_lazy("How many"), min_value=1, max_value=item.free)
        self._add_choice(f"reason_{item.key}", gettext_lazy("Why?"), item.reasons)
        for message in ("required", "invalid_choice"):
            self.fields[f"reason_{item.key}"].error_messages[message] = gettext_lazy("Choose a reason")
        for detail in self._details(item):
            field = self.fields[detail_name(detail, item)] = detail.field(item.line.order.currency)
            if detail.kind != "options":
                field.widget.attrs["hx-preserve"] = "true"  # half typed while another answer is taken in
        if self.offer and self.offer.kind == "exchange":
            self.fields[f"exchange_{item.key}"] = django_forms.ChoiceField(
                label=gettext_lazy("Exchange for"), choices=self.alternatives(item.line),
                error_messages={"required": gettext_lazy("Choose what you want instead")},
            )  # fmt: skip

    def _add_choice(self, name: str, label, values) -> None:
        self.fields[name] = django_forms.ChoiceField(
            label=label, choices=[(value, value) for value in values],
            error_messages={"required": gettext_lazy("Choose one"), "invalid_choice": gettext_lazy("Choose one")},
        )  # fmt: skip

    # --- the answers so far, whether or not they hold ---

    def given(self, name: str, default: str = "") -> str:
        return self.answers.get(name) or default

    def _details(self, item: Item) -> tuple[details.Detail, ...]:
        return details.asked(self.reason_of(item), item.line.category)

    def reason_of(self, item: Item) -> str:
        first = item.reasons[0] if item.flow == "unshipped" else ""
        sent = self.given(f"reason_{item.key}", first)
        return sent if sent in item.reasons else ""

    def quantity_of(self, item: Item) -> int:
        sent = self.given(f"qty_{item.key}", "1")
        return int(sent) if sent.isascii() and sent.isdigit() and 1 <= int(sent[:9]) <= item.free else 1

    @property
    def reasons_given(self) -> list[reasons.Reason]:
        return [reasons.get(self.reason_of(item)) for item in self.picked if self.reason_of(item)]

    @property
    def reasons_complete(self) -> bool:
        return bool(self.picked) and len(self.reasons_given) == len(self.picked)

    @cached_property
    def offers(self) -> list[Offer]:
        """What every reason given allows; nothing before each item has its reason."""
        if not self.reasons_complete:
            return []
        kinds = [kind for kind in self._preferred if all(kind in given.kinds for given in self.reasons_given)]
        found = [offer for kind in kinds for offer in self._ways_of(kind)]
        paid_by_balance = {payment.channel for payment in self.bought.payments} <= STORED
        first_money = next((offer.kind for offer in found if offer.kind in MONEY), "")
        return [
            offer for offer in found
            if offer.refund_to == "original" or (offer.kind == first_money and not paid_by_balance)
        ]  # fmt: skip

    @property
    def _preferred(self) -> tuple[str, ...]:
        """What is fresh does not get better on a journey: it begins with staying where it is."""
        fresh = any(item.line.category == "fresh" for item in self.picked)
        return tuple(sorted(PREFERRED, key=lambda kind: kind != "refund_only")) if fresh else PREFERRED

    @cached_property
    def way_back_is_closed(self) -> bool:
        """The channel that was paid with takes no refund of so old a payment (T95)."""
        over_channels = [payment for payment in self.bought.payments if payment.channel not in STORED]
        return any(not payouts.original_route_open(payment, at=self.now) for payment in over_channels)

    @staticmethod
    def _ways_of(kind: str) -> list[Offer]:
        return [Offer(kind), Offer(kind, "balance")] if kind in MONEY else [Offer(kind)]

    @property
    def offer(self) -> Offer | None:
        sent = self.given("outcome")
        return next((offer for offer in self.offers if offer.value == sent), next(iter(self.offers), None))

    @property
    def goods_come_back(self) -> bool:
        return self.offer is not None and rules.goods_come_back(self.offer.kind, "pickup")

    @property
    def send_back(self) -> str:
        return self.send_back_for(self.offer) if self.offer else "none"

    def send_back_for(self, offer: Offer) -> str:
        if not rules.goods_come_back(offer.kind, "pickup"):
            return "none"
        sent = self.given("send_back")
        possible = sent in guidance.WAYS and (sent != "drop_off" or self.points)
        return sent if possible else self.advice.way

    @cached_property
    def advice(self) -> guidance.Advice:
        """What is suggested; looked up only for who has not chosen yet, and to show it beside the ways."""
        going = [(item.line, self.quantity_of(item)) for item in self.picked]
        return guidance.advise(ways.known(self.bought, going, self.points, now=self.now))

    @property
    def _ways_back(self) -> tuple[str, ...]:
        """Whether there are points is only looked up for somebody who chose one."""
        to_a_point = self.given("send_back") == "drop_off" and self.points
        return ("pickup", "self_ship", "drop_off") if to_a_point else ("pickup", "self_ship")

    @cached_property
    def points(self) -> list[Near]:
        """Where she could bring it, as far as her county's centre tells what is near."""
        order = self.bought.order
        spot = centre_of(order.ship_to)
        return nearest(order.merchant, spot, most=SHOWN_POINTS) if spot else []

    @cached_property
    def all_slots(self) -> list[slots.Slot]:
        return parcels.slots_of(self.bought.order.merchant, now=self.now)

    @property
    def open_slots(self) -> list[slots.Slot]:
        return [slot for slot in self.all_slots if not slot.full]

    @property
    def slot(self) -> slots.Slot | None:
        """What she chose; else the time at which a courier comes anyway; else the first."""
        chosen = [slot for slot in self.open_slots if slot_value(slot) == self.given("slot")]
        return next(iter([*chosen, *self.slots_anyway, *self.open_slots]), None)

    @cached_property
    def slots_anyway(self) -> list[slots.Slot]:
        """Times at which a courier comes to this address for another return of hers, the first first."""
        coming = {one.slot_from for one in self.bought.vans}
        return [slot for slot in self.open_slots if slot.start in coming]

    @property
    def comes_anyway(self) -> dict | None:
        """{"when", "return_no"} of the first of them."""
        if not self.slots_anyway:
            return None
        first, zone = self.slots_anyway[0], self.bought.order.merchant.zone
        return {
            "when": ui.window(first.start, first.end, now=self.now, zone=zone),
            "return_no": self.bought.van_at(first.start).return_no,
        }

    def alternatives(self, line: OrderLine) -> list[tuple[str, str]]:
        """The same again, its other sizes and colours, others of its price; where it differs, what they cost."""
        order = self.bought.order
        return offered_for(line, order.merchant_id, order.currency)

    # --- parts of the page ---

    def detail_fields(self, item: Item) -> list:
        return [self[detail_name(detail, item)] for detail in self._details(item)]

    @property
    def is_minimal(self) -> bool:
        """Nothing was sent: no photos, no words, nothing comes back (S4)."""
        return all(item.flow == "unshipped" for item in self.picked)

    def reason_choices(self, item: Item) -> tuple[list[ui.Choice], list[ui.Choice]]:
        """The common ones, and those that unfold."""
        rows = [self._reason_row(item, code) for code in item.reasons]
        common = [row for row in rows if row.value in COMMON or item.flow != "signed"] or rows
        return common, [row for row in rows if row not in common]

    def _reason_row(self, item: Item, code: str) -> ui.Choice:
        reason = reasons.get(code)
        hint = _("The shop pays for sending it back") if reason.freight == "merchant" else ""
        return ui.Choice(code, str(reason.text), hint, picked=code == self.reason_of(item))

    def way_choices(self, *, fault: bool, cost: int, currency: str) -> list[ui.Choice]:
        rides = self.slot is not None and self.slot in self.slots_anyway
        return ways.choices(
            self.send_back, self.advice, self.points, fault=fault, rides=rides, cost=cost, currency=currency
        )  # fmt: skip

    @property
    def slot_days(self) -> list[ui.SlotDay]:
        zone, anyway = self.bought.order.merchant.zone, [slot.start for slot in self.slots_anyway]
        return slot_days(self.all_slots, picked=self.slot, zone=zone, anyway=anyway)

    # --- the wish ---

    def wish(self, offer: Offer, *, evidence=()) -> Wish:
        """What is asked for if `offer` is chosen, with defaults where nothing was answered yet."""
        send_back = self.send_back_for(offer)
        slot = self.slot if send_back == "pickup" else None
        return Wish(
            kind=offer.kind, lines=tuple(self._wish_line(item, offer) for item in self.picked), send_back=send_back,
            refund_to=offer.refund_to, refund_to_agreed_at=self.now if offer.refund_to != "original" else None,
            note=self._note(), evidence=tuple(evidence), slot_from=slot and slot.start, slot_to=slot and slot.end,
            form_token=self.given("token") or None,
        )  # fmt: skip

    def _wish_line(self, item: Item, offer: Offer) -> WishLine:
        sku = self.given(f"exchange_{item.key}", item.line.sku) if offer.kind == "exchange" else ""
        return WishLine(item.line.line_no, self.quantity_of(item), self.reason_of(item), sku)

    def clean(self):
        said = super().clean()
        if len(self._note()) > MOST_NOTE:
            self.add_error("note", _("Together with your other answers this is too long. Please shorten it."))
        return said

    def _note(self) -> str:
        """What was answered about each item, then her own words."""
        said = getattr(self, "cleaned_data", {})
        told = [line for item in self.picked for line in self._told(item, said)]
        return "\n".join(filter(None, [*told, said.get("note", "")]))

    def _told(self, item: Item, said: dict) -> list[str]:
        found = [
            detail.told(said.get(detail_name(detail, item)), item.line.order.currency)
            for detail in self._details(item)
        ]
        found = list(filter(None, found))
        return [item.line.title, *found] if found and len(self.picked) > 1 else found


def detail_name(detail: details.Detail, item: Item) -> str:
    return f"say_{detail.name}_{item.key}"
