"""An offer to keep the goods, as the customer compares it with what she asked for, and as who made it follows it."""

from dataclasses import dataclass
from datetime import datetime

from django import forms as django_forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from aftersales.returns.models import ReturnRequest
from aftersales.returns.names import shop_name
from aftersales.returns.offer_models import KeepOffer
from returns_platform.kernel import forms, ui

ACCEPT, DECLINE = "accept", "decline"


class AnswerForm(forms.Form):
    """The customer's answer. offer: which one she read; another one is not meant by it."""

    do = django_forms.ChoiceField(choices=[(ACCEPT, ACCEPT), (DECLINE, DECLINE)])
    offer = forms.Whole(min_value=1, max_value=10**12)
    text = forms.Text(
        label=gettext_lazy("Your words, if you like"), max_length=500, multiline=True, rows=2, required=False,
        help_text=gettext_lazy("For example what you would accept instead."),
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Compared:
    """One line of the comparison."""

    name: str
    asked: str
    offered: str


def open_offer(row: ReturnRequest, *, now: datetime) -> KeepOffer | None:
    """The one that can be answered now."""
    if not row.takes_an_offer:
        return None
    return row.offers.filter(answer="", due_at__gte=now).select_related("line__order_line").first()


def offer_panel(row: ReturnRequest, *, now: datetime) -> dict | None:
    offer = open_offer(row, now=now)
    if offer is None:
        return None
    return {
        "pk": offer.pk,
        "who": shop_name(row.merchant) if offer.by_kind == "merchant" else _("The platform"),
        "sum": ui.money(offer.amount, offer.currency),
        "goods": offer.line.order_line.title,
        "text": offer.text,
        "until": offer.due_at,
        "rows": _compared(row, offer),
        "form": AnswerForm(),
    }


def _compared(row: ReturnRequest, offer: KeepOffer) -> list[Compared]:
    asked, sum_of = row.bill.refund, lambda amount: ui.money(amount, offer.currency)
    less = asked - offer.amount
    stay = _("stay with you")
    found = [
        Compared(_("You get back"), sum_of(asked), sum_of(offer.amount)),
        Compared(_("The goods"), _("go back") if row.goods_come_back else stay, stay),
        Compared(_("Sending it back"), _freight(row), _("nothing to pay, nothing to do")),
        Compared(_("Answered"), _("after a person looked at it"), _("at once, when you accept")),
    ]
    if less > 0:
        found.insert(1, Compared(_("Difference"), "", _("%(sum)s less") % {"sum": sum_of(less)}))
    return [one for one in found if one.asked != one.offered]


def _freight(row: ReturnRequest) -> str:
    body = row.bill.body
    if not row.goods_come_back:
        return _("nothing to pay, nothing to do")
    if body.get("return_payer") == "customer" and body.get("return_amount"):
        return _("you pay about %(sum)s") % {"sum": ui.money(body["return_amount"], row.order.currency)}
    return _("the shop pays")


def offers_made(row: ReturnRequest) -> list[dict]:
    """For who decides: what was offered so far, and what became of it."""
    return [
        {
            "sum": ui.money(offer.amount, offer.currency), "made_at": offer.made_at, "by": offer.by_name,
            "answer": offer.get_answer_display(), "until": offer.due_at if offer.is_open else None,
        }
        for offer in row.offers.all()
    ]  # fmt: skip
