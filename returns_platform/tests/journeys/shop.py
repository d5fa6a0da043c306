"""A shop's program in tests: it speaks to the API as a real one would."""

import json
from dataclasses import dataclass
from datetime import timedelta

from django.test import Client

from orders.merchants.models import Merchant
from orders.merchants.services import issue_token
from returns_platform.kernel import clock


@dataclass
class Shop:
    merchant: Merchant
    token: str
    client: Client

    def call(self, method: str, path: str, body=None, **headers):
        response = self.client.generic(
            method, f"/api/v1{path}", json.dumps(body) if body is not None else "", content_type="application/json",
            headers={"Authorization": f"Bearer {self.token}"} | headers,
        )  # fmt: skip
        return response.status_code, response.json()

    def put(self, order_no: str, body: dict):
        return self.call("PUT", f"/orders/{order_no}", body)

    def post(self, path: str, body: dict, **headers):
        return self.call("POST", path, body, **headers)

    def get(self, path: str):
        return self.call("GET", path)


def open_shop(code: str = "shop", **fields) -> Shop:
    address = {
        "return_name": "退货组", "return_phone": "+8613800138111", "return_province": "上海市",
        "return_city": "上海市", "return_district": "浦东新区", "return_street": "张江路 1 号",
    }  # fmt: skip
    merchant = Merchant.objects.create(code=code, name=f"{code} 店", **address | fields)
    token = issue_token(merchant, now=clock.now())
    return Shop(merchant, token, Client())


def order_body(
    *, unit_price: int = 4000, quantity: int = 3, discount: int = 2000, signed: bool = True, **changes
) -> dict:
    """One line of three nuts at 40.00 with 20.00 off, shipped and signed yesterday."""
    now = clock.now()
    total = unit_price * quantity - discount
    items = [{"line_no": "1", "quantity": quantity}]
    parcel = {"parcel_no": "P1", "courier": "sf", "waybill": "SF1234567890123", "items": items}
    parcel |= {"shipped_at": _ago(now, 3), "signed_at": _ago(now, 1)}
    return {
        "currency": "CNY", "placed_at": _ago(now, 4), "state": "paid",
        "customer": {"external_id": "c-1", "name": "安小雨", "phone": "+8613800138000", "email": "ann@example.com"},
        "ship_to": {"name": "安小雨", "phone": "+8613800138000", "province": "上海市", "city": "上海市",
                    "district": "浦东新区", "street": "世纪大道 100 号"},
        "lines": [{"line_no": "1", "sku": "NUT-1", "title": "每日坚果 750g", "category": "packaged_food",
                   "quantity": quantity, "unit_price": unit_price}],
        "discounts": [{"name": "满100减20", "source": "shop", "amount": discount}] if discount else [],
        "payments": [{"channel": "wechat", "transaction_id": "4200001", "amount": total, "paid_at": _ago(now, 4)}],
        "parcels": [parcel] if signed else [],
    } | changes  # fmt: skip


def _ago(now, days: int) -> str:
    return (now - timedelta(days=days)).isoformat()
