"""Codes into sentences, in the reader's language, when they are read."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

PROBLEMS = {
    "no_gateway": gettext_lazy("This way of payment is not connected: a person pays it back."),
    "too_old": gettext_lazy("The payment is too old for the channel to pay it back."),
    "too_many_parts": gettext_lazy("The channel allows no further part of this payment."),
    "mismatch": gettext_lazy("The channel names other facts than we do: a person checks them."),
    "unasked": gettext_lazy("The channel tells of a refund that we did not send: a person checks it."),
    "account_abnormal": gettext_lazy("The account that was paid from does not take the money."),
    "account_closed": gettext_lazy("The account that was paid from is closed."),
    "not_enough": gettext_lazy("The shop's account at the channel does not hold enough."),
    "too_fast": gettext_lazy("The channel had too much to do, again and again."),
    "payment_unknown": gettext_lazy("The channel does not know this payment."),
    "setup": gettext_lazy("The channel does not accept our keys or rights."),
    "refused": gettext_lazy("The channel refused the refund."),
    "channel_down": gettext_lazy("The channel could not be reached, again and again."),
    "unknown_too_long": gettext_lazy("The channel has not told us what became of the refund."),
    "vanished": gettext_lazy("The channel accepted the refund and knows nothing of it now."),
    "fault": gettext_lazy("A fault of this platform stopped the refund: a person looks at it."),
}

BREAKS = {
    "mismatch": gettext_lazy("Other facts than ours"),
    "unasked": gettext_lazy("A refund that we did not send"),
    "closed_after_success": gettext_lazy("Closed, after it had arrived"),
    "abnormal_after_success": gettext_lazy("Account abnormal, after it had arrived"),
    "unknown_number": gettext_lazy("A number we do not know"),
    "not_understood": gettext_lazy("A message we do not understand"),
    "not_taken_in": gettext_lazy("A message that could not be taken in"),
}

CHANNELS = {
    "wechat": gettext_lazy("WeChat Pay"),
    "alipay": gettext_lazy("Alipay"),
    "stripe": gettext_lazy("Bank card"),
    "bank_transfer": gettext_lazy("Bank transfer"),
    "gift_card": gettext_lazy("Gift card"),
    "balance": gettext_lazy("Balance"),
    "coupon": gettext_lazy("Store coupon"),
}


def problem(code: str) -> str:
    return str(PROBLEMS[code]) if code else ""


def channel(code: str) -> str:
    return str(CHANNELS[code])


def where(code: str, account: str) -> str:
    """Where the money goes: the channel, and the account once the channel has named it."""
    if not account:
        return channel(code)
    return _("%(channel)s: %(account)s") % {"channel": channel(code), "account": account}
