"""Reading: what a judgement needs of an order, what pages and notices need of a request."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, Q, QuerySet
from django.db.models.functions import JSONObject

from aftersales.credit import queries as credits
from aftersales.credit.models import Standing
from aftersales.policy.facts import Arrival
from aftersales.policy.queries import in_force_each, terms_of
from aftersales.policy.reasons import needs_a_sum
from aftersales.policy.rules import Policy
from aftersales.replacements.models import Replacement
from aftersales.replacements.queries import newest_of, outbound_parcels
from aftersales.returns import rules, states
from aftersales.returns.models import ReturnLine, ReturnRequest
from logistics.parcels import states as parcel_states
from logistics.parcels.models import Parcel
from logistics.parcels.queries import travelling_with
from orders.catalogue.models import Product
from orders.merchants.models import Merchant
from orders.purchases.models import Discount, Order, OrderLine, Payment, Shipment, ShipmentItem
from orders.purchases.services import claims
from orders.visitors.queries import Viewer
from refunds.payouts.models import Refund
from returns_platform.kernel.errors import NotThere

MOST_EARLIER = 100


@dataclass(slots=True)
class Purchase:
    """An order with everything that judging an after-sale of it needs, read in six statements."""

    order: Order
    lines: dict[str, OrderLine]  # by line number, in listed order
    payments: list[Payment]
    discounts: list[Discount]
    shipped: dict[int, list[ShipmentItem]]  # by line id, each with its shipment
    taken: dict[int, list[ReturnLine]]  # live and done requests, by line id, each with its request
    resent: dict[int, list[ReturnLine]]  # the same of those that take no units: more is sent for what she has
    earlier: tuple["Earlier", ...]  # the customer's newest requests at this shop, newest first
    elsewhere: tuple[Standing, ...] = ()  # what stands of their account at other shops

    @property
    def nth(self) -> int:
        """The place of a request filed now among the customer's."""
        return self.earlier[0].nth + 1 if self.earlier else 1

    def lately(self, length: timedelta, *, now: datetime) -> list["Earlier"]:
        """The customer's requests of that time which came to something, or still may."""
        return [one for one in self.earlier if one.in_use and one.at > now - length]

    def van_at(self, slot_from: datetime | None) -> "Earlier | None":
        """The customer's other request whose van comes to the same address in that slot."""
        return next((one for one in self.vans if slot_from is not None and one.slot_from == slot_from), None)

    @property
    def vans(self) -> list["Earlier"]:
        """Requests whose van is still to come to the address of this order, the first to come first."""
        coming = [one for one in self.earlier if one.slot_from and one.ship_to == self.order.ship_to]
        return sorted(coming, key=lambda one: one.slot_from)

    @property
    def all_taken(self) -> list[ReturnLine]:
        return [line for lines in self.taken.values() for line in lines]


@dataclass(frozen=True, slots=True)
class Earlier:
    """A request of the same customer at the same shop. nth: its place among them, from 1. kept, send_back: see
    ReturnRequest. slot_from: of the van that is still to come for it, to ship_to."""

    nth: int
    at: datetime
    in_use: bool
    kept: int
    send_back: str = "none"
    return_no: str = ""
    slot_from: datetime | None = None
    ship_to: dict = field(default_factory=dict, compare=False)

    @classmethod
    def read(cls, told: dict) -> "Earlier":
        at, in_use = datetime.fromisoformat(told["at"]), told["state"] in states.IN_USE
        coming = told["send_back"] == "pickup" and told["state"] in states.VAN_COMES and not told["failed"]
        slot = datetime.fromisoformat(told["slot"]) if coming and told["slot"] else None
        return cls(told["nth"], at, in_use, told["kept"], told["send_back"], told["no"], slot, told["ship_to"])


def _earlier() -> ArraySubquery:
    """Read with the order, so that knowing the customer costs no statement. Above MOST_EARLIER nobody counts."""
    theirs = ReturnRequest.objects.filter(customer=OuterRef("customer"), nth__isnull=False).order_by("-nth")
    told = JSONObject(
        nth="nth", at="filed_at", state="state", kept="kept", send_back="send_back", no="return_no",
        slot="slot_from", failed="pickup_failed_at", ship_to="order__ship_to",
    )  # fmt: skip
    return ArraySubquery(theirs.values(told=told)[:MOST_EARLIER])


