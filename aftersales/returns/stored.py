"""What a customer has at each shop: a balance with every change of it, store credit, coupons, points. Told, not
decided."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _

from aftersales.returns.models import ReturnRequest
from aftersales.returns.names import shop_name
from aftersales.returns.services.compensating import FREIGHT, why_no_freight
from orders.customers.models import Customer
from orders.purchases.models import Order
from orders.visitors.queries import Viewer, customers_of
from refunds.payouts import queries as payouts
from refunds.wallet import queries as stored
from refunds.wallet import rules
from refunds.wallet import texts as words
from refunds.wallet.models import Compensation, PointsOfCase, ReturnedCoupon, StoreCoupon, WalletEntry
from returns_platform.kernel import ui

NEWEST = 10  # entries of one balance on the page of all shops


@dataclass(frozen=True, slots=True)
class AtShop:
    """One shop's part of the page. balance, bonus: minor units; None where the viewer knows one order only.

    rows: of the sheet of entries. more: there are older ones. points: None where there is no account.
    """

    code: str
    name: str
    zone: str
    currency: str
    balance: int | None
    bonus: int
    rows: list[tuple]
    more: bool
    coupons: list[dict] = field(default_factory=list)
    points: int | None = None
    points_rows: list[tuple] = field(default_factory=list)

    @property
    def figures(self) -> list[ui.Figure]:
        found = []
        if self.balance is not None:
            note = _("of it bonus %(sum)s") % {"sum": ui.money(self.bonus, self.currency)} if self.bonus else ""
            found.append(ui.Figure(_("Balance"), ui.money(self.balance, self.currency), note))
        if self.points is not None:
            found.append(ui.Figure(_("Points"), str(self.points)))
        return found


def seen_customers(seen_by: Viewer) -> list[Customer]:
    """Whom the viewer is at each shop; a guest is the buyer of their one order."""
    if seen_by.user:
        return list(customers_of(seen_by.user).select_related("merchant").order_by("merchant__name", "pk"))
    order = seen_by.orders().select_related("customer__merchant").first()
    return [order.customer] if order else []


def only_order(seen_by: Viewer) -> Order | None:
    """The one order that a guest may see; None for an account."""
    return seen_by.orders().first() if seen_by.is_guest else None


def at_shops(seen_by: Viewer, *, now: datetime) -> list[AtShop]:
    """Every shop where the viewer has or had something."""
    found = [at_shop(customer, order=only_order(seen_by), now=now) for customer in seen_customers(seen_by)]
    return [shop for shop in found if shop.rows or shop.coupons or shop.points_rows]


def at_shop(customer: Customer, *, order: Order | None, now: datetime) -> AtShop:
    shop, entries = customer.merchant, list(stored.wallet_entries(customer, order=order)[: NEWEST + 1])
    wallet, account = stored.wallet_of(customer), stored.points_account(customer)
    points = list(stored.points_entries(customer, order=order)[:NEWEST])
    return AtShop(
        code=shop.code,
        name=shop_name(shop),
        zone=shop.zone,
        currency=wallet.currency if wallet else shop.currency,
        balance=wallet.balance if wallet and order is None else None,
        bonus=stored.bonus_on(wallet) if wallet and order is None else 0,
        rows=rows(entries[:NEWEST], customer, running=order is None, now=now),
        more=len(entries) > NEWEST,
        coupons=_coupons(customer, order, now=now),
        points=account.balance if account and order is None else None,
        points_rows=[_points_row(entry, shop.zone, now=now) for entry in points],
    )


# --- the balance ------------------------------------------------------------------------------------------


def heads(*, running: bool) -> list[ui.Head]:
    found = [ui.Head(_("What for")), ui.Head(_("When")), ui.Head(_("Amount"), num=True)]
    return [*found, ui.Head(_("Balance"), num=True)] if running else found


def rows(entries: Iterable[WalletEntry], customer: Customer, *, running: bool, now: datetime) -> list[tuple]:
    """What for, when, how much and what was there afterwards, newest first."""
    entries, zone = list(entries), customer.merchant.zone
    cases = payouts.cases_of_numbers([entry.reference for entry in entries])
    return [_row(entry, cases.get(entry.reference, ""), zone, running=running, now=now) for entry in entries]


def _row(entry: WalletEntry, case_ref: str, zone: str, *, running: bool, now: datetime) -> tuple:
    currency = entry.wallet.currency
    when = ui.moment(entry.at, now=now, zone=zone, style="plain")
    row = (_what_for(entry, case_ref), when, _signed(entry.amount, currency))
    return (*row, ui.money(entry.balance_after, currency)) if running else row


def _signed(amount: int, currency: str) -> str:
    return f"{'+' if amount > 0 else ''}{ui.money(amount, currency)}"


def _what_for(entry: WalletEntry, case_ref: str):
    if entry.kind == rules.COMPENSATION:
        case_ref, _colon, ground = entry.reference.rpartition(":")
        return _about(_("For your trouble: %(ground)s") % {"ground": words.ground(ground)}, case_ref)
    said = {
        rules.REFUND: _("Refund"),
        rules.BONUS: _("Bonus on top"),
        rules.MOVED: _("Moved to the way you paid"),
        rules.BONUS_BACK: _("Bonus taken back"),
        rules.SPENT: _("Paid with the balance"),
        rules.INSURANCE: _("Freight insurance"),
        rules.DEPOSIT: _("Deposit that you left"),
        rules.DEPOSIT_BACK: _("Deposit given back"),
    }
    if entry.about:
        return _said_of_order(entry)
    return _about(said.get(entry.kind, entry.kind), case_ref)


def _said_of_order(entry: WalletEntry) -> str:
    """What the shop told of an order; a sum of the other sign takes an earlier one back."""
    said = {
        (rules.SPENT, False): _("Paid order %(number)s with the balance"),
        (rules.SPENT, True): _("Not paid with the balance after all: order %(number)s"),
        (rules.HAD, True): _("Kept by the shop for you, and used for order %(number)s"),
        (rules.HAD, False): _("With the shop again: order %(number)s"),
    }
    return said[entry.kind, entry.amount > 0] % {"number": entry.order.order_no}


def _about(said: str, case_ref: str):
    """The words, and the request they are about as a link."""
    if not case_ref:
        return said
    return format_html('{} <a href="{}">{}</a>', said, reverse("aftersales:case", args=[case_ref]), case_ref)


# --- coupons and points -----------------------------------------------------------------------------------


def _coupons(customer: Customer, order: Order | None, *, now: datetime) -> list[dict]:
    """Store credit and coupons that came back, those that can be used first."""
    found = [_store_coupon(one, now=now) for one in stored.store_coupons(customer, order=order)]
    found += [_returned(one, now=now) for one in stored.returned_coupons(customer, order=order)]
    return sorted(found, key=lambda coupon: not coupon["valid"])


def _store_coupon(one: StoreCoupon, *, now: datetime) -> dict:
    return {
        "name": _("Store credit"), "code": one.code, "amount": one.amount, "currency": one.currency,
        "until": one.expires_at, "valid": one.is_valid(now), "note": "",
    }  # fmt: skip


def _returned(one: ReturnedCoupon, *, now: datetime) -> dict:
    return {
        "name": one.name, "code": one.code, "amount": one.amount, "currency": one.currency, "until": one.valid_until,
        "valid": one.is_valid(now), "note": words.WAYS[one.way],
    }  # fmt: skip


def _points_row(entry, zone: str, *, now: datetime) -> tuple:
    amount = f"{entry.amount:+d}".replace("-", "−")
    when = ui.moment(entry.at, now=now, zone=zone, style="plain")
    return (_about(str(words.POINTS.get(entry.kind, entry.kind)), entry.case_ref), when, amount)


def points_heads() -> list[ui.Head]:
    return [ui.Head(_("What for")), ui.Head(_("When")), ui.Head(_("Points"), num=True)]


def beside_the_money(request: ReturnRequest, *, now: datetime) -> list[ui.Fact]:
    """Points, coupons and what was given for trouble, as the case's page tells them."""
    facts, zone = [], request.merchant.zone
    if points := stored.points_of_case(request.return_no):
        facts += _points_facts(points)
    for one in stored.coupons_of_case(request.return_no):
        until = _("until %(day)s") % {"day": ui.day(one.valid_until, now=now, zone=zone)} if one.valid_until else ""
        facts.append(ui.Fact(one.name, words.WAYS[one.way], note=" ".join(filter(None, (one.code, until)))))
    for one in stored.compensations_of(request.return_no):
        if one.given_at:
            facts.append(ui.Fact(words.ground(one.ground), given(one), note=one.reason))
        elif one.by_kind == "customer":
            facts.append(ui.Fact(words.ground(one.ground), given(one), note=_("asked for, the shop looks at it")))
    return facts


