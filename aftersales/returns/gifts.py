"""What is given for trouble, as a shop and the platform's people fill it in and see it on a case."""

from django import forms as django_forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from aftersales.returns import stored
from aftersales.returns.models import ReturnRequest
from refunds.wallet import queries, texts
from refunds.wallet.models import Compensation
from refunds.wallet.rules import LIMIT, needs_second
from refunds.wallet.services.compensating import must_be_another
from returns_platform.kernel import forms, ui
from returns_platform.kernel.actors import Actor
from returns_platform.kernel.errors import Invalid, NotAllowed, Refused

GROUNDS = [(code, texts.GROUNDS[code]) for code in texts.BY_HAND]
WAYS = list(texts.WHAT.items())
MOST = 100_000_000  # minor units, or points


class GiveFields(forms.Form):
    """ground: what it is for. what: how it is given. amount: a sum as people write it, or a number of points."""

    ground = django_forms.ChoiceField(choices=GROUNDS, label=_("Ground"))
    what = django_forms.ChoiceField(choices=WAYS, label=_("How"), initial="balance")
    amount = forms.Text(max_length=20, label=_("Sum, or number of points"))
    reason = forms.Text(
        max_length=500, multiline=True, rows=2, label=_("Why"), help_text=_("The customer reads it, colleagues too.")
    )


class GiftForm(forms.Form):
    gift = forms.Whole(max_value=2**31)


def size(said: dict, currency: str) -> int:
    """The amount of a filled-in form in minor units, or in points. Raises Invalid."""
    points = said["what"] == "points"
    field = forms.Whole(max_value=MOST) if points else forms.Money(currency=currency, min_value=1, max_value=MOST)
    try:
        return field.clean(said["amount"])
    except ValidationError as wrong:
        raise Invalid(fields={"amount": wrong.messages[0]}) from wrong


def in_words(said: dict, currency: str) -> str:
    amount = size(said, currency)
    number = str(amount) if said["what"] == "points" else ui.money(amount, currency)
    return f"{number} {texts.WHAT[said['what']]}"


def on_case(row: ReturnRequest, by: Actor, *, may: bool, may_agree: bool, now) -> dict:
    """What was given and what waits, with what this person can do about it."""
    waiting = [one for one in queries.compensations_of(row.return_no) if one.waits]
    return {
        "facts": stored.beside_the_money(row, now=now),
        "waiting": [_waiting(one, by, may=may, may_agree=may_agree) for one in waiting],
        "may": may,
        "limit": LIMIT,
        "grounds": GROUNDS,
        "ways": WAYS,
    }


def _waiting(one: Compensation, by: Actor, *, may: bool, may_agree: bool) -> dict:
    told = gettext("%(what)s waits for a second person: %(ground)s")
    if one.by_kind == "customer":
        told = gettext("The customer asks for %(what)s: %(ground)s")
    what = told % {
        "what": stored.given(one), "ground": texts.ground(one.ground),
    }  # fmt: skip
    return {
        "pk": one.pk, "what": what, "who": one.by_name, "reason": one.reason,
        "why_not": _why_not(one, by, may_agree=may_agree or (may and may_be_given_alone(one))),
        "may_decline": may or may_agree,
        "do": "agree_wish" if may and may_be_given_alone(one) else "agree_gift",
    }  # fmt: skip


def must_be_given_alone(row: ReturnRequest, pk: int) -> None:
    """What more than one person has to agree to is somebody else's."""
    found = queries.compensations_of(row.return_no).filter(pk=pk).first()
    if found is not None and not may_be_given_alone(found):
        raise NotAllowed(gettext("Somebody else agrees to this."))


def may_be_given_alone(one: Compensation) -> bool:
    """A customer's wish within what one person may give."""
    return one.by_kind == "customer" and not needs_second(one.amount, points=one.what == "points")


def _why_not(one: Compensation, by: Actor, *, may_agree: bool) -> str:
    if not may_agree:
        return gettext("Somebody else agrees to this.")
    try:
        must_be_another(one, by)
    except Refused as refused:
        return str(refused.message)
    return ""
