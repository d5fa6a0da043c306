"""Everything that belongs to the life of one order, in a number of statements that does not grow with it."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Q, QuerySet

from aftersales.inspection.models import Inspection
from aftersales.replacements.models import Replacement, ReplacementMove
from aftersales.returns.models import Message, ReturnLine, ReturnMove, ReturnRequest, SupportTask
from aftersales.returns.offer_models import KeepOffer
from logistics.parcels.models import Parcel, ParcelMove
from orders.purchases.models import Order, OrderMove, Payment, Shipment
from refunds.charges.models import Charge
from refunds.matching.models import ExternalRefund
from refunds.payouts.models import Refund, RefundMove
from refunds.wallet.models import Compensation

Moves = dict[int, list]  # a row's moves by its key, in their order


@dataclass(frozen=True, slots=True)
class Rows:
    """requests, parcels, replacements, refunds: of the order, by their number. Of what was paid for its requests
    (`paid_orders`) only the refunds are here: it is money, and comes back with what it was paid for.
    """

    order: Order
    payments: list[Payment]
    shipments: list[Shipment]
    order_moves: list[OrderMove]
    requests: dict[str, ReturnRequest]
    lines: dict[int, list[ReturnLine]]
    request_moves: Moves
    parcels: list[Parcel]
    parcel_moves: Moves
    replacements: dict[str, Replacement]
    replacement_moves: Moves
    charges: list[Charge]
    refunds: list[Refund]
    refund_moves: Moves
    compensations: list[Compensation]
    external: list[ExternalRefund]
    inspections: list[Inspection]
    messages: list[Message]
    offers: list[KeepOffer]
    tasks: list[SupportTask]

    def request_of(self, case_ref: str) -> ReturnRequest | None:
        return self.requests.get(case_ref)


def rows_of(order: Order) -> Rows:
    """`order` comes with its merchant and customer."""
    charges = list(Charge.objects.filter(order=order).order_by("pk"))
    replacements = {row.reference: row for row in _replacements(order)}
    requests = {row.return_no: row for row in _requests(order)}
    refunds = list(_refunds([order.pk, *(charge.paid_order_id for charge in charges if charge.paid_order_id)]))
    parcels = list(_parcels(order, replacements))
    cases = list(requests.values())
    return Rows(
        order=order,
        payments=list(order.payments.select_related("carried_from__order")),
        shipments=list(order.shipments.all()),
        order_moves=list(order.moves.all()),
        requests=requests,
        lines=_by(ReturnLine.objects.filter(request__in=cases).select_related("order_line", "count"), "request_id"),
        request_moves=_moves(ReturnMove, cases),
        parcels=parcels,
        parcel_moves=_moves(ParcelMove, parcels),
        replacements=replacements,
        replacement_moves=_moves(ReplacementMove, replacements.values()),
        charges=charges,
        refunds=refunds,
        refund_moves=_moves(RefundMove, refunds),
        compensations=list(order.compensations.all()),
        external=list(order.external_refunds.filter(undone_at=None)),
        inspections=list(_inspections(cases)),
        messages=list(Message.objects.filter(request__in=cases)),
        offers=list(KeepOffer.objects.filter(request__in=cases).select_related("line__order_line")),
        tasks=list(SupportTask.objects.filter(Q(order=order) | Q(request__in=cases)).order_by("pk")),
    )


def _requests(order: Order) -> QuerySet[ReturnRequest]:
    return order.returns.select_related("merchant", "customer", "order").order_by("pk")


def _replacements(order: Order) -> QuerySet[Replacement]:
    return order.replacements.select_related("new_order").prefetch_related("lines").order_by("pk")


def _parcels(order: Order, replacements: Iterable[str]) -> QuerySet[Parcel]:
    """Those that bring the goods back, and those that bring what replaces them, whose order is a new one."""
    ours = Q(order=order, kind=Parcel.Kind.RETURN) | Q(leg__in=list(replacements), kind=Parcel.Kind.OUTBOUND)
    return Parcel.objects.filter(ours).select_related("point").order_by("pk")


def _refunds(order_ids: Iterable[int]) -> QuerySet[Refund]:
    return Refund.objects.filter(order_id__in=list(order_ids)).select_related("voucher").order_by("pk")


def _inspections(cases: list[ReturnRequest]) -> QuerySet[Inspection]:
    return Inspection.objects.filter(line__request__in=cases).select_related("line__order_line").order_by("pk")


def _moves(model, rows: Iterable) -> Moves:
    return _by(model.objects.filter(row__in=[row.pk for row in rows]).order_by("row_id", "seq"), "row_id")


def _by(rows: Iterable, name: str) -> dict[int, list]:
    found = defaultdict(list)
    for row in rows:
        found[getattr(row, name)].append(row)
    return found
