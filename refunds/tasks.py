"""What beat and nudges ask of a worker. A message says only "look at what is due"."""

from celery import shared_task

from orders.accounts.services import beat
from refunds.charges import services as charges
from refunds.documents import services as documents
from refunds.matching import queries as statements
from refunds.matching import services as matching
from refunds.payouts import queries, services
from refunds.wallet import services as wallet
from returns_platform.kernel.aside import Aside
from returns_platform.kernel.clock import now

payers = Aside("payer")
readers = Aside("statements", at_once=2)


@shared_task(name="refunds.pay_due_refunds")
def pay_due_refunds() -> None:
    beat("refunds.pay_due_refunds", now=now())
    payers.work_off(_pay_next, wanted=queries.due_refunds(now())[: payers.at_once].count())


def _pay_next() -> bool:
    """Each step with the time it begins at: an earlier one may have waited for its channel."""
    return services.pay_next_refund(now=now())


@shared_task(name="refunds.follow_charges")
def follow_charges() -> None:
    beat("refunds.follow_charges", now=now())
    charges.follow_due_charges(now())


@shared_task(name="refunds.take_in_channel_news")
def take_in_channel_news() -> None:
    beat("refunds.take_in_channel_news", now=now())
    services.take_in_channel_news(now())


@shared_task(name="refunds.write_due_vouchers")
def write_due_vouchers() -> None:
    beat("refunds.write_due_vouchers", now=now())
    documents.write_due_vouchers(now=now())


@shared_task(name="refunds.look_after_exceptions")
def look_after_exceptions() -> None:
    services.look_after_exceptions(now())
    services.carry_out_routes(now())
    beat("refunds.look_after_exceptions", now=now())


@shared_task(name="refunds.take_in_balances")
def take_in_balances() -> None:
    wallet.take_in_all_orders(now=now())
    beat("refunds.take_in_balances", now=now())


@shared_task(name="refunds.match_statements")
def match_statements() -> None:
    beat("refunds.match_statements", now=now())
    matching.open_days(now=now())
    readers.work_off(_match_next, wanted=statements.due_days(now())[: readers.at_once].count())


def _match_next() -> bool:
    return matching.take_next_day(now=now())


@shared_task(name="refunds.follow_statements")
def follow_statements() -> None:
    beat("refunds.follow_statements", now=now())
    matching.look_for_missing(now=now())
