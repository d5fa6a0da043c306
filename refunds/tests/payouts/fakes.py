"""A channel for tests: keeps a book of what it was asked, and answers as it is told."""

import threading
from collections import Counter
from dataclasses import replace
from datetime import timedelta

from refunds.gateways.interface import GatewayDown, GatewayRefused, Limits, RefundAnswer, RefundOrder


class FakeChannel:
    """`next` holds what the coming calls do: "ok", "down", "down_applied", "not_sent", or an exception.

    The book lives on the class, because a gateway is built anew for every call.
    """

    code = "wechat"
    limits = Limits(parts=50, spacing=timedelta(minutes=1), age=timedelta(days=365), working_days=3, arrives="soon")
    book: dict[str, RefundAnswer] = {}
    calls: list[tuple[str, str]] = []
    next: list = []
    during: list = []  # called while a call is under way
    lock = threading.Lock()

    @classmethod
    def forget(cls):
        cls.book, cls.calls, cls.next, cls.during = {}, [], [], []

    def refund(self, order: RefundOrder) -> RefundAnswer:
        with self.lock:
            self.calls.append(("create", order.number))
            told = self._told("create")
            if told in ("ok", "down_applied"):
                self.book.setdefault(order.number, _answer(order))
        if told == "down_applied":
            raise GatewayDown("no answer")
        return self.book[order.number]

    def query(self, order: RefundOrder) -> RefundAnswer | None:
        with self.lock:
            self.calls.append(("query", order.number))
            self._told("query")
        return self.book.get(order.number)

    def _told(self, kind: str) -> str:
        for act in self.during:
            act()
        told = self.next.pop(0) if self.next else "ok"
        if isinstance(told, Exception):
            raise told
        if told in ("down", "not_sent"):
            raise GatewayDown("no answer from 13800138000", nothing_sent=told == "not_sent")
        return told

    @classmethod
    def becomes(cls, number: str, state: str, **facts) -> RefundAnswer:
        """What the channel says about a refund from now on."""
        cls.book[number] = replace(cls.book[number], state=state, **facts)
        return cls.book[number]

    @classmethod
    def created(cls, number: str) -> int:
        return Counter(cls.calls)["create", number]


def refused(code: str, *, hurdle: str, retry: bool) -> GatewayRefused:
    return GatewayRefused(code, "your account 6222020200112345678", retry=retry, hurdle=hurdle)


def _answer(order: RefundOrder) -> RefundAnswer:
    return RefundAnswer(
        number=order.number, channel_ref=f"50{order.number}", state="processing", amount=order.amount,
        total=order.total, currency=order.currency, transaction_id=order.transaction_id, account="支付用户零钱",
    )  # fmt: skip
