"""Is a message really WeChat's? The same proof for its answers and for its callbacks."""

import re
from collections.abc import Mapping
from datetime import datetime

from wechatpayv3.utils import rsa_verify

from refunds.gateways.interface import NotAuthentic
from refunds.gateways.wechat.keys import Account

SCHEME = "WECHATPAY2-SHA256-RSA2048"
CLOCKS_MAY_DIFFER_S = 300


def verify(headers: Mapping[str, str], body: bytes, *, account: Account, now: datetime) -> None:
    """Raises NotAuthentic unless WeChat signed exactly these bytes, less than five minutes from `now`."""
    sent = {name.lower(): text for name, text in headers.items()}
    stamp, nonce = sent.get("wechatpay-timestamp", ""), sent.get("wechatpay-nonce", "")
    signature, serial = sent.get("wechatpay-signature", ""), sent.get("wechatpay-serial", "")
    if not (stamp and nonce and signature and serial):
        raise NotAuthentic("not signed")
    if sent.get("wechatpay-signature-type", SCHEME) != SCHEME:
        raise NotAuthentic("signed in another way")
    if not re.fullmatch(r"\d{1,12}", stamp, re.ASCII):
        raise NotAuthentic("no time in the signature")
    if abs(now.timestamp() - int(stamp)) >= CLOCKS_MAY_DIFFER_S:
        raise NotAuthentic("signed at another time")
    if serial not in account.platform_keys:
        raise NotAuthentic("signed with a key we do not know")
    try:
        right = rsa_verify(stamp, nonce, body.decode(), signature, account.platform_keys[serial])
    except ValueError:  # bytes that are no text were never signed by WeChat
        right = False
    if not right:
        raise NotAuthentic("the signature is wrong")