def purchase(order_id: int, *, lock: bool) -> Purchase:
    """Read an order; with `lock` its money and units stay as they are until the transaction ends."""
    return purchase_of(Order.objects.filter(pk=order_id), lock=lock)


def purchase_of(orders: QuerySet[Order], *, lock: bool) -> Purchase:
    """The same for the one order that is found, by whatever it was named; NotThere for none."""
    found = orders.select_related("merchant", "customer__standing", "freight_policy").annotate(
        earlier=_earlier(), account=credits.of_account()
    )
    order = (found.select_for_update(of=("self",), no_key=True) if lock else found).first()
    if order is None:
        raise NotThere
    order_id = order.pk
    if lock:
        payments, lines = claims.lock_for_claim(order_id)
    else:
        payments = list(Payment.objects.select_related("transaction").filter(order_id=order_id))
        lines = list(OrderLine.objects.filter(order_id=order_id))
    in_use = list(lines_in_use(order_id))
    return Purchase(
        order=order,
        lines={line.line_no: line for line in sorted(lines, key=lambda line: line.position)},
        payments=sorted(payments, key=lambda payment: payment.position),
        discounts=_discounts(order_id, lines),
        shipped=_by_line(ShipmentItem.objects.filter(shipment__order_id=order_id).select_related("shipment")),
        taken=_by_order_line(line for line in in_use if line.request.takes_units),
        resent=_by_order_line(line for line in in_use if not line.request.takes_units),
        earlier=tuple(map(Earlier.read, order.earlier)),
        elsewhere=credits.read_elsewhere(order.account),
    )


def _discounts(order_id: int, lines: list[OrderLine]) -> list[Discount]:
    """The order's discounts as listed; not asked for where no line has a share of one."""
    shared = any(line.discount_shares for line in lines)
    return list(Discount.objects.filter(order_id=order_id)) if shared else []


def lines_in_use(order_id: int) -> QuerySet[ReturnLine]:
    """Lines of an order's live and done requests, oldest request first; a unit that was mended is home again."""
    found = ReturnLine.objects.filter(request__order_id=order_id, request__state__in=states.IN_USE)
    found = found.exclude(request__kind="repair", request__state=states.COMPLETED)
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


def waybill_can_be_corrected(request: ReturnRequest, parcel: Parcel | None) -> bool:
    """A number that the customer mistyped, as long as no courier has scanned a parcel under it."""
    if parcel is None or request.state != states.IN_TRANSIT:
        return False
    return parcel.state == parcel_states.BOOKED and parcel.takes_a_waybill


def boxes_of(request: ReturnRequest) -> list[Parcel]:
    """Every parcel that brings its goods: the first, the newest where it was booked again, then further boxes."""
    first, others = parcel_of(request), Parcel.objects.filter(leg__startswith=f"{request.return_no}.")
    return ([first] if first else []) + list(others.order_by("pk"))


def boxes_to_count(request: ReturnRequest) -> list[Parcel]:
    """Further boxes that may still be counted, the first one too where another came before it; those that are there
    come first.
    """
    boxes = boxes_of(request)[0 if request.counted_at else 1 :]
    boxes = [box for box in boxes if not box.by_word and box.state in parcel_states.MAY_ARRIVE]
    return sorted(boxes, key=lambda box: (box.state != parcel_states.DELIVERED, box.pk))


def van_is_paid(request: ReturnRequest) -> bool:
    """An earlier request that was not given up has its goods in the same van: the courier is paid once."""
    parcel = parcel_of(request)
    others = travelling_with(parcel) if parcel and parcel.way == Parcel.Way.PICKUP else []
    earlier = ReturnRequest.objects.filter(return_no__in=others, pk__lt=request.pk, state__in=states.IN_USE)
    return bool(others) and earlier.exists()


