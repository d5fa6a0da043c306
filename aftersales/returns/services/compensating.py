"""What a customer is given for trouble with a case, beside the refund and never mixed into it (S95, S102)."""

from datetime import datetime

from django.db import transaction

from aftersales.returns.models import ReturnRequest, SupportTask
from aftersales.returns.services.tasks import close_task, open_task
from aftersales.returns.services.telling import tell
from refunds.wallet import queries as stored
from refunds.wallet import services as wallet
from refunds.wallet.models import Compensation
from returns_platform.kernel.actors import Actor
from returns_platform.kernel.errors import NotThere
from returns_platform.kernel.fsm import moving

TASK = "compensation"


def compensate_case(
    pk: int, *, ground: str, what: str, amount: int, payer: str, reason: str, by: Actor, now: datetime,
    rule: str = "", rule_version: int | None = None,
) -> Compensation:  # fmt: skip
    """Give something once per ground. A person, or a rule by its name and version (a long wait).

    what: balance, coupon (amount in minor units) or points. Above the limit it waits for a second person, and a task
    says so. Raises what `refunds.wallet.services.compensate` raises.
    """
    with moving(ReturnRequest, pk, by=by, now=now) as request:
        row = wallet.compensate(
            request.order, case_ref=request.return_no, ground=ground, what=what, amount=amount, payer=payer,
            reason=reason, by=by, now=now, rule=rule, rule_version=rule_version,
        )  # fmt: skip
        if row.waits:
            open_task(TASK, row.reference, request=request, now=now)
        else:
            _tell(request, row, now=now)
    return row


@transaction.atomic
def agree_to_compensation(pk: int, compensation_id: int, *, by: Actor, now: datetime) -> Compensation:
    """The second person says yes: it is given."""
    with moving(ReturnRequest, pk, by=by, now=now) as request:
        row = wallet.agree(_of_case(request, compensation_id).pk, by=by, now=now)
        _close_task(row, by=by, note=row.reason, now=now)
        _tell(request, row, now=now)
    return row


@transaction.atomic
def decline_compensation(pk: int, compensation_id: int, *, by: Actor, now: datetime) -> Compensation:
    """It is not given, or whoever asked takes it back."""
    with moving(ReturnRequest, pk, by=by, now=now) as request:
        row = wallet.decline(_of_case(request, compensation_id).pk, by=by, now=now)
        _close_task(row, by=by, note=row.reason, now=now)
    return row


def _of_case(request: ReturnRequest, compensation_id: int) -> Compensation:
    row = stored.compensations_of(request.return_no).filter(pk=compensation_id).first()
    if row is None:
        raise NotThere
    return row


def _close_task(row: Compensation, *, by: Actor, note: str, now: datetime) -> None:
    task = SupportTask.objects.filter(kind=TASK, reference=row.reference, closed_at=None).first()
    if task is not None:
        close_task(task.pk, note=note, by=by, now=now)


def _tell(request: ReturnRequest, row: Compensation, *, now: datetime) -> None:
    tell(
        request, "compensated", occasion=row.ground, ground=row.ground, gift=row.what, gift_amount=row.amount,
        reason=row.reason, now=now,
    )  # fmt: skip
