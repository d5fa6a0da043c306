"""A request as the API answers it: in the reader's language from stored facts and codes, times in the shop's zone."""

from collections.abc import Iterable
from dataclasses import asdict
from datetime import datetime
from zoneinfo import ZoneInfo

from aftersales.bills import stored
from aftersales.bills.models import Bill
from aftersales.policy import texts
from aftersales.replacements.models import Replacement
from aftersales.replacements.queries import outbound_parcel, replacement_of
from aftersales.returns import stories
from aftersales.returns.models import ReturnLine, ReturnMove, ReturnRequest, SupportTask
from aftersales.returns.queries import parcel_of
from aftersales.returns.services.appeals import APPEAL, appeal_until
from aftersales.returns.services.intake import Filed
from logistics.parcels.models import Parcel
from refunds.payouts import queries as payouts
from refunds.payouts.models import Refund
from refunds.wallet import queries as stored_here

NO_BENEFITS = {"points": {"back": 0, "taken": 0, "shortfall": 0}, "coupons": [], "compensations": []}


def request_answer(request: ReturnRequest) -> dict:
    """The answer of GET /returns/{return_no}; shapes as in the OpenAPI document."""
    return _answer(
        request, lines=request.lines.select_related("order_line"), moves=request.moves.all(),
        parcel=parcel_of(request), refunds=payouts.refunds_of(request.return_no), benefits=benefits_answer(request),
        appeal=request.tasks.filter(kind=APPEAL, closed_at=None).first(),
    )  # fmt: skip


def filed_answer(filed: Filed) -> dict:
    """The same of a request just filed: no parcel, refund or benefit can be there yet, so none is looked for."""
    return _answer(
        filed.request, lines=filed.lines, moves=filed.request.first_moves, parcel=None, refunds=(),
        benefits=NO_BENEFITS,
    )  # fmt: skip


def _answer(
    request: ReturnRequest, *, lines: Iterable[ReturnLine], moves: Iterable[ReturnMove], parcel: Parcel | None,
    refunds: Iterable[Refund], benefits: dict, appeal: SupportTask | None = None,
) -> dict:  # fmt: skip
    told = {
        "return_no": request.return_no,
        "order_no": request.order.order_no,
        "kind": request.kind,
        "state": request.state,
        "outcome": request.outcome,
        "reasons": texts.explain_all(request.verdict.get("reasons", [])),
        "missing": [texts.missing_text(missing) for missing in request.verdict.get("missing", [])],
        "deadline": request.deadline,
        "bill": bill_answer(request.bill) if request.bill else None,
        "lines": [_line_answer(line) for line in lines],
        "timeline": [asdict(told) for told in stories.timeline(request, moves)],
        "parcel": _parcel_answer(request, parcel),
        "refunds": [_refund_answer(refund) for refund in refunds],
        "benefits": benefits,
        "next": _next(request, appeal),
        "appeal_until": None if appeal else appeal_until(request),
        "filed_at": request.filed_at,
    }
    if replacement := request.is_replaced and not isinstance(lines, list) and replacement_of(request.return_no):
        told["replacement"] = _replacement_answer(replacement)
    return _in_zone(told, ZoneInfo(request.merchant.zone))


def _next(request: ReturnRequest, appeal: SupportTask | None) -> dict:
    if appeal and request.is_ended:
        return {"step": "appeal", "who": "support", "by": appeal.due_at}
    return {"step": stories.next_step(request), "who": request.waits_for, "by": request.due_at}


def _replacement_answer(replacement: Replacement) -> dict:
    """What replaces the goods; in the answer of those requests only. due: minor units the customer pays first."""
    parcel = outbound_parcel(replacement)
    return {
        "state": replacement.state,
        "order_no": replacement.new_order.order_no if replacement.new_order else None,
        "due": replacement.due,
        "lines": [
            {"sku": line.sku, "title": line.title, "quantity": line.quantity} for line in replacement.lines.all()
        ],
        "parcel": {"courier": parcel.courier, "waybill": parcel.waybill, "state": parcel.state} if parcel else None,
    }


def _in_zone(told, zone: ZoneInfo):
    """The same answer, every moment in it with the shop's offset."""
    if isinstance(told, datetime):
        return told.astimezone(zone)
    if isinstance(told, dict):
        return {name: _in_zone(value, zone) for name, value in told.items()}
    return [_in_zone(value, zone) for value in told] if isinstance(told, list) else told


def benefits_answer(request: ReturnRequest) -> dict:
    """What moved beside the refund: points and coupons of this case, and what was given for trouble."""
    points = stored_here.points_of_case(request.return_no)
    return {
        "points": {name: getattr(points, name, 0) for name in ("back", "taken", "shortfall")},
        "coupons": [
            {"name": one.name, "code": one.code or None, "amount": one.amount, "way": one.way,
             "valid_until": one.valid_until}
            for one in stored_here.coupons_of_case(request.return_no)
        ],
        "compensations": [
            {"ground": one.ground, "what": one.what, "amount": one.amount, "given_at": one.given_at}
            for one in stored_here.compensations_of(request.return_no)
        ],
    }  # fmt: skip


def short_answer(request: ReturnRequest) -> dict:
    """A row of GET /returns."""
    told = {
        "return_no": request.return_no,
        "order_no": request.order.order_no,
        "kind": request.kind,
        "state": request.state,
        "outcome": request.outcome,
        "refund": request.bill.refund if request.bill else 0,
        "next": {"step": stories.next_step(request), "who": request.waits_for, "by": request.due_at},
        "filed_at": request.filed_at,
    }
    return _in_zone(told, ZoneInfo(request.merchant.zone))


def bill_answer(bill: Bill) -> dict:
    return stored.quoted(stored.from_body(bill.body)) | {"arrives_by": bill.arrives_by}


def _line_answer(line) -> dict:
    return {
        "line_no": line.order_line.line_no,
        "title": line.order_line.title,
        "quantity": line.quantity,
        "reason": line.reason,
        "amount": line.amount,
        "exchange_sku": line.exchange_sku or None,
        "counted": line.counted,
        "missing": line.missing,
    }


def _parcel_answer(request: ReturnRequest, parcel: Parcel | None) -> dict | None:
    if not request.goods_come_back:
        return None
    slot = {"from": request.slot_from, "to": request.slot_to} if request.slot_from else None
    if parcel is None:
        return {"courier": None, "waybill": None, "state": None, "slot": slot}
    return {"courier": parcel.courier or None, "waybill": parcel.waybill or None, "state": parcel.state, "slot": slot}


def _refund_answer(refund) -> dict:
    return {
        "refund_no": refund.number,
        "channel": refund.channel,
        "amount": refund.amount,
        "state": refund.state,
        "asked_at": refund.asked_at,
        "accepted_at": refund.accepted_at,
        "arrived_at": refund.arrived_at,
    }


def judged_answer(judged) -> dict:
    """The answer of POST /returns/quote."""
    verdict = judged.verdict
    bill = None
    if not judged.refused:
        bill = stored.quoted(judged.bill) | {"arrives_by": judged.arrives_by}
    told = {
        "outcome": verdict.outcome,
        "reasons": texts.explain_all(verdict.reasons),
        "missing": [texts.missing_text(missing) for missing in verdict.missing],
        "deadline": verdict.deadline,
        "bill": bill,
    }
    return _in_zone(told, ZoneInfo(judged.facts.zone))
