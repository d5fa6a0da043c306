"""The half of the stand-in that takes money: H5 orders, their page, queries, closing, and the callback."""

import base64
import json
from datetime import datetime
from secrets import randbelow, token_hex
from typing import Any
from urllib.parse import parse_qs, urlsplit

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from refunds.gateways.simulator_pay import Till
from refunds.gateways.wechat.keys import DEMO_MCHID
from refunds.gateways.wechat.simulator_messages import BEIJING, Trouble, now
from returns_platform.kernel.stand_in import BadInput, Reply, Request, Route
from returns_platform.kernel.stand_in.base import text, whole_number

ONE = "/v3/pay/transactions/out-trade-no/(?P<number>[^/]+)"
STATES = {"unpaid": "NOTPAY", "paid": "SUCCESS", "closed": "CLOSED"}


class TakesMoney:
    """Mixed into the stand-in: `pay_routes` beside its own."""

    @property
    def till(self) -> Till:
        return Till(self.book, name="微信支付 WeChat Pay")

    def pay_routes(self) -> list[Route]:
        return [
            Route("POST", "/v3/pay/transactions/h5", self.spoken_securely(self.open_order)),
            Route("GET", ONE, self.spoken_securely(self.order)),
            Route("POST", f"{ONE}/close", self.spoken_securely(self.close_order)),
            Route("GET", "/pay/(?P<number>[^/]+)", self.pay_page),
            Route("POST", "/pay/(?P<number>[^/]+)", self.pay),
        ]

    def open_order(self, request: Request) -> Reply:
        try:
            body = request.json()
            amount = body.get("amount") if isinstance(body.get("amount"), dict) else {}
            number = text(body.get("out_trade_no"), "out_trade_no", longest=32)
            facts = {
                "amount": whole_number(amount.get("total"), "amount.total"), "currency": amount.get("currency"),
                "title": body.get("description", ""), "notify_url": text(body.get("notify_url"), "notify_url"),
                "return_url": "",
            }  # fmt: skip
        except BadInput as error:
            raise Trouble(400, "PARAM_ERROR", error.message) from None
        if (body.get("mchid"), amount.get("currency")) != (DEMO_MCHID, "CNY") or not body.get("appid"):
            raise Trouble(400, "PARAM_ERROR", "appid, mchid, currency")
        behaviour = self.next_behaviour(number=number, amount=facts["amount"])
        if behaviour == "error_500":
            raise Trouble(500, "SYSTEM_ERROR", "系统异常，请用相同参数重新调用")
        kept = self.till.open(number, **facts, behaviour=behaviour)
        if (kept["amount"], kept["state"]) != (facts["amount"], "unpaid"):
            raise Trouble(
                400, "ORDERPAID" if kept["state"] == "paid" else "INVALID_REQUEST", "订单已支付或参数不一致"
            )
        url = f"http://{request.headers['Host']}/pay/{number}?prepay_id=wx{token_hex(8)}"
        return self.in_the_manner_of(behaviour, Reply.json(200, {"h5_url": url}))

    def order(self, request: Request, *, number: str) -> Reply:
        kept = self.till.find(number)
        if kept is None:
            raise Trouble(404, "ORDER_NOT_EXIST", "订单不存在")
        return Reply.json(200, order_object(kept))

    def close_order(self, request: Request, *, number: str) -> Reply:
        state = self.till.close(number)
        if state == "paid":
            raise Trouble(400, "ORDERPAID", "订单已支付")
        if state == "unknown":
            raise Trouble(404, "ORDER_NOT_EXIST", "订单不存在")
        return Reply(204)

    def pay_page(self, request: Request, *, number: str) -> Reply:
        kept = self.till.find(number)
        back = parse_qs(urlsplit(request.target).query).get("redirect_url", [""])[0]
        return self.till.page(kept and kept | {"return_url": back}, request)

    def pay(self, request: Request, *, number: str) -> Reply:
        when = datetime.now(BEIJING)
        paid = self.till.pay(number, transaction_id=f"42000{when:%Y%m%d}{randbelow(10**15):015d}")
        if paid is not None and paid.get("behaviour") != "callback_never":
            for _ in range(2 if paid.get("behaviour") == "callback_twice" else 1):
                self.later(0, "deliver", url=paid["notify_url"], body=self.paid_callback(paid), step=0,
                           behaviour=paid.get("behaviour", "ok"))  # fmt: skip
        return self.pay_page(request, number=number)

    def paid_callback(self, kept: dict[str, Any]) -> str:
        nonce, content = token_hex(6), order_object(kept)
        sealed = AESGCM(self.api_v3_key).encrypt(nonce.encode(), json.dumps(content).encode(), b"transaction")
        event = {
            "id": f"EV-{token_hex(16)}", "create_time": now(), "resource_type": "encrypt-resource",
            "event_type": "TRANSACTION.SUCCESS", "summary": "支付成功",
            "resource": {
                "algorithm": "AEAD_AES_256_GCM", "original_type": "transaction", "associated_data": "transaction",
                "nonce": nonce, "ciphertext": base64.b64encode(sealed).decode(),
            },
        }  # fmt: skip
        return json.dumps(event, ensure_ascii=False)


def order_object(kept: dict[str, Any]) -> dict[str, Any]:
    """What a query answers, and a callback seals."""
    wrong_by = 1 if kept.get("behaviour") == "callback_wrong_amount" else 0
    told = {
        "mchid": DEMO_MCHID, "out_trade_no": kept["number"], "trade_state": STATES[kept["state"]],
        "amount": {"total": kept["amount"] + wrong_by, "payer_total": kept["amount"], "currency": kept["currency"]},
    }  # fmt: skip
    if kept["state"] == "paid":
        paid_at = datetime.fromisoformat(kept["paid_at"]).astimezone(BEIJING).isoformat(timespec="seconds")
        told |= {"transaction_id": kept["transaction_id"], "trade_type": "MWEB", "success_time": paid_at}
    return told
