"""The page of one case as its shop sees it: facts turned into the parts of the page, each for the roles it is for."""

from dataclasses import replace
from datetime import datetime

from django.conf import settings
from django.templatetags.static import static
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from aftersales.evidence.models import Evidence
from aftersales.policy import queries as policies
from aftersales.policy import texts, tracing
from aftersales.policy.rules import Terms
from aftersales.returns import gifts, inbox, papers, presenting
from aftersales.returns.bill_lines import SHOP, bill_part
from aftersales.returns.damage import damage_of
from aftersales.returns.models import Message, ReturnLine, ReturnRequest
from aftersales.returns.names import kind_name, sentences, with_number
from aftersales.returns.offer_page import offers_made
from aftersales.returns.photo_checks import photo_checks, taken_with, tell_the_shop
from aftersales.returns.queries import Case, cases_of, pictures_of
from aftersales.returns.services.messages import takes_messages
from aftersales.returns.services.undoing import may_undo, money_leaves_at, undo_until, why_it_stands
from aftersales.returns.shop_words import ShopTeller, asked_kind, reason_text
from aftersales.returns.together import box_facts, together_facts
from aftersales.returns.weights import other_serials, serials_sold, weight_facts
from logistics.parcels import queries as parcels
from logistics.parcels import states as parcel_states
from logistics.parcels.labels import has_label
from logistics.parcels.models import Parcel
from logistics.parcels.texts import why_this_courier
from orders.catalogue.models import Category
from orders.merchants.models import Member
from orders.merchants.queries import may
from returns_platform.kernel import ui
from returns_platform.kernel.actors import Actor
from returns_platform.kernel.errors import NotAllowed

NEWEST = 4  # of a parcel's scans and of the history; the older ones unfold


def actor_of(member: Member) -> Actor:
    """The person who acts for the shop, by the name their colleagues know."""
    user = member.user
    return Actor("merchant", str(user.pk), user.get_full_name() or user.get_username())


def case_page(row: ReturnRequest, member: Member, *, now: datetime) -> dict:
    """Everything `templates/aftersales/merchant/case.html` shows, narrowed to what the member's roles may see."""
    case = cases_of([row])[0]
    prices = may(member, "see_prices")
    teller, terms = ShopTeller(case, now=now, prices=prices), policies.terms_of(row)
    lines = list(
        row.lines.select_related("order_line", "count").prefetch_related(
            "inspections__moved", "inspections__recoveries", "order_line__shipped_items"
        )
    )
    page = {
        "merchant": row.merchant,
        "zone": row.merchant.zone,
        "here": "inbox",
        "row": row,
        "title": teller.title(),
        "about": _about(row, teller, terms),
        "due_at": row.due_at if teller.clock_runs else None,
        "mark": teller.mark(),
        "rule": _rule(row, prices=prices),
        "rule_facts": _rule_facts(case, teller),
        "checks": presenting.checks(row, zone=row.merchant.zone),
        "goods": _goods(lines, teller),
        "history": _history(row, lines, teller),
        "customer": _customer(row, prices=prices),
        "decision": _decision(case, teller, terms, member),
        "undo": undo_offer(
            case, actor_of(member), may=may(member, "undo"), anybodys=may(member, "undo_any"), now=now
        ),
        "bench": row.goods_can_be_counted or row.goods_can_be_inspected,
        "no_address": row.goods_come_back and row.is_live and not row.goes_to.can_take_returns,
        "may_set_up": may(member, "set_up"),
        "may_dispute": may(member, "dispute"),
        "brought": _brought(lines) if prices and row.counted_at else None,
        "gifts": _gifts(row, member, now=now) if may(member, "see_money") else None,
    }
    page["label"] = _label(case, member)
    page |= _evidence(row, member, now=now) | _parcel(case, teller) | _talk(row, teller, member, now=now)
    return page | (_money(case, member, now=now) if prices else {})


