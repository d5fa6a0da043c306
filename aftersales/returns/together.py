"""Returns of one customer that travel together: in one van, or under one waybill."""

from datetime import datetime

from django.utils.translation import gettext as _

from aftersales.returns.models import ReturnRequest
from aftersales.returns.queries import Case, boxes_of
from logistics.parcels import states as parcel_states
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


def box_facts(row: ReturnRequest) -> list[ui.Fact]:
    """The further boxes of a request, each with where it is."""
    return [
        ui.Fact(_("Box %(n)s") % {"n": nth}, f"{box.courier_name} {box.waybill}".strip(), note=box_words(box))
        for nth, box in enumerate(boxes_of(row)[1:], start=2)
    ]


def box_words(box: Parcel) -> str:
    """Where a further box is, in one word or two."""
    if box.by_word:
        return _("counted")
    return {
        parcel_states.COLLECTED: _("the courier has it"),
        parcel_states.IN_TRANSIT: _("on the road"),
        parcel_states.DELIVERED: _("arrived"),
        parcel_states.REFUSED: _("on its way back"),
        parcel_states.LOST: _("lost on the way"),
    }.get(box.state, _("not scanned yet"))


def vans_beside(case: Case, *, now: datetime) -> dict[str, datetime]:
    """{return number: when its van comes} of the customer's other pickups at the same address, at other times."""
    row = case.request
    coming = vans_coming(row.order, sender=row.order.ship_to, receiver=row.goes_to.return_address, now=now)
    found = coming.exclude(leg=row.return_no).exclude(slot_from=row.slot_from)
    return dict(found.values_list("leg", "slot_from"))


def _numbers(legs: list[str]) -> list[str]:
    return list(dict.fromkeys(leg.partition(".")[0] for leg in legs))
