"""A stand-in of Alipay for refunds: RSA2 both ways, one gateway for every method, notifications and their ladder.

Alipay may pay at once or take the call and pay a little later. This one takes it first (`fund_change` N, and nothing
to be found), and pays two seconds later, so that "accepted" can be seen. Where the public pages leave a choice: two
refunds of one trade within three seconds are 40005; a refund that came to nothing after it was taken answers a query
with an error_code; the day's bill lists what succeeded on that day, and is there from midnight on.
"""

import time
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from secrets import randbelow, token_hex
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.urls import reverse

from refunds.gateways.alipay import reading, signature
from refunds.gateways.alipay import simulator_bill as bill
from refunds.gateways.alipay import simulator_messages as messages
from refunds.gateways.alipay.keys import DEMO_APP_ID, DEMO_SELLER_ID, DemoKeys, private_key
from refunds.gateways.alipay.simulator_messages import Asked, Trouble, business
from refunds.gateways.alipay.simulator_pay import METHODS, TakesMoney
from refunds.gateways.interface import NotAuthentic
from returns_platform.kernel.outbound import http
from returns_platform.kernel.stand_in import BEHAVIOURS, BadInput, ChannelStandIn, Reply, Request, Route, Row
from returns_platform.kernel.stand_in.base import text, whole_number
from returns_platform.kernel.stand_in.book import Payment

ARRIVES_AFTER_S = 2
ANSWER_NOTICE_WITHIN_S = 5
MINUTE, HOUR = 60, 3600
LADDER_S = (4 * MINUTE, 10 * MINUTE, 10 * MINUTE, HOUR, 2 * HOUR, 6 * HOUR, 15 * HOUR)
HEARD = b"success"

UNSEEN_AMOUNT = 100_000_000  # of a trade nobody opened beforehand: a refund does not say what was paid
SPACING = timedelta(seconds=3)
OLDEST = timedelta(days=365)
SILENT_FOR = timedelta(seconds=10)
BILL_ADDRESS_LIVES_S = 30

TOO_BUSY = {
    "frequency_limited": ("40005", "isv.app-call-limited", "应用调用次数超限"),
    "service_unavailable": ("20000", "isp.unknow-error", "系统繁忙"),
    "system_error": ("40004", "ACQ.SYSTEM_ERROR", "系统错误，请使用相同的参数再次调用"),
}
TURNED_DOWN = {
    "not_enough_balance": ("40004", "ACQ.SELLER_BALANCE_NOT_ENOUGH", "商户的支付宝账户中无足够的资金进行退款"),
    "account_abnormal": ("40004", "ACQ.BUYER_ENABLE_STATUS_FORBID", "买家状态异常"),
}
CARDS = {"deposit_back": "S", "deposit_back_failed": "F"}
AT_ONCE = ("at_once", "callback_before_answer", *CARDS)


