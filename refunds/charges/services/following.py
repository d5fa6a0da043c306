"""What a worker does for a charge: opened at the channel, asked after, closed there.

Three phases, each for itself: claim; ask, in no transaction; commit what was answered. Verified is not validated: the
answer's number, sum and currency are compared with our row, and what differs is frozen for a person.
"""

import logging
from datetime import datetime, timedelta

from orders.purchases.services import made
from orders.purchases.services.made import MadeLine
from refunds import gateways
from refunds.charges import queries, states
from refunds.charges.models import Charge
from refunds.charges.services.moving import due, moving_charge
from refunds.gateways.interface import ChargeAnswer, GatewayDown, GatewayRefused
from returns_platform.kernel import work
from returns_platform.kernel.actors import Actor

log = logging.getLogger(__name__)

ASK_EVERY = timedelta(seconds=30)
AGAIN = (1, 1, 2, 5, 10, 20, 30)  # minutes between tries at a channel that does not answer


def follow_due_charges(now: datetime, *, limit: int = 20) -> int:
    """Look at every charge whose time has come; returns how many."""
    done = 0
    while done < limit and (claimed := work.claim_due(Charge, now=now, limit=1)):
        done += 1
        _follow(claimed[0], now=now)
    return done


def _follow(charge: Charge, *, now: datetime) -> None:
    try:
        checkout = gateways.checkout(charge.channel)
        if charge.state == states.ASKED:
            page = checkout.open(queries.charge_order(charge))
            _is_open(charge, page, now=now)
            return
        told = checkout.query(queries.charge_order(charge))
        if charge.state == states.CLOSING and (told is None or told.state == "unpaid"):
            checkout.close(queries.charge_order(charge))
            told = checkout.query(queries.charge_order(charge))
        _take_word(charge, told, now=now)
    except GatewayDown as down:
        _later(charge, str(down), now=now)
    except GatewayRefused as refused:
        _refused(charge, refused, now=now)
    except Exception as fault:  # one charge that breaks must not hold up the others
        log.exception("charge %s", charge)
        _later(charge, repr(fault), now=now)


def _channel(charge: Charge) -> Actor:
    return Actor("channel", id=charge.channel)


def _is_open(charge: Charge, page, *, now: datetime) -> None:
    with moving_charge(charge.pk, by=_channel(charge), now=now, note="opened") as row:
        if row.state == states.ASKED:
            row.open(url=page.url, channel_ref=page.channel_ref)
            due(row, at=now + ASK_EVERY)
        else:  # called off meanwhile: what was opened has to be closed
            row.pay_url, row.channel_ref = page.url, page.channel_ref
            if row.state == states.CLOSED:
                row.look_again()
            due(row, at=now)


def _take_word(charge: Charge, told: ChargeAnswer | None, *, now: datetime) -> None:
    with moving_charge(charge.pk, by=_channel(charge), now=now, note="told") as row:
        if row.claim != charge.claim or row.is_over or row.state == states.ASKED:
            return
        if told is not None and told.state == "paid":
            _is_paid(row, told, now=now)
        elif (row.state == states.CLOSING and (told is None or told.state == "closed")) or (
            told is not None and told.state == "closed"
        ):
            row.close()
            work.done(row)
        elif now >= row.expires_at:
            row.call_off() if row.state == states.OPEN else None
            due(row, at=now)
        else:
            due(row, at=now + ASK_EVERY)


def _is_paid(row: Charge, told: ChargeAnswer, *, now: datetime) -> None:
    """The money is here: it becomes an order of its own, so that it can go back like any other."""
    work.done(row)
    if wrong := queries.differences(row, told):
        row.freeze(problem=",".join(wrong))
        return
    row.pay(transaction_id=told.transaction_id, at=told.paid_at or now)
    line = MadeLine(
        line_no="1", sku=row.made_for, title=row.title, category="custom", quantity=1, net=row.amount, virtual=True
    )
    row.paid_order = made.make_paid(
        row.order, line, row.made_for, channel=row.channel, transaction_id=told.transaction_id,
        paid_at=told.paid_at or now, order_no=row.number, case_ref=row.case_ref, by=_channel(row), now=now,
    )  # fmt: skip


def _later(charge: Charge, error: str, *, now: datetime) -> None:
    with moving_charge(charge.pk, by=_channel(charge), now=now) as row:
        if row.claim != charge.claim:
            return
        if not work.retry_later(row, now=now, minutes=AGAIN, error=error):
            row.fail(problem="down") if row.state == states.ASKED else due(row, at=now + timedelta(minutes=30))


def _refused(charge: Charge, refused: GatewayRefused, *, now: datetime) -> None:
    if charge.state != states.ASKED or refused.retry:
        _later(charge, str(refused), now=now)
        return
    with moving_charge(charge.pk, by=_channel(charge), now=now, note="refused") as row:
        if row.state == states.ASKED:
            row.fail(problem=refused.hurdle)
            work.done(row)
            row.last_error = str(refused)[:300]
        else:
            due(row, at=now)
