"""What both sides are told about an independent inspection: that it is asked for, what was found, that it is off."""

from django.utils.translation import gettext as _

from aftersales.notifications.parts import Told, about, nothing_to_do
from aftersales.notifications.words import Words


def _asked(w: Words) -> Told:
    said = w.all(
        _("%(examiner)s, which is neither yours nor of %(shop)s, looks at a unit of your request %(number)s."),
        _("Its report is expected %(examined_by)s. It costs you nothing, whatever is found."),
        _("A person decides afterwards, and knows the report."),
    )
    title = w.first(_("Somebody independent looks at your goods: %(examiner)s"), _("Your goods are looked at"))
    return Told(title, (*said, nothing_to_do()), (), about(w), _("See the progress"))


def _found(w: Words) -> Told:
    said = w.all(
        _("%(examiner)s has looked at a unit of your request %(number)s, and says: %(found)s"),
        _("The report is on the page of the request. A person decides now, and knows it."),
    )
    title = w.first(_("The report of %(examiner)s is there"), _("The report of the inspector is there"))
    return Told(title, said, (), about(w), _("Read the report"))


def _off(w: Words) -> Told:
    said = w.all(_("Your request %(number)s is decided without it."))
    title = w.first(_("%(examiner)s does not look at your goods any more"), _("The inspection is called off"))
    return Told(title, said, (), about(w), _("See the progress"))


def _asked_shop(w: Words) -> Told:
    title = w.first(
        _("The platform has %(examiner)s look at a unit: %(goods)s"), _("The platform has somebody look at a unit")
    )
    return Told(title, w.all(_("Its report is expected %(examined_by)s. You have your usual time after it.")))


def _found_shop(w: Words) -> Told:
    title = w.first(_("The report of %(examiner)s is there: %(goods)s"), _("The report of the inspector is there"))
    return Told(title, w.all(_("It says: %(found)s"), _("The decision is a person's. It has not been made yet.")))


def _off_shop(w: Words) -> Told:
    return Told(w.first(_("%(examiner)s does not look at a unit any more"), _("The inspection is called off")))


EXAMINATIONS = {"examination_asked": _asked, "examination_found": _found, "examination_off": _off}
EXAMINATIONS_OF_SHOP = {
    "examination_asked": _asked_shop, "examination_found": _found_shop, "examination_off": _off_shop,
}  # fmt: skip