def _about(row: ReturnRequest, teller: ShopTeller, terms: Terms) -> str:
    """Number, customer, when it was filed, and what happens if nobody acts."""
    filed = _("filed %(when)s") % {"when": teller.at(row.filed_at)}
    return " · ".join(part for part in (row.return_no, row.customer.name, filed, teller.silence(terms)) if part)


def _gifts(row: ReturnRequest, member: Member, *, now: datetime) -> dict:
    own = str(row.customer.user_id or "") == str(member.user_id)
    return gifts.on_case(
        row, actor_of(member), may=may(member, "compensate") and not own, may_agree=may(member, "release_refund"),
        now=now,
    )  # fmt: skip


# --- why: the rule and the facts it looked at (N3) --------------------------------------------------------


def _rule(row: ReturnRequest, *, prices: bool) -> dict:
    """{"text", "source"}: what the shop may know of why the rules said what they said; never a risk score."""
    told = texts.explain_all(row.verdict.get("reasons", []))
    first = told[0] if told else {"rule": "", "version": row.policy_version}
    return {
        "text": "\n".join(reason["text"] for reason in told) or _("A person looks at this first."),
        "source": sentences(presenting.source_of(row, first), _("It was in force at the purchase.")),
        "traces": tracing.traces(row.verdict, policies.of_case(row)) if prices else [],  # amounts are facts too
    }


def _rule_facts(case: Case, teller: ShopTeller) -> list[ui.Fact]:
    row = case.request
    facts = teller.reason_facts()
    if signed := _signed(case, teller):
        facts.append(ui.Fact(_("Signed for"), signed))
    if row.deadline:
        facts.append(ui.Fact(_("Could be asked until"), texts.moment(row.deadline, row.merchant.zone)))
    if row.bill and row.goods_come_back:
        facts.append(ui.Fact(_("Courier back"), _freight(row, prices=teller.prices)))
    facts.append(ui.Fact(_("The rules say"), _outcome(row)))
    return facts


def _signed(case: Case, teller: ShopTeller) -> str:
    signed = [at for shipment in case.request.order.shipments.all() if (at := shipment.signed_at)]
    if not signed:
        return ""
    days = (case.request.filed_at - max(signed)).days
    after = _("the day it was filed")
    if days:
        after = ngettext("%(n)s day before it was filed", "%(n)s days before it was filed", days) % {"n": days}
    day = ui.day(max(signed), now=teller.now, zone=teller.zone)
    return _("%(day)s, %(after)s") % {"day": day, "after": after} if days >= 0 else ""


def _freight(row: ReturnRequest, *, prices: bool) -> str:
    payer = {"merchant": _("You pay"), "customer": _("The customer pays")}.get(row.bill.freight_return_payer, "")
    if not (prices and payer and row.bill.freight_return_amount):
        return payer or _("Nobody pays")
    about = ui.money(row.bill.freight_return_amount, row.bill.currency)
    return _("%(payer)s, about %(sum)s") % {"payer": payer, "sum": about}


def _outcome(row: ReturnRequest) -> str:
    if row.outcome == "review":
        return _("A person of the platform decides") if row.waits_for == "support" else _("You decide")
    return {
        "approve": _("Approve"),
        "needs_evidence": _("Ask for evidence first"),
        "refuse": _("Refuse"),
    }[row.outcome]


# --- what the customer showed -----------------------------------------------------------------------------


def _evidence(row: ReturnRequest, member: Member, *, now: datetime) -> dict:
    if not may(member, "see_evidence"):
        return {"may_see_evidence": False}
    kept = list(Evidence.objects.filter(case_ref=row.return_no))
    return {
        "may_see_evidence": True,
        "photos": [
            _with_its_time(photo, one, now=now) for photo, one in zip(presenting.own_photos(kept), kept, strict=True)
        ],
        "photo_checks": photo_checks(kept, row, tell=tell_the_shop(row.merchant)),
        "damage": damage_of(kept, row, seen_by=row.merchant),
        "may_grade": may(member, "approve"),
        "note": row.note,
    }


