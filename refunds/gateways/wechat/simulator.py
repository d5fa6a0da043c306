"""A stand-in of WeChat Pay for domestic refunds, API v3: signed both ways, asynchronous, with callbacks.

Where the public pages leave a choice: two refunds of one payment within a minute are 429 FREQUENCY_LIMITED;
the same number with other facts is 400 INVALID_REQUEST; the day's bill lists what succeeded on that day, and is
there from midnight on.
"""

import base64
import hashlib
import json
import re
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from secrets import randbelow, token_hex

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from wechatpayv3.utils import rsa_sign, rsa_verify

from refunds.gateways.wechat import simulator_bill as bill
from refunds.gateways.wechat.keys import DEMO_MCHID, DemoKeys, private_key
from refunds.gateways.wechat.signature import CLOCKS_MAY_DIFFER_S, SCHEME
from refunds.gateways.wechat.simulator_messages import (
    BEIJING,
    STATUSES,
    Asked,
    Trouble,
    callback_content,
    now,
    refund_object,
)
from refunds.gateways.wechat.simulator_pay import TakesMoney
from returns_platform.kernel.outbound import http
from returns_platform.kernel.stand_in import BEHAVIOURS, BadInput, ChannelStandIn, Reply, Request, Route, Row
from returns_platform.kernel.stand_in.base import text, whole_number

ARRIVES_AFTER_S = 2
ANSWER_CALLBACK_WITHIN_S = 5
MINUTE, HOUR = 60, 3600
LADDER_S = (15, 15, 30, 3 * MINUTE, 10 * MINUTE, 20 * MINUTE, 30 * MINUTE, 30 * MINUTE, 30 * MINUTE)
LADDER_S += (HOUR, 3 * HOUR, 3 * HOUR, 3 * HOUR, 6 * HOUR, 6 * HOUR)

MOST_PARTS = 50
SPACING = timedelta(minutes=1)
OLDEST = timedelta(days=365)

SUMMARIES = {"SUCCESS": "退款成功", "CLOSED": "退款关闭", "ABNORMAL": "退款异常"}
ENDS = {"closed": "closed", "abnormal": "abnormal"}

TOO_BUSY = {
    "error_500": (500, "SYSTEM_ERROR", "系统超时"),
    "frequency_limited": (429, "FREQUENCY_LIMITED", "频率限制，请降低频率后重试"),
}
TURNED_DOWN = {
    "not_enough_balance": (403, "NOT_ENOUGH", "基本账户余额不足，请充值后重新发起"),
    "account_abnormal": (403, "USER_ACCOUNT_ABNORMAL", "用户账户异常或已注销，请商户自行处理退款"),
}


