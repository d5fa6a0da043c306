"""The couriers. `of("sf")` can be called; waybills of any carrier in `NAMES` are followed through the aggregator."""

from django.conf import settings
from django.utils.module_loading import import_string
from django.utils.translation import gettext_lazy as _

from logistics.couriers.interface import Courier, Tracker

COURIERS = {
    "sf": "logistics.couriers.sf.courier.SF",
    "jd": "logistics.couriers.jd.courier.JD",
    "kuaidi100": "logistics.couriers.kuaidi100.courier.Kuaidi100",
}
AGGREGATOR = "kuaidi100"
PRINTERS = frozenset({"sf", "kuaidi100"})  # who gives labels
CONTRACTS = {"sf": "SF_PARTNER_ID", "jd": "JD_APP_KEY", "kuaidi100": "KUAIDI100_KEY"}
NAMES = {
    "sf": _("SF Express"),
    "jd": _("JD Logistics"),
    "yto": _("YTO Express"),
    "zto": _("ZTO Express"),
    "sto": _("STO Express"),
    "yunda": _("Yunda Express"),
    "jt": _("J&T Express"),
    "ems": _("China Post EMS"),
    "post": _("China Post parcels"),
    "debon": _("Deppon Express"),
}
HOTLINES = {
    "sf": "95338", "jd": "950616", "yto": "95554", "zto": "95311", "sto": "95543", "yunda": "95546", "jt": "956025",
    "ems": "11183", "post": "11183", "debon": "95353",
}  # fmt: skip


def of(code: str) -> Courier:
    """A new one, reading its keys and address now. Raises LookupError for a courier we have no contract with."""
    if code not in COURIERS:
        raise LookupError(f"no contract with courier {code!r}")
    return import_string(COURIERS[code])()


def aggregator() -> Tracker:
    """Raises LookupError without a contract."""
    if not is_under_contract(AGGREGATOR):
        raise LookupError("no contract with Kuaidi100")
    return of(AGGREGATOR)


def is_under_contract(code: str) -> bool:
    """In the demo its stand-in takes the contract's place."""
    return settings.DEMO or bool(getattr(settings, CONTRACTS[code]))


def under_contract() -> list[str]:
    """Who can be asked to come, in the platform's order of preference."""
    return [code for code in settings.COURIERS if code in COURIERS and is_under_contract(code)]


def name(code: str):
    """The courier's name for people; an unknown code stands for itself."""
    return _("Kuaidi100") if code == AGGREGATOR else NAMES.get(code, code)
