"""The couriers. `of("sf")` can be called; other couriers' waybills can be entered, but nobody asks after them."""

from django.utils.module_loading import import_string
from django.utils.translation import gettext_lazy as _

from logistics.couriers.interface import Courier

COURIERS = {"sf": "logistics.couriers.sf.courier.SF"}
NAMES = {
    "sf": _("SF Express"),
    "jd": _("JD Logistics"),
    "yto": _("YTO Express"),
    "zto": _("ZTO Express"),
    "sto": _("STO Express"),
    "yunda": _("Yunda Express"),
    "jt": _("J&T Express"),
    "ems": _("China Post EMS"),
    "debon": _("Deppon Express"),
}
HOTLINES = {"sf": "95338", "jd": "950616", "ems": "11183"}


def of(code: str) -> Courier:
    """A new one, reading its keys and address now. Raises LookupError for a courier we have no contract with."""
    if code not in COURIERS:
        raise LookupError(f"no contract with courier {code!r}")
    return import_string(COURIERS[code])()


def name(code: str):
    """The courier's name for people; an unknown code stands for itself."""
    return NAMES.get(code, code)
