"""With DEMO off a start is refused for what belongs to the demo, one line each."""

import pytest

from orders.accounts.models import User
from returns_platform import production

pytestmark = pytest.mark.django_db


@pytest.fixture
def real(settings):
    settings.DEMO, settings.SECRET_KEY = False, "x" * 60
    settings.ALLOWED_HOSTS, settings.SITE_URL = ["returns.example.com"], "https://returns.example.com"
    settings.WECHAT_BASE_URL = settings.SF_BASE_URL = ""
    return settings


def test_a_clean_installation_starts(real):
    assert production.faults() == []


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SECRET_KEY", "short"),
        ("WECHAT_BASE_URL", "http://127.0.0.1:9000"),
        ("SF_BASE_URL", "http://localhost:9000"),
        ("SITE_URL", "http://returns.example.com"),
        ("ALLOWED_HOSTS", []),
    ],
)
def test_each_fault_is_one_line(real, name, value):
    setattr(real, name, value)
    (line,) = production.faults()
    assert name in line and "\n" not in line


def test_an_open_demo_account_is_refused(real):
    User.objects.create_user("ann", password=production.DEMO_PASSWORD)
    assert production.faults() == ["The demo account ann is open: remove it or change its password."]


def test_the_demo_itself_has_no_faults(settings):
    assert settings.DEMO
    assert production.faults() == []
