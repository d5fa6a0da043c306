"""The half of the stand-in that takes money: the pay page, whose address we sign, queries, closing, notices."""

from datetime import datetime
from secrets import randbelow
from typing import Any

from refunds.gateways.alipay import reading
from refunds.gateways.alipay.keys import DEMO_SELLER_ID
from refunds.gateways.alipay.simulator_messages import BUYER, Trouble, business, matching
from refunds.gateways.simulator_pay import Till
from returns_platform.kernel.stand_in import BadInput, Reply, Request, Route

PAGE, QUERY, CLOSE = "alipay.trade.page.pay", "alipay.trade.query", "alipay.trade.close"
METHODS = {PAGE, QUERY, CLOSE}
STATES = {"unpaid": "WAIT_BUYER_PAY", "paid": "TRADE_SUCCESS", "closed": "TRADE_CLOSED"}


class TakesMoney:
    """Mixed into the stand-in: `pay_routes` beside its own."""

    @property
    def till(self) -> Till:
        return Till(self.book, name="支付宝 Alipay")

    def pay_routes(self) -> list[Route]:
        return [
            Route("GET", "/gateway.do", self.pay_page),
            Route("POST", "/pay/(?P<number>[^/]+)", self.pay),
            Route("GET", "/pay/(?P<number>[^/]+)", self.paid_page),
        ]

    def pay_page(self, request: Request) -> Reply:
        """The customer's browser comes with what the shop has signed; from here on the charge is known."""
        said = request.query
        try:
            self.must_be_the_merchant(said)
            content = self.content(said)
            number = matching(content, "out_trade_no")
            amount = reading.fen(content, "total_amount")
        except (Trouble, reading.Unreadable) as error:
            raise BadInput(f"This page was not opened by the shop: {error}", status=403) from None
        kept = self.till.open(
            number, amount=amount, currency="CNY", title=content.get("subject", ""),
            notify_url=said.get("notify_url", ""), return_url=said.get("return_url", ""),
            behaviour=self.next_behaviour(number=number, amount=amount),
        )  # fmt: skip
        return self.till.page(kept, Request("GET", f"/pay/{number}", request.headers, b""))

    def paid_page(self, request: Request, *, number: str) -> Reply:
        return self.till.page(self.till.find(number), request)

    def pay(self, request: Request, *, number: str) -> Reply:
        when = datetime.now(reading.BEIJING)
        paid = self.till.pay(number, transaction_id=f"{when:%Y%m%d}22001{randbelow(10**15):015d}")
        if paid is not None and paid["notify_url"] and paid.get("behaviour") != "callback_never":
            for _ in range(2 if paid.get("behaviour") == "callback_twice" else 1):
                self.later(0, "deliver", url=paid["notify_url"], notice=paid_notice(paid) | self.stamp(), step=0,
                           behaviour=paid.get("behaviour", "ok"))  # fmt: skip
        return self.paid_page(request, number=number)

    def trade(self, content: dict[str, Any]) -> dict[str, Any]:
        kept = self.till.find(matching(content, "out_trade_no"))
        if kept is None:
            raise business("TRADE_NOT_EXIST", "交易不存在")
        return {"code": "10000", "msg": "Success", **trade_facts(kept)}

    def close_trade(self, content: dict[str, Any]) -> dict[str, Any]:
        number = matching(content, "out_trade_no")
        state = self.till.close(number)
        if state == "unknown":
            raise business("TRADE_NOT_EXIST", "交易不存在")
        if state == "paid":
            raise business("TRADE_STATUS_ERROR", "交易状态不合法")
        return {"code": "10000", "msg": "Success", "out_trade_no": number}


def trade_facts(kept: dict[str, Any]) -> dict[str, str]:
    wrong_by = 1 if kept.get("behaviour") == "callback_wrong_amount" else 0
    told = {
        "out_trade_no": kept["number"], "trade_status": STATES[kept["state"]],
        "total_amount": reading.yuan(kept["amount"] + wrong_by), "buyer_logon_id": BUYER,
    }  # fmt: skip
    if kept["state"] == "paid":
        paid_at = datetime.fromisoformat(kept["paid_at"])
        told |= {"trade_no": kept["transaction_id"], "send_pay_date": reading.written(paid_at)}
    return told


def paid_notice(kept: dict[str, Any]) -> dict[str, str]:
    facts = trade_facts(kept)
    paid_at = facts.pop("send_pay_date")
    return {"notify_type": "trade_status_sync", "seller_id": DEMO_SELLER_ID, "gmt_payment": paid_at, **facts}
