"""Orders for tests of bills: bought from plain figures, with requests filed on them and taken back."""

from collections import Counter
from dataclasses import replace
from decimal import Decimal

from aftersales.bills import facts, rules
from orders.purchases import rules as purchases


def bought(*prices, discounts=(), payments=None, rate="0", free_from=None, points_balance=None, virtual=(), **money):
    """An order with its shares frozen. prices: of one unit, or (price, units); lines are "1", "2"…

    discounts: (source, amount) or (source, amount, {threshold, is_rate, line_nos}). payments: [(channel, amount)];
    one by WeChat when not said. money: as of the order that comes in.
    """
    pairs = [price if isinstance(price, tuple) else (price, 1) for price in prices]
    lines = tuple(
        purchases.Line(str(number), units, price, tax_rate=Decimal(rate), virtual=str(number) in virtual)
        for number, (price, units) in enumerate(pairs, start=1)
    )
    rules_of = [dict(*more) for _, _, *more in discounts]
    taken_off = tuple(
        purchases.Discount(source, amount, rule.get("line_nos"))
        for (source, amount, *_), rule in zip(discounts, rules_of, strict=True)
    )
    order = purchases.Order(lines, taken_off, **money)
    parts = payments if payments is not None else [("wechat", purchases.difference(order))]
    return facts.Order(
        lines=tuple(_line(line, frozen) for line, frozen in zip(lines, purchases.freeze(order), strict=True)),
        tenders=tuple(facts.Tender(index, f"T{index}", *part) for index, part in enumerate(parts)),
        discounts=tuple(
            facts.Discount(f"discount {index}", source, **rule)
            for index, ((source, *_), rule) in enumerate(zip(discounts, rules_of, strict=True))
        ),
        freight=order.freight_charged - order.freight_discount,
        waived_freight=order.freight_discount if free_from is not None else 0,
        free_from=free_from,
        points_balance=points_balance,
    )  # fmt: skip


def _line(line, frozen):
    return facts.Line(
        line_no=line.line_no, quantity=line.quantity, unit_price=line.unit_price, line_discount=line.line_discount,
        net=frozen.net, discount_shares=frozen.discount_shares, points_share=frozen.share_points,
        freight_share=frozen.share_freight, points_used=frozen.points_used, points_earned=frozen.points_earned,
        tax=frozen.tax,
    )  # fmt: skip


def asked(*lines, kind="return_refund", **more):
    """A request for (line number, units) or (line number, units, fault)."""
    return facts.Request(kind, tuple(facts.Asked(*line) for line in lines), **more)


class Book:
    """An order with its live and done requests, as services keep them."""

    def __init__(self, order, terms=None):
        self.order, self.terms = order, terms or facts.Terms()
        self.filed = {}  # request and bill by serial number
        self.done = set()

    @property
    def bills(self):
        return [bill for _, bill in self.filed.values()]

    def facts(self, *, without=None):
        """The order as the next bill sees it."""
        kept = {serial: bill for serial, (_, bill) in self.filed.items() if serial != without}
        used = Counter()
        for bill in kept.values():
            used.update({part.payment_id: part.amount for part in bill.tenders})
            used.update({part.payment_id: part.amount for part in bill.carried_parts})
        return replace(
            self.order,
            claims=tuple(
                replace(bill.claim, over=serial in self.done, later=without is not None and serial > without)
                for serial, bill in kept.items()
            ),
            tenders=tuple(
                replace(tender, left=tender.left - used[tender.payment_id]) for tender in self.order.tenders
            ),
        )

    def file(self, *lines, **more):
        request = asked(*lines, **more)
        return self._keep(request, rules.bill(self.facts(), request, self.terms))

    def give(self, line_no, amount):
        return self._keep(None, rules.goodwill(self.facts(), line_no, amount, self.terms))

    def _keep(self, request, bill):
        self.filed[max(self.filed, default=0) + 1] = (request, bill)
        return bill

    def withdraw(self, serial):
        del self.filed[serial]

    def finish(self, serial):
        self.done.add(serial)

    def again(self, serial, request=None):
        """Work a live request out again, as when the rest of the order changed."""
        kept, old = self.filed[serial]
        request = request or kept
        self.filed[serial] = (request, rules.rebill(old, self.facts(without=serial), request, self.terms))
        return self.filed[serial][1]

    def left(self, line_no):
        return self.facts().units_left(line_no)
