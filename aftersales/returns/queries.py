"""Reading: what a judgement needs of an order, what pages and notices need of a request."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Min, Q, QuerySet

from aftersales.returns import rules, states
from aftersales.returns.models import ReturnLine, ReturnRequest, SupportTask
from logistics.parcels.models import Parcel
from orders.merchants.models import Merchant
from orders.purchases.models import Discount, Order, OrderLine, Payment, ShipmentItem
from orders.purchases.services import claims


@dataclass(slots=True)
class Purchase:
    """An order with everything that judging an after-sale of it needs, read in six statements."""

    order: Order
    lines: dict[str, OrderLine]  # by line number, in listed order
    payments: list[Payment]
    discounts: list[Discount]
    shipped: dict[int, list[ShipmentItem]]  # by line id, each with its shipment
    taken: dict[int, list[ReturnLine]]  # live and done requests, by line id, each with its request

    @property
    def all_taken(self) -> list[ReturnLine]:
        return [line for lines in self.taken.values() for line in lines]


def purchase(order_id: int, *, lock: bool) -> Purchase:
    """Read an order; with `lock` its money and units stay as they are until the transaction ends."""
    orders = Order.objects.select_related("merchant", "customer")
    if lock:
        order = orders.select_for_update(of=("self",), no_key=True).get(pk=order_id)
        payments, lines = claims.lock_for_claim(order_id)
    else:
        order = orders.get(pk=order_id)
        payments = list(Payment.objects.select_related("transaction").filter(order_id=order_id))
        lines = list(OrderLine.objects.filter(order_id=order_id))
    return Purchase(
        order=order,
        lines={line.line_no: line for line in sorted(lines, key=lambda line: line.position)},
        payments=sorted(payments, key=lambda payment: payment.position),
        discounts=list(Discount.objects.filter(order_id=order_id)),
        shipped=_by_line(ShipmentItem.objects.filter(shipment__order_id=order_id).select_related("shipment")),
        taken=_by_order_line(lines_in_use(order_id)),
    )


def lines_in_use(order_id: int) -> QuerySet[ReturnLine]:
    """Lines of live and done requests of an order, oldest request first."""
    found = ReturnLine.objects.filter(request__order_id=order_id, request__state__in=states.IN_USE)
    return found.select_related("request", "request__bill").order_by("request_id")


def _by_line(items) -> dict[int, list[ShipmentItem]]:
    found = defaultdict(list)
    for item in items:
        found[item.line_id].append(item)
    return found


def _by_order_line(lines) -> dict[int, list[ReturnLine]]:
    found = defaultdict(list)
    for line in lines:
        found[line.order_line_id].append(line)
    return found


def goods_state(bought: Purchase, line: OrderLine) -> str:
    """unshipped, shipped or signed: which flow the line gets (S3)."""
    items = bought.shipped.get(line.pk, [])
    signed = sum(item.quantity for item in items if item.shipment.signed_at)
    return rules.goods_state(shipped=line.shipped, signed=signed)


def returns_of(order_ids) -> QuerySet[ReturnRequest]:
    return ReturnRequest.objects.filter(order_id__in=order_ids).select_related("bill").order_by("-filed_at")


def returns_of_merchant(merchant: Merchant) -> QuerySet[ReturnRequest]:
    return ReturnRequest.objects.filter(merchant=merchant).select_related("order", "customer", "bill", "merchant")


def parcel_of(request: ReturnRequest) -> Parcel | None:
    """The parcel that brings the goods back, the newest where it was booked again."""
    found = Parcel.objects.filter(Q(reference=request.parcel_ref) | Q(reference__startswith=f"{request.parcel_ref}-"))
    return found.order_by("-pk").first()


def waiting_for_support() -> QuerySet[ReturnRequest]:
    """Requests that a person of the platform has to decide."""
    return ReturnRequest.objects.filter(state__in=(states.IN_REVIEW, states.INSPECTED), waits_for="support")


def open_tasks() -> QuerySet[SupportTask]:
    return SupportTask.objects.filter(closed_at=None).select_related("request", "order", "owner").order_by("due_at")


def queue_size(queryset: QuerySet, *, since: str) -> tuple[int, datetime | None]:
    """How many, and since when the oldest waits."""
    found = queryset.aggregate(number=Count("pk"), oldest=Min(since))
    return found["number"], found["oldest"]


def notice_params(request: ReturnRequest) -> dict:
    """The facts that a notice about a request is made of; no query."""
    bill, merchant = request.bill, request.merchant
    lines = bill.lines if bill else request.verdict.get("lines", [])
    return {
        "return_no": request.return_no,
        "order_no": request.order.order_no,
        "kind": request.kind,
        "shop": merchant.name,
        "shop_en": merchant.name_en or merchant.name,
        "goods": [{"title": line["title"], "quantity": line["quantity"]} for line in lines],
        "amount": bill.refund if bill else 0,
        "currency": request.order.currency,
        "refund_to": request.refund_to,
        "channels": [part["channel"] for part in bill.tenders] if bill else [],
        "arrives_by": _iso(bill.arrives_by if bill else None),
        "send_back": request.send_back,
        "slot_from": _iso(request.slot_from),
        "slot_to": _iso(request.slot_to),
        "address": merchant.return_address if request.goods_come_back else {},
        "due_at": _iso(request.due_at),
        "zone": merchant.zone,
        "reasons": request.verdict.get("reasons", []),
        "missing": request.verdict.get("missing", []),
        "refusal_code": request.refusal_code,
        "refusal_text": request.refusal_text,
        "asked_text": request.asked_text,
        "asked_classes": request.asked_classes,
        "contact": merchant.contact,
    }


def _iso(moment: datetime | None) -> str:
    return moment.isoformat() if moment else ""
