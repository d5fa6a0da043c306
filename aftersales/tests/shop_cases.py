"""A shop with people of every role, and cases in every state a shop works on, made through the services."""

from dataclasses import dataclass

from aftersales.returns.models import ReturnRequest
from aftersales.returns.services.intake import submit_return
from aftersales.returns.services.wishes import Wish, WishLine
from orders.accounts.models import User
from orders.merchants.models import Merchant
from orders.merchants.services import add_member
from orders.purchases.models import Order
from returns_platform.kernel import clock
from returns_platform.kernel.actors import Actor
from returns_platform.tests.journeys.shop import Shop, open_shop, order_body

BUYER = Actor("customer", "1", "安小雨")
ADDRESS = ("return_name", "return_phone", "return_province", "return_city", "return_district", "return_street")


@dataclass
class ShopCases:
    """Orders and cases of one shop; every order has its own payment."""

    shop: Shop
    orders: int = 0

    @property
    def merchant(self) -> Merchant:
        return self.shop.merchant

    def member(self, role: str, username: str = "", also: tuple[str, ...] = ()) -> User:
        user = User.objects.create_user(username or f"{role}-{self.merchant.code}", password="demo-pass-2026")
        add_member(self.merchant, user=user, role=role, also=also)
        return user

    def order(self, **changes) -> Order:
        self.orders += 1
        number = f"{self.merchant.code}-{self.orders}"
        body = order_body(**changes)
        for payment in body["payments"]:
            payment["transaction_id"] = f"420000{number}"
        for parcel in body["parcels"]:
            parcel["waybill"] = f"SF9{self.orders:012d}"
        status, told = self.shop.put(number, body)
        assert status == 201, told
        return Order.objects.get(merchant=self.merchant, order_no=number)

    def filed(
        self, *lines: WishLine, order: Order | None = None, kind="return_refund", send_back="self_ship", **wish
    ):
        order = order or self.order()
        asked = Wish(kind=kind, send_back=send_back, lines=lines, **wish)
        return submit_return(order.pk, asked, by=BUYER, now=clock.now())

    def in_review(self, **changes) -> ReturnRequest:
        """Waits for the shop: the rules have no answer to “something else”."""
        row = self.filed(WishLine("1", 1, "OT.OTHER"), order=self.order(**changes) if changes else None)
        assert (row.state, row.waits_for) == ("in_review", "merchant"), (row.state, row.waits_for)
        return row

    def approved(self, quantity: int = 1, reason: str = "NR.NO_LONGER_WANT", **changes) -> ReturnRequest:
        """Approved by the rules; the goods are to come back."""
        row = self.filed(WishLine("1", quantity, reason), order=self.order(**changes) if changes else None)
        assert row.state == "approved", row.state
        return row


def open_cases(code: str = "shop", **fields) -> ShopCases:
    return ShopCases(open_shop(code, **fields))
