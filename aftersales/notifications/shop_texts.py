"""Lines of a shop's inbox: what happened, and what is waited for."""

from collections.abc import Mapping
from datetime import datetime

from django.utils.translation import gettext as _

from aftersales.notifications import road_texts
from aftersales.notifications.examination_texts import EXAMINATIONS_OF_SHOP
from aftersales.notifications.parts import Told
from aftersales.notifications.texts import news
from aftersales.notifications.words import Words


def for_shop(event: str, params: Mapping, *, now: datetime, style: str = "full") -> Told:
    """An event of `events.SHOP`; one that this program does not know yet is told as news."""
    return SHOP.get(event, news)(Words(params, now=now, style=style))


def _in_review(w: Words) -> Told:
    if w.params.get("waits_for") == "support":
        return Told(w.first(_("The platform looks at a request: %(goods)s"), _("The platform looks at a request")))
    title = w.first(
        _("A request waits for your answer %(due)s: %(goods)s"), _("A request waits for your answer")
    )  # fmt: skip
    if w.needs_a_sum:
        return Told(title, w.all(_("Say how much is paid back. If you do not answer %(due)s, the platform decides.")))
    return Told(title, w.all(_("If you do not answer %(due)s, it is granted.")))


def _evidence_added(w: Words) -> Told:
    return Told(w.first(_("The customer added to a request: %(goods)s"), _("The customer added to a request")))


def _granted_by_silence(w: Words) -> Told:
    title = w.first(
        _("Granted, because the time to answer was over: %(goods)s"),
        _("A request is granted, because the time to answer was over"),
    )
    return Told(title, w.all(_("%(sum)s goes back to the customer.")))


def _appealed(w: Words) -> Told:
    title = w.first(_("The customer called the platform in: %(goods)s"), _("The customer called the platform in"))
    return Told(title, w.all(_("A person of the platform looks at what was decided. You can add a message.")))


def _reason_restored(w: Words) -> Told:
    title = w.first(_("The customer's reason counts again: %(goods)s"), _("The customer's reason counts again"))
    return Told(title, w.all(_("A person of the platform looked at it. The way back is paid as it was first told.")))


def _keep_accepted(w: Words) -> Told:
    title = w.first(
        _("Agreed: the customer keeps it for %(offered)s: %(goods)s"), _("The customer accepted the offer")
    )
    return Told(title, w.all(_("The money leaves after the time to stop it.")))


def _keep_declined(w: Words) -> Told:
    title = w.first(_("The offer was declined, decide %(due)s: %(goods)s"), _("The customer declined the offer"))
    return Told(title, w.all(_("Your clock runs on. If you do not answer, the request is granted as filed.")))


def _delivered(w: Words) -> Told:
    title = w.first(_("A parcel has arrived, count it %(due)s: %(goods)s"), _("A parcel has arrived: count it"))
    return Told(title)


def _reminder(w: Words) -> Told:
    title = w.first(_("A parcel still waits to be counted: %(goods)s"), _("A parcel still waits to be counted"))
    said = w.all(_("It was delivered. If nobody counts and checks it, the money goes back as approved."))
    return Told(title, said)


def _withdrawn(w: Words) -> Told:
    return Told(w.first(_("The customer withdrew: %(goods)s"), _("The customer withdrew a request")))


def _to_send(w: Words) -> Told:
    title = w.first(_("To send to the customer %(due)s: %(wanted)s"), _("Something is to be sent to a customer"))
    return Told(title, w.all(_("The customer may ask for money instead once that time is over.")))


def _out_of_stock(w: Words) -> Told:
    title = w.first(_("An exchange waits for stock: %(wanted)s"), _("An exchange waits for stock"))
    return Told(title, w.all(_("The customer was asked what she would like instead.")))


def _money_instead(w: Words) -> Told:
    return Told(w.first(_("Money instead of a replacement, do not send it: %(wanted)s"), _("Money instead")))


def _repair_fee_refused(w: Words) -> Told:
    title = w.first(
        _("The customer does not want the repair, send it back as it is: %(goods)s"),
        _("The customer does not want the repair"),
    )
    return Told(title)


def _message(w: Words) -> Told:
    return Told(w.first(_("%(writer)s wrote to you: %(goods)s"), _("The customer wrote to you")))


SHOP = {
    "in_review": _in_review,
    "evidence_added": _evidence_added,
    "granted_by_silence": _granted_by_silence,
    "appealed": _appealed,
    "reason_restored": _reason_restored,
    "keep_accepted": _keep_accepted,
    "keep_declined": _keep_declined,
    "delivered": _delivered,
    **EXAMINATIONS_OF_SHOP,
    "reminder": _reminder,
    "withdrawn": _withdrawn,
    "to_send": _to_send,
    "out_of_stock": _out_of_stock,
    "money_instead": _money_instead,
    "repair_fee_refused": _repair_fee_refused,
    "message": _message,
    **road_texts.SHOP,
}
