"""What goes to and fro between a merchant and Alipay, as the stand-in reads and writes it."""

import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from refunds.gateways.alipay import reading, signature
from returns_platform.kernel.stand_in import Row

METHODS = {
    "alipay.trade.refund",
    "alipay.trade.fastpay.refund.query",
    "alipay.data.dataservice.bill.downloadurl.query",
}
ANSWERED = METHODS | {"alipay.trade.query", "alipay.trade.close"}
BUYER = "159****5620"
LARGEST = 10**15


class Trouble(Exception):
    """An error of the protocol: `code` of the gateway, `sub_code` of what is wrong, in words."""

    def __init__(self, code: str, sub_code: str, sub_msg: str):
        super().__init__(sub_code)
        self.code, self.sub_code, self.sub_msg = code, sub_code, sub_msg

    def node(self) -> dict[str, str]:
        message = {"40004": "Business Failed", "20000": "Service Currently Unavailable"}.get(self.code, "Invalid")
        return {"code": self.code, "msg": message, "sub_code": self.sub_code, "sub_msg": self.sub_msg}


def business(sub_code: str, sub_msg: str) -> Trouble:
    return Trouble("40004", f"ACQ.{sub_code}", sub_msg)


@dataclass(frozen=True)
class Asked:
    """A request for a refund; the amount in fen."""

    number: str
    trade_no: str
    amount: int

    @classmethod
    def read(cls, content: dict[str, Any]) -> "Asked":
        """The request's facts, or INVALID_PARAMETER with the name of the field."""
        try:
            amount = reading.fen(content, "refund_amount")
        except reading.Unreadable:
            raise business("INVALID_PARAMETER", "refund_amount") from None
        if not 0 < amount <= LARGEST:
            raise business("REFUND_FEE_ERROR", "退款金额有误")
        reason = content.get("refund_reason", "")
        if not isinstance(reason, str) or len(reason) > 256:
            raise business("INVALID_PARAMETER", "refund_reason")
        return cls(number=matching(content, "out_request_no"), trade_no=trade_no(content), amount=amount)


def trade_no(content: dict[str, Any]) -> str:
    return matching(content, "trade_no" if content.get("trade_no") else "out_trade_no")


def matching(content: dict[str, Any], name: str) -> str:
    value = content.get(name)
    if not isinstance(value, str) or not re.fullmatch(r"[0-9A-Za-z_\-]{1,64}", value):
        raise business("INVALID_PARAMETER", name)
    return value


def envelope(method: str, node: dict[str, Any], *, key: RSAPrivateKey | None, over: str = "") -> bytes:
    """An answer: the node as raw text, and the signature over it (or over another text, or none).

    Slashes are escaped as Alipay does it: who verifies what he has written himself is found out.
    """
    raw = json.dumps(node, ensure_ascii=False, separators=(",", ":")).replace("/", "\\/")
    name = f"{method.replace('.', '_')}_response" if method in ANSWERED else "error_response"
    proof = f',"sign":"{signature.sign(over or raw, key)}"' if key else ""
    return f'{{"{name}":{raw}{proof}}}'.encode()


def refund_node(row: Row, *, changed: bool, refunded: int) -> dict[str, Any]:
    """What the refund itself answers; `refunded` is the sum over all refunds of the trade."""
    return {
        "code": "10000",
        "msg": "Success",
        "trade_no": row["transaction_id"],
        "out_trade_no": row["transaction_id"],
        "buyer_logon_id": BUYER,
        "buyer_user_id": "2088101117955611",
        "fund_change": "Y" if changed else "N",
        "refund_fee": reading.yuan(refunded),
        "send_back_fee": reading.yuan(row["amount"]),
        "refund_detail_item_list": [_item(row)] if changed else [],
        **({"has_deposit_back": "true"} if row.data.get("card") and changed else {}),
    }


def query_node(trade: str, row: Row | None, *, total: int, hidden: bool = False) -> dict[str, Any]:
    """What a query answers: facts once it has succeeded, an error code where it came to nothing, else neither."""
    answered = {"code": "10000", "msg": "Success", "trade_no": trade, "out_trade_no": trade}
    if row is None or row.state == "processing" or row.data.get("forgotten") or hidden:
        return answered
    answered |= {"out_request_no": row.number}
    if row.state == "closed":
        return {**answered, "error_code": "REFUND_FAIL"}
    return {
        **answered,
        "total_amount": reading.yuan(total),
        "refund_amount": reading.yuan(row["amount"]),
        "refund_status": "REFUND_SUCCESS",
        "gmt_refund_pay": reading.written(datetime.fromisoformat(row["success_time"])),
        "refund_detail_item_list": [_item(row)],
        "send_back_fee": reading.yuan(row["amount"]),
        **({"deposit_back_info": _card_node(row)} if row.data.get("card") else {}),
    }


def _item(row: Row) -> dict[str, str]:
    channel = "BANKCARD" if row.data.get("card") else "ALIPAYACCOUNT"
    return {
        "fund_channel": channel,
        "amount": reading.yuan(row["amount"]),
        "real_amount": reading.yuan(row["amount"]),
    }


def _card_node(row: Row) -> dict[str, str]:
    node = {
        "has_deposit_back": "true",
        "dback_status": row["card"],
        "dback_amount": reading.yuan(row["amount"]),
        "est_bank_receipt_time": row["card_by"],
    }
    return node | ({"bank_ack_time": row["card_at"]} if row["card"] != "P" else {})


def payment_notice(row: Row, *, seller_id: str, total: int, refunded: int, paid_at: datetime) -> dict[str, str]:
    """The notification of the payment after a refund of it; `refunded` of all of them."""
    done_at = reading.written(datetime.fromisoformat(row["success_time"]))
    return {
        "notify_type": "trade_status_sync",
        "trade_no": row["transaction_id"],
        "out_trade_no": row["transaction_id"],
        "out_biz_no": row.number,
        "seller_id": seller_id,
        "buyer_logon_id": BUYER,
        "trade_status": "TRADE_CLOSED" if refunded >= total else "TRADE_SUCCESS",
        "total_amount": reading.yuan(total),
        "refund_fee": reading.yuan(refunded),
        "gmt_payment": reading.written(paid_at),
        "gmt_refund": done_at,
        **({"gmt_close": done_at} if refunded >= total else {}),
    }


def card_notice(row: Row) -> dict[str, str]:
    """The message that the bank has answered."""
    content = {
        "trade_no": row["transaction_id"],
        "out_trade_no": row["transaction_id"],
        "out_request_no": row.number,
        "dback_status": row["card"],
        "dback_amount": reading.yuan(row["amount"]),
        "bank_ack_time": row["card_at"],
        "est_bank_receipt_time": row["card_by"],
    }
    return {
        "msg_method": "alipay.trade.refund.depositback.completed",
        "utc_timestamp": str(int(datetime.now(UTC).timestamp() * 1000)),
        "biz_content": json.dumps(content, ensure_ascii=False),
    }
