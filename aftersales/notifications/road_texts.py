"""What people are told about goods that do not arrive: late, lost, turned away."""

from django.utils.translation import gettext as _

from aftersales.notifications.parts import Told, about, nothing_to_do
from aftersales.notifications.words import Words


def _parcel_late(w: Words) -> Told:
    said = w.all(
        _("The parcel of your request %(number)s takes longer than it should. A person asks the courier now."),
        _("Your request stays approved; you hear from us."),
        nothing_to_do(),
    )
    return Told(w.first(_("Your parcel is late: we ask the courier")), said, (), about(w), _("See the progress"))


def _parcel_lost(w: Words) -> Told:
    said = w.all(
        _("The parcel of your request %(number)s did not reach %(shop)s, and that is not your fault."),
        _("%(sum)s goes back to %(to)s, as approved."),
        _("What was approved goes on as if it had arrived."),
        nothing_to_do(),
    )
    title = w.first(_("The parcel is lost: your request goes on"))
    return Told(title, said, (), about(w), _("See the progress"))


def _parcel_with_a_person(w: Words) -> Told:
    said = w.all(
        _("The parcel of your request %(number)s will not reach %(shop)s. A person of ours looks at it."),
        _("Keep the courier's receipt. You can write on the page of the request."),
    )
    title = w.first(_("Your parcel did not get through: a person looks at it"))
    return Told(title, said, (), about(w), _("See the request"))


def _turned_away(w: Words) -> Told:
    title = w.first(
        _("A parcel was not accepted, say why %(due)s: %(goods)s"), _("A parcel was not accepted: say why")
    )
    return Told(title, w.all(_("Accept it, or write why not. If you do neither %(due)s, the platform decides.")))


def _point_waits(w: Words) -> Told:
    title = w.first(
        _("A point has goods to send on %(due)s: %(goods)s"), _("A point has goods to send on")
    )  # fmt: skip
    return Told(title, w.all(_("If it is not sent on by then, the platform asks you.")))


def _inspection_waits(w: Words) -> Told:
    title = w.first(_("Checked goods wait for your decision %(due)s: %(goods)s"), _("Checked goods wait"))
    return Told(title, w.all(_("If you do not decide %(due)s, the platform does.")))


CUSTOMER = {
    "parcel_late": _parcel_late,
    "parcel_lost": _parcel_lost,
    "parcel_with_a_person": _parcel_with_a_person,
}
SHOP = {"parcel_refused": _turned_away, "point_waits": _point_waits, "inspection_waits": _inspection_waits}
