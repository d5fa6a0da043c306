"""API v1 for orders: PUT and GET /orders/{order_no}."""

from typing import Annotated

from ninja import Path, Router, Schema

from orders.catalogue.forms import ProductIn
from orders.catalogue.queries import product_as_kept
from orders.catalogue.services.products import put_product
from orders.merchants.doors import needs
from orders.purchases.forms import (
    AddressIn,
    CustomerIn,
    DiscountIn,
    FreightIn,
    InsuranceIn,
    InvoiceIn,
    LineIn,
    OrderIn,
    ParcelIn,
    PaymentIn,
    PointsIn,
    is_order_no,
)
from orders.purchases.queries import as_kept, cover_for, order_of_shop
from orders.purchases.services.orders import put_order
from returns_platform.kernel import clock
from returns_platform.kernel.api import ERRORS, Body, OrderNo, answer
from returns_platform.kernel.errors import NotThere

router = Router()


class Shares(Schema):
    """How the line's price was paid, in minor units; `freight` is its share of the freight paid."""

    shop: int
    platform: int
    points: int
    freight: int


class LineOut(LineIn):
    net: int
    shares: Shares
    returnable: int
    cancellable: int
    refundable: int


class CustomerOut(CustomerIn):
    username: None = None


class OrderOut(Schema):
    """The order as kept."""

    order_no: str
    state: str
    currency: str
    placed_at: str
    customer: CustomerOut
    ship_to: AddressIn | None
    lines: list[LineOut]
    discounts: list[DiscountIn]
    freight: FreightIn
    points: PointsIn
    payments: list[PaymentIn]
    parcels: list[ParcelIn]
    invoice: InvoiceIn | None
    insurance: InsuranceIn | None = None


@router.put("/orders/{order_no}", response={200: OrderOut, 201: OrderOut, **ERRORS}, operation_id="put_order")
@needs("orders")
def put(request, order_no: Annotated[OrderNo, Path()], body: OrderIn):
    """Create (201) or update (200) an order. The same content twice changes nothing."""
    order, created = put_order(request.merchant, body, order_no=order_no, by=request.actor, now=clock.now())
    kept = order_of_shop(request.merchant, order.order_no)
    return answer(as_kept(kept), status=201 if created else 200)


class ProductOut(ProductIn):
    sku: str
    reserved: int | None


@router.put("/products/{sku}", response={200: ProductOut, 201: ProductOut, **ERRORS}, operation_id="put_product")
@needs("orders")
def keep_product(request, sku: Annotated[OrderNo, Path()], body: ProductIn):
    """Create (201) or update (200) an article: its price now, the style whose size or colour it is, its stock."""
    product, created = put_product(request.merchant, body, sku=sku, by=request.actor, now=clock.now())
    return answer(product_as_kept(product), status=201 if created else 200)


class InsuranceQuoteIn(Body):
    """ship_to: where the goods go, and would be collected."""

    ship_to: AddressIn


class InsuranceQuoteOut(Schema):
    """cover: paid for one return whose way the customer pays; premium: what it costs. Minor units."""

    currency: str
    cover: int
    premium: int


@router.post("/insurance/quote", response={200: InsuranceQuoteOut, **ERRORS}, operation_id="quote_insurance")
@needs("orders")
def quote_insurance(request, body: InsuranceQuoteIn):
    """What insuring the way back of an order would pay and cost; the policy that was bought comes with the order."""
    found = cover_for(request.merchant, body.ship_to.model_dump(), now=clock.now())
    return answer({"currency": request.merchant.currency, "cover": found.cover, "premium": found.premium})


@router.get("/orders/{order_no}", response={200: OrderOut, **ERRORS}, operation_id="get_order")
@needs("orders")
def get(request, order_no: str):
    """The order as kept, with what can still be returned, cancelled and refunded."""
    if not is_order_no(order_no):
        raise NotThere
    return answer(as_kept(order_of_shop(request.merchant, order_no)))
