"""What happens in a walk to money that has left a case: spent, sent anew, another way, settled by two, on a bill."""

from datetime import timedelta

from aftersales.returns.models import ReturnRequest
from aftersales.returns.services import routes
from refunds import gateways
from refunds.gateways.interface import GatewayDown, GatewayRefused, StatementNotReady
from refunds.matching import rules as bills
from refunds.matching import services as matching
from refunds.payouts import services as payout
from refunds.payouts import states
from refunds.payouts.models import BatchedTransfer, Refund, RouteChange, Transfer
from refunds.payouts.payees import Payee
from refunds.wallet import services as wallet
from returns_platform.drill import town, truth
from returns_platform.drill.people import NothingThere, People
from returns_platform.kernel.actors import SYSTEM

HERS = Payee(town.ADDRESS["name"], "招商银行", "621483000012")
NOT_HERS = Payee("王大明", "招商银行", "621483000013")  # some time passes before the money may leave
COLLEAGUES = (town.SAM, town.SUE, town.FAY)


class Treasury(People):
    """Steps of a walk; `Walk` has the rest."""

    def spend(self) -> None:
        """Something at the shop is paid with the balance."""
        refund = self._refund(channel="balance", state=states.ARRIVED)
        amount = self.chance.choice((1, 1 + refund.amount // 2, refund.amount))
        wallet.spend(
            refund.customer, amount=amount, reference=f"{refund.number}/{self.turns}", now=self.clock.now,
            order=refund.order,
        )  # fmt: skip

    def bank_returns(self) -> None:
        """Days after it arrived the bank sends it back: two people have seen its letter."""
        refund, now = self._refund(state=states.ARRIVED), self.clock.now
        letter = {"outcome": "returned", "proof": "the bank's letter"}
        proposed = payout.propose_settlement(refund.pk, **letter, by=town.FAY, now=now)
        payout.confirm_settlement(proposed.pk, by=town.SUE, now=now)

    def retry(self) -> None:
        payout.retry(self._refund(state=states.MANUAL).pk, by=town.FAY, now=self.clock.now)

    def ask_channel(self) -> None:
        refund = self._refund(state__in=(states.UNKNOWN, states.ACCEPTED, states.MANUAL))
        payout.ask_again(refund.pk, by=town.FAY, now=self.clock.now)

    def send_anew(self) -> None:
        payout.send_anew(self._refund(state__in=states.CAME_TO_NOTHING).pk, by=town.FAY, now=self.clock.now)

    def settle_by_two(self) -> None:
        """They look at the channel's own book: what they say is true, and only said where it is final."""
        refund = self._refund(state__in=(states.UNKNOWN, states.MANUAL))
        done = [row["state"] for row in self._theirs(refund)]
        if refund.channel not in self.outside.channels or done in (["processing"], ["abnormal"], ["accepted"]):
            return
        outcome = "paid" if set(done) & truth.PAID else "not_paid"
        if outcome == "not_paid" and refund.state != "manual":
            return  # it may still be under way to the channel
        proposed = payout.propose_settlement(
            refund.pk, outcome=outcome, proof="its console", by=town.FAY, now=self.clock.now
        )
        payout.confirm_settlement(
            proposed.pk, by=self.chance.choice((town.FAY, town.SUE, town.SUE)), now=self.clock.now
        )

    def _theirs(self, refund: Refund) -> list[dict]:
        known = self.outside.book(refund.channel) if refund.channel in self.outside.channels else []
        return [row for row in known if row["number"] == refund.number]

    # --- another way ---------------------------------------------------------------------------------------

    def choose_way(self) -> None:
        """Mostly her own choice; staff may ask for a bank account, with a reason."""
        closed = [refund for refund in self._refunds() if refund.way_is_closed]
        refund = self._one_of(closed)
        case = ReturnRequest.objects.get(return_no=refund.case_ref)
        way = self.chance.choice(RouteChange.Way.values)
        payee = None if way == RouteChange.Way.BALANCE else self.chance.choice((HERS, HERS, NOT_HERS))
        by = self.chance.choice((town.ANN, town.ANN, town.MIA))
        routes.choose_way(case, refund, way=way, payee=payee, by=by, now=self.clock.now, reason="She wrote to us.")

    def agree_to_way(self) -> None:
        change = self._route()
        agree = payout.agree_second if change.first_at else payout.agree_first
        agree(change.pk, by=self.chance.choice(COLLEAGUES), now=self.clock.now)

    def stop_way(self) -> None:
        payout.stop_route(self._route().pk, why="It is not her account.", by=town.SUE, now=self.clock.now)

    def transfer(self) -> None:
        """One person pays by the bank's own page, and enters its number; sometimes at two refunds."""
        by_hand = [refund for refund in self._refunds() if refund.is_paid_by_hand]
        refund = self._one_of(by_hand)
        number = f"CMB{self.seed}{self.chance.choice((refund.pk, refund.pk, 7))}"
        payout.enter_transfer(
            refund.pk, proof_no=number, by=self.chance.choice(COLLEAGUES), now=self.clock.now,
            with_photo=self.chance.random() < 0.5,
        )  # fmt: skip

    def see_transfer(self) -> None:
        """Another one finds it on the bank's statement, or does not."""
        entered = self._one_of(
            Transfer.objects.filter(refund__in=self._refunds(), confirmed_at=None, dropped_at=None)
        )
        if self.chance.random() < 0.2:
            payout.drop_transfer(entered.pk, why="Not on the statement.", by=town.SUE, now=self.clock.now)
        else:
            payout.confirm_transfer(entered.pk, by=self.chance.choice(COLLEAGUES), now=self.clock.now)

    def make_batch(self) -> None:
        """Some that wait for a transfer, on one sheet for the bank."""
        waiting = [refund.pk for refund in self._refunds() if refund.is_paid_by_hand]
        payout.make_batch(waiting[: self.chance.randint(1, 3)], by=town.FAY, now=self.clock.now)

    def take_off(self) -> None:
        row = self._one_of(BatchedTransfer.objects.filter(refund__in=self._refunds()).order_by("pk"))
        payout.take_off(row.pk, why="The bank did not take it.", by=town.SUE, now=self.clock.now)

    # --- bills ---------------------------------------------------------------------------------------------

    def fetch_bill(self) -> None:
        """Of a day that is over, or not yet; by night or by hand, once more or for the first time."""
        channel = self.chance.choice(self.outside.channels)
        day = bills.day_of(channel, self.clock.now - timedelta(days=self.chance.randint(0, 2)))
        by_night = {"source": "nightly", "by": SYSTEM}
        how = self.chance.choice((by_night, {"source": "by_hand", "by": town.FAY}))
        try:
            raw = gateways.of(channel).statement(day)
        except (GatewayDown, GatewayRefused, StatementNotReady):
            raise NothingThere from None
        matching.import_statement(channel, day, raw, now=self.clock.now, **how)

    # --- whom a step is about ------------------------------------------------------------------------------

    def _refund(self, **likely) -> Refund:
        return self._one_of(self._likely(self._refunds(), likely))

    def _refunds(self):
        return Refund.objects.filter(order__in=self.order_ids).order_by("pk")

    def _route(self) -> RouteChange:
        return self._one_of(RouteChange.objects.filter(refund__in=self._refunds(), done_at=None, dropped_at=None))
