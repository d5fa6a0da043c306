from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

import pytest

from orders.purchases.models import Payment
from refunds.gateways.interface import StatementRow
from refunds.matching import rules, services
from refunds.matching.models import StatementFile
from refunds.payouts.models import Break, Refund
from refunds.payouts.services import paying
from refunds.tests.matching import statement
from refunds.tests.matching.fakes import FakeBank
from refunds.tests.payouts.conftest import NOW, SAM, SUE, Till, books_hold, state, till
from returns_platform.kernel.actors import SYSTEM
from returns_platform.kernel.fsm import reload

__all__ = ["SAM", "SUE", "books_hold", "state", "till"]

DAY = rules.day_of("wechat", NOW)
NEXT_DAY = DAY + timedelta(days=1)


@pytest.fixture
def bank(settings, monkeypatch) -> type[FakeBank]:
    settings.GATEWAYS = {"wechat": "refunds.tests.matching.fakes.FakeBank"}
    monkeypatch.setattr(paying, "monotonic", lambda: 0.0)
    FakeBank.forget()
    return FakeBank


@dataclass
class Desk:
    """A channel whose bills a test writes, and what the platform makes of them."""

    till: Till

    def row(self, refund: Refund | None = None, **changes) -> StatementRow:
        """The payout of a refund as a correct bill lists it."""
        facts = StatementRow(
            line=0, kind="refund", number=refund.number if refund else "HAND1",
            channel_ref=f"50{refund.number}" if refund else "50HAND1", transaction_id="4200001",
            amount=refund.amount if refund else 700, currency="CNY", at=(refund and refund.arrived_at) or NOW,
        )  # fmt: skip
        return replace(facts, **changes)

    def arrived(self, amount: int = 3333) -> Refund:
        """A refund that the channel says has arrived, now."""
        refund = self.till.promise(amount)
        self.till.pay(minutes=2)
        FakeBank.becomes(refund.number, "succeeded", succeeded_at=self.till.at)
        self.till.pay(minutes=5)
        return reload(refund)

    def bill(self, *rows: StatementRow, day: date = DAY, now: datetime | None = None) -> StatementFile:
        """The bill of a day comes in and is matched."""
        listed = [replace(row, line=line) for line, row in enumerate(rows, start=2)]
        kept, _new = services.import_statement(
            "wechat", day, statement.write(listed), source="nightly", by=SYSTEM, now=now or self.till.at
        )
        self.match(now=now)
        return kept

    def match(self, *, now: datetime | None = None) -> None:
        while services.take_next_day(now=now or self.till.at):
            pass

    @property
    def payment(self) -> Payment:
        return self.till.payment


def breaks(**where) -> list[str]:
    """The kinds of what is open, sorted."""
    return sorted(Break.objects.filter(closed_at=None, **where).values_list("kind", flat=True))


@pytest.fixture
def desk(till, bank) -> Desk:
    return Desk(till)
