"""Tells the story to the platform, through the services and with their clock. Again changes nothing.

Each order's life is one transaction: workers that run meanwhile see it as it is today, or not at all.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, time, timedelta

from django.contrib.auth.models import Group
from django.db import transaction
from django.db.models import F

from aftersales.demo import past, people, photos, story
from aftersales.demo.centre import let_join, open_centre
from aftersales.demo.story import OrderPlan
from aftersales.demo.swaps import OtherEndings
from aftersales.evidence.services import keep_upload
from aftersales.inspection.services import Arrived, Graded, count_goods, inspect_goods
from aftersales.notifications import sending
from aftersales.notifications.models import Notice
from aftersales.policy import reasons
from aftersales.returns.models import ReturnRequest
from aftersales.returns.queries import parcel_of
from aftersales.returns.services import following, news
from aftersales.returns.services.decisions import approve_return, ask_for_evidence, refuse_return
from aftersales.returns.services.intake import submit_return
from aftersales.returns.services.wishes import Wish, WishLine
from aftersales.returns.services.withdrawal import let_lapse, withdraw_return
from logistics.couriers import stages
from logistics.parcels import services as parcels
from logistics.points.models import Point
from logistics.points.services import PLACE, keep_point
from logistics.tracking.services import ask_where
from orders.accounts.models import Heartbeat, User
from orders.catalogue.models import Product
from orders.catalogue.services.stock import count_stock, is_counted
from orders.merchants.models import Member, Merchant
from orders.merchants.services import add_member, create_merchant
from orders.purchases.forms import read_order
from orders.purchases.models import Order
from orders.purchases.services.orders import put_order
from refunds.payouts import queries as payouts
from refunds.payouts import services as payout
from returns_platform.kernel.actors import SYSTEM, Actor
from returns_platform.kernel.errors import Refused

LOADED, BASE = "demo_loaded", "demo_base"
HOUR = timedelta(hours=1)
NEWS = timedelta(days=2)  # what is younger has not been read yet


def load(now: datetime, *, say: Callable[[str], None] = print) -> bool:
    """Load what is missing of the story; False when all of it is there already."""
    if Heartbeat.objects.filter(name=LOADED).exists():
        return False
    base = first_load(now)
    accounts()
    merchants = {plan.code: shop(plan, now=base - timedelta(days=story.DAYS + 10)) for plan in people.SHOPS}
    with past.told():
        for plan in story.orders(base):
            tell(plan, merchants[plan.shop.code], base=base, say=say)
    let_join(open_centre(), merchants, now=now)
    Heartbeat.objects.get_or_create(name=LOADED, defaults={"at": now})
    return True


def first_load(now: datetime) -> datetime:
    """The hour that the story is told from; kept, so that a load that was cut short goes on with the same story."""
    hour = now.replace(minute=0, second=0, microsecond=0)
    return Heartbeat.objects.get_or_create(name=BASE, defaults={"at": hour})[0].at


# --- people and shops -------------------------------------------------------------------------------------


@transaction.atomic
def accounts() -> None:
    for username, (name, phone, language, _place) in people.CUSTOMERS.items():
        _account(username, name, language=language, phone=phone)
    for username in people.MEMBERS:
        _account(username, username.title())
    for username, (name, _centre) in people.CENTRE.items():
        _account(username, name)
    for username, (name, group) in people.STAFF.items():
        user = _account(username, name, is_staff=True)
        user.groups.set([Group.objects.get_or_create(name=group)[0]])
    username, name = people.ADMINISTRATOR
    _account(username, name, is_staff=True, is_superuser=True)


def _account(username: str, name: str, **fields) -> User:
    user, created = User.objects.get_or_create(
        username=username, defaults={"first_name": name, "email": f"{username}@example.com"} | fields
    )
    if created:
        user.set_password(people.PASSWORD)
        user.save(update_fields=["password"])
    return user


@transaction.atomic
def shop(plan: people.ShopPlan, *, now: datetime) -> Merchant:
    merchant = Merchant.objects.filter(code=plan.code).first() or create_merchant(
        plan.code, name=plan.name, by=SYSTEM, is_demo=True, name_en=plan.name_en, return_name=f"{plan.name}退货组",
        return_phone="+8613800138100", **dict(zip(ADDRESS, plan.address, strict=True)), opening_hours=plan.hours,
        contact=plan.contact,
    )  # fmt: skip
    for username, code in people.MEMBERS.items():
        if code == plan.code:
            also = tuple(role for role in Member.Role.values if role not in ("owner", "viewer"))
            add_member(merchant, user=User.objects.get(username=username), role="owner", also=also)
    for goods in plan.goods:
        _product(merchant, goods)
    for variant in people.VARIANTS:
        _variant(merchant, plan, variant, now=now)
    _points_of(merchant)
    return merchant


def _product(merchant: Merchant, goods: people.Sold, **other) -> None:
    """One that comes in other sizes too shares a style with them."""
    has_others = any(variant.of == goods.sku for variant in people.VARIANTS)
    told = {
        "title": goods.title, "category": goods.category, "price": goods.price,
        "picture": f"demo/{goods.picture}.svg",
        "style": goods.sku if has_others else "", "option": goods.option,
    }  # fmt: skip
    Product.objects.get_or_create(merchant=merchant, sku=goods.sku, defaults=told | other)


def _variant(merchant: Merchant, plan: people.ShopPlan, variant: people.Variant, *, now: datetime) -> None:
    """Another size of something that is sold, and how many of it are there."""
    sold = next((goods for goods in plan.goods if goods.sku == variant.of), None)
    if sold is None:
        return
    named = {"sku": variant.sku, "title": variant.title, "price": variant.price, "option": variant.option}
    _product(merchant, replace(sold, **named), style=variant.of)
    if not is_counted(merchant.pk, variant.sku):
        reference = f"first:{merchant.code}:{variant.sku}"
        count_stock(merchant.pk, variant.sku, available=variant.left, reference=reference, by=SYSTEM, now=now)


def _points_of(merchant: Merchant) -> None:
    for plan in people.POINTS:
        if plan.shop == merchant.code and not Point.objects.filter(merchant=merchant, name=plan.name).exists():
            latitude, longitude = plan.spot
            keep_point(
                None, merchant=merchant, name=plan.name, name_en=plan.name_en, latitude=latitude, longitude=longitude,
                **dict(zip(PLACE, plan.address, strict=True)), opens=time(9), closes=time(21), capacity=80,
                sends_on=plan.station,
            )  # fmt: skip


ADDRESS = ("return_province", "return_city", "return_district", "return_street")


# --- one order's life -------------------------------------------------------------------------------------


def tell(plan: OrderPlan, merchant: Merchant, *, base: datetime, say: Callable[[str], None]) -> None:
    if Order.objects.filter(merchant=merchant, order_no=plan.number).exists():
        return
    past.Story.luck.seed(plan.number)
    with transaction.atomic():
        order = report(plan, merchant)
        if plan.returned:
            try:
                Life(plan, order, base=base).run()
            except Refused as refused:
                raise RuntimeError(f"{plan.number} {plan.returned}: {refused.message} {refused.fields}") from refused
        tell_before(base)


def tell_before(base: datetime) -> None:
    """Notices of the story were sent in the story, and most of them read."""
    due = Notice.objects.filter(sent_at=None, created_at__lt=base - HOUR).select_related("customer__merchant")
    for notice in due.order_by("created_at", "pk"):
        sending.send(notice, at=notice.created_at)
    seen = Notice.objects.filter(channel=Notice.Channel.INBOX, read_at=None, created_at__lt=base - NEWS)
    seen.update(read_at=F("created_at"))


def report(plan: OrderPlan, merchant: Merchant) -> Order:
    """The shop's program reports the order, as it would by the API."""
    order, _created = put_order(
        merchant, read_order(body_of(plan)), order_no=plan.number, by=Actor("token", "demo", merchant.name),
        now=(plan.signed_at or plan.placed_at),
    )  # fmt: skip
    return order


