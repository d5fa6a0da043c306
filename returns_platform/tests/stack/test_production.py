"""With DEMO off a start is refused for what belongs to the demo, one line each."""

import pytest

from orders.accounts.models import User
from refunds.gateways.stripe.keys import DemoKeys
from returns_platform import production

pytestmark = pytest.mark.django_db


@pytest.fixture
def real(settings):
    settings.DEMO, settings.SECRET_KEY = False, "x" * 60
    settings.ALLOWED_HOSTS, settings.SITE_URL = ["returns.example.com"], "https://returns.example.com"
    settings.WECHAT_BASE_URL = settings.ALIPAY_BASE_URL = settings.STRIPE_BASE_URL = settings.SF_BASE_URL = ""
    return settings


def test_a_clean_installation_starts(real):
    assert production.faults() == []


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SECRET_KEY", "short"),
        ("WECHAT_BASE_URL", "http://127.0.0.1:9000"),
        ("ALIPAY_BASE_URL", "http://127.0.0.2:9000"),
        ("STRIPE_BASE_URL", "http://[::1]:9000"),
        ("SF_BASE_URL", "http://localhost:9000"),
        ("SITE_URL", "http://returns.example.com"),
        ("ALLOWED_HOSTS", []),
    ],
)
def test_each_fault_is_one_line(real, name, value):
    setattr(real, name, value)
    (line,) = production.faults()
    assert name in line and "\n" not in line


def test_a_key_that_was_made_for_the_demo_is_refused(real, tmp_path):
    real.DATA_DIR = tmp_path
    demo = DemoKeys(tmp_path)
    real.STRIPE_SECRET_KEY, real.STRIPE_WEBHOOK_SECRETS = demo.secret_key, ["whsec_1", demo.webhook_secret]
    assert production.faults() == [
        "STRIPE_SECRET_KEY is the demo's: set the one of your contract.",
        "STRIPE_WEBHOOK_SECRETS is the demo's: set the one of your contract.",
    ]


def test_an_alipay_account_is_whole_or_not_there(real):
    real.ALIPAY_APP_ID, real.ALIPAY_PRIVATE_KEY = "2021", "key"
    first, second = production.faults()
    assert first.startswith("ALIPAY_PUBLIC_KEY is empty") and second.startswith("ALIPAY_SELLER_ID is empty")


def test_a_stripe_account_without_a_webhook_secret_is_half_of_one(real):
    real.STRIPE_SECRET_KEY, real.STRIPE_WEBHOOK_SECRETS = "sk_live_1", []
    (line,) = production.faults()
    assert line.startswith("STRIPE_WEBHOOK_SECRETS is empty")


def test_an_open_demo_account_is_refused(real):
    User.objects.create_user("ann", password=production.DEMO_PASSWORD)
    assert production.faults() == ["The demo account ann is open: remove it or change its password."]


def test_the_demo_itself_has_no_faults(settings):
    assert settings.DEMO
    assert production.faults() == []