def _with_its_time(photo: ui.Photo, kept: Evidence, *, now: datetime) -> ui.Photo:
    said = photo.label or taken_with(kept, zone=kept.merchant.zone, now=now)
    return replace(photo, label=_("%(photo)s: %(said)s") % {"photo": photo.alt, "said": said} if said else photo.alt)


# --- the goods (S45) --------------------------------------------------------------------------------------


def _goods(lines: list[ReturnLine], teller: ShopTeller) -> list[dict]:
    """What each line is, as it was sold, and why it is asked for."""
    merchant = teller.request.merchant_id
    pictures = pictures_of([(merchant, line.order_line.sku) for line in lines])
    return [
        {
            "name": with_number(line.order_line.title, line.quantity),
            "image": static(picture) if (picture := pictures.get((merchant, line.order_line.sku))) else "",
            "amount": line.order_line.unit_price if teller.prices else None,
            "note": " · ".join(_product_facts(line)),
        }
        for line in lines
    ]


def _product_facts(line: ReturnLine) -> list[str]:
    bought = line.order_line
    facts = [reason_text(line.reason), bought.sku, str(dict(Category.choices).get(bought.category, bought.category))]
    if line.exchange_sku:
        facts.append(_("wants %(sku)s instead") % {"sku": line.exchange_sku})
    if bought.kit:
        facts.append(_("part of the set %(name)s") % {"name": bought.kit})
    if bought.no_reason_excluded_confirmed_at:
        facts.append(_("confirmed: no return without a reason"))
    return facts if line.shipped else [*facts, _("not shipped yet")]


# --- money ------------------------------------------------------------------------------------------------


def _money(case: Case, member: Member, *, now: datetime) -> dict:
    row = case.request
    found = {"bill": bill_part(case, reader=SHOP)}
    if may(member, "see_money") and case.refunds:
        found["truths"] = presenting.truths(
            row.bill, case.refunds, zone=row.merchant.zone, sent_on=now.date(), by=None, now=now
        )
        found["papers"] = papers.papers_of(row.return_no)
        found["stopped"] = [refund for refund in case.standing if refund.awaits_choice]
        found["may_propose"] = may(member, "propose_route")
    return found | _second_person(case, member, now=now)


def _second_person(case: Case, member: Member, *, now: datetime) -> dict:
    """The button of the second person, or why this one cannot be it."""
    held = [refund for refund in case.refunds if refund.awaits_second_person]
    if not held or not may(member, "see_money"):
        return {}
    first = held[0].authorisation
    return {
        "second": {
            "amount": sum(refund.amount for refund in held),
            "currency": held[0].currency,
            "first": ShopTeller(case, now=now).who(first.by),
            "why_not": _why_not_second(first, case, member),
        }
    }


def _why_not_second(first, case: Case, member: Member) -> str:
    me = str(member.user_id)
    if not may(member, "release_refund"):
        return _("Only an owner or finance can agree.")
    if first.by_kind in ("merchant", "support") and first.by_id == me:
        return _("You decided this yourself: somebody else has to agree.")
    if me == str(case.request.customer.user_id or ""):
        return _("This is your own purchase. Somebody else must decide.")
    return ""


# --- the decision -----------------------------------------------------------------------------------------


def _decision(case: Case, teller: ShopTeller, terms: Terms, member: Member) -> dict:
    """What can be decided now, by this member; `why_not` in words where it cannot."""
    row = case.request
    if not row.awaits_decision:
        return {"open": False, "made": _made(row, teller)}
    why_not = _why_not_decide(row, member)
    return {
        "open": True,
        "why_not": why_not,
        "approve": not why_not and may(member, "approve") and not row.needs_a_sum,
        "part": not why_not and row.takes_a_part and may(member, "set_amount"),
        "offer": not why_not and row.takes_an_offer and may(member, "set_amount"),
        "offers": offers_made(row),
        "refuse": not why_not and may(member, "reject"),
        "ask": row.evidence_can_be_asked and row.waits_for == "merchant" and may(member, "ask_evidence"),
        "approve_label": _approve_label(row, teller),
        "effect": _effect(row, teller, terms),
        "asks_hours": terms.evidence_hours,
    }


