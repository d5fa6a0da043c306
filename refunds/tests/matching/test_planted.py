"""Ten thousand rows of WeChat's own format over three days, two hundred differences of sixteen kinds among them.

Every one is found, by its kind and its number, and nothing else is.
"""

import random
import time
from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from refunds.gateways.wechat import simulator_bill
from refunds.gateways.wechat.keys import DEMO_MCHID
from refunds.gateways.wechat.statement import BEIJING
from refunds.matching import services
from refunds.matching.models import ExternalRefund, Match, StatementDay, StatementLine
from refunds.payouts import states
from refunds.payouts.models import Break, BreakEvent, Refund, RefundMove
from refunds.tests.books import violations
from refunds.tests.matching import many
from refunds.tests.matching.many import Wanted
from returns_platform.kernel.actors import SYSTEM
from returns_platform.kernel.stand_in.book import Payment, Row

pytestmark = pytest.mark.django_db

SEED = 20261130
FIRST = date(2026, 11, 9)
DAYS = [FIRST + timedelta(days=n) for n in range(3)]
NOW = datetime(2026, 11, 30, tzinfo=UTC)
ROWS = 10_000


@dataclass(frozen=True)
class Said:
    """A row that goes onto a bill; state: SUCCESS, or FAIL for money that came back."""

    number: str
    channel_ref: str
    transaction_id: str
    amount: int
    at: datetime
    currency: str = "CNY"
    state: str = "SUCCESS"


@dataclass
class World:
    """refunds: every one by our books. bills: {day: rows}. planted: (kind, reference) of every difference."""

    luck: random.Random
    refunds: list[Refund] = field(default_factory=list)
    bills: dict[date, list[Said]] = field(default_factory=lambda: {day: [] for day in DAYS})
    planted: set[tuple[str, str]] = field(default_factory=set)

    def list(self, said: Said, day: date | None = None) -> Said:
        self.bills[day or said.at.astimezone(BEIJING).date()].append(said)
        return said

    def plant(self, kind: str, reference: str) -> None:
        assert (kind, reference) not in self.planted
        self.planted.add((kind, reference))


def said_of(refund: Refund, **changes) -> Said:
    """What a correct bill says of it."""
    facts = Said(
        refund.number, refund.channel_ref, refund.payment.transaction.transaction_id, refund.amount,
        refund.arrived_at or refund.promised_at,
    )  # fmt: skip
    return replace(facts, **changes)


def as_file(rows: list[Said]) -> bytes:
    """In the channel's own format, with its totals."""
    lines, table = [], [(_row(said), _payment(said)) for said in rows]
    text = simulator_bill.refund_bill(table, mchid=DEMO_MCHID).split("\n")
    for said, line in zip(rows, text[1:-3], strict=True):
        lines.append(line.replace("`ORIGINAL,`SUCCESS", f"`ORIGINAL,`{said.state}"))
    return "\n".join([text[0], *lines, *text[-3:]]).encode()


def _row(said: Said) -> Row:
    at = said.at.astimezone(BEIJING).isoformat()
    facts = {
        "amount": said.amount, "refund_id": said.channel_ref, "transaction_id": said.transaction_id,
        "create_time": at, "success_time": at,
    }  # fmt: skip
    return Row(1, said.number, "succeeded", facts, at)


def _payment(said: Said) -> Payment:
    return Payment(said.transaction_id, 10**6, said.currency, said.at - timedelta(days=2))


# --- what is planted: each takes one refund of the state it needs, and lists it wrongly ---------------------


def amount_differs(world, refund):
    said = world.list(said_of(refund, amount=refund.amount + world.luck.choice([-1, 1, 500])))
    world.plant("amount_differs", said.channel_ref)


def currency_differs(world, refund):
    world.plant("currency_differs", world.list(said_of(refund, currency="HKD")).channel_ref)


def payment_differs(world, refund):
    world.plant("payment_differs", world.list(said_of(refund, transaction_id="4300000000001")).channel_ref)


def wrong_day(world, refund):
    moved = world.list(said_of(refund, at=refund.arrived_at + timedelta(days=2)))
    world.plant("wrong_day", moved.channel_ref)


def listed_twice(world, refund):
    said = world.list(said_of(refund))
    world.list(said, day=said.at.astimezone(BEIJING).date())
    world.plant("listed_twice", f"{said.channel_ref}#2")


def paid_twice(world, refund):
    first = world.list(said_of(refund, channel_ref=f"A{refund.channel_ref}"))
    second = world.list(replace(first, channel_ref=f"B{refund.channel_ref}"))
    world.plant("paid_twice", second.channel_ref)


