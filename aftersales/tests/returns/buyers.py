"""A buyer with an account and orders, as the customer's pages see her."""

import io
import re
from dataclasses import dataclass

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image

from aftersales.returns.models import ReturnRequest
from aftersales.returns.services.intake import submit_return
from aftersales.returns.services.wishes import Wish, WishLine
from orders.accounts.models import User
from orders.purchases.models import Order
from returns_platform.kernel import clock
from returns_platform.kernel.actors import Actor
from returns_platform.tests.journeys.shop import Shop, open_shop, order_body


@dataclass
class Buyer:
    shop: Shop
    user: User
    client: Client
    orders: int = 0

    @property
    def actor(self) -> Actor:
        return Actor("customer", str(self.user.pk), "安小雨")

    def order(self, **changes) -> Order:
        """Another order of hers; three nuts, signed yesterday, unless said otherwise."""
        self.orders += 1
        number = f"{self.shop.merchant.code}-{self.orders}"
        body = order_body(**changes)
        for payment in body["payments"]:
            payment["transaction_id"] = f"42{number}"
        for parcel in body["parcels"]:
            parcel["waybill"] = f"SF{self.shop.merchant.pk}{self.orders:09d}"
        status, told = self.shop.put(number, body)
        assert status == 201, told
        order = Order.objects.select_related("customer").get(merchant=self.shop.merchant, order_no=number)
        order.customer.user = self.user
        order.customer.save()
        return order

    def filed(self, *, reason: str = "NR.NO_LONGER_WANT", order: Order | None = None, **wish) -> ReturnRequest:
        order = order or self.order()
        wish = {"kind": "return_refund", "send_back": "pickup"} | wish
        asked = Wish(lines=(WishLine("1", 1, reason),), **wish)
        return submit_return(order.pk, asked, by=self.actor, now=clock.now())


def a_buyer(code: str = "shop", *, language: str = "en", **fields) -> Buyer:
    user = User.objects.create_user(f"ann-{code}", password="demo-pass-2026", language=language)
    client = Client()
    client.force_login(user)
    return Buyer(open_shop(code, **fields), user, client)


def photo(name: str = "cuff.jpg", size: tuple[int, int] = (80, 60)) -> SimpleUploadedFile:
    body = io.BytesIO()
    Image.new("RGB", size, "#aa3333").save(body, "JPEG")
    return SimpleUploadedFile(name, body.getvalue())


def plain(response) -> str:
    """A page without the form tokens, which differ on every look."""
    return re.sub(r'csrf[^>]*value="[^"]*"|"x-csrftoken": "[^"]*"', "", response.content.decode())
