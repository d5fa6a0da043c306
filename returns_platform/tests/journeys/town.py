"""A small town for tests that try every page as everybody: two shops, two buyers, a guest, and the staff.

Everybody has something that is not the others': orders, cases in several states, photos, notices.
"""

import io
from dataclasses import dataclass, field

from django.contrib.auth.models import Group
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image

from aftersales.desk.groups import ensure_groups
from aftersales.evidence.models import Evidence
from aftersales.evidence.services import keep_upload
from aftersales.inspection.services import Arrived, count_goods
from aftersales.returns.models import ReturnRequest
from aftersales.returns.services.following import follow_due_cases
from aftersales.returns.services.intake import submit_return
from aftersales.returns.services.wishes import Wish, WishLine
from orders.accounts.models import User
from orders.catalogue.models import Product
from orders.customers.models import Customer
from orders.merchants.services import add_member
from orders.purchases.models import Order
from orders.visitors.queries import GUEST_ORDER, GUEST_UNTIL
from returns_platform.kernel import clock
from returns_platform.kernel.actors import Actor
from returns_platform.tests.journeys.shop import Shop, open_shop, order_body

PASSWORD = "demo-pass-2026"
PHONES = {"ann": "+8613800138000", "bob": "+8613800138001"}
MEMBERS = {
    "mia": ("fresh", "owner", ("warehouse",)),
    "otto": ("style", "owner", ()),
    "olga": ("style", "agent", ()),
    "wes": ("style", "warehouse", ()),
    "finn": ("style", "finance", ()),
    "vera": ("style", "viewer", ()),
}
STAFF = {"sam": "support", "sue": "senior", "fay": "finance", "rik": "risk", "aud": "auditor"}


@dataclass
class Town:
    """clients: by who they are; "nobody" is not signed in, "guest" holds the code of one order of ann's."""

    shops: dict[str, Shop] = field(default_factory=dict)
    users: dict[str, User] = field(default_factory=dict)
    clients: dict[str, Client] = field(default_factory=dict)
    orders: dict[str, list[Order]] = field(default_factory=dict)
    cases: dict[str, list[ReturnRequest]] = field(default_factory=dict)
    photos: dict[str, Evidence] = field(default_factory=dict)

    def order(self, buyer: str, shop: str, **changes) -> Order:
        number = f"{shop}-{buyer}-{sum(map(len, self.orders.values())) + 1}"
        body = order_body(**changes)
        body["customer"] |= {"external_id": f"c-{buyer}", "phone": PHONES[buyer], "email": f"{buyer}@example.com"}
        for payment in body["payments"]:
            payment["transaction_id"] = f"42{number}"
        for parcel in body["parcels"]:
            parcel["waybill"] = f"SF{int.from_bytes(number.encode()) % 10**12:012d}"
        status, told = self.shops[shop].put(number, body)
        assert status == 201, told
        Customer.objects.filter(external_id=f"c-{buyer}").update(user=self.users[buyer])
        order = Order.objects.select_related("customer").get(merchant__code=shop, order_no=number)
        self.orders.setdefault(buyer, []).append(order)
        return order

    def filed(self, buyer: str, shop: str, reason="NR.NO_LONGER_WANT", *, order: dict | None = None, **wish):
        wish = {"kind": "return_refund", "send_back": "pickup"} | wish
        asked = Wish(lines=(WishLine("1", 1, reason),), **wish)
        bought = self.order(buyer, shop, **(order or {}))
        row = submit_return(bought.pk, asked, by=self.actor(buyer), now=clock.now())
        self.cases.setdefault(buyer, []).append(row)
        return row

    def actor(self, name: str) -> Actor:
        kind = "customer" if name in PHONES else "merchant"
        return Actor(kind, str(self.users[name].pk), name)


def a_town() -> Town:
    town = Town()
    _people(town)
    for buyer in PHONES:
        _life_of(buyer, town)
    follow_due_cases(now=clock.now())
    _guest(town)
    return town


def _people(town: Town) -> None:
    for code in ("fresh", "style"):
        town.shops[code] = open_shop(code)
        Product.objects.get_or_create(
            merchant=town.shops[code].merchant, sku="NUT-2",
            defaults={"title": "盐焗腰果 500g", "category": "packaged_food", "price": 4000},
        )  # fmt: skip
    ensure_groups()
    town.clients["nobody"] = Client(raise_request_exception=False)
    for name in (*PHONES, *MEMBERS, *STAFF, "root"):
        staff = {"is_staff": True} if name in STAFF else {}
        made = User.objects.create_superuser if name == "root" else User.objects.create_user
        town.users[name] = made(name, password=PASSWORD, **staff)
        town.clients[name] = Client(raise_request_exception=False)
        town.clients[name].force_login(town.users[name])
    for name, (code, role, also) in MEMBERS.items():
        add_member(town.shops[code].merchant, user=town.users[name], role=role, also=also)
    for name, group in STAFF.items():
        town.users[name].groups.add(Group.objects.get(name=group))


def _life_of(buyer: str, town: Town) -> None:
    """At each shop: orders to ask about, and cases that wait for everybody in turn."""
    for shop in town.shops:
        town.order(buyer, shop)
        town.order(buyer, shop, signed=False)
        town.filed(buyer, shop)
        town.filed(buyer, shop, "OT.OTHER", send_back="self_ship")
        town.filed(buyer, shop, "FU.MISSING", kind="refund_only", send_back="none")
        town.filed(buyer, shop, "UN.NOT_SHIPPED", kind="refund_only", send_back="none", order={"signed": False})
        counted = town.filed(buyer, shop, send_back="self_ship")
        count_goods(
            counted.pk, [Arrived("1", 1)], by=Actor("merchant", str(town.users["mia"].pk), "mia"), now=clock.now()
        )
    town.photos[buyer] = keep_upload(
        a_photo(), merchant=town.orders[buyer][0].merchant, order=town.orders[buyer][0], by=town.actor(buyer),
        now=clock.now(),
    )  # fmt: skip


def _guest(town: Town) -> None:
    town.orders["guest"] = [town.order("ann", "style")]
    client = town.clients["guest"] = Client(raise_request_exception=False)
    session = client.session
    session[GUEST_ORDER] = town.orders["guest"][0].pk
    session[GUEST_UNTIL] = clock.now().timestamp() + 3600
    session.save()


def a_photo(name: str = "cuff.jpg", size: tuple[int, int] = (80, 60)) -> SimpleUploadedFile:
    body = io.BytesIO()
    Image.new("RGB", size, "#aa3333").save(body, "JPEG")
    return SimpleUploadedFile(name, body.getvalue(), content_type="image/jpeg")
