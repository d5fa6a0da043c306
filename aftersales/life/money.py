"""What was paid, paid on top, sent back, held up and given for trouble; and the sums of all of it."""

from collections.abc import Iterator

from django.utils.translation import gettext as _

from aftersales.life.entries import Entry, Sum
from aftersales.life.goods import links
from aftersales.life.queries import Rows
from aftersales.life.readers import Reader
from aftersales.returns.names import channel_as_party, channel_name
from orders.purchases.models import MadeFor, Payment
from refunds.charges import states as charge_states
from refunds.charges.models import Charge
from refunds.payouts import states, texts
from refunds.payouts.models import Refund, RefundMove
from refunds.wallet.models import Compensation
from refunds.wallet.texts import WHAT, ground
from returns_platform.kernel.actors import Actor

CUSTOMER = Actor("customer")


def of_payments(rows: Rows, reader: Reader) -> Iterator[Entry]:
    for payment in rows.payments:
        yield _paid(payment, rows, reader)
    for charge in rows.charges:
        yield from _paid_on_top(charge, rows, reader)


def of_money_back(rows: Rows, reader: Reader) -> Iterator[Entry]:
    for refund in rows.refunds:
        yield from _refunded(refund, rows, reader)
    for given in rows.compensations:
        yield from _compensated(given, rows, reader)
    for row in rows.external:
        said = _("Paid back at the channel itself: %(channel)s") % {"channel": channel_name(row.channel)}
        yield Entry(row.at, said, tone="good", amount=row.amount, note=row.channel_ref if reader.house else "")


# --- from the customer ------------------------------------------------------------------------------------


def _paid(payment: Payment, rows: Rows, reader: Reader) -> Entry:
    """What an exchange took along was paid when the first order was; here it counts from when it came."""
    channel = channel_name(payment.channel)
    if payment.carried_from_id is None:
        said = _("Paid: %(channel)s") % {"channel": channel}
        return Entry(payment.paid_at, said, who=reader.who(CUSTOMER), amount=payment.amount)
    first = payment.carried_from.order
    said = _("Carried along from the first order: %(channel)s") % {"channel": channel}
    return Entry(rows.order.placed_at, said, amount=payment.amount, links=links(reader.other_order(first)))


def _paid_on_top(charge: Charge, rows: Rows, reader: Reader) -> Iterator[Entry]:
    request = rows.request_of(charge.case_ref)
    about = links(request and reader.case(request))
    if charge.state == charge_states.FROZEN and reader.staff:
        said = _("Another sum was paid than was asked for: %(channel)s")
        at = charge.paid_at or charge.asked_at
        yield Entry(at, said % {"channel": channel_name(charge.channel)}, tone="bad", links=about, inner=True)
    if charge.paid_at is None:
        return
    said = {
        MadeFor.DIFFERENCE: _("Difference paid: %(channel)s"),
        MadeFor.REPAIR: _("Repair paid: %(channel)s"),
        MadeFor.DEPOSIT: _("Deposit paid: %(channel)s"),
    }.get(charge.made_for, _("Paid: %(channel)s"))
    yield Entry(
        charge.paid_at, said % {"channel": channel_name(charge.channel)}, who=reader.who(CUSTOMER),
        amount=charge.amount, links=about,
    )  # fmt: skip


# --- to the customer --------------------------------------------------------------------------------------


def _refunded(refund: Refund, rows: Rows, reader: Reader) -> Iterator[Entry]:
    """Asked, accepted while it is not there yet, arrived; and every time that it did not move by itself."""
    request = rows.request_of(refund.case_ref)
    about = links(request and reader.case(request), reader.refund(refund))
    facts = {
        "sum": reader.sum(refund.amount), "channel": channel_as_party(refund.channel),
        "where": texts.where(refund.channel, refund.account),
    }  # fmt: skip
    if refund.state in states.NOT_SENT:
        yield Entry(refund.promised_at, _promised(refund) % facts, tone="now", links=about)
    if refund.asked_at and not refund.pays_itself:
        yield Entry(refund.asked_at, _asked(refund) % facts, links=about)
    if refund.state == states.ACCEPTED and refund.accepted_at:
        yield Entry(refund.accepted_at, _("%(channel)s accepted %(sum)s") % facts, tone="now", links=about)
    for move in rows.refund_moves[refund.pk]:
        if trouble := _trouble(refund, move):
            yield Entry(move.at, trouble % facts, tone="late", links=about)
    if refund.arrived_at:
        paper = reader.voucher(refund.voucher) if hasattr(refund, "voucher") else None
        bonus = _("with %(sum)s on top") % {"sum": reader.sum(refund.bonus)} if refund.bonus else ""
        yield Entry(
            refund.arrived_at, _("Arrived: %(where)s") % facts, tone="good", amount=refund.amount + refund.bonus,
            note=bonus, links=(*about, *links(paper)),
        )  # fmt: skip


