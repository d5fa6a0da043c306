"""Gift cards as accounts: opened when they are first heard of, paid back to, disabled when they are returned.

What a card holds follows from the shop's orders (sold with a line, paid with) and from what the shop says of it. It
is brought up to date under the card's lock whenever it matters, so that no news can be lost.
"""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from orders.merchants.models import Merchant
from orders.purchases.models import OrderLine, Payment
from refunds.ledger import rules as ledger
from refunds.ledger.rules import Entry
from refunds.ledger.services import post
from refunds.wallet import queries, rules
from refunds.wallet.models import GiftCard, GiftCardEntry
from returns_platform.kernel.errors import Conflict, WrongState


class CardsNotFree(Conflict):
    code = "gift_card_spent"
    default = _("Something of this gift card is spent already.")


@transaction.atomic
def look_up(merchant: Merchant, code: str, *, currency: str, now: datetime) -> GiftCard:
    """The card with what is known of it by now, and nobody else's until this transaction ends; opened if new."""
    GiftCard.objects.get_or_create(merchant=merchant, code=code, defaults={"currency": currency, "opened_at": now})
    card = GiftCard.objects.select_for_update(of=("self",)).get(merchant=merchant, code=code)
    for news in queries.unheard(merchant.pk, code, card, currency=card.currency):
        _hear(card, news, now=now)
    return card


def _hear(card: GiftCard, news: queries.Unheard, *, now: datetime) -> None:
    """More was paid with it than we knew of: so much it must have held."""
    if card.balance + news.amount < 0:
        lacking = -(card.balance + news.amount)
        _enter(card, lacking, kind=rules.HAD, about=news.about, order_id=news.order_id, now=now)
    _enter(card, news.amount, kind=news.kind, about=news.about, order_id=news.order_id, now=now)


@transaction.atomic
def keep_card(
    merchant: Merchant, code: str, *, currency: str, deleted: bool, left: int | None, now: datetime
) -> tuple[GiftCard, bool]:
    """What the shop says of its card; (card, True when it was new). The same again changes nothing.

    left: minor units, None: not said. Raises WrongState for a card that was returned.
    """
    new = not GiftCard.objects.filter(merchant=merchant, code=code).exists()
    card = look_up(merchant, code, currency=currency, now=now)
    if card.disabled_at and (left or not deleted):
        raise WrongState(_("This card was returned. It holds nothing any more."), state=card.state)
    if left is not None and not card.disabled_at and left != card.balance:
        _enter(card, left - card.balance, kind=rules.LEFT, about="told", now=now)
    if left is not None:
        card.told_at = now
    if deleted != bool(card.deleted_at):
        card.deleted_at = now if deleted else None
    card.save(update_fields=["told_at", "deleted_at"])
    return card, new


def credit_card(payment: Payment, *, amount: int, reference: str, now: datetime) -> GiftCard | None:
    """Money goes back to the card that was paid with, once per reference; None, and nothing, where it is gone."""
    order = payment.order
    with transaction.atomic():
        card = look_up(order.merchant, payment.card_number, currency=order.currency, now=now)
        if not card.takes_money:
            return None
        if not GiftCardEntry.objects.filter(kind=rules.REFUND, reference=f"{reference}#1").exists():
            _enter(card, amount, kind=rules.REFUND, about=reference, order_id=order.pk, now=now)
    return card


# --- cards that are returned themselves (T65) -------------------------------------------------------------


def disable_cards(
    line: OrderLine, *, quantity: int, case_ref: str, spent_too: bool = False, now: datetime
) -> list[GiftCard]:
    """Empty so many unspent cards of a line for a case, before its money is promised; done already: nothing.

    spent_too: a person decided that spent ones may come back as well. Raises CardsNotFree, and changes nothing,
    when there are not so many.
    """
    order = line.order
    with transaction.atomic():
        codes = sorted(line.gift_cards)
        cards = [look_up(order.merchant, code, currency=order.currency, now=now) for code in codes]
        done = queries.disabled_for(case_ref)
        mine = [card for card in cards if card.pk in done]
        whole = [card for card in cards if card.takes_money and card.balance == line.unit_price]
        others = [card for card in cards if card.takes_money and card.balance < line.unit_price]
        free = [*whole, *others] if spent_too else whole
        more = free[: quantity - len(mine)] if quantity > len(mine) else []
        if len(mine) + len(more) < quantity:
            raise CardsNotFree
        for card in more:
            _enter(card, -card.balance, kind=rules.DISABLED, about=case_ref, order_id=line.order_id, now=now)
            card.disabled_at = now
            card.save(update_fields=["disabled_at"])
    return [*mine, *more]


def enable_cards(case_ref: str, *, now: datetime) -> None:
    """The case came to nothing: its cards hold again what they held."""
    with transaction.atomic():
        for card in _locked(queries.disabled_for(case_ref)):
            card.disabled_at = None
            card.save(update_fields=["disabled_at"])
            held = queries.disabled_for(case_ref).get(card.pk, 0)
            _enter(card, held, kind=rules.DISABLED, about=case_ref, now=now)


def _locked(ids: Iterable[int]) -> list[GiftCard]:
    return list(GiftCard.objects.select_for_update(of=("self",)).filter(pk__in=ids).order_by("code"))


# --- entries ----------------------------------------------------------------------------------------------


def _enter(card: GiftCard, amount: int, *, kind: str, about: str, now: datetime, order_id: int | None = None) -> None:
    """One entry on a locked card, with its posting; nothing for 0."""
    if not amount:
        return
    card.balance += amount
    card.save(update_fields=["balance"])
    before = GiftCardEntry.objects.filter(card=card, kind=kind, about=about).count()
    reference = f"{about}#{before + 1}" if kind == rules.REFUND else f"{card.pk} {about}#{before + 1}"
    entry = GiftCardEntry.objects.create(
        card=card, kind=kind, about=about, reference=reference, amount=amount, balance_after=card.balance,
        order_id=order_id, at=now,
    )  # fmt: skip
    _post(entry, currency=card.currency, merchant_id=card.merchant_id)


def _post(entry: GiftCardEntry, *, currency: str, merchant_id: int) -> None:
    source = rules.CARD_SOURCES[entry.kind]
    entries = [
        Entry(source.account, -entry.amount, currency, merchant_id),
        Entry(ledger.GIFT_CARDS, entry.amount, currency, merchant_id),
    ]
    # A refund's arrival is posted under its own number, like that of every other refund.
    reference = f"{ledger.CARD}:{entry.kind} {entry.reference}"
    if entry.kind == rules.REFUND:
        reference = f"{source.posting}:{entry.about}"
    post(reference, kind=source.posting, entries=entries, at=entry.at, order=entry.order)
