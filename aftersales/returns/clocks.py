"""Every clock of a request as people read it: who is waited for, how long, and what happens when nobody acts.

Made of the figures that the services use (`times`, the policy in force), so that what is published is what happens.
"""

from dataclasses import dataclass
from datetime import timedelta

from django.utils.translation import gettext as _

from aftersales.policy.rules import Terms
from aftersales.replacements.services.sending import SEND_WITHIN
from aftersales.returns import times
from aftersales.returns.services.offering import OPEN_FOR
from aftersales.returns.services.replacing import MEND_WITHIN
from logistics.parcels.rules import SILENT_AFTER
from returns_platform.kernel import ui


@dataclass(frozen=True, slots=True)
class Clock:
    """code: stable, for links and tests. time: how long, in words. before: who hears of it once more, and when."""

    code: str
    waits: str
    time: str
    before: str
    then: str


@dataclass(frozen=True, slots=True)
class Part:
    title: str
    clocks: tuple[Clock, ...]


def published(terms: Terms) -> list[Part]:
    """What holds under these terms, in the order in which a request meets it."""
    return [
        Part(_("The decision"), (_answer(terms), _evidence(terms), _offer(), _appeal(terms))),
        Part(
            _("The goods on their way back"),
            (_sender(terms), _van(terms), _point(terms), _road(), _lost(), _turned_away(terms)),
        ),
        Part(_("The check of the goods"), (_count(terms), _inspection(terms), _doubt(terms))),
        Part(
            _("What replaces the goods"),
            (_payment(terms), _repair(terms), _mending(), _stock(terms), _deposit(terms), _sending(), _outbound()),
        ),
    ]


def _hours(number: int) -> str:
    return ui.span(timedelta(hours=number))


def _days(number: int) -> str:
    return ui.span(timedelta(days=number))


def _reminded(who: str, before: timedelta) -> str:
    return _("%(who)s: reminded %(time)s before") % {"who": who, "time": ui.span(before)}


# --- the decision -----------------------------------------------------------------------------------------


def _answer(terms: Terms) -> Clock:
    return Clock(
        "answer", _("The shop answers your request"), _hours(terms.merchant_answer_hours),
        _reminded(_("The shop"), times.REMIND_SHOP),
        _("Your request is granted. Where a part of the price is asked for, the platform decides."),
    )  # fmt: skip


def _evidence(terms: Terms) -> Clock:
    return Clock(
        "evidence", _("You add photos or words that were asked for"), _hours(terms.evidence_hours),
        _reminded(_("You"), times.REMIND_CUSTOMER),
        _("The request is closed and its units are free: you can ask again while the time for it runs."),
    )  # fmt: skip


def _offer() -> Clock:
    time = _("%(time)s, and never longer than the answer to your request") % {"time": ui.span(OPEN_FOR)}
    said = _("The offer is over, and your request is decided as you asked.")
    return Clock("offer", _("You answer an offer to keep the goods"), time, "", said)


def _appeal(terms: Terms) -> Clock:
    return Clock(
        "appeal", _("You ask a person of the platform to look at a refusal"), _days(terms.platform_call_days), "",
        _("The refusal stands."),
    )  # fmt: skip


# --- the goods on their way back --------------------------------------------------------------------------


def _sender(terms: Terms) -> Clock:
    return Clock(
        "send", _("You send the goods, or bring them to a point"), _days(terms.customer_send_days),
        _reminded(_("You"), times.REMIND_SENDER),
        _("The request is closed and its units are free: you can ask again while the time for it runs."),
    )  # fmt: skip


def _van(terms: Terms) -> Clock:
    facts = {"days": _days(terms.customer_send_days)}
    said = _("The courier is called off. You choose another time or send the goods yourself, and have %(days)s anew.")
    waits = _("The courier comes in the time you chose")
    time = _("until %(time)s after it") % {"time": ui.span(times.VAN_LATE)}
    return Clock("pickup", waits, time, "", said % facts)


def _point(terms: Terms) -> Clock:
    return Clock(
        "point", _("A station sends on what you brought"), _days(terms.customer_send_days),
        _reminded(_("The shop"), times.REMIND_SENDING), _("A person of the platform steps in."),
    )  # fmt: skip


def _road() -> Clock:
    said = _(
        "A person of the platform asks the courier, and you hear of it. It is asked again as often as that passes."
    )
    return Clock("road", _("The courier brings the goods to the shop"), ui.span(times.ON_THE_ROAD), "", said)


