"""The outside world before today: a channel and a courier that answer with the times of the story.

What they did is written into the books of the stand-ins, which go on from there; no call leaves the process.
"""

import random
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

from django.conf import settings

from logistics import couriers
from logistics.couriers import stages
from logistics.couriers.interface import Booking, BookingOrder, Contact, Quote, Scan
from refunds.gateways.alipay.gateway import AlipayGateway
from refunds.gateways.interface import GatewayRefused, RefundAnswer, RefundOrder
from refunds.gateways.stripe.gateway import StripeGateway
from refunds.gateways.stripe.reading import NUMBER
from refunds.gateways.wechat.gateway import WeChatGateway
from returns_platform.kernel.stand_in.book import Book, Payment

TAKES = timedelta(seconds=90)


class Story:
    """The time that it is in the story, and what the outside world has done so far."""

    now: datetime = datetime(2026, 1, 1, tzinfo=UTC)
    scans: dict[str, list[Scan]] = {}
    refunds: dict[str, tuple[RefundOrder, datetime, str]] = {}
    luck = random.Random(0)
    account_closed = False  # the account that is paid back to now takes nothing


@contextmanager
def asking(courier: str) -> Iterator[None]:
    """Within this block that courier is asked to come, instead of the usual one."""
    usual, settings.COURIERS = settings.COURIERS, [courier]
    try:
        yield
    finally:
        settings.COURIERS = usual


@contextmanager
def account_closed() -> Iterator[None]:
    Story.account_closed = True
    try:
        yield
    finally:
        Story.account_closed = False


@contextmanager
def told() -> Iterator[None]:
    """Within this block the channels and couriers are those of the story; SF comes where nobody else is asked."""
    gateways, contracts = settings.GATEWAYS, dict(couriers.COURIERS)
    past = {"wechat": "PastWeChatPay", "alipay": "PastAlipay", "stripe": "PastStripe"}
    settings.GATEWAYS = gateways | {code: f"{__name__}.{name}" for code, name in past.items()}
    couriers.COURIERS |= {"sf": f"{__name__}.PastSF", "jd": f"{__name__}.PastJD"}
    asked, settings.COURIERS = settings.COURIERS, ["sf"]
    try:
        yield
    finally:
        settings.GATEWAYS, settings.COURIERS = gateways, asked
        couriers.COURIERS.clear()
        couriers.COURIERS.update(contracts)


def _book(name: str) -> Book:
    return Book(settings.DATA_DIR / "stand_ins" / f"{name}.sqlite3")


class PastChannel:
    """A channel that pays every refund of the story ninety seconds after it was asked for."""

    def refund(self, order: RefundOrder) -> RefundAnswer:
        if Story.account_closed:
            raise GatewayRefused("ACCOUNT_CLOSED", "the account is closed", retry=False, hurdle="account")
        Story.refunds[order.number] = (order, Story.now, Story.luck.choice(self.accounts))
        self._write_down(order)
        return self._answer(order.number)

    def query(self, order: RefundOrder) -> RefundAnswer | None:
        return self._answer(order.number) if order.number in Story.refunds else None

    def _answer(self, number: str) -> RefundAnswer:
        order, asked_at, account = Story.refunds[number]
        arrived = Story.now >= asked_at + TAKES
        return RefundAnswer(
            number=number, channel_ref=self.channel_ref(number), amount=order.amount, total=order.total,
            state="succeeded" if arrived else "processing", currency=order.currency,
            transaction_id=order.transaction_id, account=account, succeeded_at=asked_at + TAKES if arrived else None,
        )  # fmt: skip

    def _write_down(self, order: RefundOrder) -> None:
        """Into the stand-in's own book: what it paid in the story it must not pay again."""
        book = _book(self.code)
        book.open_payment(Payment(order.transaction_id, order.total, order.currency, order.paid_at))
        asked_at, account = Story.refunds[order.number][1:]
        book.add(
            order.number, state="succeeded", transaction_id=order.transaction_id, amount=order.amount,
            currency=order.currency, refund_id=self.channel_ref(order.number), at=asked_at,
            **self.facts(order, asked_at, account),
        )  # fmt: skip
        book.close()


