"""A customer's requests: all of them, and the page of one."""

from datetime import date, datetime

from django.http import HttpRequest, HttpResponse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from aftersales.evidence.models import Evidence
from aftersales.policy import queries as policies
from aftersales.policy.reasons import needs_a_sum
from aftersales.returns import papers, presenting, stored
from aftersales.returns.bill_lines import CUSTOMER, bill_part
from aftersales.returns.entries import file_url
from aftersales.returns.forms import MessageForm
from aftersales.returns.headlines import Teller, in_a_few_words
from aftersales.returns.models import Message, ReturnRequest
from aftersales.returns.names import goods_names, kind_name, party, place, reasons_found, shop_name
from aftersales.returns.offer_page import offer_panel
from aftersales.returns.progress import Steps
from aftersales.returns.queries import (
    Case,
    boxes_of,
    cases_of,
    request_seen_by,
    requests_seen_by,
    waybill_can_be_corrected,
)
from aftersales.returns.services.appeals import APPEAL, appeal_until, asked_for_more, can_be_appealed
from aftersales.returns.services.boxes import takes_a_box
from aftersales.returns.services.messages import takes_messages
from aftersales.returns.services.replacing import holds_up
from aftersales.returns.swap_page import swap_headline, swap_panel
from aftersales.returns.together import box_words, together
from logistics.parcels.models import Parcel
from orders.visitors.queries import known_viewer
from returns_platform.kernel import clock, pages, ui
from returns_platform.kernel.actors import Actor

NEWEST = 4  # of a parcel's scans; the older ones unfold


@require_safe
def mine(request: HttpRequest) -> HttpResponse:
    seen_by, now = known_viewer(request), clock.now()
    page = pages.keyset(requests_seen_by(seen_by), request, order=("-filed_at", "-pk"), size=30)
    context = {"page": page, "rows": in_a_few_words(cases_of(page.rows), now=now), "here": "returns"}
    return pages.render(request, "aftersales/returns/mine.html", context)


@require_safe
def case(request: HttpRequest, return_no: str) -> HttpResponse:
    row = request_seen_by(known_viewer(request), return_no)
    return pages.render(request, "aftersales/returns/case.html", case_page(cases_of([row])[0], now=clock.now()))


def case_page(case: Case, *, now: datetime) -> dict:
    row, terms = case.request, policies.terms_of(case.request)
    teller = Teller(case, now=now, terms=terms)
    steps = Steps(case, moves=list(row.moves.all()), terms=terms, now=now)
    photos = list(Evidence.objects.filter(case_ref=row.return_no, at_bench=False))
    told = {
        "case": case,
        "row": row,
        "zone": row.merchant.zone,
        "shop": shop_name(row.merchant),
        "headline": swap_headline(case, teller) or teller.headline(),
        "swap": swap_panel(case, now=now),
        "keep_goods": case.replacement is not None and not row.is_ended and holds_up(case.replacement),
        "what": _what(case),
        "send_to": place(row.goes_to.return_address),
        "facts": _facts(case, teller),
        "steps": steps.all(),
        "papers": papers.papers_of(row.return_no) if case.refunds else [],
        "bill": bill_part(case, reader=CUSTOMER),
        "truths": _truths(case, teller, sent_on=steps.money_leaves_on()),
        "rule": presenting.quoted_rule(row),
        "checks": presenting.checks(row, zone=row.merchant.zone, photos=len(photos)),
        "photos": presenting.own_photos(photos),
        "found": presenting.found_at_the_bench(row),
        "offer": offer_panel(row, now=now),
        "talk": _talk(row),
        "message_form": MessageForm() if takes_messages(row, now=now) else None,
        "cannot_withdraw": "" if row.is_ended else why_not_withdraw(case),
        "slot_can_change": slot_can_change(case, now=now),
        "here": "returns",
    }
    told |= _stored(row, now=now)
    return told | _parcel(case) | _appeal(row, now=now) | _again(case, now=now)


def _what(case: Case) -> str:
    goods = goods_names([{"title": line.order_line.title, "quantity": line.quantity} for line in case.lines])
    return f"{case.request.return_no} · {kind_name(case.request.kind)} · {goods}"


def _facts(case: Case, teller: Teller) -> list[ui.Fact]:
    """How much and by when at the latest, while it is not there yet."""
    if not teller.amount or teller.tells_the_money:
        return []
    where = _("back the way you paid") if case.request.refund_to == "original" else _("to your balance")
    amount = format_html("<strong>{}</strong>", teller.sum(teller.amount))
    facts = [ui.Fact(_("You get"), amount, note=where)]
    if teller.arrives_by:
        day = ui.day(max((refund.promised_by for refund in case.refunds), default=teller.arrives_by),
                     now=teller.now, zone=teller.zone)  # fmt: skip
        facts.append(ui.Fact(_("There at the latest"), day, "strong"))
    return facts


def _truths(case: Case, teller: Teller, *, sent_on: date) -> list[ui.Truth]:
    """Where the money is, or is planned to be; nothing for what came to nothing."""
    if case.request.is_ended and not case.refunds:
        return []
    return presenting.truths(
        case.request.bill, case.refunds, zone=teller.zone, sent_on=sent_on, by=teller.arrives_by, now=teller.now
    )


