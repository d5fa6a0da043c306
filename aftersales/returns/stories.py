"""What happened to a request and what comes next, told in the reader's language from stored moves."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from aftersales.returns import states
from aftersales.returns.models import ReturnMove, ReturnRequest
from aftersales.returns.names import reason_words, shop_name


@dataclass(frozen=True, slots=True)
class Told:
    """One line of the timeline. step: the state reached, or what was done. by: kind of actor."""

    at: datetime
    step: str
    by: str
    text: str


def timeline(request: ReturnRequest, moves: Iterable[ReturnMove]) -> list[Told]:
    """The moves of the request, as given."""
    return [Told(move.at, move.to_state, move.by_kind, told(request, move)) for move in moves]


def told(request: ReturnRequest, move: ReturnMove) -> str:
    """One sentence about one move; the note names the occasion, else the state speaks."""
    occasions = {
        "granted_by_silence": _("%(shop)s did not answer in time, so the request is granted."),
        "inspection_overdue": _("%(shop)s did not inspect the goods in time, so the money goes back as approved."),
        "to_the_bank": _("The money leaves the balance again and goes to the way that was paid with."),
        "parcel_lost": _("The parcel is lost. The request goes on as if it had arrived."),
        "goods_went_back": _("The goods did not reach %(shop)s. The request is closed."),
        "returned_to_sender": _("The parcel went back to %(shop)s, so the money goes back as well."),
        "handed_in": _("The goods were handed in at a point of %(shop)s."),
        "reopened": _("A person of the platform opened it again. It is decided once more."),
        "undone": _("The decision was taken back before anything happened. It is looked at once more."),
    }
    by_state = {
        states.SUBMITTED: _("Request filed."),
        states.IN_REVIEW: _("%(shop)s looks at the request."),
        states.NEEDS_EVIDENCE: _("More is needed to decide."),
        states.APPROVED: _("Approved."),
        states.AWAITING_GOODS: _("The way back is ready. The goods can be handed over."),
        states.IN_TRANSIT: _("The goods are on their way to %(shop)s."),
        states.ARRIVED: _("The goods arrived at %(shop)s."),
        states.INSPECTED: _("%(shop)s inspected the goods."),
        states.SETTLING: _("The money is being sent back."),
        states.COMPLETED: _("Done. Nothing is open."),
        states.REJECTED: _("Not approved."),
        states.WITHDRAWN: _("Withdrawn."),
        states.LAPSED: _("Closed, because the time was over."),
    }
    if move.to_state == states.INSPECTED and move.data.get("reasons"):
        by_state[states.INSPECTED] = _("%(shop)s inspected the goods and found another reason: %(reason)s.")
    if request.is_replaced:
        by_state[states.SETTLING] = _("The goods are checked. What replaces them goes on.")
    if request.kind == "resend":
        by_state[states.SETTLING] = _("What was missing is sent.")
    sentence = occasions.get(move.note) or by_state[move.to_state]
    turned_out = pgettext("between things", ", ").join(map(reason_words, move.data.get("reasons") or ()))
    return sentence % {"shop": shop_name(request.merchant), "reason": turned_out}


def next_step(request: ReturnRequest) -> str:
    """A code for what is waited for; frozen for programs, words are on the pages."""
    steps = {
        states.SUBMITTED: "decide",
        states.IN_REVIEW: "decide",
        states.NEEDS_EVIDENCE: "add_evidence",
        states.APPROVED: "hand_over" if request.goods_come_back else "refund",
        states.AWAITING_GOODS: "hand_over",
        states.IN_TRANSIT: "deliver",
        states.ARRIVED: _at_the_bench(request),
        states.INSPECTED: "decide",
        states.SETTLING: {"support": "agree", "customer": "choose_way"}.get(request.waits_for, "refund"),
    }
    if request.is_replaced and request.state == states.SETTLING:
        return {"customer": "choose", "merchant": "send", "courier": "deliver"}.get(request.waits_for, "refund")
    return steps.get(request.state, "none")


def _at_the_bench(request: ReturnRequest) -> str:
    if request.counted_at is None:
        return "count"
    return "inspect" if request.waits_for == "merchant" else "find"