def _why_not_decide(row: ReturnRequest, member: Member) -> str:
    if row.waits_for == "support":
        return _("A person of the platform decides this one. You can write a message below.")
    if not (may(member, "approve") or may(member, "reject")):
        return _("Your role looks on. An owner or an agent decides.")
    return ""


def undo_offer(case: Case, by: Actor, *, may: bool, anybodys: bool, now: datetime) -> dict | None:
    """{"do", "leaves_at", "until"}: the click that takes a yes back, and by when; None where this reader has none."""
    row = case.request
    if not may or not may_undo(row, by, anybodys=anybodys):
        return None
    if why_it_stands(row, refunds=case.refunds, parcel=case.parcel, now=now):
        return None
    may_click = "undo" if may_undo(row, by, anybodys=False) else "undo_any"
    before_goods_move = not case.refunds and row.goods_come_back and row.counted_at is None
    return {
        "do": may_click,
        "leaves_at": money_leaves_at(case.refunds),
        "until": undo_until(row) if before_goods_move else None,
    }


def decided_by_platform(row: ReturnRequest) -> bool:
    """The rules gave it to a person of the platform: the shop sees it and does not decide it."""
    return row.awaits_decision and row.waits_for == "support"


def must_be_the_shops(row: ReturnRequest) -> None:
    if decided_by_platform(row):
        raise NotAllowed(_("A person of the platform decides this one."), code="platform")


def _approve_label(row: ReturnRequest, teller: ShopTeller) -> str:
    if row.counted_at and teller.amount is not None:
        return _("Confirm %(sum)s") % {"sum": teller.sum(teller.amount)}
    return _("Confirm the money") if row.counted_at else asked_kind(row.kind)


def _effect(row: ReturnRequest, teller: ShopTeller, terms: Terms) -> str:
    """What saying yes does to money, and when."""
    if row.kind not in ("refund_only", "return_refund"):
        return _("No money moves. The platform arranges what follows.")
    if row.goods_come_back and not row.counted_at:
        what = _("The customer sends the goods. The money leaves once you have inspected them.")
    else:
        hold = settings.REFUND_HOLD_S if terms.hold_s is None else terms.hold_s
        what = _("The money leaves %(time)s after your yes.") % {"time": ui.span(hold)}
    if row.bill and row.bill.refund > terms.second_person_above:
        return f"{what} {_('For a sum like this a second person agrees first.')}"
    return what


def _made(row: ReturnRequest, teller: ShopTeller) -> list[ui.Fact]:
    """The decision that stands: who, when, with which words."""
    by = row.decided_by
    if by is None:
        return []
    facts = [
        ui.Fact(_("Decided by"), teller.who(by)),
        ui.Fact(_("When"), teller.at(row.decided_at)),
    ]
    if row.refusal_text:
        facts.append(ui.Fact(_("Told the customer"), row.refusal_text))
    return facts


# --- the parcel -------------------------------------------------------------------------------------------


