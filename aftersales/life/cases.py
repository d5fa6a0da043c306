"""What was asked and decided, what was said, and what the desk was asked to settle."""

from collections.abc import Iterator

from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from aftersales.life.entries import Entry
from aftersales.life.goods import links
from aftersales.life.queries import Rows
from aftersales.life.readers import Audience, Reader
from aftersales.returns import states
from aftersales.returns.models import ReturnLine, ReturnMove, ReturnRequest
from aftersales.returns.names import goods_names, kind_name
from aftersales.returns.offer_models import KeepOffer
from aftersales.returns.services.appeals import APPEAL
from aftersales.returns.shop_words import reason_text
from returns_platform.kernel.actors import Actor

SAID_LENGTH = 120
ANSWERS = {
    KeepOffer.Answer.ACCEPTED: (gettext_lazy("The offer is accepted"), "good"),
    KeepOffer.Answer.DECLINED: (gettext_lazy("The offer is declined"), ""),
    KeepOffer.Answer.LAPSED: (gettext_lazy("The time for the offer is over"), ""),
}
# Told by the parcel, the bench or the money, with more to say.
TOLD_ELSEWHERE = (states.AWAITING_GOODS, states.IN_TRANSIT, states.ARRIVED)
TONES = {
    states.NEEDS_EVIDENCE: "late", states.APPROVED: "good", states.COMPLETED: "good", states.REJECTED: "bad",
    states.LAPSED: "bad",
}  # fmt: skip


def of_cases(rows: Rows, reader: Reader) -> Iterator[Entry]:
    graded = {found.line.request_id for found in rows.inspections} if reader.house else set()
    for request in rows.requests.values():
        about, before = links(reader.case(request)), None
        for move in rows.request_moves[request.pk]:
            if not move.from_state:
                yield _filed(request, rows.lines[request.pk], reader)
            elif move.to_state == states.INSPECTED and request.pk in graded:
                pass  # the grades say it
            elif _is_news(move, before):
                text, who = reader.happened(request, move)
                yield Entry(move.at, text.rstrip(".。"), who=who, tone=TONES.get(move.to_state, ""), links=about)
            before = move


def _is_news(move: ReturnMove, before: ReturnMove | None) -> bool:
    """What followed by itself in the same moment is told by the move before it, or by the money."""
    if move.to_state in TOLD_ELSEWHERE:
        return False
    by_itself = before is not None and before.at == move.at and before.note != "undone"
    return not (move.to_state == states.SETTLING and (by_itself or move.note == "followed"))


def _filed(request: ReturnRequest, lines: list[ReturnLine], reader: Reader) -> Entry:
    goods = goods_names([{"title": line.order_line.title, "quantity": line.quantity} for line in lines])
    asked = {"kind": kind_name(request.facts.get("kind") or request.kind), "goods": goods}
    why = _(", ").join(dict.fromkeys(reason_text(line.reason) for line in lines))
    by = Actor(request.filed_by_kind, name=request.filed_by_name)
    text = _("%(kind)s asked for: %(goods)s") % asked
    return Entry(request.filed_at, text, who=reader.who(by), note=why, links=links(reader.case(request)))


# --- what was offered -------------------------------------------------------------------------------------


def of_offers(rows: Rows, reader: Reader) -> Iterator[Entry]:
    """An offer to keep the goods, and what the customer said to it; without sums for who may not see them."""
    requests = {request.pk: request for request in rows.requests.values()}
    for offer in rows.offers:
        about = links(reader.case(requests[offer.request_id]))
        facts = {"goods": offer.line.order_line.title, "sum": reader.sum(offer.amount)}
        said = _("Offered: keep %(goods)s, and %(sum)s back") if reader.prices else _("Offered: keep %(goods)s")
        yield Entry(offer.made_at, said % facts, who=reader.who(offer.by), note=offer.text, tone="now", links=about)
        if offer.answered_at:
            text, tone = ANSWERS[offer.answer]
            who = "" if offer.answer == KeepOffer.Answer.LAPSED else reader.who(Actor("customer"))
            yield Entry(offer.answered_at, str(text), who=who, tone=tone, links=about)


# --- what was said ----------------------------------------------------------------------------------------


def of_talk(rows: Rows, reader: Reader) -> Iterator[Entry]:
    requests = {request.pk: request for request in rows.requests.values()}
    for message in rows.messages:
        if message.audience in reader.talk:
            said = Truncator(" ".join(message.text.split())).chars(SAID_LENGTH)
            text = _("“%(said)s”") % {"said": said}
            who = reader.who(Actor(message.by_kind, message.by_id, message.by_name))
            about = links(reader.case(requests[message.request_id]))
            yield Entry(message.at, text, who=who, links=about, inner=message.audience != Audience.ALL)


# --- what the platform was asked --------------------------------------------------------------------------


def of_desk(rows: Rows, reader: Reader) -> Iterator[Entry]:
    """A call for the platform is everybody's to know; its other work is its own."""
    requests = {request.pk: request for request in rows.requests.values()}
    for task in rows.tasks:
        request = requests.get(task.request_id)
        about = links(request and reader.case(request))
        if task.kind == APPEAL:
            said = _("The platform was asked to look at what was decided")
            yield Entry(task.opened_at, said, who=reader.who(Actor("customer")), links=about)
        elif reader.staff:
            said = _("Task opened: %(task)s") % {"task": reader.task(task)}
            yield Entry(task.opened_at, said, tone="late", links=about, inner=True)
        if reader.staff and task.closed_at:
            said = _("Task closed: %(task)s") % {"task": reader.task(task)}
            yield Entry(
                task.closed_at, said, who=task.closed_by, note=task.closing_note, links=about, inner=True
            )  # fmt: skip
