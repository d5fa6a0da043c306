"""What there is to do when a worker comes: each stage leaves one thing due, at whatever channel the seed says."""

from contextlib import suppress
from datetime import timedelta
from random import Random

from aftersales.returns.models import ReturnRequest
from aftersales.returns.services import intake, routes
from orders.merchants.models import Merchant
from refunds.matching import services as matching
from refunds.payouts import services as payout
from refunds.payouts.models import Refund, RouteChange, WebhookDelivery
from returns_platform.drill import town, workers
from returns_platform.drill.crew import Crew, until
from returns_platform.drill.races import asked
from returns_platform.drill.treasury import NOT_HERS

STAGES = ("case", "parcel", "money", "news", "route", "paper", "bill")  # what a worker comes by for
LONG_AGO = 400  # days: no channel takes a payment back that old


class Stages:
    """`set(stage, …)` makes an order with a case, as far as the method of that name says."""

    def __init__(self, crew: Crew, shop: Merchant, channels: list[str]):
        self.crew, self.clock, self.shop, self.channels = crew, crew.clock, shop, channels
        self.cases = 0

    def set(self, stage: str, seed: int, chance: Random) -> None:
        self.number, self.chance = f"K{seed}", chance
        getattr(self, stage)()

    def order(self, **shape):
        shape = {"quantity": 1, "channel": self.chance.choice(self.channels)} | shape
        return town.buy(self.chance, self.shop, number=self.number, now=self.clock.now, **shape).order

    def case(self) -> ReturnRequest:
        """Filed, and nothing done for it yet."""
        return self._file(self.order(invoiced=self.chance.random() < 0.5), asked("UN.NOT_SHIPPED", 1))

    def parcel(self) -> None:
        """The courier is to be asked."""
        wish = asked("NR.NO_LONGER_WANT", 1, kind="return_refund", send_back="pickup")
        self._file(self.order(signed=True), wish)
        workers.follow_cases(self.clock.now)

    def money(self) -> Refund:
        """A refund is to be sent."""
        case = self.case()
        workers.follow_cases(self.clock.now)
        return Refund.objects.get(case_ref=case.return_no)

    def news(self) -> None:
        """It was sent, and the channel's message has come, where it sends one."""
        self.money()
        payout.pay_due_refunds(self.clock.now)
        self.crew.forward(timedelta(seconds=3))
        with suppress(TimeoutError):  # that one calls back never, or later
            until(WebhookDelivery.objects.filter(next_try_at__isnull=False).exists, within_s=0.7)

    def call(self) -> None:
        """It was sent, and the channel's message is on its way to our door."""
        self.money()
        payout.pay_due_refunds(self.clock.now)
        self.crew.forward(timedelta(seconds=3))

    def route(self) -> None:
        """Too old for its channel; she named a bank account, two people agreed, and the time has passed."""
        case = self._file(self.order(paid_days_ago=LONG_AGO), asked("UN.NOT_SHIPPED", 1))
        workers.look_at_everything(self.clock.now)
        for refund in Refund.objects.filter(case_ref=case.return_no, state="manual"):
            change = routes.choose_way(
                case, refund, way=RouteChange.Way.BANK_TRANSFER, payee=NOT_HERS, by=town.ANN, now=self.clock.now
            )
            payout.agree_first(change.pk, by=town.SAM, now=self.clock.now)
            payout.agree_second(change.pk, by=town.FAY, now=self.clock.now)
        self.crew.forward(timedelta(seconds=61))

    def paper(self) -> None:
        """Money is on the balance, and its voucher is to be written."""
        case = self._file(self.order(invoiced=True), asked("UN.NOT_SHIPPED", 1, to_balance_at=self.clock.now))
        workers.follow_cases(self.clock.now)
        Refund.objects.get(case_ref=case.return_no)

    def bill(self) -> None:
        """The channels' days that are over are to be fetched and matched."""
        self.news()
        workers.look_at_everything(self.clock.now)
        self.crew.forward(timedelta(hours=self.chance.choice((1, 24))))
        matching.open_days(now=self.clock.now)

    def _file(self, order, wish) -> ReturnRequest:
        self.cases += 1
        return intake.submit_return(order.pk, wish, by=town.ANN, now=self.clock.now)