def _parcel(case: Case, teller: ShopTeller) -> dict:
    parcel, row = case.parcel, case.request
    if not row.goods_come_back:
        return {"parcel_facts": []}
    facts = [ui.Fact(_("Announced"), str(sum(line.announced for line in case.lines)))]
    if row.joining:
        facts.append(ui.Fact(_("Goes to"), row.joining.centre.local_name))
    if parcel is None:
        return {"parcel_facts": [*facts, ui.Fact(_("Courier"), _("not asked yet"))], "events": [], "older": []}
    facts.append(ui.Fact(_("Now"), parcel_words(parcel)))
    if parcel.waybill:
        facts.append(ui.Fact(_("Waybill"), f"{parcel.courier_name} {parcel.waybill}"))
    if parcel.slot_from and parcel.waits_for_van:
        when = ui.window(parcel.slot_from, parcel.slot_to, now=teller.now, zone=teller.zone)
        facts.append(ui.Fact(_("Pickup"), when))
    facts += _why_this_courier(parcel, prices=teller.prices)
    facts += box_facts(row) + together_facts(parcel) + weight_facts(row.return_no)
    if row.counted_at:
        facts += _counted(case)
    scans = [ui.Event(scan.at, scan.text or scan.place or scan.op_code) for scan in parcel.events.all()]
    return {"parcel_facts": facts, "events": scans[:NEWEST], "older": scans[NEWEST:]}


def _label(case: Case, member: Member) -> str:
    """Of which parcel the courier's label can be printed; "" for none, and for who does not ship."""
    printable = case.parcel is not None and may(member, "ship") and has_label(case.parcel)
    return case.parcel.reference if printable else ""


def _why_this_courier(parcel: Parcel, *, prices: bool) -> list[ui.Fact]:
    """Who was asked to come, what it costs the shop, and why not another one."""
    given = parcels.order_of(parcel) if parcel.way == Parcel.Way.PICKUP else None
    if given is None or not given.why:
        return []
    price = (lambda amount: ui.money(amount, given.currency)) if prices else None
    first, *others = why_this_courier(given, price=price)
    return [ui.Fact(_("Why this courier"), first, note=_("; ").join(others))]


def _counted(case: Case) -> list[ui.Fact]:
    came = sum(line.counted or 0 for line in case.lines)
    missing = sum(line.missing for line in case.lines)
    facts = [ui.Fact(_("Counted"), str(came))]
    if missing:
        facts.append(
            ui.Fact(_("Missing"), str(missing), "late", note=_("a person of the platform asks the customer"))
        )
    return facts


def parcel_words(parcel: Parcel) -> str:
    said = {
        parcel_states.REQUESTED: _("The courier is being asked"),
        parcel_states.BOOKED: _("The courier is booked"),
        parcel_states.COLLECTED: _("The courier has it"),
        parcel_states.IN_TRANSIT: _("On the road"),
        parcel_states.DELIVERED: _("Delivered"),
        parcel_states.FAILED: _("Not collected"),
        parcel_states.REFUSED: _("On its way back to the customer"),
        parcel_states.LOST: _("Lost on the way"),
        parcel_states.CANCELLED: _("Called off"),
        parcel_states.MANUAL: _("No courier could be booked"),
    }[parcel.state]
    if parcel.way == Parcel.Way.SELF_SHIP and parcel.state == parcel_states.REQUESTED:
        said = _("The customer has not sent it yet")
    return f"{said} ({parcel.get_problem_display()})" if parcel.problem else said


# --- people, messages, history ----------------------------------------------------------------------------


def _customer(row: ReturnRequest, *, prices: bool) -> dict:
    """What the shop knows of the customer; the phone masked, of the address the city."""
    known = inbox.history_with(row.customer, but=row)
    bought = ngettext("%(n)s order", "%(n)s orders", known.orders) % {"n": known.orders}
    if prices:
        bought = _("%(orders)s, %(sum)s") % {"orders": bought, "sum": ui.money(known.paid, row.order.currency)}
    where = " ".join(
        part for part in (row.order.ship_to.get("province", ""), row.order.ship_to.get("city", "")) if part
    )
    returned = ngettext("%(n)s earlier request", "%(n)s earlier requests", known.returns) % {"n": known.returns}
    return {
        "facts": [
            ui.Fact(_("Name"), row.customer.name, note=ui.mask_phone(row.customer.phone)),
            *([ui.Fact(_("City"), where)] if where else []),
            ui.Fact(_("Bought"), bought),
            ui.Fact(_("Returned"), returned if known.returns else _("nothing yet")),
        ],
        "earlier": [_earlier(other) for other in known.earlier],
    }