def _stored(row: ReturnRequest, *, now: datetime) -> dict:
    """What came beside the money, and whether what lies on the balance could go to the bank."""
    return {
        "benefits": stored.beside_the_money(row, now=now),
        "courier_paid": stored.courier_can_be_repaid(row),
        "to_the_bank": stored.to_the_bank(row.return_no, row.customer, now=now),
    }


# --- the parcel -------------------------------------------------------------------------------------------


def _parcel(case: Case) -> dict:
    parcel = case.parcel
    if parcel is None:
        return {"parcel": None, "events": [], "older": []}
    events = sorted(_scans(parcel) + _own_events(parcel), key=lambda event: event.at, reverse=True)
    beside, boxes = _(", ").join(together(case)), boxes_of(case.request)
    return {
        "parcel": parcel, "number_can_change": waybill_can_be_corrected(case.request, parcel),
        "events": events[:NEWEST], "older": events[NEWEST:], "together": beside,
        "boxes": [_box(box, nth) for nth, box in enumerate(boxes[1:], start=2)],
        "takes_a_box": takes_a_box(case.request, boxes),
    }  # fmt: skip


def _box(box: Parcel, nth: int) -> dict:
    """A further box: who carries it, and its newest scans."""
    scans = _scans(box)
    return {"nth": nth, "parcel": box, "state": box_words(box), "events": scans[:NEWEST], "older": scans[NEWEST:]}


def _scans(parcel: Parcel) -> list[ui.Event]:
    return [ui.Event(scan.at, scan.text or scan.place or scan.op_code) for scan in parcel.events.all()]


def _own_events(parcel: Parcel) -> list[ui.Event]:
    """What we know before the courier scans anything."""
    if parcel.point:
        return [ui.Event(parcel.collected_at, _("Taken in at %(point)s") % {"point": parcel.point.local_name})]
    if not parcel.booked_at:
        return []
    words = _("Waybill entered: %(courier)s %(waybill)s")
    if parcel.way == Parcel.Way.PICKUP:
        words = _("Pickup booked: %(courier)s %(waybill)s")
    return [ui.Event(parcel.booked_at, words % {"courier": parcel.courier_name, "waybill": parcel.waybill})]


# --- what can be done now ---------------------------------------------------------------------------------


def why_not_withdraw(case: Case) -> str:
    """Empty when it can be withdrawn."""
    if not case.request.can_be_withdrawn:
        if case.request.counted_at or case.request.delivered_at:
            return _("The shop has the goods, so it cannot be withdrawn any more.")
        return _("The courier has the goods, so it cannot be withdrawn any more.")
    if any(not refund.can_be_cancelled for refund in case.refunds):
        return _("The money is on its way already, so it cannot be withdrawn any more.")
    return ""


def slot_can_change(case: Case, *, now: datetime) -> bool:
    return case.request.slot_can_be_changed and (case.parcel is None or case.parcel.slot_can_change(now))


def _appeal(row, *, now: datetime) -> dict:
    """The human way after a refusal, another reason or a smaller sum: until when, or since when somebody looks."""
    until = appeal_until(row)
    if until is None:
        return {}
    open_task = row.tasks.filter(kind=APPEAL, closed_at=None).first()
    return {
        "appeal": open_task,
        "can_appeal": open_task is None and can_be_appealed(row, now=now),
        "appeal_until": until,
        "turned_out": reasons_found(row),
        "less": _less(row),
    }


def _less(row) -> dict | None:
    """What was asked for beside what was granted; of a difference in price nobody named what it is."""
    asked = asked_for_more(row)
    if asked is None:
        return None
    currency = row.order.currency
    named = not any(needs_a_sum(line.reason) for line in row.lines.all())
    return {"asked": ui.money(asked, currency) if named else "", "sum": ui.money(row.bill.refund, currency)}


def _again(case: Case, *, now: datetime) -> dict:
    """Units that came free can be asked for anew, with the same answers given, where that can end differently."""
    row = case.request
    hopeless = row.was_refused and not row.refusal_code and not Teller(case, now=now).what_would_help
    if not row.is_ended or row.is_completed or hopeless:
        return {}
    free = [line for line in case.lines if line.order_line.returnable or line.order_line.cancellable]
    if not free or not row.order.takes_after_sale:
        return {}
    first = free[0]
    key = str(first.order_line_id) if first.shipped else f"{first.order_line_id}u"
    return {"again": file_url(row.order_id, **{"line": key, f"reason_{key}": first.reason})}


# --- what was said ----------------------------------------------------------------------------------------


def _talk(row) -> list[ui.Message]:
    """Messages for everybody, newest first; what was written when filing came first."""
    said = row.messages.filter(audience=Message.Audience.ALL)
    told = [
        ui.Message(party(Actor(one.by_kind, one.by_id, one.by_name), row.merchant), one.at, one.text) for one in said
    ]
    if row.note:
        filed_by = Actor(row.filed_by_kind, "", row.filed_by_name)
        told.insert(0, ui.Message(party(filed_by, row.merchant), row.filed_at, row.note))
    return told[::-1]
