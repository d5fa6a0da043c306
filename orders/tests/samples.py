"""Orders as shops send them, for tests: `body(...)` is a complete PUT body, changed where a test needs it."""

from datetime import UTC, datetime

from orders.accounts.models import User
from orders.merchants.models import Merchant
from orders.merchants.services import add_member, create_merchant
from orders.purchases.forms import read_order
from orders.purchases.models import Order
from orders.purchases.queries import order_of_shop
from orders.purchases.services.orders import put_order
from returns_platform.kernel.actors import SYSTEM

NOW = datetime(2026, 11, 10, 2, 0, tzinfo=UTC)
PHONE = "+8613800138000"


def shop(code: str = "fresh", **details) -> Merchant:
    found = Merchant.objects.filter(code=code).first()
    return found or create_merchant(code, name=f"Shop {code}", by=SYSTEM, **details)


def member(merchant: Merchant, role: str = "owner", username: str = "mia", **person) -> User:
    user = User.objects.create_user(username, password="demo-pass-2026", **person)
    add_member(merchant, user=user, role=role)
    return user


def line(line_no: str = "1", quantity: int = 3, unit_price: int = 4000, **changes) -> dict:
    return {
        "line_no": line_no,
        "sku": f"SKU-{line_no}",
        "title": f"Goods {line_no}",
        "category": "packaged_food",
        "quantity": quantity,
        "unit_price": unit_price,
        **changes,
    }


def payment(amount: int, transaction_id: str = "4200001", channel: str = "wechat", **changes) -> dict:
    return {
        "channel": channel,
        "transaction_id": transaction_id,
        "amount": amount,
        "paid_at": "2026-11-01T10:01:00+08:00",
        **changes,
    }


def parcel(parcel_no: str = "P1", items: dict | None = None, signed_at: str | None = None, **changes) -> dict:
    return {
        "parcel_no": parcel_no,
        "courier": "sf",
        "waybill": f"SF10000000000{parcel_no[1:]}",
        "shipped_at": "2026-11-02T09:00:00+08:00",
        "signed_at": signed_at,
        "items": [{"line_no": no, "quantity": quantity} for no, quantity in (items or {"1": 3}).items()],
        **changes,
    }


def body(**changes) -> dict:
    """3 × 40.00, paid 120.00 by WeChat, nothing shipped."""
    return {
        "currency": "CNY",
        "placed_at": "2026-11-01T10:00:00+08:00",
        "state": "paid",
        "customer": {"external_id": "c-1", "name": "安小雨", "phone": PHONE, "email": "ann@example.com"},
        "ship_to": {"name": "安小雨", "phone": PHONE, "city": "上海市", "street": "世纪大道 100 号"},
        "lines": [line()],
        "payments": [payment(12000)],
        **changes,
    }


def put(merchant: Merchant, order_no: str = "A1", **changes) -> Order:
    order, _created = put_order(merchant, read_order(body(**changes)), order_no=order_no, by=SYSTEM, now=NOW)
    return order_of_shop(merchant, order.order_no)


def file_after_sale(order: Order) -> None:
    """The first request on the order, as far as orders know of it."""
    order.lines.update(attempts=1)
