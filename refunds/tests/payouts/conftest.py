from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count

import pytest

from orders.purchases.models import Order, Payment
from orders.tests import samples
from refunds.payouts import services
from refunds.payouts.models import Refund
from refunds.payouts.services import paying
from refunds.tests.books import violations
from refunds.tests.payouts.fakes import FakeChannel
from returns_platform.kernel.actors import Actor, rule
from returns_platform.kernel.fsm import reload

NOW = datetime(2026, 11, 10, 2, 0, tzinfo=UTC)  # ten in the morning in Shanghai, a Tuesday
RULES = rule("platform.no_reason", 1)
SAM = Actor("support", id="900071", name="Sam")  # no key that a test's own people reach
SUE = Actor("support", id="900072", name="Sue")
CASE = "RT26111000000145"


@dataclass
class Till:
    """An order of 120.00 paid by WeChat, and refunds of it; `at` is the time of the test."""

    order: Order
    at: datetime = NOW
    serials: count = field(default_factory=lambda: count(1))

    @property
    def payment(self) -> Payment:
        return Payment.objects.select_related("transaction").get(order=self.order)

    def promise(self, amount: int = 3333, *, by: Actor = RULES, case_ref: str = CASE, hold_s: int = 0,
                second_person: bool = False, **facts) -> Refund:  # fmt: skip
        """Authorised and opened, as a decision does it."""
        name, _, version = by.id.partition("@")
        rules = {"rule": name, "rule_version": int(version)} if by.kind == "rule" else {}
        authorisation = services.authorise(
            case_ref=case_ref, amount=amount, currency="CNY", by=by, now=self.at, **rules
        )
        return services.open_refund(
            payment=facts.pop("payment", None) or self.payment, case_ref=case_ref, serial=next(self.serials),
            amount=amount, authorisation=authorisation, customer=self.order.customer, hold_s=hold_s,
            second_person=second_person, now=self.at, **facts,
        )  # fmt: skip

    def later(self, **span) -> datetime:
        self.at += timedelta(**span)
        return self.at

    def pay(self, **span) -> int:
        """Let time pass, then let a worker do what is due."""
        return services.pay_due_refunds(self.later(**span))


@pytest.fixture
def till(db) -> Till:
    return Till(samples.put(samples.shop()))


@pytest.fixture
def channel(settings, monkeypatch) -> type[FakeChannel]:
    settings.GATEWAYS = {"wechat": "refunds.tests.payouts.fakes.FakeChannel"}
    monkeypatch.setattr(paying, "monotonic", lambda: 0.0)  # its calls take no time, however busy the machine is
    FakeChannel.forget()
    return FakeChannel


@pytest.fixture(autouse=True)
def books_hold(request):
    """Whatever a test did to the money, the books are right at its end."""
    yield
    if {"till", "db", "transactional_db"} & set(request.fixturenames):
        assert violations() == []


def state(refund: Refund) -> str:
    return reload(refund).state


def sent_back(refund: Refund, *, now: datetime, proof: str = "the bank's letter") -> Refund:
    """By the bank, days after it had arrived: two people say so."""
    proposed = services.propose_settlement(refund.pk, outcome="returned", proof=proof, by=SAM, now=now)
    return services.confirm_settlement(proposed.pk, by=SUE, now=now)