def body_of(plan: OrderPlan) -> dict:
    external_id, name, phone, username = plan.customer
    total = sum(line.goods.price * line.quantity for line in plan.lines)
    off = 3000 if total >= 15000 else 0
    freight = 0 if total >= 9900 else 1000
    paid = total - off + freight
    parts = [(plan.channel, paid - plan.balance_part)]
    parts += [("balance", plan.balance_part)] if plan.balance_part else []
    customer = {"external_id": external_id, "name": name, "phone": phone}
    customer |= {"username": username} if username else {}
    province, city, district, street = plan.place
    return {
        "currency": "CNY", "placed_at": plan.placed_at.isoformat(), "state": "paid",
        "customer": customer | {"email": f"{external_id}@example.com"},
        "ship_to": {"name": name, "phone": phone, "province": province, "city": city, "district": district,
                    "street": street},
        "lines": [
            {"line_no": str(number), "sku": line.goods.sku, "title": line.goods.title,
             "category": line.goods.category,
             "quantity": line.quantity, "unit_price": line.goods.price, "tax_rate": "0.13",
             "virtual": line.goods.category == "digital"}
            for number, line in enumerate(plan.lines, start=1)
        ],
        "discounts": [{"name": "满150减30", "source": "shop", "amount": off, "threshold": 15000}] if off else [],
        "freight": {"charged": freight, "discount": 0, "free_from": 9900},
        "points": {"used": 0, "amount": 0, "earned": total // 100},
        "payments": [
            {"channel": channel, "transaction_id": _payment_id(channel, f"{plan.number}{index}"),
             "amount": amount, "paid_at": plan.placed_at.isoformat()}
            for index, (channel, amount) in enumerate(parts)
        ],
        "parcels": _parcels(plan),
        "invoice": _invoice(plan),
    }  # fmt: skip


def _payment_id(channel: str, number: str) -> str:
    return f"pi_{number}" if channel == "stripe" else f"42000{number}"


def _invoice(plan: OrderPlan) -> dict | None:
    """Whoever was paid back had an invoice: finance sees what is to be taken off it."""
    if plan.returned is None or not plan.returned.ending.startswith("paid"):
        return None
    return {
        "number": f"24317{plan.number[-11:]:0>11}",
        "issued_at": (plan.placed_at + timedelta(hours=1)).isoformat(),
    }


def _parcels(plan: OrderPlan) -> list[dict]:
    items = [
        {"line_no": str(number), "quantity": line.quantity}
        for number, line in enumerate(plan.lines, start=1)
        if line.goods.category != "digital"
    ]
    if not plan.shipped or not items:
        return []
    parcel = {
        "parcel_no": "P1", "courier": "sf", "waybill": f"SF10{plan.number[-11:]:0>11}", "items": items,
        "shipped_at": (plan.placed_at + timedelta(hours=10)).isoformat(),
    }  # fmt: skip
    return [parcel | ({"signed_at": plan.signed_at.isoformat()} if plan.signed_at else {})]


class Life(OtherEndings):
    """A request from its filing to where the plan lets it stop; `at` is the time it is in the story."""

    def __init__(self, plan: OrderPlan, order: Order, *, base: datetime):
        self.plan, self.order, self.base = plan, order, base
        self.wanted = plan.returned
        self.reason = reasons.get(self.wanted.reason)
        started = plan.signed_at or plan.placed_at + 3 * HOUR
        self.at = min(started + timedelta(hours=self.wanted.hours), base - 2 * HOUR)
        self.customer = Actor("customer", str(order.customer.user_id or f"c{order.customer_id}"), order.customer.name)
        member = order.merchant.members.select_related("user").first()
        self.agent = Actor("merchant", str(member.user_id), member.user.first_name)

    def run(self) -> None:
        self._move(timedelta(0))
        self.request = submit_return(self.order.pk, self._wish(), by=self.customer, now=self.at)
        getattr(self, self.wanted.ending)()

    def _move(self, by: timedelta) -> datetime:
        """Time passes, but never beyond today."""
        past.Story.now = self.at = min(self.at + by, self.base - timedelta(minutes=20))
        return self.at

    def _again(self) -> ReturnRequest:
        self.request = ReturnRequest.objects.get(pk=self.request.pk)
        return self.request

    # --- filing ---

    def _wish(self) -> Wish:
        usual = "return_refund" if "return_refund" in self.reason.kinds and self.plan.shipped else "refund_only"
        kind = self.wanted.kind or usual
        way = ("self_ship" if self.wanted.ending == "approved" else "pickup") if kind == "return_refund" else "none"
        instead = self.wanted.instead if kind == "exchange" else ""
        to = "balance" if self.wanted.ending == "paid_to_balance" else "original"
        return Wish(
            kind=kind, lines=(WishLine("1", self.wanted.quantity, self.wanted.reason, instead),),
            send_back=self.wanted.way or way, refund_to=to,
            refund_to_agreed_at=self.at if to == "balance" else None, note=NOTES.get(self.reason.group, ""),
            evidence=self._evidence(),
        )  # fmt: skip

    def _evidence(self) -> tuple:
        if self.reason.group in ("NR", "UN") or self.wanted.ending in ("needs_evidence", "lapsed"):
            return ()
        merchant, taken_at = self.order.merchant, self.at - timedelta(minutes=4)
        category = self.plan.lines[0].goods.category
        shots = (
            photos.photo(category, number=number, seed=self.plan.number, taken_at=taken_at, zone=merchant.zone)
            for number in (1, 2)
        )
        return tuple(
            keep_upload(shot, merchant=merchant, order=self.order, by=self.customer, now=self.at).public_id
            for shot in shots
        )

    # --- steps ---

    def _granted(self) -> bool:
        """A person says yes where the rules did not."""
        if self._again().awaits_decision:
            self._move(5 * HOUR)
            approve_return(self.request.pk, by=self.agent, now=self.at)
        return self._again().was_granted

    def _follow(self) -> None:
        following.follow(self.request.pk, now=self.at)

    def _booked(self) -> bool:
        if not self._granted():
            return False
        self._follow()
        if not self._again().goods_come_back:
            return False
        parcels.book_due_parcels(self.at)
        self._parcel_news()
        return parcel_of(self.request) is not None

    def _parcel_news(self) -> None:
        parcel = parcel_of(self._again())
        if parcel is not None:
            news.take_parcel_news(parcel.pk, now=self.at)

    def _scanned(self, stage: str, after: timedelta, place: str) -> None:
        self._move(after)
        parcel = parcel_of(self.request)
        past.scan(parcel.waybill, stage, at=self.at, place=place)
        ask_where(parcel, now=self.at)
        self._parcel_news()

    def _travelled(self) -> bool:
        if not self._booked():
            return False
        if self.request.send_back == "self_ship":
            return False
        self._scanned(stages.PICKED_UP, 16 * HOUR, self.plan.place[1])
        self._scanned(stages.IN_TRANSIT, 9 * HOUR, self.plan.place[1])
        return True

    def _delivered(self) -> bool:
        if not self._travelled():
            return False
        self._scanned(stages.DELIVERED, 22 * HOUR, self.plan.shop.address[1])
        return True

    def _counted(self) -> bool:
        if not self._delivered():
            return False
        self._move(3 * HOUR)
        count_goods(self.request.pk, [Arrived("1", self.wanted.quantity)], by=self.agent, now=self.at)
        return True

    def _inspected(self, grade: str) -> None:
        if self._counted():
            self._move(2 * HOUR)
            where = {"A": "RESTOCK", "B": "REFURBISH"}.get(grade, "LIQUIDATE")
            graded = [Graded("1", self.wanted.quantity, grade, where)]
            inspect_goods(self.request.pk, graded, by=self.agent, now=self.at)

    def _promised(self) -> None:
        self._inspected("A")
        if self._again().is_live and not self.request.awaits_decision:
            self._follow()

    # --- endings ---

    def paid(self) -> None:
        self._promised()
        for wait in (timedelta(minutes=6), timedelta(minutes=3), timedelta(minutes=3)):
            self._move(wait)
            for refund in payouts.held_refunds(self.request.return_no)[:1]:
                payout.agree_as_second(refund.case_ref, by=Actor("support", "0", "费敏"), now=self.at)
            payout.pay_due_refunds(self.at)
            for refund in payouts.refunds_of(self.request.return_no):
                news.take_refund_news(refund.pk, now=self.at)

    paid_to_balance = paid
    with_a_person = paid

    def promised(self) -> None:
        self._promised()

    held = promised

    def approved(self) -> None:
        self._granted()
        self._follow()

    def awaiting_goods(self) -> None:
        self._booked()

    def in_transit(self) -> None:
        self._travelled()

    def arrived(self) -> None:
        self._delivered()

    def counted(self) -> None:
        self._counted()

    def doubtful(self) -> None:
        self._inspected("C")

    def in_review(self) -> None: ...

    def needs_evidence(self) -> None: ...

    def needs_evidence_asked(self) -> None:
        if self._again().evidence_can_be_asked:
            self._move(HOUR)
            ask_for_evidence(
                self.request.pk,
                text="请补一张腐坏处的近照，带上包装上的日期。",
                classes=["E2"],
                by=self.agent,
                now=self.at,
            )

    def refused(self) -> None:
        if self._again().awaits_decision:
            self._move(4 * HOUR)
            refuse_return(
                self.request.pk, code="R_NOT_DEFECT", text="照片里看不出质量问题，同批商品检查正常。",
                by=self.agent, now=self.at,
            )  # fmt: skip
        else:
            self.paid()

    def refused_by_rule(self) -> None: ...

    out_of_window = refused_by_rule

    def withdrawn(self) -> None:
        if self._again().can_be_withdrawn:
            self._move(2 * HOUR)
            withdraw_return(self.request.pk, by=self.customer, now=self.at)

    def lapsed(self) -> None:
        if self._again().waits_for == "customer" and self.request.is_undecided:
            let_lapse(self.request.pk, now=self._move(timedelta(hours=73)))
        else:
            self.paid()


NOTES = {
    "FR": "打开箱子就有坏的，拍了照片。",
    "QL": "用了一次就出问题，照片里圈出来了。",
    "LG": "外箱压扁了，里面也坏了。",
    "FU": "数了两遍，少一件。",
    "NR": "",
    "UN": "",
}
