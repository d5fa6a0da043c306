"""Who we are to Alipay: demo keys of the data folder, or the settings, in each form that keys come in."""

import stat

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from django.core.exceptions import ImproperlyConfigured

from refunds.gateways import alipay
from refunds.gateways.alipay.keys import DemoKeys, private_key, public_key, public_pem
from returns_platform.kernel.stand_in import ensure_keys

KEY = rsa.generate_private_key(65537, 2048)


@pytest.fixture(autouse=True)
def _folder(settings, tmp_path):
    settings.DATA_DIR = tmp_path
    settings.STAND_INS = {"alipay": "refunds.gateways.alipay.simulator.Alipay"}


def test_demo_keys_are_made_once_and_only_their_owner_reads_them(tmp_path):
    ensure_keys(tmp_path)
    made = {path: path.read_text() for path in (tmp_path / "keys").iterdir()}
    ensure_keys(tmp_path)
    assert len(made) == 2 and all(path.read_text() == text for path, text in made.items())
    assert {stat.S_IMODE(path.stat().st_mode) for path in made} == {0o600}


def test_in_the_demo_both_sides_share_the_keys_of_the_folder(tmp_path):
    us, demo = alipay.account(), DemoKeys(tmp_path)
    assert (us.app_id, us.seller_id, us.base_url) == ("2021000000000109", "2088000000000109", "")
    assert us.private_key == private_key(demo.merchant_key)
    assert us.alipay_keys == (public_key(public_pem(demo.alipay_key)),)


def test_keys_never_show():
    assert "private" not in repr(alipay.account())


def test_outside_the_demo_every_key_must_be_set(settings):
    settings.DEMO = False
    with pytest.raises(
        ImproperlyConfigured, match="ALIPAY_APP_ID, ALIPAY_PRIVATE_KEY, ALIPAY_PUBLIC_KEY, ALIPAY_SELLER"
    ):
        alipay.account()


def test_outside_the_demo_the_settings_count_and_a_key_may_take_over_from_another(settings, tmp_path):
    one, other = public_pem(DemoKeys(tmp_path).alipay_key), bare(KEY.public_key())
    settings.DEMO, settings.ALIPAY_BASE_URL = False, "https://openapi.alipay.com/"
    settings.ALIPAY_APP_ID, settings.ALIPAY_SELLER_ID = "1", "2"
    settings.ALIPAY_PRIVATE_KEY, settings.ALIPAY_PUBLIC_KEY = bare(KEY), f"{one},{other}"
    us = alipay.account()
    assert (us.base_url, us.app_id, us.seller_id) == ("https://openapi.alipay.com", "1", "2")
    assert us.alipay_keys == (public_key(one), KEY.public_key())


def bare(key) -> str:
    """Base64 without head and foot, as Alipay's own tool gives keys."""
    if hasattr(key, "private_bytes"):
        pem = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    else:
        pem = key.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    return "".join(pem.decode().splitlines()[1:-1])


@pytest.mark.parametrize("form", [serialization.PrivateFormat.PKCS8, serialization.PrivateFormat.TraditionalOpenSSL])
def test_private_keys_come_as_pem_or_bare(form):
    pem = KEY.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption()).decode()
    bare_text = "".join(pem.splitlines()[1:-1])
    assert {key.private_numbers() for key in (private_key(pem), private_key(bare_text), KEY)} == {
        KEY.private_numbers()
    }


@pytest.mark.parametrize("text", ["my secret", "bXkgc2VjcmV0", "-----BEGIN PRIVATE KEY-----\nmy secret"])
def test_what_is_no_key_is_said_without_showing_it(text):
    with pytest.raises(ImproperlyConfigured, match="neither PEM nor base64") as error:
        private_key(text)
    assert text not in str(error.value)
