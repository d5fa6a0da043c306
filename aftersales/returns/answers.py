"""A request as the API answers it: in the reader's language from stored facts and codes, times in the shop's zone."""

from datetime import datetime
from zoneinfo import ZoneInfo

from aftersales.bills import stored
from aftersales.bills.models import Bill
from aftersales.policy import texts
from aftersales.returns import stories
from aftersales.returns.models import ReturnRequest
from aftersales.returns.queries import parcel_of
from refunds.payouts import queries as payouts
from refunds.wallet import queries as stored_here


def request_answer(request: ReturnRequest) -> dict:
    """The answer of GET /returns/{return_no}; shapes as in the OpenAPI document."""
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
        "lines": [_line_answer(line) for line in request.lines.select_related("order_line")],
        "timeline": [
            {"at": told.at, "step": told.step, "by": told.by, "text": told.text} for told in stories.timeline(request)
        ],
        "parcel": _parcel_answer(request),
        "refunds": [_refund_answer(refund) for refund in payouts.refunds_of(request.return_no)],
        "benefits": benefits_answer(request),
        "next": {"step": stories.next_step(request), "who": request.waits_for, "by": request.due_at},
        "filed_at": request.filed_at,
    }
    return _in_zone(told, ZoneInfo(request.merchant.zone))


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


def _parcel_answer(request: ReturnRequest) -> dict | None:
    if not request.goods_come_back:
        return None
    parcel = parcel_of(request)
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
