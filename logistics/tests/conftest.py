"""A shop with an order, and SF's stand-in over real HTTP."""

import json
import urllib.request
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from logistics.couriers.jd.simulator import JDLogistics
from logistics.couriers.kuaidi100.simulator import Kuaidi100
from logistics.couriers.sf.simulator import SFExpress
from logistics.parcels import services, slots
from orders.customers.models import Customer
from orders.merchants.models import Merchant
from orders.purchases.models import Order
from returns_platform.kernel.actors import Actor
from returns_platform.kernel.stand_in import serve

NOW = datetime(2026, 11, 23, 1, 30, tzinfo=UTC)  # a Monday, 09:30 in Shanghai
CUSTOMER = Actor("customer", "1", "安小雨")
SHOP = Actor("merchant", "2", "米娅")
SENDER = {"name": "安小雨", "phone": "+8613800138000", "province": "上海市", "city": "上海市",
          "district": "浦东新区", "street": "世纪大道 100 号"}  # fmt: skip
RECEIVER = {"name": "退货组", "phone": "+8613900139000", "province": "浙江省", "city": "杭州市",
            "district": "余杭区", "street": "文一西路 1 号"}  # fmt: skip


@pytest.fixture
def order(db):
    shop = Merchant.objects.create(code="style", name="素缕服饰", zone="Asia/Shanghai")
    buyer = Customer.objects.create(merchant=shop, external_id="c-1", name="安小雨")
    return Order.objects.create(merchant=shop, customer=buyer, order_no="A1", currency="CNY", placed_at=NOW,
                                updated_at=NOW)  # fmt: skip


@pytest.fixture
def pickup(order):
    """Ask for a pickup: `pickup("RT1")`. shared: from one and the same address."""

    def ask(reference="RT1", *, now=NOW, shared=False, **more):
        slot = slots.next_slot(now, "Asia/Shanghai")
        wanted = {"slot_from": slot.start, "slot_to": slot.end, "goods": [{"name": "大衣", "count": 1}]}
        wanted |= {"sender": SENDER if shared else SENDER | {"street": f"世纪大道 {reference} 号"}} | more
        return services.request_pickup(reference=reference, order=order, receiver=RECEIVER,
                                       by=CUSTOMER, now=now, **wanted)  # fmt: skip

    return ask


class StandIn:
    """What a test does to a courier from outside."""

    def __init__(self, url: str):
        self.url = url

    def next(self, behaviour: str, *, times: int = 1, order: str = "") -> None:
        self._post("/_next", {"behaviour": behaviour, "times": times, "match": {"order": order} if order else {}})

    def push(self, waybill: str, event: str, at: datetime = NOW) -> None:
        self._post("/_push", {"waybill": waybill, "event": event, "at": at.isoformat()})

    @property
    def vans(self) -> list[tuple[str, str]]:
        with urllib.request.urlopen(self.url + "/_book") as answer:
            return [(van["number"], van["state"]) for van in json.load(answer)["pickups"]]

    def _post(self, path: str, body: dict) -> None:
        call = urllib.request.Request(
            self.url + path, json.dumps(body).encode(), {"Content-Type": "application/json"}
        )
        with urllib.request.urlopen(call):
            pass


@pytest.fixture
def sf(tmp_path: Path, settings):
    settings.DEMO, settings.DATA_DIR = True, tmp_path
    settings.SITE_URL = "http://127.0.0.1:9"  # nobody listens: what SF tells us is lost unless a test says otherwise
    with serve(SFExpress(tmp_path)) as served:
        settings.SF_BASE_URL = served.url
        yield StandIn(served.url)


@pytest.fixture
def jd(tmp_path: Path, settings):
    settings.DEMO, settings.DATA_DIR, settings.SITE_URL = True, tmp_path, "http://127.0.0.1:9"
    with serve(JDLogistics(tmp_path)) as served:
        settings.JD_BASE_URL = served.url
        yield StandIn(served.url)


@pytest.fixture
def kuaidi100(tmp_path: Path, settings):
    settings.DEMO, settings.DATA_DIR, settings.SITE_URL = True, tmp_path, "http://127.0.0.1:9"
    with serve(Kuaidi100(tmp_path)) as served:
        settings.KUAIDI100_BASE_URL = served.url
        yield StandIn(served.url)


@pytest.fixture(params=["sf", "jd", "kuaidi100"])
def each_courier(request, settings) -> StandIn:
    """The same test with each of them, alone."""
    settings.COURIERS = [request.param]
    stand_in = request.getfixturevalue(request.param)
    stand_in.code = request.param
    return stand_in


@pytest.fixture
def no_courier(settings, tmp_path: Path):
    """Nobody answers at SF's address."""
    settings.DEMO, settings.DATA_DIR, settings.SF_BASE_URL = True, tmp_path, "http://127.0.0.1:9"


def minutes(count: float) -> timedelta:
    return timedelta(minutes=count)
