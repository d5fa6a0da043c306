"""Grounds for a refusal that the purchase itself can contradict: the customer is told none that is not so."""

from datetime import datetime

from django.utils.translation import gettext as _

from aftersales.policy import facts, reasons, windows
from aftersales.policy import queries as policies
from aftersales.policy.texts import moment
from aftersales.returns.models import ReturnLine, ReturnRequest
from aftersales.returns.queries import arrivals_of
from orders.purchases.models import ShipmentItem
from returns_platform.kernel.errors import Invalid


def must_be_so(request: ReturnRequest, code: str) -> None:
    """One line for which the ground holds is enough. Raises Invalid with what is so instead."""
    lines = list(request.lines.select_related("order_line"))
    if code == "R_EXCLUDED" and not any(_is_given_up(request, line) for line in lines):
        raise _untrue(_("At the purchase nobody gave up the right to return this. Choose another ground."))
    if code == "R_PERIOD":
        ends = [_asked_in_time(request, line) for line in lines]
        if all(in_time for in_time, _until in ends):
            raise _untrue(_in_time(request, min((until for _in, until in ends if until), default=None)))


def _untrue(sentence: str) -> Invalid:
    return Invalid(code="untrue_ground", fields={"code": sentence})


def _in_time(request: ReturnRequest, until: datetime | None) -> str:
    if until is None:
        return _("It was asked for in time. Choose another ground.")
    words = {"until": moment(until, request.merchant.zone)}
    return _("It was asked for in time: there was time until %(until)s. Choose another ground.") % words


def _is_given_up(request: ReturnRequest, line: ReturnLine) -> bool:
    return _window(request, line)[1] == "confirmation"


def _asked_in_time(request: ReturnRequest, line: ReturnLine) -> tuple[bool, datetime | None]:
    """(whether it was, until when there was time) by the reason that counts now; what was judged of it stands."""
    judged = next((one for one in request.facts.get("lines", ()) if one["line_no"] == line.order_line.line_no), None)
    if judged and judged["reason"] == line.reason and judged["open_units"] < judged["quantity"]:
        return False, None
    window, excluded = _window(request, line)
    if window is None:
        return excluded == "none", None
    items = ShipmentItem.objects.filter(line=line.order_line).select_related("shipment")
    sent = facts.shipped_units(
        policies.of_case(request), window, arrivals_of(list(items)), zone=request.merchant.zone,
        off_days=policies.off_days(), wait=reasons.get(line.reason).group == "LG",
    )  # fmt: skip
    still_open = [unit for unit in sent if windows.is_open(unit.closes_at, request.filed_at)][: line.quantity]
    until = min((unit.closes_at for unit in still_open if unit.closes_at), default=None)
    return len(still_open) == line.quantity, until


def _window(request: ReturnRequest, line: ReturnLine) -> tuple[windows.Window | None, str]:
    """Of its reason; a reason without a time of its own is held to that of returns without a reason."""
    about, bought = reasons.get(line.reason), line.order_line
    if about.group == "UN":
        return None, "none"
    plain = about.basis == "goodwill"
    return facts.basis_window(
        policies.of_case(request), basis="no_reason" if plain else about.basis, category=bought.category,
        sku=bought.sku, reason="" if plain else line.reason,
        confirmed=bought.no_reason_excluded_confirmed_at is not None,
    )  # fmt: skip
