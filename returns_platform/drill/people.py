"""What customers, shops and support do in a walk: one method a step, each about something the walk has already."""

from random import Random

from aftersales.inspection.models import Disposition, Grade
from aftersales.inspection.services import Arrived, Graded, count_goods, inspect_goods
from aftersales.policy import reasons
from aftersales.returns import states
from aftersales.returns.models import ReturnRequest
from aftersales.returns.services import appeals, balance, decisions, goods, intake, missing, undoing, withdrawal
from aftersales.returns.services.evidence import add_evidence
from aftersales.returns.services.judging import Judged
from aftersales.returns.services.money import agree_as_second
from aftersales.returns.services.wishes import Wish, WishLine
from orders.merchants.models import Merchant
from orders.purchases.models import Order
from refunds.wallet import services as wallet
from refunds.wallet.texts import BY_HAND as GROUNDS
from returns_platform.drill import town
from returns_platform.drill.clock import Clock
from returns_platform.drill.outside import Outside
from returns_platform.kernel.errors import Refused


class NothingThere(Refused):
    """The walk has nothing yet that this step could be about."""

    code = "nothing_there"


class People:
    """Steps of a walk; `Walk` has the rest."""

    seed: int
    name: str
    turns: int
    chance: Random
    clock: Clock
    outside: Outside
    shop: Merchant
    orders: list[town.Bought]
    violations: list[str]

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
        kind = "refund_only" if unsent else self.chance.choices(reasons.KINDS, (4, 7, 5, 3, 1))[0]
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
            exchange_sku=self.chance.choice(tuple(town.GOODS)) if kind == "exchange" else "",
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
        withdrawal.withdraw_return(self._case(state__in=states.LIVE).pk, by=town.ANN, now=self.clock.now)

    def hand_in(self) -> None:
        case = self._case(state__in=(states.APPROVED, states.AWAITING_GOODS))
        waybill = f"SF{self.chance.randint(1, 9)}{case.return_no[-12:]}"  # a twin's is another
        goods.enter_waybill(case.pk, courier="sf", waybill=waybill, by=town.ANN, now=self.clock.now)

    def appeal(self) -> None:
        appeals.ask_a_person(self._case(state=states.REJECTED).pk, text="", by=town.ANN, now=self.clock.now)

    def answer(self) -> None:
        case = self._case(state=states.NEEDS_EVIDENCE)
        add_evidence(case.pk, evidence=(), text="Here.", by=town.ANN, now=self.clock.now)

    def take_to_the_bank(self) -> None:
        case = self._case(state=states.COMPLETED, refund_to="balance")
        balance.take_to_the_bank(case.pk, by=town.ANN, now=self.clock.now)

    # --- what shops and staff do --------------------------------------------------------------------------

    def approve(self) -> None:
        case = self._case(state__in=(states.IN_REVIEW, states.INSPECTED))
        decisions.approve_return(case.pk, by=self.chance.choice(town.STAFF), now=self.clock.now)

    def refuse(self) -> None:
        case, by = self._case(state__in=(states.IN_REVIEW, states.INSPECTED)), self.chance.choice(town.STAFF)
        decisions.refuse_return(case.pk, code="R_QTY", text="No.", by=by, now=self.clock.now)

    def undo(self) -> None:
        case, by = self._case(state__in=states.UNDOABLE), self.chance.choice(town.STAFF)
        undoing.undo_decision(case.pk, by=by, anybodys=self.chance.random() < 0.5, now=self.clock.now)

    def reopen(self) -> None:
        appeals.reopen(self._case(state=states.REJECTED).pk, text="Looked at again.", by=town.SAM, now=self.clock.now)

    def compensate(self) -> None:
        case, what = self._case(), self.chance.choice(("balance", "coupon", "points"))
        wallet.compensate(
            case.order, case_ref=case.return_no, ground=self.chance.choice(GROUNDS), what=what,
            amount=self.chance.choice((1, 500, 2000)), payer=self.chance.choice(("merchant", "platform")),
            reason="It took long.", by=town.SAM, now=self.clock.now,
        )  # fmt: skip

    def ask_for_evidence(self) -> None:
        case = self._case(state=states.IN_REVIEW)
        decisions.ask_for_evidence(case.pk, text="Show it.", classes=["E1"], by=town.MIA, now=self.clock.now)

    def agree(self) -> None:
        case = self._case(state=states.SETTLING)
        agree_as_second(case.pk, by=self.chance.choice((town.SAM, town.SUE, town.FAY)), now=self.clock.now)

    def count(self) -> None:
        case = self._case(state__in=states.COUNTABLE, counted_at=None)
        came = [
            Arrived(line.order_line.line_no, self.chance.choice((line.quantity, line.quantity, self._up_to(line))))
            for line in case.lines.select_related("order_line")
        ]
        count_goods(case.pk, came, by=town.MIA, now=self.clock.now)

    def _up_to(self, line) -> int:
        return self.chance.randint(0, line.quantity + 1)

    def inspect(self) -> None:
        case = self._case(state=states.ARRIVED, counted_at__isnull=False)
        graded = [
            Graded(line.order_line.line_no, line.counted, self.chance.choice((*"AABB", *Grade.values)),
                   Disposition.RESTOCK)
            for line in case.lines.select_related("order_line") if line.counted
        ]  # fmt: skip
        inspect_goods(case.pk, graded, by=town.MIA, now=self.clock.now)

    def find_missing(self) -> None:
        case = self._case(lines__missing__gt=0)
        missing.pay_missing(case.pk, by=self.chance.choice((town.MIA, town.SAM)), now=self.clock.now)

    def let_go_of_missing(self) -> None:
        missing.release_missing(self._case(lines__missing__gt=0).pk, by=town.SAM, now=self.clock.now)

    # --- whom a step is about ------------------------------------------------------------------------------

    @property
    def order_ids(self) -> list[int]:
        return [bought.order.pk for bought in self.orders]

    def _case(self, **likely) -> ReturnRequest:
        """One of the youngest cases of this walk: mostly one that the step is for, now and then any."""
        cases = ReturnRequest.objects.filter(order__in=self.order_ids).order_by("-pk")
        return self._one_of(self._likely(cases, likely)[:3])

    def _likely(self, rows, likely: dict):
        return rows.filter(**likely) if self.chance.random() < 0.93 else rows

    def _one_of(self, rows):
        """Any of them. Raises NothingThere."""
        found = list(rows)
        if not found:
            raise NothingThere
        return self.chance.choice(found)


def _promised(shown: Judged) -> tuple[str, int | None]:
    return shown.verdict.outcome, None if shown.refused else shown.body["refund"]
