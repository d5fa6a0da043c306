"""Paying by WeChat on a page of its own (H5): for phones, and for the browser on a desk."""

from datetime import UTC
from typing import Any
from urllib.parse import quote, urlencode

from django.conf import settings

from refunds.gateways.interface import ChargeAnswer, ChargeOrder, GatewayDown, GatewayRefused, PayPage
from refunds.gateways.wechat import reading
from refunds.gateways.wechat.client import Client
from refunds.gateways.wechat.keys import account

OPEN = "/v3/pay/transactions/h5"
ONE = "/v3/pay/transactions/out-trade-no"
STATES = {"SUCCESS": "paid", "REFUND": "paid", "NOTPAY": "unpaid", "USERPAYING": "unpaid", "PAYERROR": "unpaid",
          "CLOSED": "closed", "REVOKED": "closed"}  # fmt: skip
NO_SUCH = ("ORDER_NOT_EXIST", "ORDERNOTEXIST", "RESOURCE_NOT_EXISTS")
LONGEST_TITLE = 127  # bytes of UTF-8


class Checkout:
    def __init__(self) -> None:
        self.account = account()
        self.client = Client(self.account)

    def open(self, order: ChargeOrder) -> PayPage:
        if order.currency != "CNY":
            raise GatewayRefused("currency", f"{order.currency} is not CNY", retry=False, hurdle="rule")
        data = self.client.post(OPEN, self._body(order))
        try:
            url = reading.text(data, "h5_url", longest=2048)
        except reading.Unreadable as error:
            raise GatewayDown(f"answer: {error}") from None
        return PayPage(f"{url}&{urlencode({'redirect_url': order.return_url})}")

    def query(self, order: ChargeOrder) -> ChargeAnswer | None:
        try:
            data = self.client.get(f"{ONE}/{quote(order.number, safe='')}?mchid={self.account.mchid}")
        except GatewayRefused as error:
            if error.code in NO_SUCH:
                return None
            raise
        try:
            return _answer(data)
        except reading.Unreadable as error:
            raise GatewayDown(f"answer: {error}") from None

    def close(self, order: ChargeOrder) -> None:
        try:
            self.client.post(f"{ONE}/{quote(order.number, safe='')}/close", {"mchid": self.account.mchid})
        except GatewayRefused as error:
            if error.code not in (*NO_SUCH, "ORDERPAID"):
                raise

    def _body(self, order: ChargeOrder) -> dict[str, Any]:
        return {
            "appid": settings.WECHAT_APP_ID,
            "mchid": self.account.mchid,
            "description": order.title.encode()[:LONGEST_TITLE].decode(errors="ignore"),
            "out_trade_no": order.number,
            "time_expire": order.expires_at.astimezone(UTC).isoformat(timespec="seconds"),
            "notify_url": order.notify_url,
            "amount": {"total": order.amount, "currency": order.currency},
            "scene_info": {"payer_client_ip": "127.0.0.1", "h5_info": {"type": "Wap"}},
        }


def _answer(data: dict[str, Any]) -> ChargeAnswer:
    state = STATES.get(reading.text(data, "trade_state"))
    if state is None:
        raise reading.Unreadable("unknown trade_state")
    amount = data.get("amount")
    if not isinstance(amount, dict):
        raise reading.Unreadable("amount is no object")
    return ChargeAnswer(
        number=reading.text(data, "out_trade_no"), state=state, amount=reading.whole(amount, "total"),
        currency=reading.text(amount, "currency"),
        transaction_id=reading.text(data, "transaction_id") if state == "paid" else "",
        paid_at=reading.moment(data, "success_time") if state == "paid" else None,
    )  # fmt: skip
