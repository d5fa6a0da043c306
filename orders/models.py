"""Gathers the packages' tables for Django."""

from orders.accounts.models import Attempt, Heartbeat, OneTimeCode, SentMessage, User
from orders.catalogue.models import Product, Stock, StockMovement
from orders.centres.models import Centre, CentreMember, Joining
from orders.customers.models import Customer
from orders.merchants.models import ApiToken, KeptAnswer, Member, Merchant
from orders.purchases.models import (
    Discount,
    Order,
    OrderLine,
    OrderMove,
    Payment,
    Shipment,
    ShipmentItem,
    Signature,
    Transaction,
)

__all__ = [
    "ApiToken",
    "Attempt",
    "Centre",
    "CentreMember",
    "Customer",
    "Discount",
    "Heartbeat",
    "Joining",
    "KeptAnswer",
    "Member",
    "Merchant",
    "OneTimeCode",
    "Order",
    "OrderLine",
    "OrderMove",
    "Payment",
    "Product",
    "SentMessage",
    "Shipment",
    "ShipmentItem",
    "Signature",
    "Stock",
    "StockMovement",
    "Transaction",
    "User",
]