class Alipay(TakesMoney, ChannelStandIn):
    """Beyond the common behaviours.

    Applied: `unsigned`, `forged_signature` (the answer), `apply_then_system_error`, `at_once` (fund_change Y),
    `empty_query` (a query within ten seconds finds nothing), `deposit_back` and `deposit_back_failed` (to a bank
    card, which takes it or not). Not applied: `system_error`, `service_unavailable`, `forgotten` (taken, and never
    heard of again).
    """

    name = "alipay"
    behaviours = (
        *BEHAVIOURS, "unsigned", "forged_signature", "apply_then_system_error", "at_once", "empty_query",
        "deposit_back", "deposit_back_failed", "system_error", "service_unavailable", "forgotten",
    )  # fmt: skip

    def __init__(self, data_dir: Path | str, *, time_scale: float = 60):
        super().__init__(data_dir, time_scale=time_scale)
        keys = DemoKeys(data_dir)
        self.merchant_key = private_key(keys.merchant_key).public_key()
        self.alipay_key = private_key(keys.alipay_key)

    @classmethod
    def ensure_keys(cls, data_dir: Path | str) -> None:
        keys = DemoKeys(data_dir)
        _ = keys.merchant_key, keys.alipay_key

    def routes(self) -> list[Route]:
        return [
            *super().routes(),
            Route("POST", "/gateway.do", self.gateway),
            Route("GET", "/bill/download", self.give_bill),
            Route("POST", "/_by_hand", self.refund_by_hand),
            *self.pay_routes(),
        ]

    # The edge: who asks, and our signature

    def gateway(self, request: Request) -> Reply:
        said = {**request.query, **request.form()}
        method = said.get("method", "")
        try:
            self.must_be_the_merchant(said)
            content = self.content(said)
            match method:
                case "alipay.trade.refund":
                    return self.refund(content)
                case "alipay.trade.fastpay.refund.query":
                    return self.answer(method, self.query(content))
                case "alipay.trade.query":
                    return self.answer(method, self.trade(content))
                case "alipay.trade.close":
                    return self.answer(method, self.close_trade(content))
                case _:
                    return self.answer(method, self.announce_bill(content, request))
        except Trouble as trouble:
            known = said.get("app_id") == DEMO_APP_ID  # to nobody we know, nothing is signed
            return self.answer(method if known else "", trouble.node(), signed=known)

    def must_be_the_merchant(self, said: Mapping[str, str]) -> None:
        if said.get("app_id") != DEMO_APP_ID:
            raise Trouble("40002", "isv.invalid-app-id", "无效的AppID参数")
        if said.get("method") not in messages.METHODS | METHODS:
            raise Trouble("40002", "isv.invalid-method", "不存在的方法名")
        if said.get("sign_type") != signature.SCHEME:
            raise Trouble("40002", "isv.invalid-signature-type", "无效签名类型")
        if (said.get("charset", "").lower(), said.get("version")) != ("utf-8", "1.0"):
            raise Trouble("40002", "isv.invalid-charset", "字符集错误")
        try:
            reading.moment(said, "timestamp")
        except reading.Unreadable:
            raise Trouble("40002", "isv.invalid-timestamp", "非法的时间戳参数") from None
        try:
            signature.verify(signature.request_text(said), said.get("sign", ""), keys=[self.merchant_key])
        except NotAuthentic:
            raise Trouble("40002", "isv.invalid-signature", "无效签名") from None

    def content(self, said: Mapping[str, str]) -> dict[str, Any]:
        try:
            return reading.json_object(said.get("biz_content", ""))
        except reading.Unreadable:
            raise business("INVALID_PARAMETER", "biz_content") from None

    def answer(self, method: str, node: dict[str, Any], *, signed: bool = True, over: str = "") -> Reply:
        body = messages.envelope(method, node, key=self.alipay_key if signed else None, over=over)
        return Reply(200, body, {"Content-Type": "text/html;charset=utf-8"})  # so says Alipay

    # Refunds

    def refund(self, content: dict[str, Any]) -> Reply:
        asked = Asked.read(content)
        behaviour = self.next_behaviour(number=asked.number, transaction_id=asked.trade_no, amount=asked.amount)
        if behaviour == "error_500":
            return Reply(502, b"<html><h1>502 Bad Gateway</h1></html>", {"Content-Type": "text/html"})
        if behaviour in TOO_BUSY:
            raise Trouble(*TOO_BUSY[behaviour])
        with self.book.writing():
            row = self.refund_of(asked.trade_no, asked.number)
            if row and row["amount"] != asked.amount:
                raise business("DISCORDANT_REPEAT_REQUEST", "不一致的请求")
            again = row is not None and row.state != "closed" and not row.data.get("forgotten")
            if not again:
                row = self.take(asked, behaviour, before=row)
        if behaviour in AT_ONCE:
            row = self.pay_at_once(row, behaviour)
        return self.reply(behaviour, row, changed=not again and row.state == "succeeded")

    def refund_of(self, trade: str, number: str) -> Row | None:
        """Numbers are unique within their trade only."""
        found = [row for row in self.book.rows(transaction_id=trade) if row.number == number]
        return found[-1] if found else None

    def take(self, asked: Asked, behaviour: str, *, before: Row | None) -> Row:
        """The refund as booked, its end promised; or Trouble, and nothing is booked. One that failed begins anew."""
        self.must_be_refundable(asked)
        if behaviour in TURNED_DOWN:
            raise Trouble(*TURNED_DOWN[behaviour])
        facts = {
            "transaction_id": asked.trade_no,
            "amount": asked.amount,
            "currency": "CNY",
            "asked_at": now(),
            "success_time": "",
            "forgotten": behaviour == "forgotten",
            "hidden": behaviour == "empty_query",
            "card": "P" if behaviour in CARDS else "",
            "card_by": reading.written(datetime.now(UTC) + timedelta(days=1)),
        }
        if before:
            row = self.book.change(before, state="processing", **facts)
        else:
            row = self.book.add(asked.number, state="processing", **facts)
        if behaviour == "forgotten":
            return self.book.change(row, state="closed")
        if behaviour not in AT_ONCE:
            self.later(ARRIVES_AFTER_S, "settle", trade=asked.trade_no, number=asked.number, behaviour=behaviour)
        return row

    def must_be_refundable(self, asked: Asked) -> None:
        trade = self.payment(asked.trade_no, amount=UNSEEN_AMOUNT, currency="CNY")
        if trade is None:
            raise business("TRADE_NOT_EXIST", "交易不存在")
        if datetime.now(UTC) > trade.paid_at + OLDEST:
            raise business("TRADE_HAS_FINISHED", "交易已完结")
        rows = [row for row in self.book.rows(transaction_id=asked.trade_no) if row.state != "closed"]
        refunded = sum(row["amount"] for row in rows)
        if refunded == trade.amount:
            raise business("TRADE_HAS_CLOSE", "交易已经关闭")
        if asked.amount > trade.amount - refunded:
            raise business("REASON_TRADE_REFUND_FEE_ERR", "退款金额无效")
        if rows and datetime.now(UTC) < datetime.fromisoformat(rows[-1].at) + SPACING:
            raise Trouble(*TOO_BUSY["frequency_limited"])

    def reply(self, behaviour: str, row: Row, *, changed: bool) -> Reply:
        method = "alipay.trade.refund"
        if behaviour == "apply_then_500":
            return Reply(502, b"<html><h1>502 Bad Gateway</h1></html>", {"Content-Type": "text/html"})
        if behaviour == "apply_then_system_error":
            raise Trouble(*TOO_BUSY["system_error"])
        node = messages.refund_node(row, changed=changed, refunded=self.refunded(row["transaction_id"]))
        over = "another answer" if behaviour == "forged_signature" else ""
        reply = self.answer(method, node, signed=behaviour != "unsigned", over=over)
        if behaviour == "garbage":
            reply = replace(reply, body=reply.body[: len(reply.body) // 2])
        return self.in_the_manner_of(behaviour, reply)

    def refunded(self, trade: str) -> int:
        """Over all refunds of the trade, fen."""
        return sum(row["amount"] for row in self.book.rows(transaction_id=trade) if row.state == "succeeded")

    def query(self, content: dict[str, Any]) -> dict[str, Any]:
        trade, number = messages.trade_no(content), messages.matching(content, "out_request_no")
        payment = self.payment(trade, amount=UNSEEN_AMOUNT, currency="CNY")
        if payment is None:
            raise business("TRADE_NOT_EXIST", "交易不存在")
        row = self.refund_of(trade, number)
        hidden = row is not None and row.data.get("hidden") and datetime.now(UTC) < _asked_at(row) + SILENT_FOR
        return messages.query_node(trade, row, total=payment.amount, hidden=bool(hidden))

    # What comes later

    def settle(self, *, trade: str, number: str, behaviour: str) -> None:
        with self.book.writing():
            row = self.end(self.refund_of(trade, number), behaviour)
            if row is None or behaviour == "callback_never" or row.state == "closed":
                return  # Alipay tells of no refund that came to nothing
            notice = self.notice(row, behaviour)
            for _ in range(2 if behaviour == "callback_twice" else 1):
                self.later(0, "deliver", url=notify_url(), notice=notice, behaviour=behaviour, step=0)

    def pay_at_once(self, row: Row, behaviour: str) -> Row:
        with self.book.writing():
            ended = self.end(self.refund_of(row["transaction_id"], row.number), behaviour)
            if ended is None:
                return row
            notice = self.notice(ended, behaviour)
            if behaviour in CARDS:
                self.later(ARRIVES_AFTER_S, "bank_answers", trade=row["transaction_id"], number=row.number,
                           status=CARDS[behaviour])  # fmt: skip
            if behaviour != "callback_before_answer":
                self.later(0, "deliver", url=notify_url(), notice=notice, behaviour=behaviour, step=0)
        if behaviour == "callback_before_answer":
            self.deliver(url=notify_url(), notice=notice, behaviour=behaviour, step=0)
        return ended

    def end(self, row: Row, behaviour: str) -> Row | None:
        """The row at its end; None where it had ended before (this may be told twice, around a kill)."""
        if row.state != "processing":
            return None
        return self.book.change(row, state="closed" if behaviour == "closed" else "succeeded", success_time=now())

    def bank_answers(self, *, trade: str, number: str, status: str) -> None:
        with self.book.writing():
            row = self.refund_of(trade, number)
            if row["card"] != "P":
                return
            row = self.book.change(row, state=row.state, card=status, card_at=reading.written(datetime.now(UTC)))
            notice = {**messages.card_notice(row), **_stamp()}
            self.later(0, "deliver", url=notify_url(), notice=notice, behaviour="ok", step=0)

    def stamp(self) -> dict[str, str]:
        return _stamp()

    def notice(self, row: Row, behaviour: str) -> dict[str, str]:
        trade = self.book.payment(row["transaction_id"])
        refunded = self.refunded(trade.id) + (1 if behaviour == "callback_wrong_amount" else 0)
        facts = messages.payment_notice(
            row, seller_id=DEMO_SELLER_ID, total=trade.amount, refunded=refunded, paid_at=trade.paid_at
        )
        return {**facts, **_stamp()}

    def deliver(self, *, url: str, notice: dict[str, str], behaviour: str, step: int) -> None:
        """One try; the next comes by the ladder unless this one was answered `success` in time."""
        said = {**notice, "notify_time": reading.written(datetime.now(UTC))}
        proven = {**said, "refund_fee": "0.00"} if behaviour == "callback_bad_signature" else said
        said |= {"sign_type": signature.SCHEME}
        said["sign"] = signature.sign(signature.notification_text(proven), self.alipay_key)
        headers = {"Content-Type": "application/x-www-form-urlencoded; charset=utf-8"}
        try:
            answer = http.call(
                "POST", url, headers=headers, body=urlencode(said).encode(), timeout_s=ANSWER_NOTICE_WITHIN_S
            )
            taken = answer.body.strip() == HEARD
        except http.Down:
            taken = False
        if not taken and step < len(LADDER_S):
            self.later(
                LADDER_S[step], "deliver", scaled=True, url=url, notice=notice, behaviour=behaviour, step=step + 1
            )

    # The day's bill

    def announce_bill(self, content: dict[str, Any], request: Request) -> dict[str, Any]:
        """Where the bill of a day that is over can be fetched within half a minute."""
        try:
            day = date.fromisoformat(content.get("bill_date", ""))
        except (TypeError, ValueError):
            raise Trouble("40004", "isp.invalid-param", "bill_date") from None
        if content.get("bill_type") != "trade":
            raise Trouble("40004", "isp.invalid-param", "bill_type")
        if day >= datetime.now(reading.BEIJING).date() or not self.arrived_on(day):
            raise Trouble("40004", "isp.bill_not_exist", "账单不存在")
        until = int(time.time()) + BILL_ADDRESS_LIVES_S
        proof = signature.sign(f"{day}.{until}", self.alipay_key)
        asked = urlencode({"bizDate": day.isoformat(), "expires": until, "token": proof})
        return {
            "code": "10000",
            "msg": "Success",
            "bill_download_url": f"http://{request.headers['Host']}/bill/download?{asked}",
        }

    def give_bill(self, request: Request) -> Reply:
        """The file itself: whoever has the address gets it, for half a minute."""
        day, until, proof = (request.query.get(name, "") for name in ("bizDate", "expires", "token"))
        try:
            signature.verify(f"{day}.{until}", proof, keys=[self.alipay_key.public_key()])
        except NotAuthentic:
            raise BadInput("No such address.", status=403) from None
        if time.time() > int(until):
            raise BadInput("The address is too old.", status=403)
        return self.statement(date.fromisoformat(day))

    def statement(self, day: date) -> Reply:
        rows = [(row, self.book.payment(row["transaction_id"])) for row in self.arrived_on(day)]
        content = bill.trade_bill(rows, day=day, seller_id=DEMO_SELLER_ID)
        return Reply(200, content, {"Content-Type": "application/zip"})

    def arrived_on(self, day: date) -> list[Row]:
        arrived = [row for row in self.book.rows() if row.state == "succeeded"]
        return [row for row in arrived if _day(row["success_time"]) == day]

    def refund_by_hand(self, request: Request) -> Reply:
        """Somebody refunds on Alipay's own pages, past the shop's own system: `{"transaction_id", "amount"}`."""
        body = request.json()
        payment: Payment | None = self.book.payment(text(body.get("transaction_id"), "transaction_id"))
        amount = whole_number(body.get("amount"), "amount")
        if payment is None:
            raise BadInput("That payment is not open.", status=404)
        row = self.book.add(
            f"HAND{token_hex(8).upper()}", state="succeeded", transaction_id=payment.id, amount=amount,
            currency=payment.currency, asked_at=now(), success_time=now(),
        )  # fmt: skip
        return Reply.json(200, self.public_row(row))


def notify_url() -> str:
    """Named by the shop when it was paid, not by the refund; here the product is the shop."""
    return settings.SITE_URL + reverse("channel_news", args=["alipay"])


def now() -> str:
    return datetime.now(reading.BEIJING).isoformat(timespec="milliseconds")


def _stamp() -> dict[str, str]:
    """What stays the same when a message is repeated, whatever it says."""
    digits = randbelow(10**20)
    return {
        "notify_id": f"{datetime.now(reading.BEIJING):%Y%m%d}{digits:020d}",
        "app_id": DEMO_APP_ID,
        "charset": "utf-8",
        "version": "1.0",
    }


def _asked_at(row: Row) -> datetime:
    return datetime.fromisoformat(row["asked_at"])


def _day(at: str) -> date:
    return datetime.fromisoformat(at).astimezone(reading.BEIJING).date()
