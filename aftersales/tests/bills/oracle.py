"""A second calculation of every amount, from the text of the money rules M1 to M9 and the law's arithmetic.

It shares nothing with the code under test: plain numbers and fractions, and the rules in the words they are written
in.
"""

from dataclasses import dataclass, field, replace
from fractions import Fraction
from math import floor

CASH = ("wechat", "alipay", "stripe", "bank_transfer")


def shared_out(amount, weights):
    """Largest remainder, ties to the earlier one: hand out the whole parts, then one fen to each best remainder."""
    exact = [Fraction(amount * weight, sum(weights)) for weight in weights]
    parts = [floor(part) for part in exact]
    for index in sorted(range(len(parts)), key=lambda i: (parts[i] - exact[i], i))[: amount - sum(parts)]:
        parts[index] += 1
    return parts


# --- M1: what each line carries -------------------------------------------------------------------------------


@dataclass
class Line:
    price: int
    units: int
    discount: int = 0
    virtual: bool = False
    tax_percent: int = 0
    left: int = 0
    by_discount: list = field(default_factory=list)
    points_money: int = 0
    points_used: int = 0
    points_earned: int = 0
    freight: int = 0
    tax: int = 0

    @property
    def worth(self):
        return self.price * self.units - self.discount


def freeze(lines, discounts, *, points_money, points_used, points_earned, freight):
    """discounts: dicts with amount and lines (indexes). Fills the lines in place."""
    for line in lines:
        line.left = line.worth
    for discount in discounts:
        taken = take_off(lines, discount["amount"], discount["lines"])
        for index, line in enumerate(lines):
            line.by_discount.append(taken[index])
    everywhere = range(len(lines))
    for line, taken in zip(lines, take_off(lines, points_money, everywhere), strict=True):
        line.points_money = taken
    worths = [line.worth for line in lines]
    for name, amount, weights in (
        ("points_used", points_used, worths),
        ("points_earned", points_earned, [line.left for line in lines]),
    ):
        units = [line.units for line in lines]
        for line, part in zip(lines, shared_out(amount, weights if any(weights) else units), strict=True):
            setattr(line, name, part)
    ship = [line for line in lines if not line.virtual] or lines
    weights = [line.worth for line in ship]
    for line, part in zip(
        ship, shared_out(freight, weights if any(weights) else [line.units for line in ship]), strict=True
    ):
        line.freight = part
    for line in lines:
        line.tax = floor(Fraction(line.left * line.tax_percent, 100 + line.tax_percent) + Fraction(1, 2))


def take_off(lines, amount, indexes):
    """M1a: never more than a line has left; the surplus goes over the discount's other lines by the same weights."""
    taken, takers = [0] * len(lines), [index for index in indexes if lines[index].worth]
    while amount:
        surplus = 0
        for index, part in zip(takers, shared_out(amount, [lines[i].worth for i in takers]), strict=True):
            fits = min(part, lines[index].left)
            lines[index].left -= fits
            taken[index] += fits
            surplus += part - fits
        amount, takers = surplus, [index for index in takers if lines[index].left]
    return taken


# --- M2 to M9: what a request gives back ----------------------------------------------------------------------


@dataclass
class Paid:
    """What one live or done request took of one line. tops: its part of each running total of M2b."""

    line: int
    units: int
    fault: bool = False
    tops: list = field(default_factory=list)
    points: int = 0
    earned: int = 0
    tax: int = 0
    fault_freight: int = 0
    goodwill: int = 0
    carried: int = 0


@dataclass
class Outcome:
    """What one request comes to. taken: [(number of the tender, amount)]."""

    kind: str
    paid: list
    asked: dict
    goods: int = 0
    freight: int = 0
    whole_freight: int = 0
    waived: int = 0
    waived_back: int = 0
    pickup: int = 0
    points_deducted: int = 0
    short: int = 0
    refund: int = 0
    points_back: int = 0
    points_taken: int = 0
    shortfall: int = 0
    bonus: int = 0
    whole: bool = False
    taken: list = field(default_factory=list)
    over: bool = False

    @property
    def pays(self):
        return self.kind in ("return_refund", "refund_only")

    @property
    def units(self):
        return sum(part.units for part in self.paid)


