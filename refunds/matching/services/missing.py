"""What is not there: refunds on no bill, returns on no bill, bills that are late."""

from datetime import datetime

from django.db import transaction

from refunds.matching import queries, rules
from refunds.matching.services.finding import assign_owners, close_settled, hurry, record
from refunds.matching.services.matching import match_open
from refunds.payouts.models import Break, Refund
from refunds.wallet import queries as balances


def look_for_missing(*, now: datetime) -> None:
    """Opens what is missing, closes what was settled, gives every open break an owner. Again changes nothing."""
    for channel in queries.channels():
        match_open(channel, now=now)
        with transaction.atomic():
            queries.hold_channel(channel)
            missing = [_of_refund(rules.MISSING, refund) for refund in queries.not_on_statements(channel, now=now)]
            returned = queries.returns_not_on_statements(channel, now=now)
            late = queries.late_days(now).filter(channel=channel)
            record(
                [
                    *missing,
                    *(_of_refund(rules.RETURN_MISSING, refund) for refund in returned),
                    *(Break(kind=rules.LATE, source=channel, reference=str(day.day), number=str(day.day))
                      for day in late),
                ],
                now=now,
            )  # fmt: skip
    _look_at_balances(now=now)
    assign_owners(now=now)
    hurry(now=now)


def _look_at_balances(*, now: datetime) -> None:
    """Money that went to the bank and was paid with at the shop as well; what the shop took back is settled."""
    with transaction.atomic():
        found = [_of_balance(short) for short in balances.brought_in_after_moving()]
        record(found, now=now)
        gone = Break.objects.filter(kind=rules.SPENT_TWICE)
        close_settled(gone.exclude(reference__in=[each.reference for each in found]), now=now)


def _of_balance(short: balances.Short) -> Break:
    facts = {"number": short.order_no, "currency": short.currency, "channel": "balance"}
    return Break(
        kind=rules.SPENT_TWICE, source="balance", reference=short.reference, number=short.order_no,
        ours=facts | {"amount": short.spent - short.had}, theirs=facts | {"amount": short.spent},
        amount=min(short.had, short.moved), currency=short.currency,
    )  # fmt: skip


def _of_refund(kind: str, refund: Refund) -> Break:
    arrived = refund.arrived_at and str(rules.day_of(refund.channel, refund.arrived_at))
    ours = {
        "number": refund.number, "transaction_id": refund.payment.transaction.transaction_id,
        "amount": refund.amount, "currency": refund.currency, "state": refund.state, "channel": refund.channel,
        "on": arrived,
    }  # fmt: skip
    return Break(
        kind=kind, source=refund.channel, reference=refund.number, number=refund.number, refund=refund, ours=ours,
        amount=refund.amount, currency=refund.currency,
    )  # fmt: skip
