"""The review page of one case: facts turned into the parts of the page, each for the people it is for."""

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from aftersales.credit import texts as credit_texts
from aftersales.desk import deciding, queries, words
from aftersales.desk.models import Lease
from aftersales.desk.readers import Reader, name_of
from aftersales.desk.words import DeskTeller
from aftersales.evidence import signs
from aftersales.evidence.models import Evidence
from aftersales.inspection.models import Disposition, Inspection
from aftersales.policy import queries as policies
from aftersales.policy import texts, tracing
from aftersales.returns import papers, presenting
from aftersales.returns.bill_lines import STAFF, bill_part
from aftersales.returns.damage import damage_of
from aftersales.returns.models import Message, ReturnRequest, SupportTask
from aftersales.returns.names import kind_name, shop_name
from aftersales.returns.photo_checks import photo_checks, tell_the_platform
from aftersales.returns.queries import Case, cases_of
from aftersales.returns.services.messages import takes_messages
from aftersales.returns.shop_case import parcel_words, undo_offer
from aftersales.returns.shop_words import reason_text
from aftersales.returns.together import box_facts, together_facts
from aftersales.returns.weights import other_serials, serials_sold, weight_facts
from refunds.matching import queries as statements
from refunds.payouts import texts as refund_texts
from returns_platform.kernel import ui
from returns_platform.kernel.actors import Actor

NEWEST = 6  # of the timeline and of a parcel's scans; the older ones unfold
SETTLED_APART = ("units_missing", "compensation")  # tasks that end with what they are about, not with a note
GRADE = "aftersales.decide_request"  # also says how much of a photo's goods is bad


def review_page(row: ReturnRequest, reader: Reader, lease: Lease | None) -> dict:
    """Everything `templates/admin/desk/review.html` shows, narrowed to what the reader may see."""
    case = cases_of([row])[0]
    teller, terms = DeskTeller(case, now=reader.now), policies.terms_of(row)
    tasks = open_tasks(row)
    return {
        "row": row,
        "zone": row.merchant.zone,
        "title": teller.title(),
        "lease": _lease(lease, reader, teller),
        "evidence": _evidence(row, reader),
        "rule": _rule(row, reader),
        "trace": _trace(row, reader),
        "facts": _request_facts(case, teller, reader),
        "bill": bill_part(case, reader=STAFF),
        "truths": _truths(case, teller),
        "refunds": _refunds(case, reader),
        "papers": papers.papers_of(row.return_no) if reader.may("refunds.view_voucher") else [],
        "past_us": _past_us(case),
        "bench": _bench(case),
        "parcel": _parcel(case, teller),
        "customer": _customer(row, reader),
        "talk": _talk(row, teller, reader),
        "tasks": [task_facts(task, reader) for task in tasks],
        "timeline": _timeline(row, teller),
        "decision": deciding.decision(case, teller, terms, reader, lease),
        "undo": undo_offer(
            case,
            reader.actor,
            may=reader.may("aftersales.decide_request"),
            anybodys=reader.may("aftersales.decide_any_request"),
            now=reader.now,
        ),
        "second": deciding.second_person(case, reader),
        "missing": deciding.missing_units(case, tasks, reader, lease),
        "road": deciding.lost_on_the_road(case, tasks, reader, lease),
        "appeal": deciding.appeal(case, tasks, reader, lease),
        "gifts": deciding.gifts_of(row, reader),
        "to_the_bank": deciding.back_to_the_bank(row, reader),
    }


def teller_of(row: ReturnRequest, reader: Reader) -> DeskTeller:
    return DeskTeller(cases_of([row])[0], now=reader.now)


def open_tasks(row: ReturnRequest) -> list[SupportTask]:
    return list(row.tasks.filter(closed_at=None).order_by("due_at", "pk"))


def is_work(row: ReturnRequest, reader: Reader) -> bool:
    """Whether the reader has something to do here, so that others should not do it at the same time."""
    return bool(deciding.choices(row, reader)) or (reader.may("aftersales.close_task") and bool(open_tasks(row)))


