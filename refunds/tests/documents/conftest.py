from refunds.tests.payouts.conftest import books_hold, channel, till

__all__ = ["books_hold", "channel", "till"]