def _promised(refund: Refund) -> str:
    if refund.state == states.HELD:
        return _("%(sum)s waits for a second person")
    return _("%(sum)s goes back: %(where)s")


def _asked(refund: Refund) -> str:
    return _("%(sum)s is transferred") if refund.is_paid_by_hand else _("%(channel)s was asked to pay back %(sum)s")


def _trouble(refund: Refund, move: RefundMove) -> str:
    """A template; empty for what is no trouble. The reason stands there while it holds."""
    if move.to_state == states.MANUAL:
        why = texts.problem(refund.problem) if refund.state == states.MANUAL else ""
        said = _("%(sum)s is held up, a person looks at it")
        return f"{said} · {why.rstrip('.。').replace('%', '%%')}" if why else said
    if move.to_state == states.RETURNED_BY_BANK and refund.channel == "balance":
        return _("%(sum)s left the balance for the way that was paid with")
    return {
        states.UNKNOWN: _("%(channel)s gave no answer about %(sum)s; it is asked again"),
        states.CLOSED: _("%(channel)s did not pay out %(sum)s"),
        states.RETURNED_BY_BANK: _("The bank sent %(sum)s back"),
        states.CANCELLED: _("%(sum)s is not sent after all"),
    }.get(move.to_state, "")


def _compensated(given: Compensation, rows: Rows, reader: Reader) -> Iterator[Entry]:
    """Why in the words of its ground: what a colleague wrote about it stays in the house."""
    request = rows.request_of(given.case_ref)
    about = links(request and reader.case(request))
    points = given.what == Compensation.What.POINTS
    facts = {"ground": ground(given.ground), "where": WHAT[given.what], "points": given.amount}
    said = (_("%(points)s points: %(ground)s") if points else _("%(ground)s, %(where)s")) % facts
    amount, note = None if points else given.amount, given.reason if reader.house else ""
    if given.given_at:
        who = reader.who(given.by) if reader.house else reader.shop if given.payer == "merchant" else ""
        yield Entry(given.given_at, said, who=who, tone="good", amount=amount, note=note, links=about)
    elif reader.house:
        text = _("Declined: %(what)s") if given.declined_at else _("Waits for a second person: %(what)s")
        who = reader.who(given.by)
        yield Entry(given.declined_at or given.at, text % {"what": said}, who=who, note=note, links=about, inner=True)


# --- all of it --------------------------------------------------------------------------------------------


def sums(rows: Rows, reader: Reader) -> list[Sum]:
    """Nothing where the reader may not see sums, or nothing happened but the payment."""
    if not reader.prices:
        return []
    found = [
        Sum(_("Paid"), sum(payment.amount for payment in rows.payments)),
        Sum(_("Paid on top"), sum(charge.amount for charge in rows.charges if charge.is_paid)),
        Sum(_("Came back"), _came_back(rows)),
        Sum(_("On its way back"), sum(row.amount for row in rows.refunds if row.state in states.ON_ITS_WAY)),
        Sum(_("Carried to the new order"), sum(payment.carried for payment in rows.payments)),
        Sum(_("For your trouble") if not reader.house else _("Compensation"), _compensations(rows)),
    ]
    told = [one for one in found if one.amount]
    return told if len(told) > 1 else []


def _came_back(rows: Rows) -> int:
    arrived = sum(row.amount + row.bonus for row in rows.refunds if row.state == states.ARRIVED)
    return arrived + sum(row.amount for row in rows.external)


def _compensations(rows: Rows) -> int:
    money = [one for one in rows.compensations if one.given_at and one.what != Compensation.What.POINTS]
    return sum(one.amount for one in money)
