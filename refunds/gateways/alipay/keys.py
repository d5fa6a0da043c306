"""Who we are to Alipay, and the keys that prove both sides."""

import base64
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from returns_platform import stack
from returns_platform.kernel.stand_in import rsa_key_pem, secret

DEMO_APP_ID = "2021000000000109"
DEMO_SELLER_ID = "2088000000000109"

SETTINGS = ("ALIPAY_BASE_URL", "ALIPAY_APP_ID", "ALIPAY_PRIVATE_KEY", "ALIPAY_PUBLIC_KEY", "ALIPAY_SELLER_ID")


@dataclass(frozen=True)
class Account:
    """`alipay_keys` are Alipay's public keys: several are believed at once, so that one can be changed while we run.

    `base_url` is empty where the stand-in does not run.
    """

    base_url: str
    app_id: str
    seller_id: str
    alipay_keys: tuple[RSAPublicKey, ...]
    private_key: RSAPrivateKey = field(repr=False)


def account() -> Account:
    """The account of the settings; in the demo, what is not set comes from this data folder."""
    texts = {name: getattr(settings, name) for name in SETTINGS}
    if settings.DEMO:
        texts = {name: text or _demo(name) for name, text in texts.items()}
    if missing := [name for name in SETTINGS if not texts[name] and name != "ALIPAY_BASE_URL"]:
        raise ImproperlyConfigured(f"Alipay needs {', '.join(missing)}.")
    return Account(
        base_url=texts["ALIPAY_BASE_URL"].rstrip("/"),
        app_id=texts["ALIPAY_APP_ID"],
        seller_id=texts["ALIPAY_SELLER_ID"],
        alipay_keys=tuple(public_key(each) for each in texts["ALIPAY_PUBLIC_KEY"].split(",") if each.strip()),
        private_key=private_key(texts["ALIPAY_PRIVATE_KEY"]),
    )


def _demo(name: str) -> str:
    demo = DemoKeys(settings.DATA_DIR)
    match name:
        case "ALIPAY_BASE_URL":
            return stack.stand_in_urls(settings.DATA_DIR).get("alipay", "")
        case "ALIPAY_APP_ID":
            return DEMO_APP_ID
        case "ALIPAY_PRIVATE_KEY":
            return demo.merchant_key
        case "ALIPAY_PUBLIC_KEY":
            return public_pem(demo.alipay_key)
        case "ALIPAY_SELLER_ID":
            return DEMO_SELLER_ID


@dataclass(frozen=True)
class DemoKeys:
    """The private keys of both sides in this data folder, as PEM, each made when it is first asked for."""

    data_dir: Path | str

    @property
    def merchant_key(self) -> str:
        return secret(self.data_dir, "alipay_merchant.pem", rsa_key_pem)

    @property
    def alipay_key(self) -> str:
        return secret(self.data_dir, "alipay_platform.pem", rsa_key_pem)


@cache
def private_key(text: str) -> RSAPrivateKey:
    """Of PEM, or of the bare base64 that Alipay's own key tool gives (PKCS#8 or PKCS#1)."""
    with _readable():
        if "-----BEGIN" in text:
            return serialization.load_pem_private_key(text.encode(), password=None)
        return serialization.load_der_private_key(_der(text), password=None)


@cache
def public_key(text: str) -> RSAPublicKey:
    """Of PEM, or of the bare base64 that Alipay's pages show."""
    with _readable():
        if "-----BEGIN" in text:
            return serialization.load_pem_public_key(text.strip().encode())
        return serialization.load_der_public_key(_der(text))


def public_pem(private_pem: str) -> str:
    public = private_key(private_pem).public_key()
    return public.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo).decode()


def _der(text: str) -> bytes:
    return base64.b64decode("".join(text.split()), validate=True)


@contextmanager
def _readable() -> Iterator[None]:
    """Whatever is wrong with a key, the key itself is not said."""
    try:
        yield
    except ValueError:
        raise ImproperlyConfigured("A key of Alipay is neither PEM nor base64.") from None
