"""What it came to: every fact that must not depend on chance, without keys, numbers and times that may.

Two runs of one walk give the same dump, whatever was lost, doubled or killed in between.
"""

from collections import Counter
from collections.abc import Iterable
from typing import Any

from aftersales.notifications.models import Notice
from aftersales.returns.models import ReturnRequest
from orders.purchases.models import OrderLine, Payment
from refunds.ledger.models import LedgerEntry
from refunds.payouts.models import Refund
from refunds.wallet.models import StoreCoupon, WalletEntry

Dump = dict[str, list[Any]]


def of_orders(order_ids: Iterable[int]) -> Dump:
    """The final state of these orders, their cases in the order of filing, and their money in no order."""
    orders = list(order_ids)
    cases = list(ReturnRequest.objects.filter(order__in=orders).order_by("pk").select_related("bill"))
    return {
        "payments": _rows(Payment.objects.filter(order__in=orders), "position", "amount", "held", "reserved"),
        "lines": _rows(
            OrderLine.objects.filter(order__in=orders), "line_no", "shipped_in_use", "unshipped_in_use", "claimed",
            "refunded",
        ),
        "cases": [(case.state, case.outcome, case.bill and (case.bill.refund, case.bill.bonus)) for case in cases],
        "refunds": _rows(
            Refund.objects.filter(order__in=orders), "channel", "amount", "platform_share", "bonus", "state",
            "problem",
        ),
        "ledger": _sums(LedgerEntry.objects.filter(transaction__order__in=orders)),
        "wallet": _rows(WalletEntry.objects.filter(wallet__customer__orders__in=orders), "kind", "amount"),
        "coupons": _rows(StoreCoupon.objects.filter(customer__orders__in=orders), "kind", "amount"),
        "notices": _counts(Notice.objects.filter(case_ref__in=[case.return_no for case in cases])),
    }  # fmt: skip


def difference(one: Dump, other: Dump) -> list[str]:
    return [f"{name}: {one[name]} / {other[name]}" for name in one if one[name] != other[name]]


def _rows(rows, *names: str) -> list[tuple]:
    return sorted(rows.values_list(*names), key=repr)


def _sums(entries) -> list[tuple]:
    sums = Counter()
    for kind, account, amount in entries.values_list("transaction__kind", "account", "amount"):
        sums[kind, account] += amount
    return sorted(sums.items())


def _counts(notices) -> list[tuple]:
    return sorted(Counter(notices.values_list("event", "channel")).items())
