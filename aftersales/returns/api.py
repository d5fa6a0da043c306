"""The API's doors to requests: the same services, rules and records as the pages."""

import uuid
from datetime import datetime
from typing import Annotated, Literal

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from ninja import File, Query, Router, Schema
from ninja.files import UploadedFile
from pydantic import AliasChoices, Field

from aftersales.evidence.services import keep_upload
from aftersales.returns import answers
from aftersales.returns.models import ReturnRequest
from aftersales.returns.services.boxes import add_box
from aftersales.returns.services.compensating import repay_freight
from aftersales.returns.services.decisions import approve_return, ask_for_evidence, refuse_return
from aftersales.returns.services.goods import enter_waybill
from aftersales.returns.services.intake import file_return, quote
from aftersales.returns.services.parts import grant_part
from aftersales.returns.services.wishes import Wish, WishLine
from aftersales.returns.services.withdrawal import withdraw_return
from aftersales.returns.states import ALL
from orders.merchants.doors import needs, once_per_key
from orders.purchases.models import Order
from returns_platform.kernel import clock
from returns_platform.kernel.api import ERRORS, Amount, Body, Count, Moment, Note, OrderNo, answer
from returns_platform.kernel.api import text as words
from returns_platform.kernel.errors import Invalid, Malformed, NotThere

router = Router()
PAGE = 100

Kind = Literal["refund_only", "return_refund", "exchange", "repair", "resend"]
Code = words(40)
LineNo = words(64)


class WishLineIn(Body):
    line_no: LineNo
    quantity: Count
    reason: Code
    exchange_sku: words(64) | None = None


class WishIn(Body):
    order_no: OrderNo
    kind: Kind
    lines: Annotated[list[WishLineIn], Field(min_length=1, max_length=500)]
    send_back: Literal["pickup", "self_ship", "drop_off", "none"] = "none"
    refund_to: Literal["original", "balance", "coupon"] = "original"
    refund_to_agreed_at: Moment | None = None


class QuoteIn(WishIn):
    as_of: Moment | None = None


class SlotIn(Body):
    start: Annotated[Moment, Field(validation_alias=AliasChoices("from"), serialization_alias="from")]
    to: Moment


class ReturnIn(WishIn):
    note: Note = ""
    evidence: Annotated[list[words(36)], Field(max_length=10)] = []
    pickup: SlotIn | None = None


class ReturnOut(Schema):
    """A request: what was asked, decided and paid, and who acts next."""

    return_no: str
    order_no: str
    kind: str
    state: str
    outcome: str
    reasons: list[dict]
    bill: dict | None
    lines: list[dict]
    timeline: list[dict]
    parcel: dict | None
    refunds: list[dict]
    benefits: dict
    next: dict


class QuoteOut(Schema):
    outcome: str
    reasons: list[dict]
    missing: list[str]
    deadline: datetime | None
    bill: dict | None


class ListOut(Schema):
    returns: list[dict]
    after: str | None


@router.post("/returns/quote", response={200: QuoteOut, **ERRORS})
@needs("file")
def post_quote(request, body: QuoteIn):
    judged = quote(_order(request, body), _wish(body), now=clock.now(), as_of=body.as_of)
    return answer(answers.judged_answer(judged))


@router.post("/returns", response={201: ReturnOut, **ERRORS})
@needs("file")
@once_per_key
def post_return(request, body: ReturnIn):
    filed = file_return(_order(request, body), _wish(body), by=request.actor, now=clock.now())
    return answer(answers.filed_answer(filed), status=201)


def _order(request, body: WishIn) -> QuerySet[Order]:
    return Order.objects.filter(merchant=request.merchant, order_no=body.order_no)


def _wish(body: WishIn) -> Wish:
    pickup = getattr(body, "pickup", None)
    return Wish(
        kind=body.kind,
        lines=tuple(
            WishLine(line.line_no, line.quantity, line.reason, line.exchange_sku or "") for line in body.lines
        ),
        send_back=body.send_back,
        refund_to=body.refund_to,
        refund_to_agreed_at=body.refund_to_agreed_at,
        note=getattr(body, "note", ""),
        evidence=_ids(getattr(body, "evidence", [])),
        slot_from=pickup and pickup.start,
        slot_to=pickup and pickup.to,
    )


def _ids(named: list[str]) -> tuple[uuid.UUID, ...]:
    try:
        return tuple(uuid.UUID(name) for name in named)
    except ValueError:
        raise Invalid(fields={"evidence": _("These are not ids of evidence.")}) from None


@router.post("/evidence", response={201: dict, **ERRORS})
@needs("file")
@once_per_key
def post_evidence(request, file: File[UploadedFile]):
    kept = keep_upload(file, merchant=request.merchant, by=request.actor, now=clock.now())
    told = {"id": str(kept.public_id), "kind": kept.kind, "sha256": kept.sha256, "width": kept.width}
    return answer(told | {"height": kept.height}, status=201)


class ListFilter(Schema):
    order_no: str | None = None
    state: str | None = None
    after: str | None = None


@router.get("/returns", response={200: ListOut, **ERRORS})
def get_returns(request, named: Query[ListFilter]):
    found = ReturnRequest.objects.filter(merchant=request.merchant).select_related("order", "merchant", "bill")
    if named.order_no is not None:
        found = found.filter(order__order_no=_storable(named.order_no))
    if named.state is not None:
        if named.state not in ALL:
            raise Invalid(fields={"state": _("Not a state of a request.")})
        found = found.filter(state=named.state)
    if named.after is not None:
        found = found.filter(_older_than(request, named.after))
    rows = list(found.order_by("-filed_at", "-pk")[: PAGE + 1])
    more = rows[PAGE - 1].return_no if len(rows) > PAGE else None
    return answer({"returns": [answers.short_answer(row) for row in rows[:PAGE]], "after": more})