def in_parts(world, refund):
    half = refund.amount // 2
    world.list(said_of(refund, amount=half, channel_ref=f"C{refund.channel_ref}"))
    world.list(said_of(refund, amount=refund.amount - half, channel_ref=f"D{refund.channel_ref}"))
    world.plant("in_parts", refund.number)


def external(world, refund):
    """Somebody refunded the rest of its payment by hand, beside it."""
    world.list(said_of(refund))
    hand = world.list(said_of(refund, number=f"HAND{refund.pk}", channel_ref=f"H{refund.channel_ref}", amount=77))
    world.plant("external", hand.channel_ref)


def number_lost(world, refund):
    world.list(said_of(refund))
    lost = said_of(refund, number=f"RF{9 * 10**13 + refund.pk}-1", channel_ref=f"L{refund.channel_ref}")
    world.plant("number_lost", world.list(lost).channel_ref)


def foreign(world, refund):
    world.list(said_of(refund))
    strange = said_of(refund, number=f"X{refund.pk}", channel_ref=f"F{refund.pk}", transaction_id=f"99{refund.pk}")
    world.plant("foreign", world.list(strange).channel_ref)


def external_returned(world, refund):
    world.list(said_of(refund))
    hand = world.list(said_of(refund, number=f"BACK{refund.pk}", channel_ref=f"I{refund.channel_ref}", amount=5))
    world.list(replace(hand, channel_ref=f"J{refund.channel_ref}", state="FAIL"))
    world.plant("external_returned", hand.number)


def reversed_(world, refund):
    world.list(said_of(refund))
    back = world.list(said_of(refund, channel_ref=f"R{refund.channel_ref}", state="FAIL"))
    world.plant("reversed", back.channel_ref)


def reversal_differs(world, refund):
    world.list(said_of(refund))
    back = said_of(refund, channel_ref=f"R{refund.channel_ref}", state="FAIL", amount=refund.amount + 1)
    world.plant("reversal_differs", world.list(back).channel_ref)


def return_missing(world, refund):
    world.list(said_of(refund))
    world.plant("return_missing", refund.number)


def missing_at_channel(world, refund):
    world.plant("missing_at_channel", refund.number)


def paid_unasked(world, refund):
    world.plant("paid_unasked", world.list(said_of(refund)).channel_ref)


def state_differs(world, refund):
    world.plant("state_differs", world.list(said_of(refund)).channel_ref)


def channel_differs(world, refund):
    world.plant("channel_differs", world.list(said_of(refund)).channel_ref)


PLANTS = [
    (amount_differs, 20, {}), (currency_differs, 8, {}), (payment_differs, 12, {}), (wrong_day, 12, {}),
    (listed_twice, 14, {}), (paid_twice, 14, {}), (in_parts, 10, {}), (external, 16, {}), (number_lost, 8, {}),
    (foreign, 10, {}), (external_returned, 6, {}), (reversed_, 14, {}),
    (reversal_differs, 6, {"state": states.RETURNED_BY_BANK}),
    (return_missing, 8, {"state": states.RETURNED_BY_BANK}), (missing_at_channel, 12, {}),
    (paid_unasked, 8, {"state": states.CLOSED}), (paid_unasked, 6, {"state": states.CANCELLED}),
    (paid_unasked, 4, {"state": states.PROMISED}),
    (state_differs, 6, {"state": states.MANUAL, "problem": "mismatch"}), (channel_differs, 6, {"channel": "alipay"}),
]  # fmt: skip
BEFORE_MIDNIGHT = datetime(2026, 11, 9, 15, 59, 58, tzinfo=UTC)  # two seconds before the channel's next day


def build(seed: int = SEED, rows: int = ROWS) -> World:
    world = World(random.Random(seed))
    plain = rows - 300
    kinds = [kind | {"plant": plant} for plant, count, kind in PLANTS for _ in range(count)]
    kinds += [{"plant": None}] * plain + [{"plant": "heard", "state": states.ACCEPTED}] * 10
    kinds += [{"plant": "midnight"}] * 40 + [{"plant": "returned", "state": states.RETURNED_BY_BANK}] * 20
    world.luck.shuffle(kinds)
    wanted = [
        Wanted(
            world.luck.randrange(2, 5000), _moment(world.luck, kind["plant"]),
            **{name: value for name, value in kind.items() if name != "plant"},
        )
        for kind in kinds
    ]  # fmt: skip
    world.refunds = many.make(wanted, now=NOW)
    for refund, kind in zip(world.refunds, kinds, strict=True):
        _list(world, refund, kind["plant"])
    return world


def _moment(luck: random.Random, plant) -> datetime:
    if plant == "midnight":
        return BEFORE_MIDNIGHT
    days = 1 if plant is wrong_day else 3
    return datetime(2026, 11, 8, 16, tzinfo=UTC) + timedelta(seconds=luck.randrange(days * 86_400))


