"""What the pages of a case show about what replaces its goods, in the reader's language."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from aftersales.replacements import queries
from aftersales.replacements.models import Replacement
from aftersales.returns.headlines import Headline, Teller
from aftersales.returns.names import channel_name, sentences
from aftersales.returns.queries import Case
from aftersales.returns.services import advancing, choosing, replacing
from logistics.parcels.models import Parcel
from orders.purchases.models import MadeFor
from refunds.charges import queries as charges
from refunds.charges.models import CHANNELS, Charge
from returns_platform.kernel import ui


@dataclass(frozen=True, slots=True)
class SwapPanel:
    """What replaces the goods, and what can be done about it. pay: channels to choose; charge: the page to pay on."""

    replacement: Replacement
    parcel: Parcel | None
    facts: list[ui.Fact]
    say: str = ""
    pay: tuple[ui.Choice, ...] = ()
    charge: Charge | None = None
    may_choose: bool = False
    may_have_money: bool = False
    may_refuse_fee: bool = False
    may_confirm: bool = False
    may_go_ahead: bool = False
    scans: tuple[ui.Event, ...] = ()

    @property
    def charge_by(self) -> str:
        """The channel whose page is open, by its name."""
        return channel_name(self.charge.channel) if self.charge else ""


def swap_panel(case: Case, *, now: datetime) -> SwapPanel | None:
    """None where nothing replaces the goods of the case."""
    replacement = case.replacement
    if replacement is None:
        return None
    charge = charges.payable(replacement.reference) if replacement.can_be_paid else None
    currency = case.request.order.currency
    return SwapPanel(
        replacement=replacement, parcel=case.outbound, facts=_facts(case, now=now), charge=charge,
        pay=_channels(currency, charge) if replacement.can_be_paid else (),
        may_choose=choosing.can_be_another(replacement) and replacing.holds_up(replacement),
        may_have_money=choosing.can_become_money(case.request, replacement),
        may_refuse_fee=replacement.waits_for_customer and replacement.due_for == MadeFor.REPAIR,
        may_confirm=replacement.is_on_its_way,
        may_go_ahead=advancing.may_go_ahead(case.request, replacement, now=now),
        scans=_scans(case.outbound),
    )  # fmt: skip


def _channels(currency: str, charge: Charge | None) -> tuple[ui.Choice, ...]:
    """How what is due can be paid; the one whose page is open comes first."""
    taken = CHANNELS if currency == "CNY" else ("stripe",)
    return tuple(
        ui.Choice(code, channel_name(code), picked=charge is not None and charge.channel == code) for code in taken
    )


def _facts(case: Case, *, now: datetime) -> list[ui.Fact]:
    replacement, zone, currency = case.replacement, case.request.merchant.zone, case.request.order.currency
    found = [ui.Fact(_("What you get"), wanted(replacement))]
    if replacement.due:
        what = _("Deposit") if replacement.due_for == MadeFor.DEPOSIT else _("To pay")
        found.append(ui.Fact(what, ui.money(replacement.due, currency), "strong"))
    if replacement.due_at and not replacement.is_over:
        found.append(ui.Fact(_("Until"), ui.moment(replacement.due_at, now=now, zone=zone)))
    if replacement.new_order:
        found.append(ui.Fact(_("New order"), replacement.new_order.order_no))
    if case.outbound and case.outbound.waybill:
        found.append(ui.Fact(_("Parcel"), f"{case.outbound.courier_name} {case.outbound.waybill}"))
    return found


def wanted(replacement: Replacement) -> str:
    """Wool coat L × 1."""
    return pgettext("between things", ", ").join(
        f"{line.title} × {line.quantity}" for line in replacement.lines.all()
    )


def _scans(parcel: Parcel | None) -> tuple[ui.Event, ...]:
    if parcel is None:
        return ()
    found = [ui.Event(scan.at, scan.text or scan.place or scan.op_code) for scan in parcel.events.all()]
    return tuple(sorted(found, key=lambda event: event.at, reverse=True)[:4])


# --- the sentence of the case -----------------------------------------------------------------------------


def swap_headline(case: Case, teller: Teller) -> Headline | None:
    """Where what replaces the goods has the word; None where the case itself says what is going on."""
    replacement, request = case.replacement, case.request
    if replacement is None or request.is_ended or replacement.is_over:
        return None
    if replacement.deposit_taken_at and not request.is_settling:
        line = _("It goes back to you all the same if the goods come later.")
        return Headline("late", _("The old goods did not come in time. Your deposit is taken"), line)
    facts = {"shop": teller.shop, "wanted": wanted(replacement), "by": _by(replacement, teller)}
    facts["sum"] = ui.money(replacement.due, request.order.currency)
    if replacement.is_out_of_stock:
        return _out_of_stock(replacement, facts)
    if replacing.holds_up(replacement):
        return _to_pay(replacement, facts)
    if not request.is_settling:
        return None
    if replacement.is_being_mended:
        return Headline("now", _("%(shop)s mends it") % facts, _("You hear from us when it is sent back."))
    if queries.is_lost(replacement):
        line = _("Wait for the new one, or have your money instead.")
        return Headline("late", _("It did not reach you. %(shop)s is asked to send it once more") % facts, line)
    if replacement.is_on_its_way:
        line = _("There is nothing you need to do.")
        return Headline("now", _("On its way to you: %(wanted)s") % facts, line)
    line = sentences(_why(replacement), _("If it is not sent by then, you can have your money instead."))
    return Headline("now", _("%(shop)s sends it %(by)s: %(wanted)s") % facts, line)


def _out_of_stock(replacement: Replacement, facts: dict) -> Headline:
    line = _("Wait for it, choose something else, or have your money back.")
    return Headline("late", _("Not in stock now: %(wanted)s. Choose %(by)s") % facts, line)


def _to_pay(replacement: Replacement, facts: dict) -> Headline:
    if not replacement.can_be_paid:
        line = _("It is not kept for you any longer. Have your money back, or withdraw and keep the goods.")
        return Headline("late", _("Not paid in time. Choose %(by)s") % facts, line)
    if replacement.due_for == MadeFor.REPAIR:
        line = sentences(replacement.quote, _("If you do not want that, it is sent back as it is and costs nothing."))
        return Headline("late", _("The repair costs %(sum)s. Answer %(by)s") % facts, line)
    line = _("%(wanted)s is kept for you until then. Please send the goods only when it is paid.") % facts
    return Headline("late", _("Pay the difference of %(sum)s %(by)s") % facts, line)


def _why(replacement: Replacement) -> str:
    if replacement.why == Replacement.Why.FEE_REFUSED:
        return _("It comes back as it is, because you did not want the repair.")
    return ""


def _by(replacement: Replacement, teller: Teller) -> str:
    return teller.by(replacement.due_at) if replacement.due_at else ""