class PastWeChatPay(PastChannel):
    code = "wechat"
    limits = WeChatGateway.limits
    accounts = ("招商银行信用卡0403", "支付用户零钱", "工商银行借记卡8816", "支付用户零钱通", "建设银行借记卡2207")

    def channel_ref(self, number: str) -> str:
        return f"503{number[-20:].replace('-', '')}"

    def facts(self, order: RefundOrder, asked_at: datetime, account: str) -> dict:
        return {
            "total": order.total, "account": account, "create_time": _beijing(asked_at),
            "success_time": _beijing(asked_at + TAKES), "notify_url": "", "out_trade_no": order.transaction_id,
        }  # fmt: skip


class PastAlipay(PastChannel):
    code = "alipay"
    limits = AlipayGateway.limits
    accounts = ("ALIPAYACCOUNT", "BANKCARD", "PCREDIT", "MONEYFUND")

    def channel_ref(self, number: str) -> str:
        """It has none of its own."""
        return ""

    def facts(self, order: RefundOrder, asked_at: datetime, account: str) -> dict:
        return {"account": account, "asked_at": _beijing(asked_at), "success_time": _beijing(asked_at + TAKES)}


class PastStripe(PastChannel):
    code = "stripe"
    limits = StripeGateway.limits
    accounts = ("ARN 74980126321000001829931", "ARN 74980126321000002710456", "ARN 74980126321000004418027")

    def channel_ref(self, number: str) -> str:
        return f"re_{number.removeprefix('RF').replace('-', '')}"

    def facts(self, order: RefundOrder, asked_at: datetime, account: str) -> dict:
        return {
            "payment_intent": order.transaction_id, "charge": f"ch_{order.transaction_id.removeprefix('pi_')}",
            "reference": account.removeprefix("ARN "), "reason": "requested_by_customer",
            "pending_reason": "processing", "metadata": {NUMBER: order.number}, "created": int(asked_at.timestamp()),
        }  # fmt: skip


def _beijing(at: datetime) -> str:
    return (at + timedelta(hours=8)).replace(tzinfo=None).isoformat(timespec="seconds") + "+08:00"


class PastCourier:
    """Comes in every window, and tells what the story says of its waybills."""

    code = prefix = ""

    def book(self, order: BookingOrder) -> Booking:
        waybill = f"{self.prefix}{Story.luck.randrange(10**12, 10**13)}"
        Story.scans[waybill] = []
        book = _book(self.code)
        book.add(
            order.number, state="booked", waybill=waybill, pushes="ok", routes=[],
            cities={"sender": order.sender.city, "receiver": order.receiver.city}, at=Story.now,
        )  # fmt: skip
        book.close()
        return Booking(order.number, waybill)

    def find(self, number: str) -> Booking | None:
        return None

    def cancel(self, number: str) -> None:
        return None

    def quote(self, sender: Contact, receiver: Contact, *, grams: int) -> Quote:
        return Quote(1200)

    def route(self, waybill: str, *, phone: str = "") -> list[Scan]:
        return [scan for scan in Story.scans.get(waybill, []) if scan.at <= Story.now]


class PastSF(PastCourier):
    code, prefix = "sf", "SF"


class PastJD(PastCourier):
    code, prefix = "jd", "JDVC"


def scan(waybill: str, stage: str, *, at: datetime, place: str) -> None:
    """Something happens to a parcel of the story; it is learned by asking, like in life."""
    code, text = SAID[waybill[:2]][stage]
    line = Scan(waybill, code, at, stage, place=place, text=text.format(place=place))
    Story.scans.setdefault(waybill, []).append(line)


SAID = {
    "SF": {
        stages.PICKED_UP: ("50", "顺丰速运 已收取快件"),
        stages.IN_TRANSIT: ("31", "快件到达【{place}中转场】"),
        stages.DELIVERED: ("80", "已签收，感谢使用顺丰"),
    },
    "JD": {
        stages.PICKED_UP: ("30", "您的快件已由京东快递员揽收完成"),
        stages.IN_TRANSIT: ("60", "您的快件已离开【{place}分拣中心】"),
        stages.DELIVERED: ("150", "您的快件已签收，感谢您使用京东物流"),
    },
}
