"""What a customer is given for trouble with a case, beside the refund and never mixed into it (S95, S102)."""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from aftersales.evidence.services import attach
from aftersales.policy import queries as policies
from aftersales.returns import states
from aftersales.returns.models import ReturnRequest, SupportTask
from aftersales.returns.services.tasks import close_task, open_task
from aftersales.returns.services.telling import tell, tell_the_shop
from refunds.wallet import queries as stored
from refunds.wallet import services as wallet
from refunds.wallet.models import Compensation
from refunds.wallet.services.compensating import CompensatedAlready
from returns_platform.kernel.actors import Actor
from returns_platform.kernel.errors import Invalid, NotThere, WrongState
from returns_platform.kernel.fsm import moving
from returns_platform.kernel.ui import money

TASK = "compensation"
FREIGHT = "freight"


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


def repay_freight(pk: int, *, paid: int, receipt: tuple[UUID, ...], by: Actor, now: datetime) -> Compensation:
    """What the customer paid a courier for goods that the shop is to blame for, up to the policy's cap (T46).

    paid: minor units. receipt: ids of evidence, at least one photo of what was paid. Once a case, as a posting of its
    own. From the customer it is a wish, which the shop or the platform agrees to or declines; from them it is given.
    Raises WrongState where the customer bears the way back, Invalid without a receipt, CompensatedAlready.
    """
    with moving(ReturnRequest, pk, by=by, now=now) as request:
        if why_not := why_no_freight(request):
            raise WrongState(why_not, state=request.state)
        if stored.compensations_of(request.return_no).filter(ground=FREIGHT).exists():
            raise CompensatedAlready
        photos, _videos = attach(receipt, request.order, case_ref=request.return_no)
        if not photos:
            raise Invalid(fields={"evidence": _("Add a photo of the receipt.")})
        cap = policies.terms_of(request).return_freight_cap
        told = _("Paid to the courier: %(sum)s. The receipt was shown.")
        row = wallet.compensate(
            request.order, case_ref=request.return_no, ground=FREIGHT, what="balance", amount=min(paid, cap),
            payer="merchant", reason=told % {"sum": money(paid, request.order.currency)}, by=by, now=now,
            asked_for=by.kind == "customer",
        )  # fmt: skip
        if row.waits:
            open_task(TASK, row.reference, request=request, now=now)
            tell_the_shop(request, "message", occasion=f"freight:{row.pk}", by=by.name, now=now)
        else:
            _tell(request, row, now=now)
    return row


def why_no_freight(request: ReturnRequest) -> str:
    """Why no courier is repaid for a request, in one sentence; empty where the shop bears the way back."""
    if request.send_back != "self_ship" or request.bill is None or not _was_sent(request):
        return _("The customer paid no courier for this request.")
    if request.bill.freight_return_payer != "merchant":
        return _("The customer pays for sending this back.")
    if request.bill.body.get("insured"):
        return _("The insurance of the way back has paid it.")
    return ""


def _was_sent(request: ReturnRequest) -> bool:
    return request.was_granted or request.state == states.INSPECTED


@transaction.atomic
def agree_to_compensation(pk: int, compensation_id: int, *, by: Actor, now: datetime) -> Compensation:
    """The second person says yes: it is given. Invalid for a courier whom by now somebody else pays (T49)."""
    with moving(ReturnRequest, pk, by=by, now=now) as request:
        row = _of_case(request, compensation_id)
        if row.waits and row.ground == FREIGHT and (why_not := why_no_freight(request)):
            raise Invalid(why_not)
        row = wallet.agree(row.pk, by=by, now=now)
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
