"""Amounts through the API against a second calculation: orders at random, quoted, filed, taken back, in any order."""

from random import Random

import pytest

from aftersales.tests.bills.test_oracle import Case
from returns_platform.kernel import clock
from returns_platform.tests.journeys.figures import forget_policies, put_into_version_1
from returns_platform.tests.journeys.shop import _ago, open_shop, order_body
from returns_platform.tests.journeys.test_main_job import must_balance

pytestmark = pytest.mark.django_db
REASONS = {False: "NR.NO_LONGER_WANT", True: "QL.DEFECT"}
ORDERS = 5  # per seed
COST = 1200  # what the policy says the way back costs


@pytest.fixture
def rules_of():
    """Lets a test put its own figures into version 1 of the policy."""

    def change(terms):
        put_into_version_1(
            broken_threshold="RESETTLE" if terms["resettle"] else "PRO_RATA", tender_strategy=terms["strategy"],
            deduct_pickup=terms["deduct_pickup"], deduct_waived_freight=terms["deduct_waived"],
            deduct_points_shortfall=bool(terms["point_value"]), point_value=terms["point_value"],
        )  # fmt: skip

    yield change
    forget_policies()


def body_of(case, number):
    """The order as a shop would send it; all that can be shipped was signed yesterday."""
    bought, second = case.bought, case.second
    freight = {"charged": bought.freight_charged, "discount": bought.freight_discount}
    if second.free_from is not None:
        freight["free_from"] = second.free_from
    body = order_body(discount=0) | {
        "lines": [
            {"line_no": f"L{index}", "sku": f"S{index}", "title": f"商品 {index}", "category": "furniture",
             "quantity": line.units, "unit_price": line.price, "line_discount": line.discount,
             "tax_rate": f"{line.tax_percent / 100:.2f}", "virtual": line.virtual}
            for index, line in enumerate(second.lines)
        ],
        "discounts": [_discount(discount, case) for discount in second.discounts],
        "freight": freight,
        "points": {"used": bought.points_used, "amount": bought.points_amount, "earned": bought.points_earned},
        "payments": [
            {"channel": channel, "transaction_id": f"{number}-{index}", "amount": amount,
             "paid_at": _ago(clock.now(), 4)}
            for index, (channel, amount) in enumerate(second.tenders)
        ],
    }  # fmt: skip
    if second.points_balance is not None:
        body["customer"]["points_balance"] = second.points_balance
    body["customer"]["external_id"] = f"c-{number}"
    body["parcels"][0]["items"] = [
        {"line_no": f"L{index}", "quantity": line.units} for index, line in enumerate(second.lines)
    ]
    body["parcels"][0]["waybill"] = f"SF{int.from_bytes(number.encode()) % 10**12:012d}"
    return body


def _discount(discount, case):
    told = {"name": discount["name"], "source": discount["source"], "amount": discount["amount"]}
    if (named := case.line_nos(discount)) is not None:
        told["line_nos"] = list(named)
    if discount["threshold"] is not None:
        told["threshold"] = discount["threshold"]
    if discount["rate"]:
        told["percent"] = 10
    return told


def quoted(second, outcome):
    """What the API should say of an outcome of the second calculation."""
    return {
        "refund": outcome.refund,
        "freight_out": outcome.freight,
        "points_back": outcome.points_back,
        "points_taken": outcome.points_taken,
        "bonus": outcome.bonus,
        "tenders": [(second.tenders[number][0], amount) for number, amount in outcome.taken],
        "lines": [(f"L{part.line}", part.units, part.points) for part in outcome.paid],
        "deducted": outcome.waived + outcome.pickup + outcome.points_deducted + outcome.short,
    }


def told(bill):
    return {name: bill[name] for name in ("refund", "freight_out", "points_back", "points_taken", "bonus")} | {
        "tenders": [(part["channel"], part["amount"]) for part in bill["tenders"]],
        "lines": [(line["line_no"], line["quantity"], line["points"]) for line in bill["lines"]],
        "deducted": bill["freight_return"]["deducted"],
    }


