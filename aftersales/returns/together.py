"""Returns of one customer that travel together: in one van, or under one waybill."""

from datetime import datetime

from django.utils.translation import gettext as _

from aftersales.returns.queries import Case
from logistics.parcels.models import Parcel
from logistics.parcels.queries import travelling_with, vans_coming
from returns_platform.kernel import ui


def together(case: Case) -> list[str]:
    """Numbers of the other returns in the same van or box."""
    return _numbers(travelling_with(case.parcel)) if case.parcel else []


def together_facts(parcel: Parcel | None) -> list[ui.Fact]:
    """The same for the shop's and the platform's people, who find goods of several returns in one box."""
    others = _numbers(travelling_with(parcel)) if parcel else []
    return [ui.Fact(_("Together with"), _(", ").join(others))] if others else []


def vans_beside(case: Case, *, now: datetime) -> dict[str, datetime]:
    """{return number: when its van comes} of the customer's other pickups at the same address, at other times."""
    row = case.request
    coming = vans_coming(row.order, sender=row.order.ship_to, receiver=row.goes_to.return_address, now=now)
    found = coming.exclude(leg=row.return_no).exclude(slot_from=row.slot_from)
    return dict(found.values_list("leg", "slot_from"))


def _numbers(legs: list[str]) -> list[str]:
    return list(dict.fromkeys(leg.partition(".")[0] for leg in legs))
