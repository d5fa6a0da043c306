"""Who we are to WeChat: demo keys of the data folder, or the settings."""

import stat

import pytest
from django.core.exceptions import ImproperlyConfigured

from refunds.gateways import wechat
from refunds.gateways.wechat.keys import DemoKeys, public_pem
from returns_platform.kernel.stand_in import ensure_keys


@pytest.fixture(autouse=True)
def _folder(settings, tmp_path):
    settings.DATA_DIR = tmp_path
    settings.STAND_INS = {"wechat": "refunds.gateways.wechat.simulator.WeChatPay"}


def test_demo_keys_are_made_once_and_only_their_owner_reads_them(tmp_path):
    ensure_keys(tmp_path)
    made = {path: path.read_text() for path in (tmp_path / "keys").iterdir()}
    ensure_keys(tmp_path)
    assert len(made) == 5 and all(path.read_text() == text for path, text in made.items())
    assert {stat.S_IMODE(path.stat().st_mode) for path in made} == {0o600}


def test_in_the_demo_both_sides_share_the_keys_of_the_folder(tmp_path):
    us, demo = wechat.account(), DemoKeys(tmp_path)
    assert (us.mchid, us.serial, us.api_v3_key) == ("1900000109", demo.merchant_serial, demo.api_v3_key)
    assert set(us.platform_keys) == {demo.platform_serial} and us.base_url == ""


def test_keys_never_show(tmp_path):
    assert DemoKeys(tmp_path).api_v3_key not in repr(wechat.account())


def test_outside_the_demo_every_key_must_be_set(settings):
    settings.DEMO = False
    with pytest.raises(ImproperlyConfigured, match="WECHAT_MCHID, WECHAT_KEY_SERIAL"):
        wechat.account()


def test_outside_the_demo_the_settings_count(settings, tmp_path):
    demo = DemoKeys(tmp_path)
    settings.DEMO, settings.WECHAT_BASE_URL = False, "https://api.mch.weixin.qq.com/"
    settings.WECHAT_MCHID, settings.WECHAT_KEY_SERIAL, settings.WECHAT_API_V3_KEY = "1", "S", "k" * 32
    settings.WECHAT_PRIVATE_KEY = demo.merchant_key
    settings.WECHAT_PLATFORM_KEYS = {"A": public_pem(demo.platform_key), "B": public_pem(demo.platform_key)}
    us = wechat.account()
    assert (us.base_url, us.mchid, set(us.platform_keys)) == ("https://api.mch.weixin.qq.com", "1", {"A", "B"})
