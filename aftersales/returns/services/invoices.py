"""What a return takes off an issued invoice: a red-letter request, asked for once the money is there."""

from collections.abc import Mapping
from datetime import datetime

from django.db.models import F, OuterRef, Q, Subquery, Sum
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from aftersales.returns import states
from aftersales.returns.models import ReturnRequest
from refunds.documents.models import RedLetterRequest
from refunds.documents.services import request_red_letter
from refunds.documents.states import CANCELLED
from returns_platform.kernel.actors import Actor
from returns_platform.kernel.errors import WrongState

AT_ONCE = 100  # requests that one sweep makes at most; the next one goes on


def ask_for_red_letter(case_ref: str, *, now: datetime) -> None:
    """For a completed return of an order that has an invoice; nothing is asked for twice."""
    row = ReturnRequest.objects.select_related("order", "bill").filter(return_no=case_ref).first()
    if row is not None and row.is_completed and row.bill is not None:
        request_red_letter(row.order, case_ref, invoice_lines(row.bill.body), now=now)


def ask_again(pk: int, *, by: Actor, now: datetime) -> RedLetterRequest:
    """A request that was cancelled is needed after all: another one for what nothing was asked for.

    Raises WrongState where it was not cancelled, or nothing is left to take off.
    """
    old = RedLetterRequest.objects.get(pk=pk)
    row = ReturnRequest.objects.select_related("order", "bill").filter(return_no=old.case_ref).first()
    if old.state != CANCELLED or row is None or not row.is_completed or row.bill is None:
        raise WrongState(_("Only a request that was cancelled is asked for again."), state=old.state)
    made = request_red_letter(row.order, old.case_ref, invoice_lines(row.bill.body), now=now, by=by)
    if made is None:
        raise WrongState(_("All of it was asked for again already."), state=old.state)
    return made


def ask_for_red_letters(*, now: datetime) -> None:
    """What lost news would have asked for, and returns whose invoice was told only afterwards."""
    asked = RedLetterRequest.objects.filter(case_ref=OuterRef("return_no")).order_by().values("case_ref")
    off = Subquery(asked.annotate(off=Sum("amount")).values("off"))
    done = ReturnRequest.objects.filter(~Q(order__invoice_number=""), state=states.COMPLETED, bill__refund__gt=0)
    short = done.annotate(off=Coalesce(off, 0)).filter(off__lt=F("bill__refund"))
    for case_ref in list(short.order_by("pk").values_list("return_no", flat=True)[:AT_ONCE]):
        ask_for_red_letter(case_ref, now=now)


def invoice_lines(body: Mapping) -> list[dict]:
    """A bill's body as lines of a red-letter request: together what was refunded. Tax of goods is the frozen one."""
    goods = [
        {"line_no": line["line_no"], "code": "", "title": line["title"], "quantity": line["quantity"],
         "amount": line["amount"], "tax": line["tax"]}
        for line in body["lines"]
    ]  # fmt: skip
    others = [("freight", body["freight_out"])]
    others += [(deduction["code"], -deduction["amount"]) for deduction in body["deductions"]]
    other = {"line_no": "", "title": "", "quantity": 0, "tax": None}
    return goods + [other | {"code": code, "amount": amount} for code, amount in others if amount]
