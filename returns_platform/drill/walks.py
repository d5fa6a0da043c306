"""One walk: a random life of a few orders, step by step, while the channels and couriers misbehave.

All chance comes from the walk's own seed, and its time is the drill's: the same seed is the same life, alone or among
ten thousand. What a service refuses is an answer; what it logs as a fault, or raises otherwise, is a violation.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random

from django.db import connection

from aftersales.inspection.models import Disposition, Grade
from aftersales.inspection.services import Arrived, Graded, count_goods, inspect_goods
from aftersales.policy import reasons
from aftersales.returns.models import ReturnRequest
from aftersales.returns.services import appeals, balance, decisions, goods, intake, missing, undoing, withdrawal
from aftersales.returns.services.evidence import add_evidence
from aftersales.returns.services.judging import Judged
from aftersales.returns.services.money import agree_as_second
from aftersales.returns.services.wishes import Wish, WishLine
from logistics.parcels.models import Parcel
from orders.merchants.models import Merchant
from orders.purchases.models import Order
from refunds.payouts import services as payout
from refunds.payouts.models import Refund
from refunds.wallet import services as wallet
from refunds.wallet.texts import BY_HAND as GROUNDS
from returns_platform.drill import dump, town, truth, workers
from returns_platform.drill.clock import EPOCH, Clock
from returns_platform.drill.outside import Outside
from returns_platform.kernel.errors import Refused

STEPS = (8, 24)
HEALING_ROUNDS = 60
SPANS = (
    timedelta(seconds=2), timedelta(seconds=40), timedelta(seconds=65), timedelta(minutes=6), timedelta(minutes=45),
    timedelta(hours=5), timedelta(hours=26), timedelta(days=4),
)  # fmt: skip
COURIER_EVENTS = ("collected", "in_transit", "delivered", "delivered", "delivered", "refused", "lost", "returned")


def starts_at(seed: int) -> datetime:
    """Any minute of a year."""
    return EPOCH + timedelta(minutes=Random(seed).randint(0, 500_000))


@dataclass
class Walk:
    """`violations` is empty when all was well. counts: what was done how often."""

    seed: int
    outside: Outside
    clock: Clock
    faults: truth.Faults
    shop: Merchant
    name: str = "W"
    orders: list[town.Bought] = field(default_factory=list)
    violations: list[str] = field(default_factory=list)
    steps: int = 0
    refused: int = 0
    behaviours: int = 0
    trace: list[str] = field(default_factory=list)

    def __post_init__(self):
        self.chance = Random(self.seed)

    def walk(self) -> "Walk":
        self.outside.kept.clear()
        self.clock.set(starts_at(self.seed))
        for _ in range(self.chance.choice((1, 1, 2))):
            self.do(self.buy)
        while not self.orders:  # an order that cannot be was refused
            self.do(self.buy)
        self.do(self.file)
        for _ in range(self.chance.randint(*STEPS)):
            self.do(self.chance.choices(*_weighted(self))[0])
        self.heal()
        return self

    def do(self, step: Callable[[], object]) -> None:
        """One step; a refusal is an answer, everything else that it raises is a violation."""
        self.steps += 1
        said = ""
        try:
            step()
        except Refused as refused:
            self.refused += 1
            said = f" refused: {refused}"
        except Exception as error:
            self.violations.append(f"{step.__name__}: {error!r}")
            connection.close()
        self.trace.append(f"{self.clock.now:%m-%d %H:%M:%S} {step.__name__}{said}")
        self.violations += [f"{step.__name__}: {fault}" for fault in self.faults.take()]

    # --- what customers do --------------------------------------------------------------------------------

    def buy(self) -> None:
        number = f"{self.name}{self.seed}-{len(self.orders)}"
        bought = town.buy(self.chance, self.shop, number=number, now=self.clock.now)
        for channel, transaction_id, paid in bought.transactions:
            if channel in self.outside.channels:
                opened = {"transaction_id": transaction_id, "amount": paid, "currency": "CNY",
                          "paid_at": bought.order.placed_at.isoformat()}  # fmt: skip
                self.outside.post(channel, "/_payments", opened)
        self.orders.append(bought)

    def file(self) -> None:
        """Filed as quoted: what was shown before is what counts. A form that is sent again files nothing."""
        order = self.chance.choice(self.orders).order
        wish = self._wish(order)
        shown = intake.quote(Order.objects.filter(pk=order.pk), wish, now=self.clock.now)
        last = order.returns.order_by("pk").last()
        request = intake.submit_return(order.pk, wish, by=town.ANN, now=self.clock.now)
        told = request.outcome, request.bill and request.bill.refund
        if (last is None or request.pk > last.pk) and told != _promised(shown):
            self.violations.append(f"{request.return_no} was filed otherwise than quoted: {told}")

    def _wish(self, order) -> Wish:
        """Mostly one that can be judged; now and then one that makes no sense."""
        lines = [line for line in order.lines.all() if line.returnable or line.cancellable] or list(order.lines.all())
        taken = self.chance.sample(lines, self.chance.randint(1, len(lines)))
        unsent = any(not line.returnable for line in taken)
        kind = "refund_only" if unsent else self.chance.choices(reasons.KINDS, (5, 8, 1, 1, 1))[0]
        comes_back = kind in ("return_refund", "exchange", "repair")
        elsewhere = self.chance.choices(("original", "balance", "coupon"), (8, 2, 1))[0]
        return Wish(
            kind=kind, lines=tuple(self._wish_line(line, kind) for line in taken),
            send_back=self.chance.choice(("pickup", "self_ship")) if comes_back else "none", refund_to=elsewhere,
            refund_to_agreed_at=None if elsewhere == "original" else self.clock.now,
            form_token=self.chance.choice((None, f"{self.name}{self.seed}-{self.chance.randint(1, 3)}")),
        )  # fmt: skip

    def _wish_line(self, line, kind: str) -> WishLine:
        unsent = kind == "refund_only" and line.cancellable and (not line.returnable or self.chance.random() < 0.5)
        free = line.cancellable if unsent else line.returnable
        return WishLine(
            line.line_no, self.chance.randint(1, max(1, free)), self._reason(line, kind, unsent=bool(unsent)),
            exchange_sku="S9" if kind == "exchange" else "",
        )  # fmt: skip

    def _reason(self, line, kind: str, *, unsent: bool) -> str:
        units = {"shipped": line.shipped, "unshipped": line.quantity - line.shipped}
        fitting = [
            code for code in reasons.REASONS if code.startswith("UN.") == unsent
            and not reasons.cannot_fit(code, kind=kind, category=line.category, **units)
        ]  # fmt: skip
        likely = [code for code in fitting if code.startswith(("UN.", "NR.", "QL."))]
        return self.chance.choice(likely if likely and self.chance.random() < 0.7 else fitting or ["OT.OTHER"])

    def withdraw(self) -> None:
        withdrawal.withdraw_return(self._case().pk, by=town.ANN, now=self.clock.now)

    def hand_in(self) -> None:
        waybill = f"SF{self.chance.randint(10**12, 10**13 - 1)}"
        goods.enter_waybill(self._case().pk, courier="sf", waybill=waybill, by=town.ANN, now=self.clock.now)

    def appeal(self) -> None:
        appeals.ask_a_person(self._case().pk, text="", by=town.ANN, now=self.clock.now)

    def answer(self) -> None:
        add_evidence(self._case().pk, evidence=(), text="Here.", by=town.ANN, now=self.clock.now)

    def take_to_the_bank(self) -> None:
        balance.take_to_the_bank(self._case().pk, by=town.ANN, now=self.clock.now)

    def spend(self) -> None:
        """Something at the shop is paid with the balance."""
        refund = self._refund()
        amount = self.chance.choice((1, 1 + refund.amount // 2, refund.amount))
        wallet.spend(
            refund.customer, amount=amount, reference=f"{refund.number}/{self.steps}", now=self.clock.now,
            order=refund.order,
        )  # fmt: skip

    # --- what shops and staff do --------------------------------------------------------------------------

    def approve(self) -> None:
        decisions.approve_return(self._case().pk, by=self.chance.choice(town.STAFF), now=self.clock.now)

    def refuse(self) -> None:
        by = self.chance.choice(town.STAFF)
        decisions.refuse_return(self._case().pk, code="R_QTY", text="No.", by=by, now=self.clock.now)

    def undo(self) -> None:
        by = self.chance.choice(town.STAFF)
        undoing.undo_decision(self._case().pk, by=by, anybodys=self.chance.random() < 0.5, now=self.clock.now)

    def reopen(self) -> None:
        appeals.reopen(self._case().pk, text="Looked at again.", by=town.SAM, now=self.clock.now)

    def compensate(self) -> None:
        case, what = self._case(), self.chance.choice(("balance", "coupon", "points"))
        wallet.compensate(
            case.order, case_ref=case.return_no, ground=self.chance.choice(GROUNDS), what=what,
            amount=self.chance.choice((1, 500, 2000)), payer=self.chance.choice(("merchant", "platform")),
            reason="It took long.", by=town.SAM, now=self.clock.now,
        )  # fmt: skip

    def bank_returns(self) -> None:
        """Days after it arrived the bank sends it back."""
        payout.take_back(self._refund().pk, proof="the bank's letter", by=town.FAY, now=self.clock.now)

    def ask_for_evidence(self) -> None:
        decisions.ask_for_evidence(self._case().pk, text="Show it.", classes=["E1"], by=town.MIA, now=self.clock.now)

    def agree(self) -> None:
        agree_as_second(self._case().pk, by=self.chance.choice((town.SAM, town.SUE, town.FAY)), now=self.clock.now)

    def count(self) -> None:
        case = self._case()
        came = [
            Arrived(line.order_line.line_no, self.chance.choice((line.quantity, line.quantity, self._up_to(line))))
            for line in case.lines.select_related("order_line")
        ]
        count_goods(case.pk, came, by=town.MIA, now=self.clock.now)

    def _up_to(self, line) -> int:
        return self.chance.randint(0, line.quantity + 1)

    def inspect(self) -> None:
        case = self._case()
        graded = [
            Graded(line.order_line.line_no, line.counted, self.chance.choice((*"AABB", *Grade.values)),
                   Disposition.RESTOCK)
            for line in case.lines.select_related("order_line") if line.counted
        ]  # fmt: skip
        inspect_goods(case.pk, graded, by=town.MIA, now=self.clock.now)

    def find_missing(self) -> None:
        missing.pay_missing(self._case().pk, by=self.chance.choice((town.MIA, town.SAM)), now=self.clock.now)

    def let_go_of_missing(self) -> None:
        missing.release_missing(self._case().pk, by=town.SAM, now=self.clock.now)

    def retry(self) -> None:
        payout.retry(self._refund().pk, by=town.FAY, now=self.clock.now)

    def ask_channel(self) -> None:
        payout.ask_again(self._refund().pk, by=town.FAY, now=self.clock.now)

    def send_anew(self) -> None:
        payout.send_anew(self._refund().pk, by=town.FAY, now=self.clock.now)

    def settle_by_two(self) -> None:
        """They look at the channel's own book: what they say is true, and only said where it is final."""
        refund = self._refund()
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

    # --- what the outside world and time do ----------------------------------------------------------------

    def misbehave(self) -> None:
        name = self.chance.choice(sorted(self.outside.stand_ins))
        self.outside.behave(name, self.chance.choice(self.outside.stand_ins[name].behaviours))
        self.behaviours += 1

    def promise_kept(self) -> None:
        """Whatever a stand-in has still to do, in any order; sometimes it forgets that it did it."""
        if waiting := self.outside.promised():
            name, job = self.chance.choice(waiting)
            self.outside.keep_promise(name, job, again=self.chance.random() < 0.2)

    def promises_kept(self) -> None:
        for _ in range(4):
            self.promise_kept()

    def parcel_moves(self) -> None:
        known = Parcel.objects.filter(order__in=self.order_ids).exclude(waybill="").order_by("pk")
        if found := list(known):
            waybill, event = self.chance.choice(found).waybill, self.chance.choice(COURIER_EVENTS)
            moved = {"waybill": waybill, "event": event, "at": self.clock.now.isoformat()}
            self.outside.post("sf", "/_push", moved)

    def time_passes(self) -> None:
        self.clock.forward(self.chance.choice(SPANS))

    def some_worker(self) -> None:
        self.chance.choice(workers.ALL)(self.clock.now)

    def every_worker(self) -> None:
        workers.look_at_everything(self.clock.now)

    # --- the end: the world behaves, people do their part, and everything ends -----------------------------

    def heal(self) -> None:
        self.outside.behave_well()
        for turn in range(HEALING_ROUNDS):
            self.do(self._keep_every_promise)
            self.do(self.every_worker)
            if self._all_ended():
                break
            self.clock.forward(timedelta(minutes=1 + 2 * turn))
        self.violations += truth.of_ends(self.order_ids)
        self._say_it_all_again()

    def _keep_every_promise(self) -> None:
        for name, job in self.outside.promised():
            self.outside.keep_promise(name, job)

    def _all_ended(self) -> bool:
        return not truth.of_ends(self.order_ids) and not workers.anything_due(self.order_ids)

    def _say_it_all_again(self) -> None:
        """I28: every callback once more, in another order, and what came of it all is the same."""
        before = dump.of_orders(self.order_ids)
        self.do(self._repeat_callbacks)
        self.do(self.every_worker)
        self.violations += [f"said again: {line}" for line in dump.difference(before, dump.of_orders(self.order_ids))]

    def _repeat_callbacks(self) -> None:
        told = list(self.outside.kept)
        self.chance.shuffle(told)
        for name, job in told:
            self.outside.keep_promise(name, job, again=True)

    # --- whom a step is about ------------------------------------------------------------------------------

    @property
    def order_ids(self) -> list[int]:
        return [bought.order.pk for bought in self.orders]

    def _case(self) -> ReturnRequest:
        """A case of this walk; the younger ones more often."""
        cases = list(ReturnRequest.objects.filter(order__in=self.order_ids).order_by("pk"))
        if not cases:
            raise NothingThere
        return self.chance.choice(cases[-3:])

    def _refund(self) -> Refund:
        found = list(Refund.objects.filter(order__in=self.order_ids).order_by("pk"))
        if not found:
            raise NothingThere
        return self.chance.choice(found)


def _promised(shown: Judged) -> tuple[str, int | None]:
    return shown.verdict.outcome, None if shown.refused else shown.body["refund"]


class NothingThere(Refused):
    """The walk has nothing yet that this step could be about."""

    code = "nothing_there"


CHOICES: dict[str, int] = {
    "buy": 1, "file": 14, "withdraw": 3, "hand_in": 3, "appeal": 1, "answer": 2, "approve": 7, "refuse": 2,
    "ask_for_evidence": 1, "agree": 3, "count": 7, "inspect": 7, "find_missing": 2, "let_go_of_missing": 2,
    "retry": 1, "ask_channel": 2, "send_anew": 2, "settle_by_two": 1, "undo": 2, "reopen": 1,
    "compensate": 1, "bank_returns": 1, "take_to_the_bank": 2, "spend": 1, "misbehave": 9, "promise_kept": 4,
    "promises_kept": 4, "parcel_moves": 5, "time_passes": 10, "some_worker": 8, "every_worker": 12,
}  # fmt: skip


def _weighted(walk: Walk) -> tuple[list[Callable[[], object]], list[int]]:
    return [getattr(walk, name) for name in CHOICES], list(CHOICES.values())
