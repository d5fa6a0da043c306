"""How a stand-in may be asked to behave next, in words."""

from dataclasses import dataclass

from django.conf import settings
from django.utils.module_loading import import_string
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

NAMES = {
    "wechat": _("WeChat Pay"),
    "alipay": _("Alipay"),
    "stripe": "Stripe",
    "sf": _("SF Express"),
    "jd": _("JD Logistics"),
    "kuaidi100": _("Kuaidi100"),
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
    "not_served": _("does nothing: nobody comes to that address"),
    "callback_late": _("does it, and its news come late"),
    "callback_reordered": _("does it, and its news come in another order"),
    "number_late": _("does it, and gives the waybill only when the goods are collected"),
    "number_changed": _("does it, and gives another waybill when the goods are collected"),
    "aborted": _("takes a waybill to follow, and finds nothing about it for three days"),
    "rebuilt": _("takes a waybill to follow, and tells its whole route again after each news"),
}


@dataclass(frozen=True, slots=True)
class Group:
    """Behaviours that the platform meets in the same way. then: what it does about them."""

    name: str
    then: str
    choices: list[tuple[str, str]]


# name, what the platform does, which behaviours
GROUPS = (
    (_("It goes well"), _("It is done, and the answer and the callback say so."), ("ok", "at_once", "deposit_back")),
    (
        _("Done, and the answer is lost"),
        _("We do not know whether it was done: a minute later we ask with the same number. It happens once."),
        ("apply_then_timeout", "apply_then_500", "slow", "garbage", "drop_connection", "unsigned", "forged_signature",
         "apply_then_system_error", "empty_query"),
    ),
    (
        _("Done, and the callbacks are odd"),
        _("What is not proven is not believed, what comes twice counts once, and what never comes is asked for. "
          "Other facts than ours stop the money for a person."),
        ("callback_before_answer", "callback_twice", "callback_never", "callback_bad_signature",
         "callback_wrong_amount", "out_of_order", "two_signatures", "old_signature", "callback_late",
         "callback_reordered", "number_late", "number_changed", "aborted", "rebuilt"),
    ),
    (
        _("Not done"),
        _("It is tried again later with the same number, or a person is called where that helps nothing."),
        ("error_500", "not_enough_balance", "frequency_limited", "lock_timeout", "key_in_use", "account_abnormal",
         "system_error", "service_unavailable", "pickup_time_refused", "capacity", "not_served"),
    ),
    (
        _("Accepted, and it ends otherwise"),
        _("The payment holds its money again, or the money waits, and a person finds it in a queue."),
        ("closed", "abnormal", "fails_later", "insufficient_funds", "forgotten", "deposit_back_failed"),
    ),
)  # fmt: skip
OTHERS = _("Others")

# What a stand-in's book says a thing has come to.
STATES = {
    "processing": _("on its way"),
    "succeeded": _("paid"),
    "closed": _("closed, nothing paid"),
    "abnormal": _("waits at the channel"),
    "failed": _("paid, and came back"),
    "booked": pgettext_lazy("parcel", "booked"),
    "cancelled": _("called off"),
    "collected": pgettext_lazy("parcel", "collected"),
    "in_transit": pgettext_lazy("parcel", "on its way"),
    "delivered": pgettext_lazy("parcel", "delivered"),
    "refused": pgettext_lazy("parcel", "refused at the door"),
    "lost": pgettext_lazy("parcel", "lost"),
    "returned": pgettext_lazy("parcel", "turned back"),
}


def stand_in_name(name: str) -> str:
    return str(NAMES.get(name, name))


def said(behaviour: str) -> str:
    return str(SAID.get(behaviour, behaviour))


def state(code: str) -> str:
    return str(STATES.get(code, code))


def groups(name: str) -> list[Group]:
    """Every behaviour that the stand-in of this name knows."""
    known = import_string(settings.STAND_INS[name]).behaviours
    sorted_ones = {behaviour for _name, _then, of_group in GROUPS for behaviour in of_group}
    rest = (OTHERS, "", tuple(behaviour for behaviour in known if behaviour not in sorted_ones))
    found = [
        Group(str(name), str(then), [(each, said(each)) for each in of_group if each in known])
        for name, then, of_group in (*GROUPS, rest)
    ]
    return [group for group in found if group.choices]


def choices(name: str) -> dict[str, str]:
    """{behaviour: in words} of all of them."""
    return {behaviour: words for group in groups(name) for behaviour, words in group.choices}