class Shop:
    """One order and what is asked about it, one request after the other; each has a rising serial number."""

    def __init__(self, lines, discounts, tenders, *, freight, terms, waived=0, free_from=None, points_balance=None):
        self.lines, self.discounts, self.tenders = lines, discounts, tenders  # tenders: [(channel, amount)]
        self.freight, self.terms, self.waived, self.free_from = freight, terms, waived, free_from
        self.points_balance = points_balance
        self.requests = {}

    def file(self, serial, lines, *, kind, send_back="none", cost=0, refund_to="original"):
        """lines: [(line index, units, fault)]."""
        pays = kind in ("return_refund", "refund_only")
        paid = [self.next_units(index, units, fault and pays) for index, units, fault in lines]
        outcome = Outcome(kind, paid, {"send_back": send_back, "cost": cost, "refund_to": refund_to})
        if pays:
            self.settle(serial, outcome, may_complete=True)
        if kind == "exchange":
            self.carry(serial, outcome)
        self.requests[serial] = outcome
        return outcome

    def carry(self, serial, outcome):
        """An even swap: the units' value stays on the payments, as far as they hold it."""
        left = sum(self.still_held(serial))
        for part in outcome.paid:
            part.carried = min(part.tops[0], left)
            left -= part.carried
        outcome.taken = self.from_tenders(sum(part.carried for part in outcome.paid), serial)

    def again(self, serial):
        """When money is promised the same units are looked at once more, as the rest of the order stands now."""
        old = self.requests[serial]
        if not old.pays or not old.units:
            return old
        new = Outcome(old.kind, [replace(part) for part in old.paid], old.asked, over=old.over)
        self.settle(serial, new, may_complete=old.whole)
        if new.refund == old.refund:
            new.taken, new.bonus = old.taken, old.bonus
        self.requests[serial] = new
        return new

    def give(self, serial, index, amount):
        """M3: money for a line that takes no units; as much of the tax left as it is of the net left."""
        line, earlier = self.lines[index], self.on(index)
        left = line.left - sum(part.tops[0] + part.goodwill for part in earlier)
        tax_left = line.tax - sum(part.tax for part in earlier)
        tax = floor(Fraction(tax_left * min(amount, left), left) + Fraction(1, 2)) if left > 0 and tax_left > 0 else 0
        tops = [0] * (2 + len(self.discounts))
        outcome = Outcome("refund_only", [Paid(index, 0, tops=tops, tax=tax, goodwill=amount)], {})
        outcome.goods = outcome.refund = amount
        outcome.taken = self.from_tenders(amount, serial)
        self.requests[serial] = outcome
        return outcome

    # --- units

    def others(self, serial):
        return [request for number, request in self.requests.items() if number != serial]

    def earlier(self, serial):
        """The refunds of units filed before."""
        return [r for number, r in self.requests.items() if number < serial and r.pays and r.units]

    def holding(self, requests):
        """A resend never holds units; a repair holds them until it is done."""
        return [r for r in requests if r.kind != "resend" and not (r.kind == "repair" and r.over)]

    def on(self, index):
        return [part for r in self.holding(self.requests.values()) for part in r.paid if part.line == index]

    def units_out(self, index):
        return self.lines[index].units - sum(part.units for part in self.on(index))

    def next_units(self, index, units, fault):
        """M2a and M2b; after goodwill the split starts again with what is left over the units still out (M3)."""
        line, so_far = self.lines[index], self.on(index)
        start = max((position + 1 for position, part in enumerate(so_far) if part.goodwill), default=0)
        before, since = so_far[:start], so_far[start:]
        present = sum(part.goodwill for part in before)
        lowered = min(present, line.left - sum(part.tops[0] for part in before))  # the rest was a present

        def by_units(total, part, counts=lambda paid: True):
            n = total - sum(part(paid) for paid in before)
            q = line.units - sum(paid.units for paid in before if counts(paid))
            c = sum(paid.units for paid in since if counts(paid))
            promised = sum(part(paid) for paid in since if counts(paid))
            due = n if c + units == q else floor(Fraction(n * (c + units), q))
            return max(0, due - promised)

        whole, tops = line.left - lowered, []
        for step, more in enumerate([0, line.points_money, *reversed(line.by_discount)]):
            whole += more
            tops.append(by_units(whole, lambda paid, step=step: paid.tops[step]))
        fault_freight = by_units(line.freight, lambda paid: paid.fault_freight, lambda paid: paid.fault)
        return Paid(
            index, units, fault, tops,
            points=by_units(line.points_used, lambda paid: paid.points),
            earned=by_units(line.points_earned, lambda paid: paid.earned),
            tax=by_units(line.tax, lambda paid: paid.tax),
            fault_freight=fault_freight if fault else 0,
        )  # fmt: skip

    # --- the request as a whole

    def settle(self, serial, outcome, *, may_complete):
        outcome.goods = sum(part.tops[0] for part in outcome.paid)
        if self.terms["resettle"] and any(discount["threshold"] is not None for discount in self.discounts):
            outcome.goods = self.resettled(serial, outcome)
        outcome.whole = may_complete and self.is_whole([*self.others(serial), outcome])
        self.freight_back(serial, outcome)
        self.points(outcome)
        self.deduct(serial, outcome)
        outcome.taken = self.from_tenders(outcome.refund, serial)
        if outcome.asked["refund_to"] == "balance":
            cash = [amount for number, amount in outcome.taken if self.tenders[number][0] in CASH]
            outcome.bonus = sum(cash) * 2 // 100

    def is_whole(self, requests):
        """M5b: every unit of every line is in a live or done refund."""
        returned = [part for request in requests if request.pays for part in request.paid]
        return all(
            sum(part.units for part in returned if part.line == index) == line.units
            for index, line in enumerate(self.lines)
        )

    def freight_back(self, serial, outcome):
        """M5: fault shares, and all the rest with the whole order; at most once in total."""
        others = [request for request in self.others(serial) if request.pays]
        left = self.freight - sum(r.whole_freight + sum(part.fault_freight for part in r.paid) for r in others)
        for part in outcome.paid:
            part.fault_freight = max(0, min(part.fault_freight, left))
            left -= part.fault_freight
        outcome.whole_freight = max(0, left) if outcome.whole else 0
        outcome.freight = outcome.whole_freight + sum(part.fault_freight for part in outcome.paid)

    def points(self, outcome):
        """M7."""
        earned = sum(part.earned for part in outcome.paid)
        outcome.points_back = sum(part.points for part in outcome.paid)
        outcome.points_taken = earned if self.points_balance is None else min(earned, self.points_balance)
        outcome.shortfall = earned - outcome.points_taken

    # --- M8a

    def resettled(self, serial, outcome):
        """Pro rata of all units returned so far - what the kept units lose - amounts refunded so far."""
        earlier = self.earlier(serial)
        returned = [part for request in [*earlier, outcome] for part in request.paid]
        due = sum(part.tops[0] for part in returned)
        due -= sum(self.lost(number, returned) for number in range(len(self.discounts)))
        due -= sum(request.goods for request in earlier)
        due = max(due, self.faulty_money(outcome))
        return max(0, min(due, self.order_left(serial)))

    def faulty_money(self, outcome):
        return sum(part.tops[0] for part in outcome.paid if part.fault)

    def order_left(self, serial):
        holding = self.holding(self.others(serial))
        taken = sum(r.goods if r.pays else sum(part.tops[0] for part in r.paid) for r in holding)
        return sum(line.left for line in self.lines) - taken

    def lost(self, number, returned):
        """What the kept units lose of one promotion; below 0: what they gain, when it stays whole on them."""
        discount = self.discounts[number]
        covered = discount["lines"]
        back = {index: sum(part.units for part in returned if part.line == index) for index in covered}
        if discount["threshold"] is None or all(back[index] == self.lines[index].units for index in covered):
            return 0
        blameless = [part for part in returned if not part.fault]
        if self.kept_price(covered, blameless) < discount["threshold"]:
            whole = sum(self.lines[index].by_discount[number] for index in covered)
            return whole - sum(self.share(part, number) for part in returned)
        return 0 if discount["rate"] else -sum(self.share(part, number) for part in blameless)

    def share(self, part, number):
        """The units' share of a discount: the difference of two running totals, which begin at the last listed."""
        top = 1 + len(self.discounts) - number
        return part.tops[top] - part.tops[top - 1]

    def kept_price(self, indexes, gone):
        """At the single prices of the purchase; what came back for fault is not among what is gone."""
        total = Fraction()
        for index in indexes:
            line = self.lines[index]
            kept = line.units - sum(part.units for part in gone if part.line == index)
            total += Fraction(line.worth * kept, line.units)
        return total

    # --- deductions (M6, M8a, M9)

    def deduct(self, serial, outcome):
        if outcome.whole:
            outcome.waived_back = max(0, self.waived_charged(serial))
            outcome.freight += outcome.waived_back
        left = outcome.goods + outcome.freight
        if self.terms["deduct_waived"] and not outcome.whole:
            outcome.waived = min(left, self.waived_due(serial, outcome))
        left -= outcome.waived
        fault = any(part.fault for part in outcome.paid)
        if self.terms["deduct_pickup"] and outcome.asked["send_back"] == "pickup" and not fault:
            outcome.pickup = min(left, outcome.asked["cost"])
        left -= outcome.pickup
        outcome.points_deducted = min(left, outcome.shortfall * self.terms["point_value"])
        left -= outcome.points_deducted
        outcome.refund = min(left, sum(self.still_held(serial)))
        outcome.short = left - outcome.refund

    def waived_charged(self, serial):
        earlier = [request for number, request in self.requests.items() if number < serial]
        return sum(request.waived - request.waived_back for request in earlier)

    def waived_due(self, serial, outcome):
        """Once, while something is kept, if what is kept no longer reaches what made it free; never from units that
        came back for fault."""
        if self.free_from is None:
            return 0
        every = range(len(self.lines))
        returned = [part for request in [*self.earlier(serial), outcome] for part in request.paid]
        kept = self.kept_price(every, [part for part in returned if not part.fault])
        if self.kept_price(every, []) < self.free_from or kept >= self.free_from:
            return 0
        blameless = max(0, outcome.goods - self.faulty_money(outcome))
        return min(self.waived - self.waived_charged(serial), blameless)

    # --- M4

    def still_held(self, serial):
        left = [amount for _, amount in self.tenders]
        for request in self.others(serial):
            for number, amount in request.taken:
                left[number] -= amount
        return left

    def from_tenders(self, refund, serial):
        """In proportion to what each still holds, floor; left-over fen one each in tender order (M4a)."""
        left, taken = self.still_held(serial), []
        for group in self.groups(left):
            held = sum(left[number] for number in group)
            share = min(refund, held)
            refund -= share
            parts = [floor(Fraction(share * left[number], held)) for number in group]
            for position in range(share - sum(parts)):
                parts[position] += 1
            taken += [(number, part) for number, part in zip(group, parts, strict=True) if part]
        return taken

    def groups(self, left):
        """Tenders that share, in tender order; a tender that holds nothing takes no part."""

        def of(*channels):
            return [
                number for number, amount in enumerate(left) if amount > 0 and self.tenders[number][0] in channels
            ]

        cash, stored = of(*CASH), [*of("balance"), *of("gift_card")]
        strategies = {"proportional": [cash + stored], "cash_first": [cash, stored], "balance_first": [stored, cash]}
        return [group for group in strategies[self.terms["strategy"]] if group]
