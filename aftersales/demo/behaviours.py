"""How a stand-in may be asked to behave next, in words."""

from django.conf import settings
from django.utils.module_loading import import_string
from django.utils.translation import gettext_lazy as _

NAMES = {
    "wechat": _("WeChat Pay"),
    "alipay": _("Alipay"),
    "stripe": "Stripe",
    "sf": _("SF Express"),
}

SAID = {
    "ok": _("as usual"),
    "apply_then_timeout": _("does it, and never answers"),
    "apply_then_500": _("does it, and answers with an error"),
    "slow": _("does it, and answers a byte a second"),
    "garbage": _("does it, and answers nonsense"),
    "drop_connection": _("does it, and drops the connection"),
    "callback_before_answer": _("does it, and calls back before it answers"),
    "callback_twice": _("does it, and calls back twice"),
    "callback_never": _("does it, and never calls back"),
    "callback_bad_signature": _("does it, and calls back with a false signature"),
    "callback_wrong_amount": _("does it, and calls back with another amount"),
    "error_500": _("does nothing, and answers with an error"),
    "not_enough_balance": _("does nothing: the shop's account is empty"),
    "frequency_limited": _("does nothing: too many calls"),
    "account_abnormal": _("does nothing: our account is closed"),
    "closed": _("accepts it, and closes it later"),
    "abnormal": _("accepts it, and the customer's card does not take the money"),
    "unsigned": _("does it, and answers without a signature"),
    "forged_signature": _("does it, and answers with a false signature"),
    "at_once": _("does it at once"),
    "apply_then_system_error": _("does it, and answers that nobody knows"),
    "system_error": _("does nothing, and answers that nobody knows"),
    "service_unavailable": _("does nothing: it is not available"),
    "empty_query": _("does it, and finds nothing of it for ten seconds"),
    "forgotten": _("accepts it, and forgets it"),
    "deposit_back": _("does it; the customer's bank answers a little later"),
    "deposit_back_failed": _("does it; the bank card does not take it, so it goes to the Alipay balance"),
    "fails_later": _("does it, and the bank sends the money back later"),
    "insufficient_funds": _("accepts it, and waits until the shop's account is topped up"),
    "lock_timeout": _("does nothing: the payment is locked for a moment"),
    "key_in_use": _("does nothing: another call with the same key runs"),
    "out_of_order": _("does it, and calls back in the wrong order"),
    "two_signatures": _("does it, and signs with an old and a new secret"),
    "old_signature": _("does it, and calls back with a signature of an hour ago first"),
    "pickup_time_refused": _("does nothing: nobody comes at that time"),
    "capacity": _("does nothing: all couriers are busy"),
}


def stand_in_name(name: str) -> str:
    return str(NAMES.get(name, name))


def choices(name: str) -> list[tuple[str, str]]:
    """[(behaviour, in words)] that the stand-in of this name knows."""
    known = import_string(settings.STAND_INS[name]).behaviours
    return [(behaviour, str(SAID.get(behaviour, behaviour))) for behaviour in known]