def next_parcel_ref(request: ReturnRequest) -> str:
    """The reference of the parcel to ask for: a new one after each that was called off with a decision."""
    off = Parcel.objects.filter(leg=request.return_no, kind=Parcel.Kind.RETURN, state=parcel_states.CANCELLED).count()
    return f"{request.parcel_ref}-R{off}" if off else request.parcel_ref


def notice_params(request: ReturnRequest) -> dict:
    """The facts that a notice about a request is made of; no query once its policy is known."""
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
        "bonus": bill.bonus if bill else 0,
        "currency": request.order.currency,
        "refund_to": request.refund_to,
        "channels": [part["channel"] for part in bill.tenders] if bill else [],
        "arrives_by": _iso(bill.arrives_by if bill else None),
        "freight": _freight(bill),
        "send_back": request.send_back,
        "slot_from": _iso(request.slot_from),
        "slot_to": _iso(request.slot_to),
        "address": request.goes_to.return_address if request.goods_come_back else {},
        "waits_for": request.waits_for,
        "due_at": _iso(request.due_at),
        "zone": merchant.zone,
        "outcome": request.outcome,
        "reasons": request.verdict.get("reasons", []),
        "missing": request.verdict.get("missing", []),
        "refusal_code": request.refusal_code,
        "refusal_text": request.refusal_text,
        "appeal_until": _iso(_refusal_stands_from(request)),
        "asked_text": request.asked_text,
        "asked_classes": request.asked_classes,
        "contact": merchant.contact,
    }


def _refusal_stands_from(request: ReturnRequest) -> datetime | None:
    """Until then the platform can be called in (`services.appeals`)."""
    return request.ended_at + timedelta(days=terms_of(request).platform_call_days) if request.was_refused else None


def _freight(bill) -> dict:
    """Who pays for the way back, and how much."""
    if bill is None:
        return {}
    return {"payer": bill.freight_return_payer, "amount": bill.freight_return_amount, "deducted": bill.deducted}


def _iso(moment: datetime | None) -> str:
    return moment.isoformat() if moment else ""


# --- what a customer's pages show -------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class SeenLine:
    """A line as its buyer sees it. requests: live and done ones, newest first. picture: a path below static/."""

    line: OrderLine
    arrivals: tuple[Arrival, ...]
    requests: list[ReturnLine]
    picture: str

    @property
    def signed(self) -> int:
        return sum(arrival.quantity for arrival in self.arrivals if arrival.signed_at)


@dataclass(frozen=True, slots=True)
class SeenOrder:
    order: Order
    lines: list[SeenLine]
    shipments: list[Shipment]
    policy: Policy

    @property
    def signed_at(self) -> datetime | None:
        """The latest signature, once every parcel has one."""
        signed = [shipment.signed_at for shipment in self.shipments]
        return max(signed) if signed and all(signed) else None


def seen_orders(orders: list[Order]) -> list[SeenOrder]:
    """Orders with what their lines can still be asked for: the same few queries for one and for fifty.

    `orders` come with lines and shipments prefetched (`orders.visitors.queries.orders_for_list`).
    """
    ids = [order.pk for order in orders]
    sent = _by_line(ShipmentItem.objects.filter(shipment__order_id__in=ids).select_related("shipment"))
    in_use = ReturnLine.objects.filter(request__order_id__in=ids, request__state__in=states.IN_USE)
    taken = _by_order_line(in_use.select_related("request").order_by("-request_id"))
    pictures = pictures_of([(order.merchant_id, line.sku) for order in orders for line in order.lines.all()])
    policies = in_force_each(orders)
    return [
        SeenOrder(
            order,
            [
                SeenLine(
                    line, arrivals_of(sent.get(line.pk, [])), taken.get(line.pk, []),
                    pictures.get((order.merchant_id, line.sku), ""),
                )
                for line in order.lines.all()
            ],
            list(order.shipments.all()),
            policies[order.pk],
        )
        for order in orders
    ]  # fmt: skip