class WeChatPay(TakesMoney, ChannelStandIn):
    """Beyond the common behaviours: `abnormal` (accepted, the payer's card does not take it) and `unsigned`
    (applied, the answer carries no signature)."""

    name = "wechat"
    behaviours = (*BEHAVIOURS, "abnormal", "unsigned")

    def __init__(self, data_dir: Path | str, *, time_scale: float = 60):
        super().__init__(data_dir, time_scale=time_scale)
        keys = DemoKeys(data_dir)
        self.merchant_key = private_key(keys.merchant_key).public_key()
        self.merchant_serial = keys.merchant_serial
        self.platform_key = private_key(keys.platform_key)
        self.platform_serial = keys.platform_serial
        self.api_v3_key = keys.api_v3_key.encode()

    @classmethod
    def ensure_keys(cls, data_dir: Path | str) -> None:
        keys = DemoKeys(data_dir)
        _ = keys.merchant_key, keys.merchant_serial, keys.platform_key, keys.platform_serial, keys.api_v3_key

    def routes(self) -> list[Route]:
        refunds = "/v3/refund/domestic/refunds"
        return [
            *super().routes(),
            Route("POST", refunds, self.spoken_securely(self.create)),
            Route("GET", f"{refunds}/(?P<number>[^/]+)", self.spoken_securely(self.query)),
            Route("GET", "/v3/bill/tradebill", self.spoken_securely(self.announce_bill)),
            Route("GET", "/v3/billdownload/file", self.give_bill),
            Route("POST", "/_by_hand", self.refund_by_hand),
            *self.pay_routes(),
        ]

    # The edge: who asks, and our signature

    def spoken_securely(self, handle: Callable[..., Reply]) -> Callable[..., Reply]:
        def answer(request: Request, **parts: str) -> Reply:
            try:
                self.must_be_the_merchant(request)
                reply = handle(request, **parts)
            except Trouble as trouble:
                reply = Reply.json(trouble.status, {"code": trouble.code, "message": trouble.message})
            if reply.status == 401:
                return reply  # not signed, as the caller is nobody we know
            return replace(reply, headers={**self.signature(reply.body), **reply.headers})

        return answer

    def must_be_the_merchant(self, request: Request) -> None:
        scheme, _, attributes = request.headers.get("Authorization", "").partition(" ")
        said = dict(re.findall(r'(\w+)="([^"]*)"', attributes))
        if scheme != SCHEME or not re.fullmatch(r"\d{1,12}", said.get("timestamp", ""), re.ASCII):
            raise Trouble(401, "SIGN_ERROR", "Http头Authorization值格式错误")
        if abs(time.time() - int(said["timestamp"])) >= CLOCKS_MAY_DIFFER_S:
            raise Trouble(401, "SIGN_ERROR", "Http头Authorization中的timestamp已过期")
        if (said.get("mchid"), said.get("serial_no")) != (DEMO_MCHID, self.merchant_serial):
            raise Trouble(401, "SIGN_ERROR", "商户证书序列号有误")
        # The five lines of a request are the three of an answer with method and target before them.
        first = f"{request.method}\n{request.target}\n{said['timestamp']}"
        body = request.body.decode(errors="replace")
        nonce, signature = said.get("nonce_str", ""), said.get("signature", "")
        if not rsa_verify(first, nonce, body, signature, self.merchant_key):
            raise Trouble(401, "SIGN_ERROR", "签名错误，请检查后再试")

    def signature(self, body: bytes) -> dict[str, str]:
        stamp, nonce = str(int(time.time())), token_hex(16)
        return {
            "Wechatpay-Timestamp": stamp,
            "Wechatpay-Nonce": nonce,
            "Wechatpay-Signature": rsa_sign(self.platform_key, f"{stamp}\n{nonce}\n{body.decode()}\n"),
            "Wechatpay-Serial": self.platform_serial,
            "Wechatpay-Signature-Type": SCHEME,
            "Request-ID": token_hex(16),
        }

    # Refunds

    def create(self, request: Request) -> Reply:
        asked = Asked.read(request)
        behaviour = self.next_behaviour(number=asked.number, transaction_id=asked.transaction_id, amount=asked.amount)
        if behaviour in TOO_BUSY:
            raise Trouble(*TOO_BUSY[behaviour])
        with self.book.writing():
            row = self.book.find(asked.number)
            if row is None:
                row = self.accept(asked, behaviour)
            elif not asked.is_that_of(row):
                raise Trouble(400, "INVALID_REQUEST", "订单金额或退款金额与之前请求不一致，请核实后再试")
        if behaviour == "callback_before_answer":
            row = self.settle_at_once(row)
        return self.reply(behaviour, row)

    def query(self, request: Request, *, number: str) -> Reply:
        row = self.book.find(number)
        if row is None:
            raise Trouble(404, "RESOURCE_NOT_EXISTS", "退款单不存在")
        return Reply.json(200, refund_object(row))

    def accept(self, asked: Asked, behaviour: str) -> Row:
        """The refund as booked, its end promised; or Trouble, and nothing is booked."""
        self.must_be_refundable(asked)
        if behaviour in TURNED_DOWN:
            raise Trouble(*TURNED_DOWN[behaviour])
        row = self.book.add(
            asked.number,
            state="processing",
            transaction_id=asked.transaction_id,
            amount=asked.amount,
            total=asked.total,
            currency="CNY",
            notify_url=asked.notify_url,
            refund_id=f"503{datetime.now(BEIJING):%Y%m%d}{randbelow(10**17):017d}",
            create_time=now(),
        )
        if behaviour != "callback_before_answer":
            self.later(ARRIVES_AFTER_S, "settle", number=row.number, behaviour=behaviour)
        return row

    def must_be_refundable(self, asked: Asked) -> None:
        payment = self.payment(asked.transaction_id, amount=asked.total, currency="CNY")
        if payment is None:
            raise Trouble(404, "RESOURCE_NOT_EXISTS", "订单不存在")
        if payment.amount != asked.total or payment.currency != "CNY":
            raise Trouble(400, "INVALID_REQUEST", "订单金额不一致，请核实后再试")
        if datetime.now(UTC) > payment.paid_at + OLDEST:
            raise Trouble(400, "INVALID_REQUEST", "订单已超过可退款的最大期限（一年）")
        rows = self.book.rows(transaction_id=asked.transaction_id)
        if len(rows) >= MOST_PARTS:
            raise Trouble(400, "INVALID_REQUEST", "一笔订单最多支持50次部分退款")
        refunded = sum(row["amount"] for row in rows if row.state != "closed")
        if asked.amount > payment.amount - refunded:
            raise Trouble(400, "INVALID_REQUEST", "退款金额大于订单可退金额")
        if rows and datetime.now(UTC) < datetime.fromisoformat(rows[-1].at) + SPACING:
            raise Trouble(429, "FREQUENCY_LIMITED", "同一笔订单多次退款请间隔1分钟后再试")

    def reply(self, behaviour: str, row: Row) -> Reply:
        if behaviour == "apply_then_500":
            raise Trouble(*TOO_BUSY["error_500"])
        reply = Reply.json(200, refund_object(row))
        if behaviour == "garbage":
            reply = replace(reply, body=reply.body[: len(reply.body) // 2].decode(errors="ignore").encode())
        if behaviour == "unsigned":
            reply = replace(reply, headers={**reply.headers, "Wechatpay-Signature": ""})
        return self.in_the_manner_of(behaviour, reply)

    # What comes later

    def settle(self, *, number: str, behaviour: str) -> None:
        with self.book.writing():
            row = self.end(self.book.find(number), behaviour)
            if row is None or behaviour == "callback_never" or not row["notify_url"]:
                return
            body = self.callback(row, behaviour)
            for _ in range(2 if behaviour == "callback_twice" else 1):
                self.later(0, "deliver", url=row["notify_url"], body=body, behaviour=behaviour, step=0)

    def settle_at_once(self, row: Row) -> Row:
        with self.book.writing():
            ended = self.end(self.book.find(row.number), "callback_before_answer")
        if ended is None:
            return row
        if ended["notify_url"]:
            body = self.callback(ended, "callback_before_answer")
            self.deliver(url=ended["notify_url"], body=body, behaviour="callback_before_answer", step=0)
        return ended

    def end(self, row: Row, behaviour: str) -> Row | None:
        """The row at its end; None where it had ended before (this may be told twice, around a kill)."""
        if row.state != "processing":
            return None
        return self.book.change(row, state=ENDS.get(behaviour, "succeeded"), success_time=now())

    def callback(self, row: Row, behaviour: str) -> str:
        status = STATUSES[row.state]
        content = callback_content(row, wrong_by=1 if behaviour == "callback_wrong_amount" else 0)
        nonce = token_hex(6)
        sealed = AESGCM(self.api_v3_key).encrypt(nonce.encode(), json.dumps(content).encode(), b"refund")
        event = {
            "id": f"EV-{token_hex(16)}",
            "create_time": now(),
            "resource_type": "encrypt-resource",
            "event_type": f"REFUND.{status}",
            "summary": SUMMARIES[status],
            "resource": {
                "algorithm": "AEAD_AES_256_GCM",
                "original_type": "refund",
                "associated_data": "refund",
                "nonce": nonce,
                "ciphertext": base64.b64encode(sealed).decode(),
            },
        }
        return json.dumps(event, ensure_ascii=False)

    def deliver(self, *, url: str, body: str, behaviour: str, step: int) -> None:
        """One try; the next comes by the ladder unless this one was answered 200 or 204 in time."""
        headers = {"Content-Type": "application/json", **self.signature(body.encode())}
        if behaviour == "callback_bad_signature":
            headers |= {"Wechatpay-Signature": self.signature(b"another body")["Wechatpay-Signature"]}
        try:
            answer = http.call("POST", url, headers=headers, body=body.encode(), timeout_s=ANSWER_CALLBACK_WITHIN_S)
            taken = answer.status in (200, 204)
        except http.Down:
            taken = False
        if not taken and step < len(LADDER_S):
            self.later(LADDER_S[step], "deliver", scaled=True, url=url, body=body, behaviour=behaviour, step=step + 1)

    # The day's bill

    def announce_bill(self, request: Request) -> Reply:
        """Where the bill of a day that is over can be fetched within five minutes, and the hash it will have."""
        day, today = bill.asked_day(request.query), datetime.now(BEIJING).date()
        if day > today:
            raise Trouble(400, "INVALID_REQUEST", "账单日期不能晚于当前日期")
        if day == today:
            raise Trouble(400, "STATEMENT_CREATING", "账单生成中，请稍后再试")
        rows = self.arrived_on(day)
        if not rows or day < today - bill.KEPT:
            raise Trouble(400, "NO_STATEMENT_EXIST", "账单文件不存在")
        token = bill.token(day, until=int(time.time()) + bill.ADDRESS_LIVES_S, key=self.api_v3_key)
        content = self.statement(day).body
        return Reply.json(
            200,
            {
                "hash_type": "SHA1",
                "hash_value": hashlib.sha1(content, usedforsecurity=False).hexdigest(),
                "download_url": f"http://{request.headers['Host']}/v3/billdownload/file?token={token}",
            },
        )

    def give_bill(self, request: Request) -> Reply:
        """The file itself: asked for with our signature, and answered without one."""
        try:
            self.must_be_the_merchant(request)
            day = bill.day_of(request.query.get("token", ""), now=time.time(), key=self.api_v3_key)
        except Trouble as trouble:
            return Reply.json(trouble.status, {"code": trouble.code, "message": trouble.message})
        return self.statement(day)

    def statement(self, day: date) -> Reply:
        rows = [(row, self.book.payment(row["transaction_id"])) for row in self.arrived_on(day)]
        content = bill.refund_bill(rows, mchid=DEMO_MCHID)
        return Reply(200, content.encode(), {"Content-Type": "text/plain; charset=utf-8"})

    def arrived_on(self, day: date) -> list[Row]:
        arrived = [row for row in self.book.rows() if row.state == "succeeded"]
        return [row for row in arrived if datetime.fromisoformat(row["success_time"]).date() == day]

    def refund_by_hand(self, request: Request) -> Reply:
        """Somebody refunds on the merchant platform, past the shop's own system: `{"transaction_id", "amount"}`."""
        body = request.json()
        payment = self.book.payment(text(body.get("transaction_id"), "transaction_id"))
        amount = whole_number(body.get("amount"), "amount")
        if payment is None:
            raise BadInput("That payment is not open.", status=404)
        row = self.book.add(
            f"HAND{token_hex(8).upper()}", state="succeeded", transaction_id=payment.id, amount=amount,
            total=payment.amount, currency=payment.currency, notify_url="", create_time=now(), success_time=now(),
            refund_id=f"503{datetime.now(BEIJING):%Y%m%d}{randbelow(10**17):017d}",
        )  # fmt: skip
        return Reply.json(200, self.public_row(row))
