"""The API's doors to the bench."""

from typing import Annotated
from uuid import UUID

from ninja import Router
from pydantic import Field

from aftersales.inspection.forms import HEAVIEST_G
from aftersales.inspection.services import Arrived, Graded, count_box, count_goods, inspect_goods
from aftersales.returns.api import LineNo, ReturnOut, done, one_of_token
from orders.merchants.doors import needs, once_per_key
from returns_platform.kernel import clock
from returns_platform.kernel.api import ERRORS, Body, Count, Note
from returns_platform.kernel.api import text as words

router = Router()


class ArrivedLineIn(Body):
    line_no: LineNo
    quantity: Annotated[int, Field(strict=True, ge=0, le=1_000_000)]


class ArrivedIn(Body):
    """grams: what the scale says of the parcel. box: units that were missing, from a later box of the request, which
    its waybill names where there are several.
    """

    lines: Annotated[list[ArrivedLineIn], Field(min_length=1, max_length=500)]
    grams: Annotated[int, Field(strict=True, ge=1, le=HEAVIEST_G)] | None = None
    box: bool = False
    waybill: words(32, required=False) = ""


class GradedIn(Body):
    """reason: what it turned out to be, where somebody else then pays the way back; with a note for the customer."""

    line_no: LineNo
    quantity: Count
    grade: words(1)
    disposition: words(20)
    note: Note = ""
    sku: words(64, required=False) = ""
    unit: Annotated[int, Field(strict=True, ge=1, le=999)] | None = None
    serial: words(64, required=False) = ""
    photos: Annotated[list[UUID], Field(max_length=10)] = []
    reason: words(20, required=False) = ""


class InspectedIn(Body):
    lines: Annotated[list[GradedIn], Field(min_length=1, max_length=2000)]


@router.post("/returns/{return_no}/arrived", response={200: ReturnOut, **ERRORS})
@needs("warehouse")
@once_per_key
def post_arrived(request, return_no: str, body: ArrivedIn):
    mine = one_of_token(request, return_no)
    arrived = [Arrived(line.line_no, line.quantity) for line in body.lines]
    if body.box:
        count_box(mine.pk, arrived, by=request.actor, now=clock.now(), waybill=body.waybill)
        return done(mine.pk)
    count_goods(mine.pk, arrived, by=request.actor, now=clock.now(), grams=body.grams)
    return done(mine.pk)


@router.post("/returns/{return_no}/inspected", response={200: ReturnOut, **ERRORS})
@needs("warehouse")
@once_per_key
def post_inspected(request, return_no: str, body: InspectedIn):
    mine = one_of_token(request, return_no)
    graded = [
        Graded(
            row.line_no,
            row.quantity,
            row.grade,
            row.disposition,
            row.note,
            row.sku,
            tuple(row.photos),
            row.unit,
            row.serial,
            row.reason,
        )
        for row in body.lines
    ]
    inspect_goods(mine.pk, graded, by=request.actor, now=clock.now())
    return done(mine.pk)
