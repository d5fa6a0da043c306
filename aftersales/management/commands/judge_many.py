"""How long a verdict takes: made-up requests of every kind, judged in this process by the platform's first policy.

Needs no database.
"""

import random
from datetime import timedelta
from statistics import median, quantiles
from time import perf_counter

from django.core.management.base import BaseCommand

from aftersales.policy import conditions, platform_policy
from aftersales.policy.clauses import Clause, Clauses
from aftersales.policy.facts import Arrival, line_facts
from aftersales.policy.reasons import REASONS, offered
from aftersales.policy.rules import Facts, Policy, Terms, judge
from aftersales.policy.windows import OffDays
from orders.catalogue.models import Category
from returns_platform.kernel import clock

LINES = (1, 1, 1, 2, 5)  # of a request
OWN = Clauses(  # what a generous shop would have
    1,
    rows=(
        Clause("window", "no_reason", length=30),
        Clause("window", "quality", "fresh", length=48, unit="hours"),
        Clause("open", "no_reason", "custom", length=3),
        Clause("keep", limit=8000),
        Clause("send_back", limit=100_000),
        Clause("evidence", reason="FU.MISSING", evidence="E0"),
        Clause("freight", "no_reason"),
    ),
)


class Command(BaseCommand):
    help = "Judges many made-up requests and prints the time per verdict, with and without clauses of a shop."

    def add_arguments(self, parser):
        parser.add_argument("--count", type=int, default=10_000)
        parser.add_argument("--seed", type=int, default=1)

    def handle(self, *, count: int, seed: int, **options):
        platform = first_policy()
        for name, policy in (("platform", platform), ("platform and shop", platform.with_clauses(OWN))):
            self.stdout.write(f"{name}: {timed(policy, count=count, dice=random.Random(seed))}")


def first_policy() -> Policy:
    return Policy(
        number=platform_policy.NUMBER,
        starts_at=platform_policy.STARTS_AT,
        windows=platform_policy.WINDOWS,
        rules=tuple(conditions.compiled_rule(**rule) for rule in platform_policy.RULES),
        terms=Terms(**platform_policy.TERMS),
    )


def timed(policy: Policy, *, count: int, dice: random.Random) -> str:
    """Facts from parcels and windows, then the rules: the time of both, for each verdict."""
    spent, answers = [], {}
    for _turn in range(count):
        known = made_up(dice)
        begun = perf_counter()
        verdict = judge(facts_of(policy, known), policy)
        spent.append(perf_counter() - begun)
        answers[verdict.outcome] = answers.get(verdict.outcome, 0) + 1
    slow = quantiles(spent, n=100)[98] if count > 1 else spent[0]
    told = ", ".join(f"{outcome} {number}" for outcome, number in sorted(answers.items()))
    return (
        f"{count} verdicts in {sum(spent):.2f} s, {sum(spent) / count * 1e6:.0f} µs each "
        f"(median {median(spent) * 1e6:.0f}, 99 of 100 below {slow * 1e6:.0f}); {told}"
    )


def made_up(dice: random.Random) -> dict:
    """A request as it could come: its kind, its amount, its lines with parcels and reasons."""
    now, lines = clock.now(), []
    for number in range(dice.choice(LINES)):
        category = dice.choice(Category.values)
        signed = now - timedelta(hours=dice.randrange(1, 24 * 40))
        lines.append(
            {
                "line_no": str(number + 1), "category": category, "sku": f"S{dice.randrange(50)}",
                "reason": dice.choice(offered(category, "signed")), "quantity": dice.choice((1, 1, 2)), "units": 3,
                "unit_price": dice.randrange(500, 80_000), "photos": dice.choice((0, 2)),
                "arrivals": (Arrival(3, signed - timedelta(days=2), signed),),
                "confirmed_at": dice.choice((None, None, signed)),
            }
        )  # fmt: skip
    kind = dice.choice(REASONS[lines[0]["reason"]].kinds)
    return {"kind": kind, "amount": dice.randrange(500, 200_000), "lines": lines, "now": now}


def facts_of(policy: Policy, known: dict) -> Facts:
    about = {"zone": "Asia/Shanghai", "filed_at": known["now"], "off_days": OffDays()}
    back = known["kind"] in ("return_refund", "exchange", "repair")
    lines = tuple(line_facts(policy, **line, **about) for line in known["lines"])
    return Facts(known["kind"], back, known["amount"], "CNY", known["now"], "Asia/Shanghai", lines=lines)
