"""Signals and measures in words: for the platform's people, and in calm ones for the customer."""

from collections.abc import Mapping

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from aftersales.risk.models import Measure, Trace

STATES = {
    "proposed": gettext_lazy("proposed"),
    "awaiting_second": gettext_lazy("waits for a second person"),
    "offered": gettext_lazy("offered to the customer"),
    "in_force": gettext_lazy("in force"),
    "declined": gettext_lazy("declined"),
    "ended": gettext_lazy("over"),
    "lifted": gettext_lazy("lifted"),
}
_MOVES = {
    "proposed": gettext_lazy("%(who)s proposed it"),
    "decided": gettext_lazy("%(who)s decided it"),
    "agreed": gettext_lazy("%(who)s agreed"),
    "declined": gettext_lazy("%(who)s declined it: %(why)s"),
    "lifted": gettext_lazy("%(who)s lifted it: %(why)s"),
    "deposit_left": gettext_lazy("The customer left the deposit"),
    "deposit_refused": gettext_lazy("The customer did not want the deposit"),
    "time_over": gettext_lazy("Its time was over"),
}
_MEANS = {
    "limit": gettext_lazy("Until %(until)s a person looks first when you report a fault above %(amount)s."),
    "review": gettext_lazy("Until %(until)s a person looks at each request first. The answer comes within a day."),
    "block": gettext_lazy(
        "Until %(until)s money or new goods for faulty or missing ones come after a look at them, or by a person's "
        "decision."
    ),
}
_RIGHTS = gettext_lazy("Your rights are the same: what the law grants is granted.")


def evidence(about: Mapping) -> str:
    """One piece of a signal's evidence beside its case, for the platform's people."""
    if about.get("waybill"):
        said = {"waybill": about["waybill"], "other": about["other"]}
        return _("waybill %(waybill)s, also of %(other)s") % said
    if about.get("other"):
        return _("also in %(other)s") % {"other": about["other"]}
    if about.get("by"):
        shared = _(", ").join(str(Trace.Kind(kind).label) for kind in about["by"])
        told = ngettext("shares %(by)s with %(n)s customer", "shares %(by)s with %(n)s customers", about["customers"])
        return told % {"by": shared, "n": about["customers"]}
    return _(", ").join(_of_the_bench(about))


def _of_the_bench(about: Mapping) -> list[str]:
    """What was weighed, read and graded."""
    found = []
    if about.get("left"):
        found.append(_("left with %(left)s g, came back with %(came)s g") % about)
    if about.get("serials"):
        found.append(_("serial number %(serials)s") % {"serials": _(", ").join(about["serials"])})
    if about.get("grades"):
        found.append(_("grade %(grades)s") % {"grades": _(", ").join(about["grades"])})
    return found


def happened(note: str, *, who: str, why: str = "") -> str:
    return str(_MOVES.get(note, note)) % {"who": who, "why": why}


def means(measure: Measure, *, until: str, amount: str) -> list[str]:
    """What a measure means for the customer, in two sentences."""
    said = str(_MEANS[measure.kind]) % {"until": until, "amount": amount} if measure.kind in _MEANS else ""
    return [said, str(_RIGHTS)] if said else [str(_RIGHTS)]


_TITLES = {
    "limit": gettext_lazy("Larger claims are looked at first"),
    "review": gettext_lazy("A person looks at your requests first"),
    "block": gettext_lazy("Money for faulty goods comes after a look"),
    "deposit": gettext_lazy("A deposit, if you like"),
}


def title(measure: Measure) -> str:
    return str(_TITLES.get(measure.kind, ""))
