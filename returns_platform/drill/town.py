"""Who lives in a drill: a shop, the people who work for it and for the platform, and customers' random orders."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random

from django.conf import settings
from django.contrib.auth.models import Group

from aftersales.desk.groups import FINANCE
from orders.accounts.models import User
from orders.catalogue.forms import ProductIn
from orders.catalogue.services.products import put_product
from orders.catalogue.services.stock import count_stock
from orders.merchants.models import Merchant
from orders.merchants.services import create_merchant
from orders.purchases import rules
from orders.purchases.forms import as_bought, read_order
from orders.purchases.models import Order
from orders.purchases.services.orders import put_order
from returns_platform.kernel.actors import SYSTEM, Actor

ANN = Actor("customer", id="1", name="Ann")
MIA = Actor("merchant", id="2", name="Mia")
SAM = Actor("support", id="3", name="Sam")
SUE = Actor("support", id="4", name="Sue")
FAY = Actor("support", id="5", name="Fay")
TOKEN = Actor("token", id="6", name="a program")
STAFF = (MIA, SAM, SUE, TOKEN)

CATEGORIES = ("packaged_food", "apparel", "electronics", "fresh", "furniture", "cosmetics")
PRICES = (0, 1, 99, 333, 1000, 1999, 4000, 10001, 29990, 99900, 260000)
# What is wanted instead of what was bought: its price, and how many there are; a shop need not tell either.
GOODS = {"S9": (None, None), "DEAR": (400000, 1000), "CHEAP": (500, 1000), "LAST": (29990, 1)}
ADDRESS = {
    "name": "安小雨", "phone": "+8613800138000", "province": "上海市", "city": "上海市", "district": "浦东新区",
    "street": "世纪大道 100 号",
}  # fmt: skip
DAY = timedelta(days=1)


def open_shop() -> Merchant:
    """The drill's shop; the one that is there already when it was opened before. Somebody looks after its refunds."""
    if not User.objects.filter(pk=FAY.id).exists():
        fay = User.objects.create_user("fay", id=int(FAY.id), first_name=FAY.name, is_staff=True)
        fay.groups.add(Group.objects.get(name=FINANCE))
    return Merchant.objects.filter(code="drill").first() or _open()


def _open() -> Merchant:
    shop = create_merchant(
        "drill", name="Drill", by=SYSTEM, return_name="退货组", return_phone="+8613800138111",
        return_province="上海市", return_city="上海市", return_district="浦东新区", return_street="张江路 1 号",
    )  # fmt: skip
    for sku, (price, stock) in GOODS.items():
        if price:
            told = ProductIn(title=sku, category="apparel", price=price, stock=stock)
            put_product(shop, told, sku=sku, by=SYSTEM, now=datetime.now(UTC))
    return shop


def restock(shop: Merchant, *, reference: str, now: datetime) -> None:
    """As many of each article as at the opening: what others took is no part of a life."""
    for sku, (_price, units) in GOODS.items():
        if units:
            count_stock(shop.pk, sku, available=units, reference=reference, by=SYSTEM, now=now)


def channels() -> tuple[str, ...]:
    """What a customer may have paid with: those with a gateway, and some without."""
    return (*sorted(settings.GATEWAYS), "balance", "gift_card", "bank_transfer")


@dataclass(frozen=True, slots=True)
class Bought:
    order: Order
    transactions: tuple[tuple[str, str, int], ...]  # channel, id, what was paid there in all


def buy(chance: Random, shop: Merchant, *, number: str, now: datetime, **shape) -> Bought:
    """A random order: lines, discounts of both sources, points, freight, several tenders, parcels on their way.

    shape: instead, a plain one (`plain_body`), where a race or a kill has to know what comes of it.
    """
    body = plain_body(number, now=now, **shape) if shape else _body(chance, number, now=now)
    order, _created = put_order(shop, read_order(body), order_no=number, by=TOKEN, now=now)
    paid = tuple((part["channel"], part["transaction_id"], part.get("transaction_total") or part["amount"])
                 for part in body["payments"])  # fmt: skip
    return Bought(order, paid)


def plain_body(number: str, *, now: datetime, quantity: int = 1, unit_price: int = 4000,
               channel: str = "wechat", signed: bool = False, paid_days_ago: int = 3,
               invoiced: bool = False) -> dict:  # fmt: skip
    """One line, not sent yet, or signed for yesterday."""
    paid_at, units = now - paid_days_ago * DAY, [{"line_no": "1", "quantity": quantity}]
    parcel = {"parcel_no": "P1", "courier": "sf", "waybill": _waybill(number), "items": units}
    parcel |= {"shipped_at": (now - 2 * DAY).isoformat(), "signed_at": (now - DAY).isoformat()}
    return {
        "currency": "CNY", "placed_at": paid_at.isoformat(), "state": "paid", "customer": _customer(number),
        "ship_to": ADDRESS,
        "lines": [{"line_no": "1", "sku": "S1", "title": "每日坚果 750g", "category": "packaged_food",
                   "quantity": quantity, "unit_price": unit_price}],
        "payments": [{"channel": channel, "transaction_id": f"T{number}", "amount": quantity * unit_price,
                      "paid_at": paid_at.isoformat()}],
        "parcels": [parcel] if signed else [],
    } | ({"invoice": _invoice(number, paid_at)} if invoiced else {})  # fmt: skip


