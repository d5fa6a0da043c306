"""RSA2, which is RSA PKCS#1 v1.5 with SHA-256: what is signed, and whether it really was.

Three texts are signed in three ways. A request: every parameter but `sign`, without the empty ones. A notification:
every parameter but `sign` and `sign_type`. An answer: the raw text of its response node, as it came.
"""

import base64
from collections.abc import Mapping, Sequence

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256

from refunds.gateways.interface import NotAuthentic

SCHEME = "RSA2"


def request_text(parameters: Mapping[str, str]) -> str:
    return _joined({name: value for name, value in parameters.items() if value and name != "sign"})


def notification_text(parameters: Mapping[str, str]) -> str:
    return _joined({name: value for name, value in parameters.items() if name not in ("sign", "sign_type")})


def _joined(parameters: Mapping[str, str]) -> str:
    return "&".join(f"{name}={value}" for name, value in sorted(parameters.items()))


def sign(text: str, key: RSAPrivateKey) -> str:
    return base64.b64encode(key.sign(text.encode(), PKCS1v15(), SHA256())).decode()


def verify(text: str, signature: str, *, keys: Sequence[RSAPublicKey]) -> None:
    """Raises NotAuthentic unless one of these keys signed exactly this text."""
    if not signature:
        raise NotAuthentic("not signed")
    try:
        signed = base64.b64decode(signature, validate=True)
    except ValueError:
        raise NotAuthentic("the signature is no base64") from None
    if not any(_is_signed_by(key, text.encode(), signed) for key in keys):
        raise NotAuthentic("the signature is wrong")


def _is_signed_by(key: RSAPublicKey, text: bytes, signed: bytes) -> bool:
    try:
        key.verify(signed, text, PKCS1v15(), SHA256())
    except InvalidSignature:
        return False
    return True