def _earlier(other: ReturnRequest) -> dict:
    reasons = _(", ").join(dict.fromkeys(reason_text(line.reason) for line in other.lines.all()))
    return {"return_no": other.return_no, "at": other.filed_at, "what": f"{kind_name(other.kind)} · {reasons}"}


def _talk(row: ReturnRequest, teller: ShopTeller, member: Member, *, now: datetime) -> dict:
    """Messages with the customer and notes of the house, newest first, each for the roles that may read it."""
    readable = [Message.Audience.SHOP] if may(member, "see_notes") else []
    if may(member, "see_messages"):
        readable.append(Message.Audience.ALL)
    said = row.messages.filter(audience__in=readable).order_by("-at", "-pk")
    talk = [
        ui.Message(
            teller.who(Actor(one.by_kind, one.by_id, one.by_name)), one.at, one.text,
            inner=one.audience == Message.Audience.SHOP,
        )
        for one in said
    ]  # fmt: skip
    may_say = may(member, "add_message") and takes_messages(row, now=now)
    return {"talk": talk, "may_say": may_say, "only_notes": not may(member, "see_messages")}


def _history(row: ReturnRequest, lines: list[ReturnLine], teller: ShopTeller) -> dict:
    """The moves of the case and what the bench wrote down, newest first."""
    newest_first = reversed(row.moves.all())  # several moves may share a moment
    events = [ui.Event(move.at, teller.happened(move)) for move in newest_first]
    events += _bench_events(lines, teller)
    events.sort(key=lambda event: event.at, reverse=True)
    return {"events": events[:NEWEST], "older": events[NEWEST:]}


def _brought(lines: list[ReturnLine]) -> dict:
    """What the goods still brought, and what is only thought (N14's raw data)."""
    rows = [row for line in lines for graded in line.inspections.all() for row in graded.recoveries.all()]
    return {
        "sure": sum(row.amount for row in rows if not row.estimated),
        "estimated": sum(row.amount for row in rows if row.estimated),
    }


def _bench_events(lines: list[ReturnLine], teller: ShopTeller) -> list[ui.Event]:
    events = []
    for line in lines:
        title = line.order_line.title
        if hasattr(line, "count"):
            who = teller.who(Actor(line.count.by_kind, "", line.count.by_name))
            said = _("%(who)s counted %(goods)s: %(came)s of %(announced)s")
            facts = {"who": who, "goods": title, "came": line.count.quantity, "announced": line.announced}
            events.append(ui.Event(line.count.at, said % facts))
        for graded in line.inspections.all():
            events.append(ui.Event(graded.at, _graded(graded, line)))
            events += [ui.Event(step.at, _went_on(step, title)) for step in graded.moved.all()]
    return events


def _went_on(step, title: str) -> str:
    said = _("%(goods)s × %(n)s went on: %(before)s, now %(way)s") % {
        "goods": title, "n": step.quantity, "before": step.get_way_from_display(),
        "way": step.get_disposition_display(),
    }  # fmt: skip
    return f"{said} · {step.note}" if step.note else said


def _graded(graded, line: ReturnLine) -> str:
    title = line.order_line.title
    said = _("%(goods)s × %(n)s: grade %(grade)s, %(way)s") % {
        "goods": title, "n": graded.quantity, "grade": graded.grade, "way": graded.get_disposition_display(),
    }  # fmt: skip
    told = [_("serial number %(serial)s") % {"serial": graded.serial}] if graded.serial else []
    told += [_("not one of those sold")] * len(other_serials(serials_sold(line), [graded.serial]))
    return " · ".join([said, *told, *([graded.note] if graded.note else [])])
