"""Who we are to WeChat Pay, and the keys that prove both sides."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from secrets import token_hex

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.x509 import load_pem_x509_certificate
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from returns_platform import stack
from returns_platform.kernel.stand_in import rsa_key_pem, secret

DEMO_MCHID = "1900000109"

SETTINGS = (
    "WECHAT_BASE_URL",
    "WECHAT_MCHID",
    "WECHAT_KEY_SERIAL",
    "WECHAT_PRIVATE_KEY",
    "WECHAT_API_V3_KEY",
    "WECHAT_PLATFORM_KEYS",
)


@dataclass(frozen=True)
class Account:
    """`serial` is of our API certificate; `platform_keys` are WeChat's, by serial or public-key id.

    Several platform keys are believed at once, so that WeChat can change its key while we run.
    `base_url` is empty where the stand-in does not run.
    """

    base_url: str
    mchid: str
    serial: str
    platform_keys: Mapping[str, RSAPublicKey]
    private_key: RSAPrivateKey = field(repr=False)
    api_v3_key: str = field(repr=False)


def account() -> Account:
    """The account of the settings; in the demo, what is not set comes from this data folder."""
    texts = {name: getattr(settings, name) for name in SETTINGS}
    if settings.DEMO:
        texts = {name: text or _demo(name) for name, text in texts.items()}
    if missing := [name for name in SETTINGS if not texts[name] and name != "WECHAT_BASE_URL"]:
        raise ImproperlyConfigured(f"WeChat Pay needs {', '.join(missing)}.")
    return Account(
        base_url=texts["WECHAT_BASE_URL"].rstrip("/"),
        mchid=texts["WECHAT_MCHID"],
        serial=texts["WECHAT_KEY_SERIAL"],
        platform_keys={serial: public_key(pem) for serial, pem in texts["WECHAT_PLATFORM_KEYS"].items()},
        private_key=private_key(texts["WECHAT_PRIVATE_KEY"]),
        api_v3_key=texts["WECHAT_API_V3_KEY"],
    )


def _demo(name: str) -> str | dict[str, str]:
    demo = DemoKeys(settings.DATA_DIR)
    match name:
        case "WECHAT_BASE_URL":
            return stack.stand_in_urls(settings.DATA_DIR).get("wechat", "")
        case "WECHAT_MCHID":
            return DEMO_MCHID
        case "WECHAT_KEY_SERIAL":
            return demo.merchant_serial
        case "WECHAT_PRIVATE_KEY":
            return demo.merchant_key
        case "WECHAT_API_V3_KEY":
            return demo.api_v3_key
        case "WECHAT_PLATFORM_KEYS":
            return {demo.platform_serial: public_pem(demo.platform_key)}


@dataclass(frozen=True)
class DemoKeys:
    """The keys of both sides in this data folder, as texts, each made when it is first asked for."""

    data_dir: Path | str

    @property
    def merchant_key(self) -> str:
        return secret(self.data_dir, "wechat_merchant.pem", rsa_key_pem)

    @property
    def merchant_serial(self) -> str:
        return secret(self.data_dir, "wechat_merchant_serial", lambda: token_hex(20).upper())

    @property
    def platform_key(self) -> str:
        return secret(self.data_dir, "wechat_platform.pem", rsa_key_pem)

    @property
    def platform_serial(self) -> str:
        return secret(self.data_dir, "wechat_platform_id", lambda: f"PUB_KEY_ID_{token_hex(16).upper()}")

    @property
    def api_v3_key(self) -> str:
        return secret(self.data_dir, "wechat_api_v3_key", lambda: token_hex(16))


@cache
def private_key(pem: str) -> RSAPrivateKey:
    return serialization.load_pem_private_key(pem.encode(), password=None)


@cache
def public_key(pem: str) -> RSAPublicKey:
    """Of a public key, or of a certificate, as PEM."""
    if "CERTIFICATE" in pem:
        return load_pem_x509_certificate(pem.encode()).public_key()
    return serialization.load_pem_public_key(pem.encode())


def public_pem(private_pem: str) -> str:
    public = private_key(private_pem).public_key()
    return public.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo).decode()
