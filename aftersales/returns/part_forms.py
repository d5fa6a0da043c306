"""A part of a line's price, as a shop and the platform's people fill it in."""

from django import forms as django_forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from aftersales.policy.reasons import REASONS
from aftersales.returns.models import ReturnRequest
from aftersales.returns.services import offering, parts
from aftersales.returns.services.intake import FormUsedElsewhere
from orders.purchases.models import Order, OrderLine
from returns_platform.kernel import forms, references, ui
from returns_platform.kernel.actors import Actor
from returns_platform.kernel.errors import Invalid

MOST = 10_000_000_000  # minor units
FOR = {"OT.OTHER": _("Goodwill: something else")}  # a customer's words for it would be others


class PayPartForm(forms.Form):
    """Unasked. line: the key of an order line; token: the same form again pays nothing twice."""

    line_no = django_forms.ChoiceField(label=_("Item"))
    amount = forms.Money(currency="CNY", min_value=1, max_value=MOST, label=_("Sum"))
    reason = django_forms.ChoiceField(label=_("What for"), initial=parts.REASONS[0])
    text = forms.Text(
        max_length=500, multiline=True, rows=2, label=_("Why"),
        help_text=_("The customer reads it, for example: the price fell on 11 November."),
    )  # fmt: skip
    token = django_forms.CharField(max_length=40, widget=django_forms.HiddenInput)

    def __init__(self, *args, order: Order, **kwargs):
        super().__init__(*args, initial={"token": references.token()}, **kwargs)
        lines = [line for line in order.lines.all() if line.refundable]
        self.fields["line_no"].choices = [(line.line_no, _left_of(line, order.currency)) for line in lines]
        self.fields["amount"].currency = order.currency
        self.fields["reason"].choices = [(code, FOR.get(code, REASONS[code].text)) for code in parts.REASONS]
        self.any_left = bool(lines)


def _left_of(line: OrderLine, currency: str) -> str:
    left = _("%(title)s: %(sum)s left of its price")
    return left % {"title": line.title, "sum": ui.money(line.refundable, currency)}


def pay(form: PayPartForm, order: Order, *, by: Actor, now) -> ReturnRequest | None:
    """Carry out a form that was sent; None where it was not, or is wrong, and then the form says why."""
    if not form.is_bound or not form.is_valid():
        return None
    said = dict(form.cleaned_data)
    try:
        return parts.pay_part(order.pk, form_token=said.pop("token"), **said, by=by, now=now)
    except (Invalid, FormUsedElsewhere) as refused:
        form.refuse(refused)
        return None


class GrantPartForm(forms.Form):
    """Asked for. amount: a sum as people write it, read in the order's currency by `grant`."""

    amount = forms.Text(max_length=20, label=_("Sum that is paid back"), help_text=_("The goods stay."))
    line_no = forms.Text(max_length=64, required=False, label=_("Number of the item, where several were asked for"))


class OfferForm(GrantPartForm):
    """Offered for keeping the goods: the customer says yes or no."""

    text = forms.Text(
        max_length=500, multiline=True, rows=2, required=False, label=_("Words to the customer"),
        help_text=_("For example why it is worth it to keep it."),
    )  # fmt: skip


def offer(row: ReturnRequest, said: dict, *, by: Actor, now):
    """Raises Invalid for what is no sum, and what `offering.offer_to_keep` raises."""
    amount = sum_of(said["amount"], row.order.currency)
    words = said.get("text") or ""
    return offering.offer_to_keep(
        row.pk, amount=amount, line_no=said.get("line_no") or "", text=words, by=by, now=now
    )


def grant(row: ReturnRequest, said: dict, *, by: Actor, now) -> ReturnRequest:
    """Raises Invalid for what is no sum, and what `parts.grant_part` raises."""
    amount = sum_of(said["amount"], row.order.currency)
    return parts.grant_part(row.pk, amount=amount, line_no=said.get("line_no") or "", by=by, now=now)


def sum_of(typed: str, currency: str) -> int:
    """Minor units; Invalid for what is none."""
    try:
        return forms.Money(currency=currency, min_value=1, max_value=MOST).clean(typed)
    except ValidationError as wrong:
        raise Invalid(fields={"amount": wrong.messages[0]}) from wrong