def _lease(lease: Lease | None, reader: Reader, teller: DeskTeller) -> dict | None:
    if lease is None:
        return None
    return {"mine": lease.user_id == reader.user.pk, "who": name_of(lease.user), "until": lease.until}


# --- evidence and rule (N3, S45) --------------------------------------------------------------------------


def _evidence(row: ReturnRequest, reader: Reader) -> dict | None:
    if not reader.may("aftersales.view_evidence"):
        return None
    kept = list(Evidence.objects.filter(case_ref=row.return_no))
    pairs = zip(presenting.own_photos(kept), kept, strict=True)
    shots = [
        {"photo": photo, "taken_at": one.taken_at, "camera": signs.camera(one.facts), "added_at": one.created_at}
        for photo, one in pairs
    ]
    checks = photo_checks(kept, row, tell=tell_the_platform)
    return {
        "shots": shots,
        "checks": checks,
        "damage": damage_of(kept, row, seen_by=None),
        "may_grade": reader.may(GRADE),
    }


def _rule(row: ReturnRequest, reader: Reader) -> dict:
    """What the rules said, in words, with the rule and its version; a score only to whom it is for."""
    scored = reader.may("aftersales.see_risk")
    hidden = () if scored else tracing.ABOUT_A_PERSON
    told = texts.explain_all(row.verdict.get("reasons", []), staff=scored)
    return {
        "reasons": told,
        "missing": [texts.missing_text(missing) for missing in row.verdict.get("missing", [])],
        "policy": row.policy_version,
        "clauses": row.clauses and row.clauses.number,
        "outcome": _outcome(row.outcome),
        "traces": tracing.traces(row.verdict, policies.of_case(row), hidden=hidden),
    }


def _outcome(outcome: str) -> str:
    return {
        "approve": _("The rules approve it"),
        "review": _("The rules leave it to a person"),
        "needs_evidence": _("The rules ask for evidence"),
        "refuse": _("The rules refuse it"),
    }[outcome]


def _trace(row: ReturnRequest, reader: Reader) -> list[ui.Check]:
    """The facts that the rules looked at, as they were when the request was filed."""
    photos = Evidence.objects.filter(case_ref=row.return_no, at_bench=False).count()
    found = presenting.checks(row, zone=row.merchant.zone, photos=photos)
    risk = row.facts.get("risk", 0)
    scored = reader.may("aftersales.see_risk")
    if scored or reader.may("aftersales.see_risk_band"):
        name = _("Risk %(score)s of 100") % {"score": risk} if scored else _("Risk")
        found.append(ui.Check(name, _tone(risk), words.band(risk)))
        why = credit_texts.why(row.credit.get("reasons", []), now=reader.now, zone=row.merchant.zone)
        found += [
            ui.Check(text, "open" if points > 0 else "done", f"{points:+d}" if scored else "") for points, text in why
        ]
    return found


def _tone(risk: int) -> str:
    return "done" if risk < 30 else "open"


# --- the request, its bill, its money ---------------------------------------------------------------------


def _request_facts(case: Case, teller: DeskTeller, reader: Reader) -> list[dict]:
    row, order = case.request, case.request.order
    link = reverse("admin:aftersales_returnrequest_order", args=[row.pk])
    if reader.may("orders.view_order"):
        link = reverse("admin:orders_order_change", args=[order.pk])
    paid = _("%(shop)s, ordered %(when)s") % {"shop": shop_name(row.merchant), "when": teller.at(order.placed_at)}
    found = [
        {"name": _("State"), "value": teller.state()},
        {"name": _("Asked for"), "value": kind_name(row.kind), "note": teller.goods()},
        *({"name": fact.name, "value": fact.value} for fact in teller.reason_facts()),
        {"name": _("Order"), "value": order.order_no, "href": link, "note": paid},
        {"name": _("Filed"), "value": teller.at(row.filed_at), "note": _filed_by(row)},
    ]
    if row.deadline:
        found.append({"name": _("Return window until"), "value": texts.moment(row.deadline, row.merchant.zone)})
    if row.due_at:
        found.append({"name": _("Answer by") if row.awaits_decision else _("Due"), "clock": row.due_at})
    return found + _decided(row, teller)


