"""Cases that the platform's people work on, made through the services, for tests."""

import contextlib
import io
from dataclasses import dataclass, field
from datetime import timedelta

from django.contrib.auth.models import Group
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from aftersales.inspection.services import Arrived, Graded, count_goods, inspect_goods
from aftersales.returns.models import ReturnRequest
from aftersales.returns.services import following, news
from aftersales.returns.services.intake import submit_return
from aftersales.returns.services.wishes import Wish, WishLine
from orders.accounts.models import User
from orders.purchases.models import Order
from refunds.payouts import queries as payouts
from refunds.payouts import services as payout
from returns_platform.kernel import clock
from returns_platform.kernel.actors import Actor
from returns_platform.tests.journeys.shop import Shop, open_shop, order_body

ANN = Actor("customer", "c-1", "安小雨")
BENCH = Actor("merchant", "7", "Otto")


@dataclass
class Desk:
    """One shop, its orders, and the staff who look at them. at: the time it is."""

    shop: Shop
    at: object = field(default_factory=clock.now)
    orders: int = 0

    def later(self, **length):
        self.at += timedelta(**length)
        return self.at

    def order(self, **changes) -> Order:
        self.orders += 1
        number = f"A{self.orders}"
        body = order_body(**changes)
        for place, payment in enumerate(body["payments"]):
            payment["transaction_id"] = f"42{self.shop.merchant.code}{self.orders}{place}"
        for parcel in body["parcels"]:
            parcel["waybill"] = f"SF{self.shop.merchant.pk}{self.orders:09d}"
        status, told = self.shop.put(number, body)
        assert status == 201, told
        return Order.objects.get(merchant=self.shop.merchant, order_no=number)

    def filed(self, reason="NR.NO_LONGER_WANT", *, quantity=1, order=None, lines=None, **wish) -> ReturnRequest:
        wish = {"kind": "return_refund", "send_back": "self_ship"} | wish
        asked = lines or (WishLine("1", quantity, reason),)
        return submit_return((order or self.order()).pk, Wish(lines=asked, **wish), by=ANN, now=self.at)

    def for_review(self, **more) -> ReturnRequest:
        """Nothing in the rules fits, and the platform was asked to look."""
        row = self.filed("OT.OTHER", kind="refund_only", send_back="none", **more)
        assert row.state == "in_review"
        ReturnRequest.objects.filter(pk=row.pk).update(waits_for="support")
        return again(row)

    def counted(self, *, announced=3, came=2, **order) -> ReturnRequest:
        """Announced and counted at the bench, not inspected."""
        row = self.filed(quantity=announced, order=self.order(**order))
        following.follow(row.pk, now=self.at)
        count_goods(row.pk, [Arrived("1", came)], by=BENCH, now=self.at)
        return again(row)

    def inspected(self, row: ReturnRequest, *, grade="A", units=2) -> ReturnRequest:
        inspect_goods(row.pk, [Graded("1", units, grade, "RESTOCK")], by=BENCH, now=self.at)
        return again(row)

    def doubtful(self, **more) -> ReturnRequest:
        return self.inspected(self.counted(came=3, **more), grade="C", units=3)

    def paid(self, row: ReturnRequest) -> ReturnRequest:
        """Followed until all that is promised has arrived."""
        following.follow(row.pk, now=self.at)
        for _time in range(2):
            payout.pay_due_refunds(self.later(minutes=6))
            for refund in payouts.refunds_of(row.return_no):
                news.take_refund_news(refund.pk, now=self.at)
        return again(row)


def a_desk(code: str = "shop") -> Desk:
    return Desk(open_shop(code))


def again(row: ReturnRequest) -> ReturnRequest:
    return ReturnRequest.objects.select_related("order", "merchant", "customer", "bill").get(pk=row.pk)


def staff(group: str, username: str = "") -> User:
    name = username or group
    person = User.objects.create_user(name, is_staff=True, first_name=name.title(), language="en")
    person.groups.set(Group.objects.filter(name=group))
    return person


def signed_in(person: User) -> Client:
    client = Client(headers={"accept-language": "en"})
    client.force_login(person)
    return client


def page_of(row: ReturnRequest) -> str:
    return reverse("admin:aftersales_returnrequest_change", args=[row.pk])


def door(name: str, row: ReturnRequest) -> str:
    return reverse(f"admin:aftersales_returnrequest_{name}", args=[row.pk])


def books() -> str:
    out = io.StringIO()
    with contextlib.suppress(SystemExit):
        call_command("check_books", stdout=out)
    return out.getvalue()


def must_balance() -> None:
    told = books()
    assert told.strip().endswith(" 0 violations"), told