def arrivals_of(items: list[ShipmentItem]) -> tuple[Arrival, ...]:
    return tuple(
        Arrival(item.quantity, parcel.shipped_at, parcel.window_from, parcel.signature_told_at)
        for item, parcel in [(item, item.shipment) for item in items]
    )


def pictures_of(skus: Iterable[tuple[int, str]]) -> dict[tuple[int, str], str]:
    """{(merchant id, sku): path below static/} of the products that have a picture."""
    wanted = set(skus)
    found = Product.objects.filter(
        merchant_id__in={merchant for merchant, _sku in wanted}, sku__in={sku for _merchant, sku in wanted}
    ).exclude(picture="")
    return {(product.merchant_id, product.sku): product.picture for product in found}


@dataclass(frozen=True, slots=True)
class Case:
    """A request with its lines, the parcel that brings the goods back, its refunds and the first picture."""

    request: ReturnRequest
    lines: list[ReturnLine]
    parcel: Parcel | None
    refunds: list[Refund]
    picture: str
    replacement: Replacement | None = None  # what replaces the goods, and the parcel that brings it
    outbound: Parcel | None = None

    @property
    def needs_a_sum(self) -> bool:
        """`ReturnRequest.needs_a_sum` by the lines that are read already: silence grants nothing then."""
        return self.request.is_undecided and any(line.quantity and needs_a_sum(line.reason) for line in self.lines)

    @property
    def standing(self) -> list[Refund]:
        """The refunds that no other one has replaced."""
        replaced = {refund.replaces_id for refund in self.refunds}
        return [refund for refund in self.refunds if refund.pk not in replaced]


def requests_seen_by(seen_by: Viewer) -> QuerySet[ReturnRequest]:
    """The requests about a viewer's orders, for `pages.keyset(..., order=("-filed_at", "-pk"))`."""
    found = ReturnRequest.objects.filter(order__in=seen_by.orders().order_by())
    return found.select_related("order", "merchant", "customer", "bill")


def request_seen_by(seen_by: Viewer, return_no: str) -> ReturnRequest:
    """One of them by its number; NotThere for anybody else's."""
    found = requests_seen_by(seen_by).filter(return_no=return_no).first()
    if found is None:
        raise NotThere
    return found


def live_requests(seen_by: Viewer) -> QuerySet[ReturnRequest]:
    return requests_seen_by(seen_by).filter(state__in=states.LIVE).order_by("-filed_at")


def cases_of(requests: list[ReturnRequest]) -> list[Case]:
    """Requests with what goes with them: the same few queries for one and for fifty."""
    numbers = [request.return_no for request in requests]
    lines, parcels, refunds = defaultdict(list), {}, defaultdict(list)
    for line in ReturnLine.objects.filter(request__in=requests).select_related("order_line"):
        lines[line.request_id].append(line)
    for parcel in Parcel.objects.filter(leg__in=numbers, kind=Parcel.Kind.RETURN).order_by("pk"):
        parcels[parcel.leg] = parcel
    for refund in Refund.objects.filter(case_ref__in=numbers).order_by("serial"):
        refunds[refund.case_ref].append(refund)
    replaced = newest_of(request.return_no for request in requests if request.may_be_replaced)
    outbound = outbound_parcels(found.reference for found in replaced.values()) if replaced else {}
    merchants = {request.pk: request.merchant_id for request in requests}
    pictures = pictures_of([(merchants[pk], line.order_line.sku) for pk, found in lines.items() for line in found])
    return [
        Case(
            request, lines[request.pk], parcels.get(request.return_no), refunds[request.return_no],
            _first_picture(pictures, request.merchant_id, lines[request.pk]),
            **_replacement(replaced.get(request.return_no), outbound),
        )
        for request in requests
    ]  # fmt: skip


def _replacement(found: Replacement | None, outbound: dict[str, Parcel]) -> dict:
    return {"replacement": found, "outbound": outbound.get(found.reference)} if found else {}


def _first_picture(pictures: dict, merchant_id: int, lines: list[ReturnLine]) -> str:
    found = (pictures.get((merchant_id, line.order_line.sku)) for line in lines)
    return next((picture for picture in found if picture), "")