def _list(world: World, refund: Refund, plant) -> None:
    if plant == "midnight":  # our clock says before, theirs after
        world.list(said_of(refund, at=BEFORE_MIDNIGHT + timedelta(seconds=4)))
    elif plant == "returned":
        world.list(said_of(refund))
        world.list(said_of(refund, channel_ref=f"R{refund.channel_ref}", state="FAIL"))
    elif callable(plant):
        plant(world, refund)
    else:
        world.list(said_of(refund))


def take_in(world: World, *, order: list[date] = DAYS) -> None:
    """The three bills, and empty ones of the days around them."""
    after = [DAYS[-1] + timedelta(days=n) for n in range(1, 6)]
    for day in [FIRST - timedelta(days=1), *order, *after]:
        rows = world.bills.get(day, [])
        raw = as_file(rows) if rows else b""
        services.import_statement("wechat", day, raw, source="nightly", by=SYSTEM, now=NOW)
    many.know_the_sizes()
    while services.take_next_day(now=NOW):
        pass
    assert not StatementDay.objects.filter(matched_at=None).exists()
    many.know_the_sizes()
    services.look_for_missing(now=NOW)


def found() -> set[tuple[str, str]]:
    return set(Break.objects.filter(closed_at=None).values_list("kind", "reference"))


@pytest.fixture(autouse=True)
def wechat(settings):
    settings.GATEWAYS = {"wechat": "refunds.gateways.wechat.gateway.WeChatGateway"}


def everything() -> list:
    return [
        list(model.objects.order_by("pk").values_list())
        for model in (Match, Break, BreakEvent, ExternalRefund, RefundMove, StatementLine)
    ]


def test_two_hundred_planted_differences_in_ten_thousand_rows_are_found_and_none_is_invented():
    world = build()
    listed = sum(map(len, world.bills.values()))
    assert listed >= ROWS and len(world.planted) == 200
    assert len({kind for kind, _reference in world.planted}) >= 12

    began = time.monotonic()
    take_in(world)
    print(f"{listed} rows in {time.monotonic() - began:.1f} s, {Counter(kind for kind, _ in world.planted)}")

    assert found() == world.planted
    heard = Refund.objects.filter(moves__note="statement", state=states.ARRIVED).count()
    assert heard == 10  # what we had not heard of has arrived by the bill
    assert violations() == []

    before = everything()
    for day in StatementDay.objects.all():
        StatementDay.objects.filter(pk=day.pk).update(matched_at=None, next_try_at=NOW)
    take_in(world)
    assert everything() == before


@pytest.mark.parametrize("seed", [1])
def test_any_order_of_rows_and_of_bills_finds_the_same(seed):
    world = build(seed, rows=600)
    for rows in world.bills.values():
        world.luck.shuffle(rows)
    order = list(DAYS)
    world.luck.shuffle(order)
    take_in(world, order=order)

    assert found() == world.planted
    assert violations() == []


def test_a_first_revision_with_all_its_faults_and_a_second_without():
    world = build(7, rows=600)
    take_in(world)
    assert found() == world.planted
    for day in DAYS:  # corrected: every refund of ours as our books have it, and nothing else
        arrived = Refund.objects.filter(state=states.ARRIVED, channel="wechat").select_related("payment__transaction")
        right = [said_of(refund) for refund in arrived]
        world.bills[day] = [said for said in right if said.at.astimezone(BEIJING).date() == day]
    take_in(world)

    left = {kind for kind, _reference in found()}
    assert left == {"return_missing"}  # the right bills list no returns
    assert not ExternalRefund.objects.filter(undone_at=None).exists()
    assert violations() == []


def test_statements_to_the_database_are_as_many_for_many_rows_as_for_few():
    """Beside those for refunds that move by a bill: here all have arrived, and some rows are of nobody."""
    at = datetime(2026, 11, 9, 4, tzinfo=UTC)
    refunds = many.make([Wanted(100 + nth, at) for nth in range(2000)], now=NOW)
    counts = []
    for day, part in ((FIRST, refunds[:100]), (FIRST + timedelta(days=1), refunds[100:])):
        when = at + timedelta(days=(day - FIRST).days)
        rows = [said_of(refund, at=when) for refund in part]
        rows += [
            replace(row, number=f"HAND{row.number}", transaction_id="9" + row.transaction_id) for row in rows[:9]
        ]
        services.import_statement("wechat", day, as_file(rows), source="nightly", by=SYSTEM, now=NOW)
        with CaptureQueriesContext(connection) as asked:
            services.take_next_day(now=NOW)
        counts.append(len(asked))

    assert counts[0] == counts[1] < 50, counts