def _filed_by(row: ReturnRequest) -> str:
    if row.filed_by_kind == "customer":
        return _("by the customer")
    return _("for the customer, by %(who)s") % {"who": row.filed_by_name or shop_name(row.merchant)}


def _decided(row: ReturnRequest, teller: DeskTeller) -> list[dict]:
    if row.decided_by is None:
        return []
    said = _("%(who)s, %(when)s") % {"who": teller.who(row.decided_by), "when": teller.at(row.decided_at)}
    found = [{"name": _("Decided by"), "value": said}]
    if row.refusal_text:
        found.append({"name": _("Told the customer"), "value": row.refusal_text})
    return found


def _truths(case: Case, teller: DeskTeller) -> list[ui.Truth]:
    today = ui.in_zone(teller.now, teller.zone).date()
    return presenting.truths(None, case.refunds, zone=teller.zone, sent_on=today, by=None, now=teller.now)


def _past_us(case: Case) -> list[dict]:
    """What somebody refunded of this order at the channel, past this platform."""
    return [
        {"amount": external.amount, "currency": external.currency, "at": external.at}
        for external in statements.external_refunds_of(case.request.order)
    ]


def _refunds(case: Case, reader: Reader) -> list[dict]:
    """Refunds with what is wrong with them, and where somebody of finance works on them."""
    link = reader.may("refunds.view_refund")
    return [
        {
            "number": refund.number,
            "problem": refund_texts.problem_for_staff(refund.problem),
            "href": reverse("admin:refunds_refund_change", args=[refund.pk]) if link else "",
        }
        for refund in case.refunds
    ]


# --- goods ------------------------------------------------------------------------------------------------


def _bench(case: Case) -> list[dict]:
    """Each line announced, counted, graded."""
    if case.request.counted_at is None:
        return []
    lines = case.request.lines.select_related("order_line").prefetch_related(
        "inspections__moved", "order_line__shipped_items"
    )
    return [
        {
            "title": line.order_line.title,
            "announced": line.quantity,
            "counted": line.counted,
            "missing": line.missing,
            "grades": [_graded(graded, serials_sold(line)) for graded in line.inspections.all()],
        }
        for line in lines
    ]


def _graded(graded: Inspection, sold: list[str]) -> dict:
    now_there = [f"{units} {Disposition(way).label}" for way, units in graded.whereabouts.items()]
    ways = now_there if graded.moved.all() else [graded.get_disposition_display()]
    other = other_serials(sold, [graded.serial])
    serial = _("serial number %(serial)s, not one of those sold") % {"serial": other[0]} if other else graded.serial
    said = (graded.get_grade_display(), *ways, serial, graded.note)
    return {"text": f"{graded.grade} × {graded.quantity}", "note": _(", ").join(str(part) for part in said if part)}


def _parcel(case: Case, teller: DeskTeller) -> dict | None:
    parcel = case.parcel
    if parcel is None:
        return None
    facts = [ui.Fact(_("Now"), parcel_words(parcel))]
    if parcel.waybill:
        facts.append(ui.Fact(_("Waybill"), f"{parcel.courier_name} {parcel.waybill}"))
    if parcel.slot_from:
        when = ui.window(parcel.slot_from, parcel.slot_to, now=teller.now, zone=teller.zone)
        facts.append(ui.Fact(_("Pickup"), when))
    facts += box_facts(case.request) + together_facts(parcel) + weight_facts(case.request.return_no)
    scans = [ui.Event(scan.at, scan.text or scan.place or scan.op_code) for scan in parcel.events.all()]
    return {"facts": facts, "scans": scans[:NEWEST], "older": scans[NEWEST:]}


# --- people -----------------------------------------------------------------------------------------------