def courier_can_be_repaid(request: ReturnRequest) -> bool:
    """The shop bears the way back, the customer sent it herself, and nothing was asked for or given for it yet."""
    asked = stored.compensations_of(request.return_no).filter(ground=FREIGHT)
    return not why_no_freight(request) and not asked.exists()


def _points_facts(points: PointsOfCase) -> list[ui.Fact]:
    said = (
        (_("Points back"), points.back),
        (_("Points taken"), points.taken),
        (_("Points lacking"), points.shortfall),
    )
    return [ui.Fact(name, str(number)) for name, number in said if number]


def given(one: Compensation) -> str:
    """¥15.00 to the balance; 300 as points."""
    amount = str(one.amount) if one.what == "points" else ui.money(one.amount, one.currency)
    return f"{amount} {words.WHAT[one.what]}"


# --- from the balance to the bank -------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ToTheBank:
    """What of a case could go back to the way that was paid with. why_not: in words; empty when it can go now."""

    amount: int
    bonus: int
    currency: str
    channels: tuple[str, ...]
    why_not: str = ""


def to_the_bank(case_ref: str, customer: Customer, *, now: datetime) -> ToTheBank | None:
    """None where nothing of the case went to the balance by choice, or it was moved before."""
    refunds = payouts.movable_refunds(case_ref, now=now)
    if not refunds:
        return None
    amount, bonus = sum(refund.amount for refund in refunds), sum(refund.bonus for refund in refunds)
    currency = refunds[0].currency
    wallet = stored.wallet_of(customer, currency=currency)
    spent = wallet is None or wallet.balance < amount + bonus
    return ToTheBank(
        amount, bonus, currency, tuple(dict.fromkeys(refund.payment.channel for refund in refunds)),
        _("Something of it is spent already, so it stays on the balance.") if spent else "",
    )  # fmt: skip
