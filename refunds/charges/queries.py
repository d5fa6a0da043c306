"""Reading charges."""

from django.conf import settings
from django.db.models import QuerySet
from django.urls import reverse

from refunds.charges import states
from refunds.charges.models import Charge
from refunds.gateways.interface import ChargeAnswer, ChargeOrder


def charges_of(case_ref: str) -> QuerySet[Charge]:
    return Charge.objects.filter(case_ref=case_ref).order_by("pk")


def payable(about: str) -> Charge | None:
    return Charge.objects.filter(about=about, state__in=states.PAYABLE).first()


def paid_and_kept(about: str) -> list[Charge]:
    """Paid for this, and not on its way back."""
    found = Charge.objects.filter(about=about, state=states.PAID).exclude(use=Charge.Use.BACK)
    return list(found.select_related("paid_order").order_by("pk"))


def charge_order(charge: Charge) -> ChargeOrder:
    """The same on every try: number, amount, title, times."""
    back = settings.SITE_URL + reverse("aftersales:case", args=[charge.case_ref])
    return ChargeOrder(
        number=charge.number, amount=charge.amount, currency=charge.currency, title=charge.title,
        notify_url=settings.SITE_URL + reverse("channel_news", args=[charge.channel]), return_url=back,
        expires_at=charge.expires_at, channel_ref=charge.channel_ref,
    )  # fmt: skip


def differences(charge: Charge, told: ChargeAnswer) -> tuple[str, ...]:
    """The names of the facts in which the channel's word differs from what we asked for."""
    same = {
        "number": told.number == charge.number,
        "amount": told.amount == charge.amount,
        "currency": told.currency == charge.currency,
    }
    return tuple(name for name, is_same in same.items() if not is_same)