def _body(chance: Random, number: str, *, now: datetime) -> dict:
    placed_at = now - chance.randint(2, 12) * DAY
    lines = [_line(chance, str(position)) for position in range(1, chance.choice((1, 1, 2, 3)) + 1)]
    body = {
        "currency": "CNY", "placed_at": placed_at.isoformat(), "state": "paid", "customer": _customer(number),
        "ship_to": ADDRESS, "lines": lines, "discounts": _discounts(chance, lines),
        "freight": _freight(chance), "parcels": _parcels(chance, number, lines, now=now, placed_at=placed_at),
        "payments": [],
    }  # fmt: skip
    due = rules.difference(as_bought(read_order(body)))
    body["points"] = _points(chance, due)
    body["payments"] = _payments(chance, number, due - body["points"]["amount"], paid_at=placed_at)
    if chance.random() < 0.3:
        body["invoice"] = _invoice(number, placed_at)
    return body


def _line(chance: Random, line_no: str) -> dict:
    quantity, price = chance.choice((1, 1, 2, 3, 5)), chance.choice(PRICES)
    discount = chance.choice((0, 0, chance.randint(0, quantity * price // 4)))
    return {"line_no": line_no, "sku": f"S{line_no}", "title": f"Goods {line_no}",
            "category": chance.choice(CATEGORIES), "quantity": quantity, "unit_price": price,
            "line_discount": discount, "tax_rate": chance.choice(("0", "0.13"))}  # fmt: skip


def _discounts(chance: Random, lines: list[dict]) -> list[dict]:
    found = []
    for position in range(chance.choice((0, 0, 1, 2))):
        meant = chance.sample(lines, chance.randint(1, len(lines)))
        worth = sum(line["unit_price"] * line["quantity"] - line["line_discount"] for line in meant)
        amount = chance.randint(0, worth // 5)
        whole = len(meant) == len(lines)
        found.append({"name": f"D{position}", "source": chance.choice(("shop", "platform")), "amount": amount,
                      "line_nos": None if whole else [line["line_no"] for line in meant]})  # fmt: skip
    return [each for each in found if each["amount"]]


def _freight(chance: Random) -> dict:
    charged = chance.choice((0, 0, 600, 1200))
    return {"charged": charged, "discount": chance.choice((0, charged))}


def _points(chance: Random, due: int) -> dict:
    amount = chance.choice((0, 0, chance.randint(0, max(0, due // 10))))
    return {"used": amount, "amount": amount, "earned": chance.choice((0, due // 100))}


def _payments(chance: Random, number: str, due: int, *, paid_at: datetime) -> list[dict]:
    if due <= 0:
        return []
    parts = min(due, chance.choice((1, 1, 2, 3)))
    cuts = sorted(chance.sample(range(1, due), parts - 1)) if parts > 1 else []
    amounts = [end - start for start, end in zip([0, *cuts], [*cuts, due], strict=True)]
    return [
        {"channel": chance.choice(channels()), "transaction_id": f"T{number}{chr(97 + nth)}", "amount": amount,
         "paid_at": paid_at.isoformat()}
        for nth, amount in enumerate(amounts)
    ]  # fmt: skip


def _parcels(chance: Random, number: str, lines: list[dict], *, now: datetime, placed_at: datetime) -> list[dict]:
    """Nothing sent, a part sent, or all of it in one or two parcels; signed for or not."""
    sent = {line["line_no"]: chance.choice((0, line["quantity"], line["quantity"])) for line in lines}
    items = [{"line_no": line_no, "quantity": quantity} for line_no, quantity in sent.items() if quantity]
    if not items or chance.random() < 0.25:
        return []
    shipped_at = placed_at + DAY
    groups = [items] if chance.random() < 0.7 else [[item] for item in items]
    return [
        {"parcel_no": f"P{nth}", "courier": "sf", "waybill": _waybill(f"{number}{nth}"),
         "shipped_at": shipped_at.isoformat(),
         "signed_at": chance.choice((None, (shipped_at + DAY / 2).isoformat())), "items": group}
        for nth, group in enumerate(groups)
    ]  # fmt: skip


def _invoice(number: str, at: datetime) -> dict:
    return {"number": f"FP-{number}", "issued_at": at.isoformat()}


def _customer(number: str) -> dict:
    return {"external_id": f"c-{number}", "name": "安小雨", "phone": "+8613800138000", "email": "ann@example.com",
            "points_balance": 50}  # fmt: skip


def _waybill(number: str) -> str:
    return f"SF{int.from_bytes(number.encode()) % 10**13:013d}"
