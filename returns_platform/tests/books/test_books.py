"""Every invariant of the books can fail: damage done past every guard is found by the query that is there for it."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection, transaction
from django.test import override_settings

from aftersales.inspection.models import Disposition
from aftersales.inspection.services import Arrived, Graded, count_goods, inspect_goods
from aftersales.returns.models import ReturnRequest
from aftersales.returns.services import following, intake, withdrawal
from aftersales.returns.services.money import money_moved
from orders.merchants.models import Merchant
from orders.purchases.models import Order
from orders.tests.samples import put
from orders.tests.test_books import RICH
from refunds.documents.services import issue_voucher
from refunds.payouts import services as payout
from refunds.payouts.models import Refund
from refunds.tests.payouts.fakes import FakeChannel
from refunds.tests.payouts.test_news import keep, told
from returns_platform.drill import races, town
from returns_platform.management.commands.check_books import check, invariants
from returns_platform.tests.books.plants import PLANTS

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 12, 10, 2, 0, tzinfo=UTC)
FAKE = {"wechat": "refunds.tests.payouts.fakes.FakeChannel"}
MINUTE = timedelta(minutes=1)
FAR = {"long_ago": "2090-01-01", "far": "2091-01-01"}  # later than the database's own start, and so overdue


@pytest.fixture(scope="module")
def world(django_db_setup, django_db_blocker) -> Iterator[dict]:
    """A little of everything, made through the services and never committed. The keys of what damage is done to."""
    block = transaction.atomic()
    block._from_testcase = True
    with django_db_blocker.unblock(), override_settings(GATEWAYS=FAKE), block:
        FakeChannel.forget()
        keys = a_world()
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        yield keys
        transaction.set_rollback(True)


def a_world() -> dict:
    shop = town.open_shop()
    rich = put(shop, "RICH", **RICH)
    arrived = _paid(shop, "B1")
    returned = _sent_back(shop)
    live = Refund.objects.get(case_ref=returned.return_no)
    _to(shop, "B3", "balance")
    _to(shop, "B4", "coupon")
    _settled_by_two(shop)
    _withdrawn(shop)
    waiting = _filed(shop, "B7", "OT.OTHER", signed=True, kind="return_refund", send_back="self_ship")
    voucher = issue_voucher(arrived, now=NOW + MINUTE)
    unshipped = Order.objects.get(order_no="B1").lines.get()
    return {
        "order": rich.pk, "arrived": arrived.pk, "live": live.pk, "waiting": waiting.pk,
        "unshipped_line": unshipped.pk, "voucher": voucher.pk, **FAR,
    }  # fmt: skip


def _filed(shop: Merchant, number: str, reason: str = "UN.NOT_SHIPPED", *, signed=False, **wish) -> ReturnRequest:
    order = town.buy(None, shop, number=number, now=NOW, quantity=3, signed=signed).order
    request = intake.submit_return(order.pk, races.asked(reason, 2, **wish), by=town.ANN, now=NOW)
    following.follow_due_cases(now=NOW)
    return request


def _paid(shop: Merchant, number: str) -> Refund:
    """Handed to the channel, and its callback taken in."""
    case = _filed(shop, number)
    payout.pay_due_refunds(NOW)
    refund = Refund.objects.get(case_ref=case.return_no)
    FakeChannel.becomes(refund.number, "succeeded", succeeded_at=NOW)
    keep(told(refund, transaction_id=f"T{number}", succeeded_at=NOW))
    payout.take_in_channel_news(NOW + MINUTE)
    money_moved(case.return_no, refund_id=refund.pk, now=NOW + MINUTE)
    return Refund.objects.get(pk=refund.pk)


def _sent_back(shop: Merchant) -> ReturnRequest:
    """Counted, graded, and its money promised."""
    case = _filed(shop, "B2", "NR.NO_LONGER_WANT", signed=True, kind="return_refund", send_back="self_ship")
    _filed(shop, "B2b", "NR.NO_LONGER_WANT", signed=True, kind="return_refund", send_back="self_ship")
    count_goods(case.pk, [Arrived("1", 2)], by=town.MIA, now=NOW)
    inspect_goods(case.pk, [Graded("1", 2, "A", Disposition.RESTOCK)], by=town.MIA, now=NOW)
    following.follow_due_cases(now=NOW)
    return case


def _to(shop: Merchant, number: str, where: str) -> None:
    order = town.buy(None, shop, number=number, now=NOW, quantity=3).order
    line = races.WishLine("1", 2, "UN.NOT_SHIPPED")
    wish = races.Wish(kind="refund_only", lines=(line,), refund_to=where, refund_to_agreed_at=NOW)
    case = intake.submit_return(order.pk, wish, by=town.ANN, now=NOW)
    following.follow_due_cases(now=NOW)
    payout.pay_due_refunds(NOW)
    refund = Refund.objects.get(case_ref=case.return_no)
    money_moved(case.return_no, refund_id=refund.pk, now=NOW)


def _settled_by_two(shop: Merchant) -> None:
    case = _filed(shop, "B5")
    FakeChannel.next = ["down"]
    payout.pay_due_refunds(NOW)
    refund = Refund.objects.get(case_ref=case.return_no)
    said = payout.propose_settlement(refund.pk, outcome="paid", proof="its console", by=town.FAY, now=NOW)
    payout.confirm_settlement(said.pk, by=town.SUE, now=NOW)
    money_moved(case.return_no, refund_id=refund.pk, now=NOW)


def _withdrawn(shop: Merchant) -> None:
    case = _filed(shop, "B6")
    withdrawal.withdraw_return(case.pk, by=town.ANN, now=NOW)


# --- the tests --------------------------------------------------------------------------------------------


def test_ordinary_work_leaves_clean_books(world):
    found = []
    check(invariants(), say=found.append)
    assert found == []


def test_there_is_a_damage_for_every_invariant():
    names = [invariant.name for invariant in invariants()]
    assert [name for name in names if not any(name.startswith(start) for start in PLANTS)] == []
    assert [start for start in PLANTS if sum(name.startswith(start) for name in names) != 1] == []


@pytest.mark.parametrize("start", PLANTS, ids=lambda start: start.replace(" ", "_"))
def test_the_damage_is_found(world, start):
    invariant = next(each for each in invariants() if each.name.startswith(start))
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")  # no trigger speaks, no key is followed
        for damage in PLANTS[start]:
            cursor.execute(statement(damage.format(**world)))
        cursor.execute(invariant.sql)
        found = cursor.fetchall()
        transaction.set_rollback(True)
    assert found


def statement(damage: str) -> str:
    if not damage.startswith("+"):
        return damage
    table, _, values = damage[1:].partition(" ")
    given = dict(part.split("=", 1) for part in re.split(r",\s*", values))
    row = _filler(table) | given
    return f"INSERT INTO {table} ({', '.join(row)}) VALUES ({', '.join(row.values())})"


FILLERS = {"character varying": "'x'", "text": "'x'", "jsonb": "'{}'", "boolean": "false", "bytea": "''",
           "timestamp with time zone": "now()", "uuid": "gen_random_uuid()", "ARRAY": "'{}'"}  # fmt: skip


def _filler(table: str) -> dict[str, str]:
    """Something for every column that must hold something."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT column_name, data_type FROM information_schema.columns WHERE table_name = %s "
            "AND is_nullable = 'NO' AND column_default IS NULL AND is_identity = 'NO'",
            [table],
        )
        return {name: FILLERS.get(kind, "1") for name, kind in cursor.fetchall()}
