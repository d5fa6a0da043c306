"""Codes into sentences, in the reader's language, when they are read."""

from datetime import date

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from refunds.payouts import states

# What the customer is told, in the order of how much they can do about it; staff read more below.
_BY_HAND = gettext_lazy("This way of payment is paid back by hand.")
_TOO_OLD = gettext_lazy("The payment is too old for the channel to take it back.")
_TOO_MANY = gettext_lazy("The channel takes no further part of this payment.")
_NOT_TAKEN = gettext_lazy("The account you paid from does not take the money.")
_GONE = gettext_lazy("The account you paid from is closed.")
_LATE = gettext_lazy("The channel is late.")
_UNCLEAR = gettext_lazy("The channel and our books do not agree yet.")

PROBLEMS = {
    "no_gateway": _BY_HAND,
    "transfer": _BY_HAND,
    "too_old": _TOO_OLD,
    "too_many_parts": _TOO_MANY,
    "account_abnormal": _NOT_TAKEN,
    "account_closed": _GONE,
    "not_enough": _LATE,
    "waits_for_funds": _LATE,
    "too_fast": _LATE,
    "setup": _LATE,
    "channel_down": _LATE,
    "unknown_too_long": _LATE,
    "fault": _LATE,
    "payment_unknown": _UNCLEAR,
    "refused": _UNCLEAR,
    "mismatch": _UNCLEAR,
    "unasked": _UNCLEAR,
    "vanished": _UNCLEAR,
}

FOR_STAFF = {
    "no_gateway": gettext_lazy("No gateway is connected for this channel: pay it by hand and settle it with proof."),
    "transfer": gettext_lazy("Transfer it at the bank, then enter the bank's number; a colleague confirms it."),
    "too_old": gettext_lazy("The payment is older than the channel takes back: agree another way with the customer."),
    "too_many_parts": gettext_lazy("The channel has paid back as many parts of this payment as it allows."),
    "account_abnormal": gettext_lazy("The payer's account does not take the money; it waits at the channel."),
    "account_closed": gettext_lazy("The payer's account is closed: the channel did not take the refund."),
    "not_enough": gettext_lazy("Our account at the channel does not hold enough: top it up, then send again."),
    "waits_for_funds": gettext_lazy("The channel pays as soon as our account there holds enough: top it up."),
    "too_fast": gettext_lazy("The channel was too busy, again and again: send again later."),
    "setup": gettext_lazy("The channel does not accept our keys or rights: an operator has to look."),
    "channel_down": gettext_lazy("The channel could not be reached, again and again; nothing was sent."),
    "unknown_too_long": gettext_lazy("Sent, and the channel has not told what became of it. We go on asking."),
    "fault": gettext_lazy("A fault of this platform stopped it: an operator has to look."),
    "payment_unknown": gettext_lazy("The channel does not know this payment."),
    "refused": gettext_lazy("The channel refused it for good: read its answer below."),
    "mismatch": gettext_lazy("The channel names other facts than we do: compare, then ask the channel again."),
    "unasked": gettext_lazy("The channel tells of a payout that we did not ask for: find out who did."),
    "vanished": gettext_lazy("The channel accepted it and knows nothing of it now: ask the channel."),
}

BREAKS = {
    "mismatch": gettext_lazy("Other facts than ours"),
    "unasked": gettext_lazy("A refund that we did not send"),
    "closed_after_success": gettext_lazy("Closed, after it had arrived"),
    "abnormal_after_success": gettext_lazy("Account abnormal, after it had arrived"),
    "returned_after_success": gettext_lazy("Another payout came back"),
    "return_not_confirmed": gettext_lazy("Said to have come back, and the channel does not confirm it"),
    "unknown_number": gettext_lazy("A number we do not know"),
    "not_understood": gettext_lazy("A message we do not understand"),
    "not_taken_in": gettext_lazy("A message that could not be taken in"),
}

INSTEAD = "coupon:"  # before the number of the coupon that was given for a gift card that is gone (T64)

CHANNELS = {
    "wechat": gettext_lazy("WeChat Pay"),
    "alipay": gettext_lazy("Alipay"),
    "stripe": gettext_lazy("Bank card"),
    "bank_transfer": gettext_lazy("Bank transfer"),
    "gift_card": gettext_lazy("Gift card"),
    "balance": gettext_lazy("Balance"),
    "coupon": gettext_lazy("Store coupon"),
}


# Accounts that a channel names by a code. Whatever else it says is shown as it says it.
ACCOUNTS = {
    "ALIPAYACCOUNT": gettext_lazy("Alipay balance"),
    "MONEYFUND": gettext_lazy("Yu'e Bao"),
    "PCREDIT": gettext_lazy("Huabei"),
    "BANKCARD": gettext_lazy("Bank card"),
    "COUPON": gettext_lazy("Alipay red packet"),
    "POINT": gettext_lazy("Jifenbao points"),
}
EXPECTED = "by:"  # before the day by which a bank expects the money


def problem(code: str) -> str:
    """For the customer: what holds the money up. Empty when nothing does."""
    return str(PROBLEMS[code]) if code else ""


def why_another_way(*, state: str, problem: str) -> str:
    """For the customer: why the money cannot go back the way it came."""
    if state == states.RETURNED_BY_BANK:
        return _("The bank sent the money back.")
    if state == states.CLOSED or problem not in PROBLEMS:
        return _("The payment channel could not pay it out.")
    return str(PROBLEMS[problem])


def problem_for_staff(code: str) -> str:
    """What is wrong, and what helps."""
    return str(FOR_STAFF[code]) if code else ""


def channel(code: str) -> str:
    return str(CHANNELS[code])


def where(code: str, account: str) -> str:
    """Where the money goes: the channel, and the account once the channel has named it."""
    if not account:
        return channel(code)
    if account.startswith(INSTEAD):
        return _("Store coupon %(code)s, because the gift card is gone") % {"code": account.removeprefix(INSTEAD)}
    return _("%(channel)s: %(account)s") % {"channel": channel(code), "account": account_in_words(account)}


def account_in_words(account: str) -> str:
    """159****5620 ALIPAYACCOUNT, say, as people call it."""
    return " ".join(_part_in_words(part) for part in account.split(" ")).replace(" （", "（")


def _part_in_words(part: str) -> str:
    if part.startswith(EXPECTED):
        day = date.fromisoformat(part.removeprefix(EXPECTED))
        return _("(expected by %(day)s)") % {"day": date_format(day, "DATE_FORMAT")}
    return str(ACCOUNTS.get(part, part))
