"""The stand-in of Stripe over real HTTP, with its events sent to the shop of the tests."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from urllib.parse import urlsplit

import pytest

from refunds.gateways.interface import RefundOrder
from refunds.gateways.stripe import simulator
from refunds.gateways.stripe.gateway import StripeGateway
from refunds.gateways.stripe.simulator import Stripe
from refunds.tests.gateways.conftest import Shop, post
from returns_platform.kernel.stand_in import Served, serve


@pytest.fixture
def stripe(tmp_path, settings, monkeypatch) -> Iterator[Served]:
    settings.DATA_DIR = tmp_path
    monkeypatch.setattr(simulator, "ARRIVES_AFTER_S", 0.1)
    monkeypatch.setattr(simulator, "FAILS_AFTER_S", 0.1)
    with serve(Stripe(tmp_path, time_scale=3000)) as served:
        settings.STRIPE_BASE_URL = served.url
        yield served


@pytest.fixture
def gateway(stripe: Served) -> StripeGateway:
    return StripeGateway()


@pytest.fixture
def order(order: RefundOrder, shop: Shop, settings) -> RefundOrder:
    settings.SITE_URL = f"http://{urlsplit(shop.url).netloc}"
    return replace(order, transaction_id="pi_1")


@pytest.fixture
def next_time(stripe: Served) -> Callable[..., None]:
    return lambda behaviour, times=1, **match: post(
        stripe, "/_next", {"behaviour": behaviour, "times": times, "match": match}
    )
