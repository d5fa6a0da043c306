"""What is not there: refunds on no bill, returns on no bill, bills that are late."""

from datetime import datetime

from django.db import transaction

from refunds.matching import queries, rules
from refunds.matching.services.finding import assign_owners, hurry, record
from refunds.matching.services.matching import match_open
from refunds.payouts.models import Break, Refund


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
    assign_owners(now=now)
    hurry(now=now)


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