def _customer(row: ReturnRequest, reader: Reader) -> dict:
    """Who asks, and what they bought and returned before (S107). The phone is masked; of the address the city."""
    known = queries.history_of(row.customer, but=row)
    place = " ".join(filter(None, (row.order.ship_to.get("province"), row.order.ship_to.get("city"))))
    bought = ngettext("%(n)s order", "%(n)s orders", known.orders) % {"n": known.orders}
    returned = ngettext("%(n)s earlier request", "%(n)s earlier requests", known.returns) % {"n": known.returns}
    refused = ngettext("%(n)s refused", "%(n)s refused", known.refused) % {"n": known.refused}
    languages = {"en": _("English")}
    return {
        "facts": [
            ui.Fact(_("Name"), row.customer.name),
            ui.Fact(_("Phone"), ui.mask_phone(row.customer.phone)),
            *([ui.Fact(_("City"), place)] if place else []),
            ui.Fact(_("Orders"), bought, note=ui.money(known.paid, row.order.currency)),
            ui.Fact(_("Returns"), returned, note=refused if known.refused else ""),
            ui.Fact(_("Language"), languages.get(row.customer.language, _("Chinese"))),
        ],
        "earlier": [_earlier(other, reader) for other in known.earlier],
    }


def _earlier(other: ReturnRequest, reader: Reader) -> dict:
    reasons = _(", ").join(dict.fromkeys(reason_text(line.reason) for line in other.lines.all()))
    link = reader.may("aftersales.see_every_case")
    return {
        "number": other.return_no,
        "href": reverse("admin:aftersales_returnrequest_change", args=[other.pk]) if link else "",
        "at": other.filed_at,
        "what": f"{shop_name(other.merchant)}: {reasons}",
        "how": words.state_name(other),
    }


def _talk(row: ReturnRequest, teller: DeskTeller, reader: Reader) -> dict:
    """Messages between the parties and the platform's own notes, newest first. A shop's notes stay in the shop."""
    readable = [Message.Audience.ALL] if reader.may("aftersales.view_message") else []
    if reader.may("aftersales.see_notes"):
        readable.append(Message.Audience.PLATFORM)
    said = row.messages.filter(audience__in=readable).order_by("-at", "-pk")
    told = [
        ui.Message(
            teller.who(Actor(one.by_kind, one.by_id, one.by_name)), one.at, one.text,
            inner=one.audience == Message.Audience.PLATFORM,
        )
        for one in said
    ]  # fmt: skip
    may_say = reader.may("aftersales.add_message") and takes_messages(row, now=reader.now)
    return {
        "messages": [one for one in told if not one.inner],
        "notes": [one for one in told if one.inner],
        "readable": Message.Audience.ALL in readable,
        "may_say": may_say,
    }


def _timeline(row: ReturnRequest, teller: DeskTeller) -> dict:
    events = [ui.Event(move.at, teller.happened(move)) for move in row.moves.all()]
    events += [ui.Event(task.opened_at, words.task_name(task)) for task in row.tasks.all()]
    events += [ui.Event(task.closed_at, _closed(task)) for task in row.tasks.all() if task.closed_at]
    events.sort(key=lambda event: event.at)
    events.reverse()  # at the same moment, too, the later step stands first
    return {"events": events[:NEWEST], "older": events[NEWEST:]}


def _closed(task: SupportTask) -> str:
    said = {"who": task.closed_by, "task": words.task_name(task), "note": task.closing_note}
    return _("%(who)s closed the task “%(task)s”: %(note)s") % said


def task_facts(task: SupportTask, reader: Reader) -> dict:
    return {
        "pk": task.pk,
        "name": words.task_name(task),
        "opened_at": task.opened_at,
        "due_at": task.due_at,
        "help": words.what_to_do(task),
        "error": task.data.get("error", ""),
        "extra": task.data.get("lines", {}),
        "may_close": reader.may("aftersales.close_task") and task.kind not in SETTLED_APART,
    }