def _lost() -> Clock:
    waits = _("The courier says that a parcel is lost, or has no news of it")
    time = _("at once, or after %(time)s without a scan") % {"time": ui.span(SILENT_AFTER)}
    said = _(
        "Picked up, or brought to a point: it goes on as if the goods had arrived, and you have your money. Sent by "
        "yourself: a person of the platform looks at your receipt and decides within %(time)s."
    )
    return Clock("lost", waits, time, "", said % {"time": ui.span(times.SUPPORT_ANSWERS)})


def _turned_away(terms: Terms) -> Clock:
    return Clock(
        "turned_away", _("The shop did not accept your parcel and says why"), _hours(terms.merchant_count_hours),
        _reminded(_("The shop"), times.REMIND_SENDING),
        _("A person of the platform decides: paid as approved, or closed once you have the goods again."),
    )  # fmt: skip


# --- the check of the goods -------------------------------------------------------------------------------


def _count(terms: Terms) -> Clock:
    before = _("The shop: reminded when it is over")
    said = _("%(time)s later a person of the platform asks the shop.") % {"time": ui.span(times.COUNT_PATIENCE)}
    time = _("%(time)s after the delivery") % {"time": _hours(terms.merchant_count_hours)}
    return Clock("count", _("The shop opens the parcel"), time, before, said)


def _inspection(terms: Terms) -> Clock:
    return Clock(
        "inspection", _("The shop checks the goods"),
        _("%(time)s after the delivery") % {"time": _days(terms.inspection_days)},
        _reminded(_("The shop"), times.REMIND_BENCH), _("The money goes back as approved."),
    )  # fmt: skip


def _doubt(terms: Terms) -> Clock:
    return Clock(
        "doubt", _("The shop found a difference and decides"), _hours(terms.merchant_answer_hours),
        _reminded(_("The shop"), times.REMIND_SHOP), _("A person of the platform decides."),
    )  # fmt: skip


# --- what replaces the goods ------------------------------------------------------------------------------


def _payment(terms: Terms) -> Clock:
    hours = _hours(terms.exchange_pay_hours)
    said = _(
        "It is no longer kept for you. For %(time)s more you can have your money back or close the request; then "
        "it is closed if you still have the goods, else you have your money."
    )
    return Clock(
        "payment", _("You pay the difference of an exchange"), hours, _reminded(_("You"), times.REMIND_CUSTOMER),
        said % {"time": hours},
    )  # fmt: skip


def _repair(terms: Terms) -> Clock:
    return Clock(
        "repair", _("You answer what a repair costs"), _hours(terms.exchange_pay_hours),
        _reminded(_("You"), times.REMIND_CUSTOMER), _("It is sent back to you as it is, and costs nothing."),
    )  # fmt: skip


def _mending() -> Clock:
    return Clock(
        "mending", _("The shop mends it"), ui.span(MEND_WITHIN), _reminded(_("The shop"), times.REMIND_SENDING),
        _("A person of the platform asks the shop; you can have your money instead."),
    )  # fmt: skip


def _stock(terms: Terms) -> Clock:
    return Clock(
        "stock", _("You choose what becomes of an article that is not in stock"), _days(terms.customer_send_days),
        _reminded(_("You"), times.REMIND_CUSTOMER),
        _("It is closed if you still have the goods, else you have your money. If it comes in before, it is kept."),
    )  # fmt: skip


def _deposit(terms: Terms) -> Clock:
    facts = {"days": _days(terms.customer_send_days)}
    said = _(
        "Not left: the exchange goes on as usual. Left, and the old goods do not come in %(days)s: it is taken, and "
        "goes back to you if they come later."
    )
    return Clock(
        "deposit", _("You leave a deposit, so that the new one is sent first"), _hours(terms.exchange_pay_hours), "",
        said % facts,
    )  # fmt: skip


def _sending() -> Clock:
    return Clock(
        "sending", _("The shop sends what replaces the goods"), ui.span(SEND_WITHIN),
        _reminded(_("The shop"), times.REMIND_SENDING),
        _("A person of the platform asks the shop; you can have your money instead."),
    )  # fmt: skip


def _outbound() -> Clock:
    said = _(
        "A person of the platform asks the courier. If it is lost, the shop sends it again or you have your money."
    )
    return Clock("outbound", _("It reaches you"), ui.span(times.ON_THE_ROAD), "", said)
