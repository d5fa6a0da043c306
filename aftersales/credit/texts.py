"""A customer's score in words, for the platform's people. Stored are codes and figures."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext_lazy

from returns_platform.kernel import ui

LEVELS = {
    "new": gettext_lazy("new"),
    "known": gettext_lazy("known"),
    "trusted": gettext_lazy("trusted"),
}
SIGNALS = {
    "often": gettext_lazy("Many requests in a short time"),
    "worn": gettext_lazy("Clothes or shoes came back worn, again and again"),
    "other_goods": gettext_lazy("The parcel was empty or held other goods"),
    "other_serial": gettext_lazy("A serial number came back that was not sold"),
    "lighter": gettext_lazy("The parcel came back lighter than it left"),
    "missing_again": gettext_lazy("Goods reported missing again and again"),
    "kept_again": gettext_lazy("Money or new goods without a return, again and again"),
    "same_photo": gettext_lazy("The same picture was shown in another customer's request"),
    "same_waybill": gettext_lazy("The same waybill was used for another return"),
    "linked": gettext_lazy("Linked with customers of whom something is known"),
    "not_borne_out": gettext_lazy("The bench found no fault, more than once"),
}
_WHY = {
    "units": gettext_lazy(
        "%(rate)s%% of the units came back without a fault of the shop (%(returned)s of %(bought)s)"
    ),
    "value": gettext_lazy("%(rate)s%% of what was bought came back, by value"),
    "requests": gettext_lazy("%(requests)s requests in 30 days"),
    "new": gettext_lazy("Customer for %(days)s days only, with several requests"),
    "long_known": gettext_lazy("Customer for %(days)s days"),
}
_BENCH = {
    "confirmed": ngettext_lazy(
        "The bench bore the reason out once", "The bench bore the reason out %(n)s times", "n"
    ),
    "contradicted": ngettext_lazy(
        "The bench did not bear the reason out, once", "The bench did not bear the reason out, %(n)s times", "n"
    ),
}
_MEASURES = {
    "review": gettext_lazy("A person decided that requests are looked at first, until %(until)s"),
    "limit": gettext_lazy("A person decided that requests above %(amount)s are looked at first, until %(until)s"),
    "block": gettext_lazy(
        "A person decided that nothing is paid or sent again at once without a return, until %(until)s"
    ),
}


def why(reasons: Iterable[Mapping], *, now: datetime, zone: str = "") -> list[tuple[int, str]]:
    """[(points, sentence)] of stored reasons, in the active language."""
    return [(reason["points"], _sentence(reason["code"], reason["params"], now, zone)) for reason in reasons]


def _sentence(code: str, params: Mapping, now: datetime, zone: str) -> str:
    if code == "signal":
        return str(SIGNALS.get(params["signal"], params["signal"]))
    if code in _BENCH:
        return _BENCH[code] % params
    if code == "measure":
        until = ui.day(datetime.fromisoformat(params["until"]), now=now, zone=zone)
        amount = ui.money(params["amount"], params["currency"]) if params["currency"] else ""
        return str(_MEASURES[params["kind"]]) % {"until": until, "amount": amount}
    return str(_WHY[code]) % params if code in _WHY else _("Something that this program does not know")
