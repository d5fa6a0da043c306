"""Who we are to Stripe: demo secrets of the data folder, or the settings."""

import stat

import pytest
from django.core.exceptions import ImproperlyConfigured

from refunds.gateways import stripe
from refunds.gateways.stripe.keys import DemoKeys
from returns_platform.kernel.stand_in import ensure_keys


@pytest.fixture(autouse=True)
def _folder(settings, tmp_path):
    settings.DATA_DIR = tmp_path
    settings.STAND_INS = {"stripe": "refunds.gateways.stripe.simulator.Stripe"}


def test_demo_secrets_are_made_once_and_only_their_owner_reads_them(tmp_path):
    ensure_keys(tmp_path)
    made = {path: path.read_text() for path in (tmp_path / "keys").iterdir()}
    ensure_keys(tmp_path)
    assert len(made) == 2 and all(path.read_text() == text for path, text in made.items())
    assert {stat.S_IMODE(path.stat().st_mode) for path in made} == {0o600}


def test_in_the_demo_both_sides_share_the_secrets_of_the_folder(tmp_path):
    us, demo = stripe.account(), DemoKeys(tmp_path)
    assert (us.secret_key, us.webhook_secrets, us.base_url) == (demo.secret_key, (demo.webhook_secret,), "")
    assert us.mode == "test"


def test_secrets_never_show(tmp_path):
    shown = repr(stripe.account())
    assert DemoKeys(tmp_path).secret_key not in shown and DemoKeys(tmp_path).webhook_secret not in shown


def test_outside_the_demo_every_secret_must_be_set(settings):
    settings.DEMO = False
    with pytest.raises(ImproperlyConfigured, match="STRIPE_SECRET_KEY, STRIPE_WEBHOOK_SECRETS"):
        stripe.account()


@pytest.mark.parametrize(
    ("key", "mode"), [("sk_live_1", "live"), ("rk_live_1", "live"), ("sk_test_1", "test"), ("rk_test_live_1", "test")]
)
def test_outside_the_demo_the_settings_count(settings, key, mode):
    settings.DEMO, settings.STRIPE_BASE_URL = False, "https://api.stripe.com/"
    settings.STRIPE_SECRET_KEY, settings.STRIPE_WEBHOOK_SECRETS = key, ["whsec_1", "whsec_2"]
    us = stripe.account()
    assert (us.base_url, us.secret_key, us.mode) == ("https://api.stripe.com", key, mode)
    assert us.webhook_secrets == ("whsec_1", "whsec_2")
