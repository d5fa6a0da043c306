"""The chart of accounts, and what is posted when money is promised, paid, taken back.

An amount above zero means that the account's owner is owed more, below zero that the owner gives. Every
transaction adds up to zero in each currency.

account              owner                 moves when
merchant             the shop              debited gross when a refund is promised
platform_subsidy     the platform          gets its part of a discount back when the units come back (T8)
refunds_payable      customers, as a body  credited when promised, debited when the money has arrived
channel:NAME         the payment channel   credited when it has paid the customer
customer_wallet      customers, as a body  credited when money goes to their balance, debited when it leaves it
customer_deposits    customers, as a body  credited when a deposit is left from a balance, debited when it goes back
store_coupons        customers, as a body  credited when a refund is taken as store credit
gift_cards           customers, as a body  credited when a card is sold or gets money back, debited when it pays
bonus_expense        the platform          debited for a bonus on top of a refund to balance, until it is taken back
compensation_expense the platform          debited for a compensation it gives, never mixed into a refund
insurer              insurers of the way   debited when freight insurance pays a customer (S84)
centre:CODE          a return centre       credited with its fee when it has counted a parcel or graded units
examiner:KEY         an inspector          credited with its fee when its report is there
examination_expense  the platform          debited for an independent inspection that it pays itself

The shop (`merchant`) also gives what it compensates itself, owes what its gift cards hold, and is owed what is paid
with a balance or a card.

A refund that somebody made at the channel, past this platform, is debited to the shop and credited to the channel at
once: it was never promised here.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace

MERCHANT = "merchant"
PLATFORM_SUBSIDY = "platform_subsidy"
REFUNDS_PAYABLE = "refunds_payable"
CUSTOMER_WALLET = "customer_wallet"
CUSTOMER_DEPOSITS = "customer_deposits"
STORE_COUPONS = "store_coupons"
GIFT_CARDS = "gift_cards"
BONUS_EXPENSE = "bonus_expense"
COMPENSATION_EXPENSE = "compensation_expense"
CENTRE = "centre"
INSURER = "insurer"
EXAMINER = "examiner"
EXAMINATION_EXPENSE = "examination_expense"

# Kinds of transactions. A refund's own are named after what happened to it.
PROMISED = "promised"
ARRIVED = "arrived"
CANCELLED = "cancelled"  # cancelled by us, or closed by the channel: nothing was paid
RETURNED = "returned"  # the bank sent it back after it had arrived
BONUS = "bonus"
BONUS_BACK = "bonus_back"  # the balance went to the bank: what came on top of it is taken again
COMPENSATION = "compensation"
INSURANCE = "insurance"  # of the way back, paid to the customer who had paid it
CENTRE_FEE = "centre_fee"  # a shop pays the return centre that handles its goods
EXAMINATION = "examination"  # somebody independent has looked at a disputed unit
DEPOSIT = "deposit"
DEPOSIT_BACK = "deposit_back"
SUBSIDY = "subsidy"
SPENT = "spent"  # something was paid with a balance
BROUGHT_IN = "brought_in"  # more was paid with a balance than lay here: the shop had kept it elsewhere
CARD = "gift_card"  # a card was sold, used, corrected by its shop, or returned
EXTERNAL = "external"  # refunded by hand at the channel (F44)
EXTERNAL_UNDONE = "external_undone"


class Unbalanced(ValueError):
    """The entries of a transaction do not add up to zero."""


@dataclass(frozen=True, slots=True)
class Entry:
    """amount: signed, in minor units of `currency`. merchant_id: whose refund it is about."""

    account: str
    amount: int
    currency: str
    merchant_id: int | None = None


@dataclass(frozen=True, slots=True)
class Money:
    """What one refund is about. amount: paid to the customer. platform_share: goes back to the platform."""

    amount: int
    platform_share: int
    currency: str
    merchant_id: int


def channel(name: str) -> str:
    return f"channel:{name}"


def promised(money: Money) -> list[Entry]:
    """The shop is debited gross: what the customer gets plus what the platform had put in."""
    return _entries(
        money,
        {
            MERCHANT: -money.amount - money.platform_share,
            REFUNDS_PAYABLE: money.amount,
            PLATFORM_SUBSIDY: money.platform_share,
        },
    )


def arrived(money: Money, *, at: str) -> list[Entry]:
    """at: the account that has paid, or now holds, the money."""
    return _entries(money, {REFUNDS_PAYABLE: -money.amount, at: money.amount})


def cancelled(money: Money) -> list[Entry]:
    return reversed_(promised(money))


def returned(money: Money, *, at: str) -> list[Entry]:
    """Both the payout and the promise are undone; a new refund promises anew."""
    return _entries(
        money,
        {
            at: -money.amount,
            MERCHANT: money.amount + money.platform_share,
            PLATFORM_SUBSIDY: -money.platform_share,
        },
    )


def external(money: Money, *, at: str) -> list[Entry]:
    """Money of the shop that the channel has paid out without a promise of ours."""
    return _entries(money, {MERCHANT: -money.amount, at: money.amount})


def subsidy_returned(money: Money) -> list[Entry]:
    """Units the customer paid nothing for come back: only the platform's part moves (T16)."""
    return _entries(money, {MERCHANT: -money.platform_share, PLATFORM_SUBSIDY: money.platform_share})


def centre_fee(fee: int, *, centre: str, currency: str, merchant_id: int) -> list[Entry]:
    """A shop owes the return centre with this code for a parcel or for units; no customer's money moves."""
    return [
        Entry(MERCHANT, -fee, currency, merchant_id),
        Entry(f"{CENTRE}:{centre}", fee, currency, merchant_id),
    ]  # fmt: skip


def examined(fee: int, *, payer: str, examiner: int, currency: str, merchant_id: int) -> list[Entry]:
    """payer: MERCHANT or EXAMINATION_EXPENSE. merchant_id: whose case it is about."""
    return [Entry(payer, -fee, currency, merchant_id), Entry(f"{EXAMINER}:{examiner}", fee, currency, merchant_id)]


def reversed_(entries: Iterable[Entry]) -> list[Entry]:
    return [replace(entry, amount=-entry.amount) for entry in entries]


def must_balance(entries: Iterable[Entry]) -> None:
    sums = Counter()
    for entry in entries:
        sums[entry.currency] += entry.amount
    if wrong := {currency: total for currency, total in sums.items() if total}:
        raise Unbalanced(f"does not add up to zero: {wrong}")


def _entries(money: Money, amounts: dict[str, int]) -> list[Entry]:
    return [
        Entry(account, amount, money.currency, money.merchant_id) for account, amount in amounts.items() if amount
    ]
