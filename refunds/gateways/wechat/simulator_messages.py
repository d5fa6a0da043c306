"""What goes to and fro between a merchant and WeChat Pay, as the stand-in reads and writes it."""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from refunds.gateways.wechat.keys import DEMO_MCHID
from returns_platform.kernel.stand_in import BadInput, Request, Row

BEIJING = ZoneInfo("Asia/Shanghai")
STATUSES = {"processing": "PROCESSING", "succeeded": "SUCCESS", "closed": "CLOSED", "abnormal": "ABNORMAL"}


class Trouble(Exception):
    """An error of the protocol."""

    def __init__(self, status: int, code: str, message: str):
        super().__init__(code)
        self.status, self.code, self.message = status, code, message


@dataclass(frozen=True)
class Asked:
    """A request for a refund; amounts in fen."""

    number: str
    transaction_id: str
    amount: int
    total: int
    notify_url: str

    @classmethod
    def read(cls, request: Request) -> "Asked":
        """The request's facts, or 400 PARAM_ERROR in the words of the field."""
        try:
            body = request.json()
        except BadInput as error:
            raise Trouble(400, "PARAM_ERROR", "请求体不是有效的JSON") from error
        amount = body.get("amount")
        if not isinstance(amount, dict) or amount.get("currency") != "CNY":
            raise Trouble(400, "PARAM_ERROR", "amount.currency")
        reason = body.get("reason", "")
        if not isinstance(reason, str) or len(reason.encode(errors="replace")) > 80:
            raise Trouble(400, "PARAM_ERROR", "reason")
        return cls(
            number=_matching(body.get("out_refund_no"), r"[0-9A-Za-z_\-|*@]{1,64}", "out_refund_no"),
            transaction_id=_matching(body.get("transaction_id"), r"[0-9A-Za-z_\-]{1,32}", "transaction_id"),
            amount=_fen(amount.get("refund"), "amount.refund"),
            total=_fen(amount.get("total"), "amount.total"),
            notify_url=_matching(body.get("notify_url", ""), r"|https?://[!->@-~]{1,248}", "notify_url"),
        )

    def is_that_of(self, row: Row) -> bool:
        """Asked once more, unchanged?"""
        booked = row["transaction_id"], row["amount"], row["total"]
        return booked == (self.transaction_id, self.amount, self.total)


def _matching(value: Any, pattern: str, name: str) -> str:
    if not isinstance(value, str) or not re.fullmatch(pattern, value):
        raise Trouble(400, "PARAM_ERROR", name)
    return value


def _fen(value: Any, name: str) -> int:
    if type(value) is not int or not 0 < value <= 10**12:
        raise Trouble(400, "PARAM_ERROR", name)
    return value


def refund_object(row: Row) -> dict[str, Any]:
    """What create and query answer."""
    amount, total = row["amount"], row["total"]
    return {
        "refund_id": row["refund_id"],
        "out_refund_no": row.number,
        "transaction_id": row["transaction_id"],
        "out_trade_no": row["transaction_id"],
        "channel": "ORIGINAL",
        "user_received_account": "支付用户零钱",
        **({"success_time": row["success_time"]} if row.state == "succeeded" else {}),
        "create_time": row["create_time"],
        "status": STATUSES[row.state],
        "funds_account": "UNSETTLED",
        "amount": {
            "total": total,
            "refund": amount,
            "payer_total": total,
            "payer_refund": amount,
            "settlement_refund": amount,
            "settlement_total": total,
            "discount_refund": 0,
            "currency": "CNY",
        },
        "promotion_detail": [],
    }


def callback_content(row: Row, *, wrong_by: int) -> dict[str, Any]:
    """What a callback says inside its seal."""
    amount = row["amount"] + wrong_by
    return {
        "mchid": DEMO_MCHID,
        "out_trade_no": row["transaction_id"],
        "transaction_id": row["transaction_id"],
        "out_refund_no": row.number,
        "refund_id": row["refund_id"],
        "refund_status": STATUSES[row.state],
        **({"success_time": row["success_time"]} if row.state == "succeeded" else {}),
        "user_received_account": "支付用户零钱",
        "amount": {
            "total": row["total"],
            "refund": amount,
            "payer_total": row["total"],
            "payer_refund": amount,
        },
    }


def now() -> str:
    return datetime.now(BEIJING).isoformat(timespec="seconds")
