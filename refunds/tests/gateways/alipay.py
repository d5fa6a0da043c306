"""The stand-in of Alipay over real HTTP, for tests of its gateway and of payouts over it."""

from collections.abc import Callable, Iterator

import pytest

from refunds.gateways.alipay.gateway import AlipayGateway
from refunds.gateways.alipay.simulator import Alipay
from refunds.tests.gateways.conftest import Shop, post
from returns_platform.kernel.stand_in import Served, serve


@pytest.fixture
def alipay(tmp_path, settings) -> Iterator[Served]:
    settings.DATA_DIR = tmp_path
    with serve(Alipay(tmp_path)) as served:
        settings.ALIPAY_BASE_URL = served.url
        yield served


@pytest.fixture
def gateway(alipay: Served) -> AlipayGateway:
    return AlipayGateway()


@pytest.fixture
def told(shop: Shop, settings) -> Shop:
    """The shop that hears Alipay's notifications, and answers as Alipay wants to be answered."""
    settings.SITE_URL = shop.url
    shop.body = b"success"
    return shop


@pytest.fixture
def next_time(alipay: Served) -> Callable[..., None]:
    """`next_time("slow", times=1, number="RF1")` asks the stand-in to behave so."""
    return lambda behaviour, times=1, **match: post(
        alipay, "/_next", {"behaviour": behaviour, "times": times, "match": match}
    )
