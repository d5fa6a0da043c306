"""Endings in which no money simply goes back: exchanges, repairs, parts sent again, points, other ways of money."""

from datetime import timedelta

from aftersales.demo import past
from aftersales.inspection.services import Arrived, Graded, count_goods, inspect_goods
from aftersales.replacements import queries as replacements
from aftersales.replacements import services as sending
from aftersales.replacements.models import Replacement
from aftersales.returns.services import goods, mending, paying, routes
from aftersales.returns.services.replacing import replacement_moved
from logistics.points.models import Point
from orders.accounts.models import User
from refunds.payouts import queries as payouts
from refunds.payouts import services as payout
from refunds.payouts.models import RouteChange
from refunds.payouts.payees import Payee
from returns_platform.kernel.actors import Actor

HOUR = timedelta(hours=1)


class OtherEndings:
    """Mixed into `loading.Life`, whose steps and time it goes on with."""

    # --- what replaces the goods ---

    def swap_to_pay(self) -> None:
        """Dearer than the old one: the page to pay on is asked for, and nobody has paid yet."""
        self._granted()
        self._follow()
        self._move(HOUR)
        paying.start_payment(self.request.pk, channel="alipay", by=self.customer, now=self.at)

    def swap_waits_for_stock(self) -> None:
        self._granted()
        self._follow()

    swap_kept = swap_waits_for_stock

    def swap_sent(self) -> None:
        """Checked, and the new one is on its way with another courier."""
        if self._checked():
            self._send("jd", f"JDVB{self.plan.number[-11:]:0>11}")

    def swap_delivered(self) -> None:
        self.swap_sent()
        self._move(20 * HOUR)
        sending.confirm_receipt(self._replacement().pk, by=self.customer, now=self.at)
        self._tell_of_it()

    def repair_quoted(self) -> None:
        """At the shop, which has said what it costs; the customer has not answered yet."""
        if self._checked():
            self._move(3 * HOUR)
            words = "电池鼓包，需换电池和外壳，含人工和运费。"
            mending.quote_repair(self.request.pk, fee=8000, text=words, by=self.agent, now=self.at)

    def repair_sent(self) -> None:
        if self._checked():
            self._move(20 * HOUR)
            mending.is_mended(self.request.pk, by=self.agent, now=self.at)
            self._send("sf", f"SF20{self.plan.number[-11:]:0>11}")

    def resend_sent(self) -> None:
        self._granted()
        self._follow()
        self._follow()
        self._send("yto", f"YT20{self.plan.number[-11:]:0>11}")

    def _checked(self) -> bool:
        """Back at the shop as it was sent, and let go on."""
        if not self._delivered():
            return False
        self._move(2 * HOUR)
        where = "REPAIR_RETURN" if self.request.kind == "repair" else "RESTOCK"
        count_goods(self.request.pk, [Arrived("1", self.wanted.quantity)], by=self.agent, now=self.at)
        self._move(HOUR)
        graded = [Graded("1", self.wanted.quantity, "A", where)]
        inspect_goods(self.request.pk, graded, by=self.agent, now=self.at)
        self._follow()
        return True

    def _send(self, courier: str, waybill: str) -> None:
        self._move(4 * HOUR)
        sending.enter_waybill(self._replacement().pk, courier=courier, waybill=waybill, by=self.agent, now=self.at)
        self._tell_of_it()

    def _replacement(self) -> Replacement:
        return replacements.replacement_of(self.request.return_no)

    def _tell_of_it(self) -> None:
        replacement_moved(self._replacement(), now=self.at)
        self._follow()

    # --- over a counter ---

    def dropped_off(self) -> None:
        """At a store it has arrived, at a station it waits to be sent on."""
        self._granted()
        self._follow()
        self._move(5 * HOUR)
        points = Point.objects.filter(merchant=self.order.merchant, sends_on=self.wanted.instead == "station")
        goods.hand_in(self.request.pk, points.order_by("pk")[0], by=self.agent, now=self.at)

    # --- another courier than usual ---

    def in_transit_by_jd(self) -> None:
        with past.asking("jd"):
            self._travelled()

    # --- money that had to take another way ---

    def on_a_sheet(self) -> None:
        """The account she paid from is closed: a bank account of hers, agreed by two, on a sheet for the bank."""
        self._promised()
        with past.account_closed():
            self._move(timedelta(minutes=6))
            payout.pay_due_refunds(self.at)
        (refund,) = payouts.refunds_of(self.request.return_no)
        payee = Payee(self.order.customer.name, "招商银行", "6225881234567890")
        change = routes.choose_way(
            self._again(), refund, way=RouteChange.Way.BANK_TRANSFER, payee=payee, by=self.customer,
            now=self._move(HOUR),
        )  # fmt: skip
        payout.agree_first(change.pk, by=_staff("sue"), now=self._move(HOUR))
        payout.agree_second(change.pk, by=_staff("fay"), now=self._move(HOUR))
        payout.pay_due_refunds(self._move(timedelta(minutes=10)))
        waiting = [refund.pk for refund in payouts.refunds_of(self.request.return_no) if refund.state == "manual"]
        payout.make_batch(waiting[-1:], by=_staff("fay"), now=self._move(timedelta(minutes=10)))


def _staff(username: str) -> Actor:
    user = User.objects.get(username=username)
    return Actor("support", str(user.pk), user.first_name)
