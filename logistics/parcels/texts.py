"""Why a courier comes, in words: made when somebody reads, from the reasons that were kept."""

from collections.abc import Callable

from django.utils.translation import gettext as _

from logistics import couriers
from logistics.parcels.models import CourierOrder, Parcel
from logistics.rates.rules import DEARER_PERCENT


def why_this_courier(order: CourierOrder, *, price: Callable[[int], str] | None = None) -> list[str]:
    """One sentence each, the courier that comes first. price: writes a sum; None for who may not see prices."""
    return [_sentence(said, price) for said in order.why]


def _sentence(said: dict, price: Callable[[int], str] | None) -> str:
    amount = price(said["amount"]) if price and said.get("amount") else ""
    facts = {
        "courier": couriers.name(said["courier"]), "asked": said["asked"], "failed": said["failed"],
        "problem": dict(Parcel.Problem.choices).get(said["problem"], ""), "percent": DEARER_PERCENT,
    }  # fmt: skip
    told = _TOLD[said["code"]]() % facts
    return _("%(told)s (%(sum)s)") % {"told": told, "sum": amount} if amount else told


_TOLD: dict[str, Callable[[], str]] = {
    "taken": lambda: _("%(courier)s comes: the first in the order that fits"),
    "cheapest": lambda: _("%(courier)s comes: it is the cheapest"),
    "only_one": lambda: _("%(courier)s comes: no other can"),
    "refused": lambda: _("%(courier)s refused this pickup: %(problem)s"),
    "not_served": lambda: _("%(courier)s does not serve this address"),
    "poor_record": lambda: _("%(courier)s failed %(failed)s of %(asked)s pickups in this province in 30 days"),
    "too_dear": lambda: _("%(courier)s costs over %(percent)s %% more than the cheapest"),
    "later": lambda: _("%(courier)s stands later in the order"),
    "dearer": lambda: _("%(courier)s is dearer"),
}
