"""Paying by Alipay on its own page, whose address is signed here. Alipay knows the charge once it is opened."""

from typing import Any

from refunds.gateways.alipay import reading
from refunds.gateways.alipay.client import Client
from refunds.gateways.alipay.gateway import CURRENCY, NO_SUCH_TRADE
from refunds.gateways.alipay.keys import account
from refunds.gateways.interface import ChargeAnswer, ChargeOrder, GatewayDown, GatewayRefused, PayPage

PAGE, QUERY, CLOSE = "alipay.trade.page.pay", "alipay.trade.query", "alipay.trade.close"
STATES = {"TRADE_SUCCESS": "paid", "TRADE_FINISHED": "paid", "WAIT_BUYER_PAY": "unpaid", "TRADE_CLOSED": "closed"}
TOO_LATE = "ACQ.TRADE_STATUS_ERROR"  # it was paid, or closed before
LONGEST_TITLE = 128


class Checkout:
    def __init__(self) -> None:
        self.client = Client(account())

    def open(self, order: ChargeOrder) -> PayPage:
        if order.currency != CURRENCY:
            raise GatewayRefused("currency", f"{order.currency} is not {CURRENCY}", retry=False, hurdle="rule")
        content = {
            "out_trade_no": order.number, "total_amount": reading.yuan(order.amount),
            "subject": order.title[:LONGEST_TITLE], "product_code": "FAST_INSTANT_TRADE_PAY",
            "time_expire": reading.written(order.expires_at),
        }  # fmt: skip
        return PayPage(self.client.page(PAGE, content, notify_url=order.notify_url, return_url=order.return_url))

    def query(self, order: ChargeOrder) -> ChargeAnswer | None:
        try:
            data = self.client.call(QUERY, {"out_trade_no": order.number})
        except GatewayRefused as error:
            if error.code == NO_SUCH_TRADE:
                return None
            raise
        try:
            return _answer(data)
        except reading.Unreadable as error:
            raise GatewayDown(f"answer: {error}") from None

    def close(self, order: ChargeOrder) -> None:
        try:
            self.client.call(CLOSE, {"out_trade_no": order.number})
        except GatewayRefused as error:
            if error.code not in (NO_SUCH_TRADE, TOO_LATE):
                raise


def _answer(data: dict[str, Any]) -> ChargeAnswer:
    state = STATES.get(reading.text(data, "trade_status"))
    if state is None:
        raise reading.Unreadable("unknown trade_status")
    return ChargeAnswer(
        number=reading.text(data, "out_trade_no", longest=64), state=state, currency=CURRENCY,
        amount=reading.fen(data, "total_amount"),
        transaction_id=reading.text(data, "trade_no", longest=64) if state == "paid" else "",
        paid_at=reading.moment(data, "send_pay_date") if state == "paid" else None,
    )  # fmt: skip
