"""The bill against a second calculation, over thousands of seeded orders and what is done with them.

Lines with weight 0 and of several units, discounts of both sources on some lines, points, freight and its discount,
virtual lines, several tenders, faults, broken promotions, goodwill, swaps, repairs, requests taken back in between.
"""

from decimal import Decimal
from random import Random

import pytest

from aftersales.bills import facts, rules
from aftersales.tests.bills import oracle
from aftersales.tests.bills.purchases import Book, asked
from orders.purchases import rules as purchases

WALKS = 250  # per seed


class Case:
    """The same order twice: as the product freezes it, and as the second calculation does."""

    def __init__(self, random, *, resettle):
        self.random = random
        lines = [self.line() for _ in range(random.randint(1, 5))]
        discounts, points = self.discounts(lines, resettle), {}
        room = sum(line.left for line in lines)
        points = {"money": random.choice([0, random.randint(0, room)]), "used": random.choice([0, 7, 100])}
        points["earned"] = random.choice([0, 90, 1001])
        charged = random.choice([0, 1, 1200, 777])
        off = random.choice([0, random.randint(0, charged)])
        free_from = random.choice([None, random.randint(1, 30000)]) if off else None
        oracle.freeze(
            lines, discounts, points_money=points["money"], points_used=points["used"],
            points_earned=points["earned"], freight=charged - off,
        )  # fmt: skip
        due = sum(line.left for line in lines) + charged - off
        tenders = self.tenders(due)
        terms = {
            "resettle": resettle, "deduct_waived": random.random() < 0.5, "deduct_pickup": random.random() < 0.3,
            "point_value": random.choice([0, 0, 2]),
            "strategy": random.choice(["proportional", "proportional", "balance_first", "cash_first"]),
        }  # fmt: skip
        balance = random.choice([None, 0, 20, 10_000])
        self.second = oracle.Shop(
            lines, discounts, tenders, freight=charged - off, terms=terms, waived=off if free_from else 0,
            free_from=free_from, points_balance=balance,
        )  # fmt: skip
        self.bought = self.as_bought(lines, discounts, points, charged, off)
        self.frozen = purchases.freeze(self.bought)
        order = self.as_facts(lines, discounts, tenders, charged - off, self.second.waived, free_from, balance)
        self.book = Book(order, self.as_terms(terms))
        self.serial = 0

    def line(self):
        random = self.random
        price = random.choice([0, 0, 1, 3, 33, 999, 3333, 5000, 20000])
        units = random.choice([1, 1, 2, 3, 7])
        discount = random.choice([0, 0, 0, random.randint(0, price * units), price * units])
        rate = random.choice([0, 13, 6])
        line = oracle.Line(price, units, discount, random.random() < 0.2, rate)
        line.left = line.worth
        return line

    def discounts(self, lines, resettle):
        """Amounts that fit into their lines, tried on a copy; often so large that a line is full."""
        random, found = self.random, []
        room = [line.worth for line in lines]
        for number in range(random.randint(0, 3)):
            some = sorted(random.sample(range(len(lines)), random.randint(1, len(lines))))
            covered = random.choice([list(range(len(lines))), some])
            holds = sum(room[index] for index in covered)
            amount = random.choice([0, random.randint(0, holds), random.randint(0, holds) // 4, holds])
            threshold = random.randint(1, 40000) if resettle and random.random() < 0.8 else None
            found.append(
                {"name": f"D{number}", "source": random.choice(["shop", "platform"]), "amount": amount,
                 "lines": covered, "threshold": threshold, "rate": random.random() < 0.5,
                 "all": covered == list(range(len(lines)))}
            )  # fmt: skip
            left = [oracle.Line(line.price, line.units, line.discount) for line in lines]
            for index, line in enumerate(left):
                line.left = room[index]
            oracle.take_off(left, amount, covered)
            room = [line.left for line in left]
        for line, left in zip(lines, room, strict=True):
            line.left = left
        return found

    def tenders(self, due):
        random, parts = self.random, []
        channels = ["gift_card", "wechat", "balance", "alipay", "stripe", "bank_transfer"]
        random.shuffle(channels)
        for channel in channels[: random.randint(0, 3)]:
            parts.append((channel, random.choice([0, random.randint(0, due)])))
            due -= parts[-1][1]
        return [*parts, (channels[4], due)]

    def as_bought(self, lines, discounts, points, charged, off):
        return purchases.Order(
            tuple(
                purchases.Line(f"L{i}", line.units, line.price, line.discount, Decimal(line.tax_percent) / 100,
                               line.virtual)
                for i, line in enumerate(lines)
            ),
            tuple(purchases.Discount(d["source"], d["amount"], self.line_nos(d)) for d in discounts),
            freight_charged=charged, freight_discount=off, points_used=points["used"],
            points_amount=points["money"], points_earned=points["earned"],
        )  # fmt: skip

    def line_nos(self, discount):
        return None if discount["all"] else tuple(f"L{index}" for index in discount["lines"])

    def as_facts(self, lines, discounts, tenders, freight, waived, free_from, balance):
        return facts.Order(
            lines=tuple(
                facts.Line(
                    line_no=frozen.line_no, quantity=line.units, unit_price=line.price, net=frozen.net,
                    line_discount=line.discount, discount_shares=frozen.discount_shares,
                    points_share=frozen.share_points, freight_share=frozen.share_freight,
                    points_used=frozen.points_used, points_earned=frozen.points_earned, tax=frozen.tax,
                )
                for line, frozen in zip(lines, self.frozen, strict=True)
            ),
            tenders=tuple(facts.Tender(number, f"T{number}", *tender) for number, tender in enumerate(tenders)),
            discounts=tuple(
                facts.Discount(d["name"], d["source"], d["threshold"], d["rate"], self.line_nos(d)) for d in discounts
            ),
            freight=freight, waived_freight=waived, free_from=free_from, points_balance=balance,
        )  # fmt: skip

    def as_terms(self, terms):
        return facts.Terms(
            broken_threshold="RESETTLE" if terms["resettle"] else "PRO_RATA", tender_strategy=terms["strategy"],
            deduct_pickup=terms["deduct_pickup"], deduct_waived_freight=terms["deduct_waived"],
            point_value=terms["point_value"],
        )  # fmt: skip

    # --- what is done with the order

    def some(self, *, faults=True):
        chosen = []
        for index in range(len(self.second.lines)):
            out = self.second.units_out(index)
            if out and self.random.random() < 0.6:
                chosen.append((index, self.random.randint(1, out), faults and self.random.random() < 0.3))
        self.random.shuffle(chosen)
        return chosen

    def file(self, chosen, kind="return_refund"):
        if not chosen:
            return
        send_back = self.random.choice(["pickup", "self_ship", "none"])
        cost = 0 if send_back == "none" else 800
        refund_to = self.random.choice(["original", "balance"])
        self.serial += 1
        self.second.file(self.serial, chosen, kind=kind, send_back=send_back, cost=cost, refund_to=refund_to)
        lines = [(f"L{index}", units, fault) for index, units, fault in chosen]
        request = asked(*lines, kind=kind, send_back=send_back, return_freight=cost, refund_to=refund_to)
        bill = rules.bill(self.book.facts(), request, self.book.terms)
        self.book.filed[self.serial] = (request, bill)

    def give(self, *, within_the_line):
        index = self.random.randrange(len(self.second.lines))
        most = sum(self.second.still_held(None))
        if within_the_line:
            most = min(most, rules.refundable(self.book.facts(), f"L{index}"))
        if most <= 0:
            return
        amount, self.serial = self.random.randint(1, most), self.serial + 1
        self.second.give(self.serial, index, amount)
        bill = rules.goodwill(self.book.facts(), f"L{index}", amount, self.book.terms)
        self.book.filed[self.serial] = (None, bill)

    def withdraw(self):
        waiting = [serial for serial, request in self.second.requests.items() if not request.over and request.units]
        if waiting:
            serial = self.random.choice(waiting)
            del self.second.requests[serial]
            self.book.withdraw(serial)

    def pay(self):
        """Money is promised: the bill is looked at again; from then on the request stays."""
        waiting = [serial for serial, request in self.second.requests.items() if not request.over and request.units]
        if waiting:
            serial = self.random.choice(waiting)
            if self.second.requests[serial].pays:
                self.second.again(serial)
                self.book.again(serial)
            self.second.requests[serial].over = True
            self.book.finish(serial)

    def walk(self):
        resettle = self.second.terms["resettle"]
        for _ in range(self.random.randint(1, 7)):
            step = self.random.random()
            if step < 0.55:
                self.file(self.some())
            elif step < 0.65:
                kind = self.random.choice(["refund_only", "exchange", "repair", "resend"])
                self.file(self.some(), kind)
            elif step < 0.75:
                self.give(within_the_line=resettle or self.random.random() < 0.5)
            elif step < 0.88:
                self.withdraw()
            else:
                self.pay()
            self.check()

    # --- both sides say the same

    def check(self):
        assert set(self.book.filed) == set(self.second.requests)
        for serial, second in self.second.requests.items():
            self.check_one(second, self.book.filed[serial][1])
        held = [tender.left for tender in self.book.facts().tenders]
        assert held == self.second.still_held(None)
        assert all(left >= 0 for left in held)

    def check_one(self, second, bill):
        lines = {part.line: part for part in second.paid}
        assert bill.refund == second.refund
        for line in bill.lines:
            part = lines[int(line.line_no[1:])]
            assert (line.cut.totals, line.quantity) == (tuple(part.tops), part.units)
            if bill.is_refund:
                assert (line.points, line.cut.earned) == (part.points, part.earned)
                assert line.cut.freight_fault == part.fault_freight
                if line.cut.settled == line.cut.totals:
                    assert line.tax == part.tax
                if not line.cut.goodwill:
                    assert line.amount + sum(line.shares.values()) == part.tops[-1]
            else:
                carried = {"resend": 0, "exchange": part.carried}.get(bill.kind, part.tops[0])
                assert (line.amount, line.carried) == (0, carried)
        if bill.is_refund:
            self.check_money(second, bill)

    def check_money(self, second, bill):
        assert bill.goods == second.goods
        assert bill.freight_out == second.freight
        wanted = {
            "waived_freight": second.waived, "pickup": second.pickup, "points_shortfall": second.points_deducted,
            "payment_short": second.short,
        }  # fmt: skip
        assert {d.code: d.amount for d in bill.deductions} == {code: sum_ for code, sum_ in wanted.items() if sum_}
        assert (bill.points_back, bill.points_taken) == (second.points_back, second.points_taken)
        assert (bill.points_shortfall, bill.completes, bill.bonus) == (second.shortfall, second.whole, second.bonus)
        assert [(part.payment_id, part.amount) for part in bill.tenders] == second.taken
        assert bill.refund == bill.goods + bill.freight_out - bill.deducted >= 0
        assert sum(row.amount for row in bill.rows) == bill.refund

    def check_frozen(self):
        for line, frozen in zip(self.second.lines, self.frozen, strict=True):
            assert frozen.net == line.left
            assert list(frozen.discount_shares) == line.by_discount
            assert (frozen.share_points, frozen.share_freight) == (line.points_money, line.freight)
            assert (frozen.points_used, frozen.points_earned) == (line.points_used, line.points_earned)
            assert frozen.tax == line.tax


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("resettle", [False, True])
def test_two_calculations_of_the_same_walk_agree_to_the_fen(seed, resettle):
    random = Random(f"{seed} {resettle}")
    for walk in range(WALKS):
        case = Case(random, resettle=resettle)
        try:
            case.check_frozen()
            case.walk()
        except AssertionError as error:
            raise AssertionError(f"seed {seed}, walk {walk}: {error}") from error
