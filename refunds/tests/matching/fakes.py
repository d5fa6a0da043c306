"""The fake channel with bills: what it says of a day is put there by the test."""

from datetime import date

from refunds.gateways.interface import StatementNotReady
from refunds.tests.payouts.fakes import FakeChannel


class FakeBank(FakeChannel):
    """`bills`: the file of each day, or what is raised instead; a day without one is not ready."""

    bills: dict[date, bytes | Exception] = {}

    @classmethod
    def forget(cls):
        super().forget()
        cls.bills = {}

    def statement(self, day: date) -> bytes:
        found = self.bills.get(day, StatementNotReady("still being made"))
        if isinstance(found, Exception):
            raise found
        return found
