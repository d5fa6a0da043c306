"""What filing would lead to, told before it is filed: the ways to be made whole, the verdict, the button."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from aftersales.policy import texts
from aftersales.returns.filing_form import MONEY, FilingForm, Offer
from aftersales.returns.names import sentences, shop_name
from aftersales.returns.services.judging import IN_TRANSIT_DAYS, Judged
from orders.purchases.models import Order
from returns_platform.kernel import ui


def outcomes(judged: dict[Offer, Judged], form: FilingForm, order: Order, *, now: datetime) -> list[ui.Outcome]:
    """Side by side (N2): how much, when, and what it asks of the customer."""
    return [_outcome(offer, found, form, order, now=now) for offer, found in judged.items()]


def _outcome(offer: Offer, judged: Judged, form: FilingForm, order: Order, *, now: datetime) -> ui.Outcome:
    refund = offer.kind in MONEY
    return ui.Outcome(
        offer.value, _name(offer, form, judged), judged.bill.refund + judged.bill.bonus if refund else None,
        order.currency, when=_when(offer, judged, order, now=now), effort=_effort(offer, form),
        text="" if refund else _difference(judged, order), picked=offer == form.offer,
    )  # fmt: skip


def _difference(judged: Judged, order: Order) -> str:
    """What a swap costs on top, or gives back (T67, T68)."""
    if judged.bill.due:
        return _("%(sum)s to pay on top") % {"sum": ui.money(judged.bill.due, order.currency)}
    if judged.bill.refund:
        return _("%(sum)s back to you") % {"sum": ui.money(judged.bill.refund, order.currency)}
    return _("nothing to pay")


def _name(offer: Offer, form: FilingForm, judged: Judged) -> str:
    if offer.refund_to == "balance":
        percent = f"{judged.policy.terms.balance_bonus_bp / 100:g}"
        more = _("To your balance, %(percent)s %% more") % {"percent": percent}
        return more if judged.bill.bonus else _("To your balance")
    if offer.kind == "refund_only" and any(other.kind == "return_refund" for other in form.offers):
        return _("Keep the goods and get the money")
    names = {
        "exchange": _("Exchange for a new one"),
        "repair": _("Have it mended"),
        "resend": _("Send it again"),
    }
    if form.way_back_is_closed and offer.kind in MONEY:
        return _("To a bank account that you name afterwards")
    return names.get(offer.kind) or _("Back the way you paid")


def _when(offer: Offer, judged: Judged, order: Order, *, now: datetime) -> str:
    if judged.refused:
        return _("not within the rules")
    if judged.verdict.outcome == "needs_evidence":
        return _("once the photos are there")
    if offer.kind in MONEY:
        day = ui.day(judged.arrives_by, now=now, zone=order.merchant.zone, sense="by")
        said = _("there %(by)s") % {"by": day}
    else:
        said = _when_replaced(offer, judged, order, now=now)
    if judged.verdict.outcome == "review":
        return _("%(shop)s decides first; then %(when)s") % {"shop": shop_name(order.merchant), "when": said}
    return said


def _when_replaced(offer: Offer, judged: Judged, order: Order, *, now: datetime) -> str:
    """A new one leaves when the shop has counted the old one; how long mending takes nobody knows before."""
    zone = order.merchant.zone
    if offer.kind == "repair":
        back = ui.day(judged.back_by, now=now, zone=zone, sense="about")
        return _("the shop has it %(about)s and then says how long it takes") % {"about": back}
    there = judged.back_by + timedelta(days=IN_TRANSIT_DAYS)
    return _("the new one is there %(about)s") % {"about": ui.day(there, now=now, zone=zone, sense="about")}


def _effort(offer: Offer, form: FilingForm) -> str:
    if form.send_back_for(offer) == "pickup":
        return _("hand the goods to the courier")
    if form.send_back_for(offer) == "self_ship":
        return _("send the goods")
    if form.send_back_for(offer) == "drop_off":
        return _("bring the goods to a point")
    return _("nothing")


@dataclass(frozen=True, slots=True)
class Notice:
    title: str
    text: str
    tone: str = ""


def verdict(judged: Judged, form: FilingForm, order: Order, *, now: datetime) -> Notice:
    """What filing would lead to: a heading and one or two sentences."""
    outcome = judged.verdict.outcome
    missing = sentences(*map(texts.missing_text, judged.verdict.missing))
    why = sentences(*(reason["text"] for reason in texts.explain_all(judged.verdict.reasons)))
    if outcome == "approve":
        return Notice(_("Within the rules: approved as soon as you file"), why, "good")
    if outcome == "refuse":
        way = _("You can file it all the same, and ask a person to look.")
        return Notice(_("By the rules this will not be approved"), sentences(why, missing, way), "bad")
    if outcome == "needs_evidence":
        hours = judged.policy.terms.evidence_hours
        later = _("You can also add it within %(hours)s hours after filing; your date counts.") % {"hours": hours}
        return Notice(_("Something is still missing"), sentences(missing, later), "late")
    return Notice(_("A person looks at it after you file"), sentences(why, _who_answers(judged, order)))


def _who_answers(judged: Judged, order: Order) -> str:
    hours = judged.policy.terms.merchant_answer_hours
    if judged.verdict.who == "merchant":
        return _("%(shop)s answers within %(hours)s hours. If not, your request is granted.") % {
            "shop": shop_name(order.merchant), "hours": hours,
        }  # fmt: skip
    return _("A person of the platform answers within %(hours)s hours.") % {"hours": hours}


@dataclass(frozen=True, slots=True)
class Dock:
    """The button that files, with what it does written beside it."""

    label: str
    say: str = ""
    amount: int | None = None


def dock(judged: Judged, form: FilingForm, order: Order, *, now: datetime) -> Dock:
    if judged.refused:
        return Dock(_("File it all the same"), _("Not within the rules"))
    if form.offer.kind not in MONEY:
        return Dock(_("File the request"), _("Nothing to pay"))
    label = _("Cancel and refund") if form.is_minimal else _("File the request")
    say = ui.day(judged.arrives_by, now=now, zone=order.merchant.zone, style="plain", sense="by")
    where = _("To your balance, %(by)s") if form.offer.refund_to == "balance" else _("Back the way you paid, %(by)s")
    if form.way_back_is_closed and form.offer.refund_to != "balance":
        where = _("To a bank account that you name afterwards")
        return Dock(label, where, judged.bill.refund + judged.bill.bonus)
    return Dock(label, where % {"by": say}, judged.bill.refund + judged.bill.bonus)