def must_add_up(bill, outcome):
    """Amounts and shares are the units' price, and the refund is its lines, its freight and its deductions."""
    for line, part in zip(bill["lines"], outcome.paid, strict=True):
        assert line["amount"] + sum(line["shares"].values()) == part.tops[-1]
    amounts = sum(line["amount"] for line in bill["lines"])
    assert bill["refund"] == amounts + bill["freight_out"] - bill["freight_return"]["deducted"]
    assert bill["refund"] == sum(part["amount"] for part in bill["tenders"])


class Door:
    """Requests about one order, at the API and in the second calculation."""

    def __init__(self, shop, number, case):
        self.shop, self.number, self.case, self.second = shop, number, case, case.second
        self.filed, self.serial, self.attempts = {}, 0, {}

    def wish(self, chosen, send_back, refund_to):
        lines = [
            {"line_no": f"L{index}", "quantity": units, "reason": REASONS[fault]} for index, units, fault in chosen
        ]
        wish = {"order_no": self.number, "kind": "return_refund", "send_back": send_back, "refund_to": refund_to}
        agreed = {} if refund_to == "original" else {"refund_to_agreed_at": clock.now().isoformat()}
        return wish | {"lines": lines} | agreed

    def file(self):
        random = self.case.random
        chosen = [entry for entry in self.case.some() if self.attempts.get(entry[0], 0) < 5]
        if not chosen:
            return
        send_back = random.choice(["pickup", "self_ship"])
        refund_to = random.choice(["original", "original", "balance"])
        self.serial += 1
        outcome = self.second.file(
            self.serial, chosen, kind="return_refund", send_back=send_back, cost=COST, refund_to=refund_to,
        )  # fmt: skip
        wish = self.wish(chosen, send_back, refund_to)
        status, quote = self.shop.post("/returns/quote", wish)
        assert status == 200, quote
        assert told(quote["bill"]) == quoted(self.second, outcome)
        must_add_up(quote["bill"], outcome)
        status, request = self.shop.post("/returns", wish)
        assert status == 201, request
        assert told(request["bill"]) == quoted(self.second, outcome)
        for index, _, _ in chosen:
            self.attempts[index] = self.attempts.get(index, 0) + 1
        self.filed[self.serial] = request["return_no"]

    def withdraw(self):
        if self.filed:
            serial = self.case.random.choice(sorted(self.filed))
            return_no = self.filed.pop(serial)
            status, request = self.shop.post(f"/returns/{return_no}/withdraw", {})
            assert status == 200, request
            del self.second.requests[serial]

    def check_order(self):
        status, order = self.shop.get(f"/orders/{self.number}")
        assert status == 200, order
        for index, line in enumerate(order["lines"]):
            bought = self.second.lines[index]
            shares = {"points": bought.points_money, "freight": bought.freight}
            assert (line["net"], {name: line["shares"][name] for name in shares}) == (bought.left, shares)
            assert line["shares"]["shop"] + line["shares"]["platform"] == sum(bought.by_discount)
            assert line["returnable"] == self.second.units_out(index)
            if self.second.terms["resettle"]:
                continue  # what is settled anew is the order's, not the line's
            rest = self.second.next_units(index, line["returnable"], False).tops[0] if line["returnable"] else 0
            assert line["refundable"] == rest


@pytest.mark.parametrize("seed", range(4))
def test_what_the_api_quotes_is_what_a_second_calculation_comes_to(seed, rules_of):
    random, shop = Random(f"door {seed}"), open_shop()
    case = Case(random, resettle=seed % 2 == 1)
    terms = case.second.terms
    rules_of(terms)
    for number in range(ORDERS):
        case = Case(random, resettle=terms["resettle"])
        case.second.terms = terms
        order_no = f"D{seed}-{number}"
        status, answer = shop.put(order_no, body_of(case, order_no))
        assert status == 201, answer
        door = Door(shop, order_no, case)
        for _ in range(random.randint(2, 5)):
            door.file() if random.random() < 0.75 else door.withdraw()
            door.check_order()
    must_balance()