def _older_than(request, return_no: str) -> Q:
    last = ReturnRequest.objects.filter(merchant=request.merchant, return_no=_storable(return_no)).first()
    if last is None:
        raise Invalid(fields={"after": _("Not a place in this list.")})
    return Q(filed_at__lt=last.filed_at) | Q(filed_at=last.filed_at, pk__lt=last.pk)


def _storable(named: str) -> str:
    if "\x00" in named or any("\ud800" <= char <= "\udfff" for char in named):
        raise Malformed
    return named


@router.get("/returns/{return_no}", response={200: ReturnOut, **ERRORS})
def get_return(request, return_no: str):
    return answer(answers.request_answer(one_of_token(request, return_no)))


def one_of_token(request, return_no: str) -> ReturnRequest:
    found = ReturnRequest.objects.filter(merchant=request.merchant, return_no=_storable(return_no))
    one = found.select_related("order", "customer", "merchant", "bill").first()
    if one is None:
        raise NotThere
    return one


def done(pk: int):
    fresh = ReturnRequest.objects.select_related("order", "customer", "merchant", "bill").get(pk=pk)
    return answer(answers.request_answer(fresh))


class Empty(Body):
    pass


class ApproveIn(Body):
    """amount: minor units, for a part of the price. line_no: which line, where several were asked for."""

    amount: Annotated[Amount, Field(ge=1)] | None = None
    line_no: words(64) = ""


class RefuseIn(Body):
    code: Code
    text: Annotated[Note, Field(min_length=1)]


class AskIn(Body):
    text: Note = ""
    classes: Annotated[list[words(4)], Field(max_length=10)] = []


class ShippedIn(Body):
    """courier: empty where it is not known. shared: the goods of another return are in the same parcel."""

    courier: words(20) = ""
    waybill: words(40, pattern=r"^[A-Za-z0-9-]{6,32}$")
    shared: bool = False


@router.post("/returns/{return_no}/approve", response={200: ReturnOut, **ERRORS})
@needs("decide")
@once_per_key
def post_approve(request, return_no: str, body: ApproveIn):
    """Grant it; with an amount a part of one line's price, where money is asked for and the goods stay."""
    mine = one_of_token(request, return_no)
    if body.amount is None:
        approve_return(mine.pk, by=request.actor, now=clock.now())
    else:
        grant_part(mine.pk, amount=body.amount, line_no=body.line_no, by=request.actor, now=clock.now())
    return done(mine.pk)


@router.post("/returns/{return_no}/refuse", response={200: ReturnOut, **ERRORS})
@needs("decide")
@once_per_key
def post_refuse(request, return_no: str, body: RefuseIn):
    mine = one_of_token(request, return_no)
    refuse_return(mine.pk, code=body.code, text=body.text, by=request.actor, now=clock.now())
    return done(mine.pk)


@router.post("/returns/{return_no}/ask_evidence", response={200: ReturnOut, **ERRORS})
@needs("decide")
@once_per_key
def post_ask_evidence(request, return_no: str, body: AskIn):
    mine = one_of_token(request, return_no)
    ask_for_evidence(mine.pk, text=body.text, classes=body.classes, by=request.actor, now=clock.now())
    return done(mine.pk)


@router.post("/returns/{return_no}/shipped", response={200: ReturnOut, **ERRORS})
@needs("file")
@once_per_key
def post_shipped(request, return_no: str, body: ShippedIn):
    mine = one_of_token(request, return_no)
    enter_waybill(
        mine.pk, courier=body.courier, waybill=body.waybill, shared=body.shared, by=request.actor, now=clock.now()
    )
    return done(mine.pk)


@router.post("/returns/{return_no}/box", response={200: ReturnOut, **ERRORS})
@needs("file")
@once_per_key
def post_box(request, return_no: str, body: ShippedIn):
    """The goods travel in another box as well, under its own waybill."""
    mine = one_of_token(request, return_no)
    add_box(
        mine.pk, courier=body.courier, waybill=body.waybill, shared=body.shared, by=request.actor, now=clock.now()
    )
    return done(mine.pk)


class FreightIn(Body):
    """paid: what the customer paid the courier, minor units. evidence: ids of photos of the receipt."""

    paid: Annotated[Amount, Field(ge=1)]
    evidence: Annotated[list[words(36)], Field(min_length=1, max_length=9)]


@router.post("/returns/{return_no}/freight", response={200: ReturnOut, **ERRORS})
@needs("decide")
@once_per_key
def post_freight(request, return_no: str, body: FreightIn):
    """Repay a courier whom the customer paid, up to the policy's cap, apart from the refund; once."""
    mine = one_of_token(request, return_no)
    repay_freight(mine.pk, paid=body.paid, receipt=_ids(body.evidence), by=request.actor, now=clock.now())
    return done(mine.pk)


@router.post("/returns/{return_no}/withdraw", response={200: ReturnOut, **ERRORS})
@needs("file")
@once_per_key
def post_withdraw(request, return_no: str, body: Empty):
    mine = one_of_token(request, return_no)
    withdraw_return(mine.pk, by=request.actor, now=clock.now())
    return done(mine.pk)
