"""What a reader may decide about a case, and what else waits for a person there; each None where it does not."""

from django.utils.translation import gettext as _

from aftersales.desk.forms import APPROVE, ASK, OFFER, PART, REFUSE
from aftersales.desk.models import Lease
from aftersales.desk.readers import Reader, name_of
from aftersales.desk.words import DeskTeller
from aftersales.policy import queries as policies
from aftersales.policy.rules import Terms
from aftersales.returns import gifts
from aftersales.returns import stored as stored_things
from aftersales.returns.models import ReturnRequest, SupportTask
from aftersales.returns.names import reasons_found
from aftersales.returns.offer_page import offers_made
from aftersales.returns.queries import Case
from aftersales.returns.services.appeals import APPEAL, asked_for_more, can_be_reopened
from aftersales.returns.services.finding import can_be_put_back
from aftersales.returns.services.promising import hold_s
from aftersales.returns.services.road import can_be_settled
from aftersales.returns.shop_words import asked_kind
from returns_platform.kernel import ui
from returns_platform.kernel.actors import Actor


def choices(row: ReturnRequest, reader: Reader) -> list[ui.Choice]:
    """What this reader may decide about this case now, the likely one first."""
    if not row.awaits_decision or not may_decide_now(row, reader):
        return []
    decides = reader.may("aftersales.decide_request")
    found = [ui.Choice(APPROVE, approve_label(row), hint=effect(row))] if decides and not row.needs_a_sum else []
    if decides and row.takes_a_part:
        found.append(ui.Choice(PART, _("Pay back a part of the price"), hint=_("the customer keeps the goods")))
    if decides and row.takes_an_offer:
        found.append(ui.Choice(OFFER, _("Offer a sum for keeping the goods"), hint=_("the customer says yes or no")))
    if row.evidence_can_be_asked and reader.may("aftersales.ask_evidence"):
        found.append(ui.Choice(ASK, _("Ask for evidence"), hint=_("stops the clock")))
    if decides:
        found.append(ui.Choice(REFUSE, _("Refuse"), hint=_("the customer reads the ground and your words")))
    return found


def may_decide_now(row: ReturnRequest, reader: Reader) -> bool:
    """The shop comes first: while its time runs only a senior decides for it."""
    platforms = row.waits_for == "support" or (row.due_at is not None and row.due_at < reader.now)
    return platforms or reader.may("aftersales.decide_any_request")


def approve_label(row: ReturnRequest) -> str:
    if row.counted_at is None:
        return asked_kind(row.kind)
    return _("Confirm %(sum)s") % {"sum": ui.money(row.bill.refund, row.bill.currency)}


def effect(row: ReturnRequest) -> str:
    """What a yes does to money, and when."""
    if row.kind not in ("refund_only", "return_refund"):
        return _("no money moves; somebody arranges what follows")
    sum_of_money = ui.money(row.bill.refund, row.bill.currency)
    if row.goods_come_back and row.counted_at is None:
        said = _("%(sum)s after the inspection") % {"sum": sum_of_money}
    else:
        said = _("%(sum)s, leaves %(time)s after your yes") % {"sum": sum_of_money, "time": ui.span(hold_s(row))}
    if needs_second(row):
        return _("%(what)s, once a second person agrees") % {"what": said}
    return said


def needs_second(row: ReturnRequest) -> bool:
    return row.bill is not None and row.bill.refund > policies.terms_of(row).second_person_above


def decision(case: Case, teller: DeskTeller, terms: Terms, reader: Reader, lease: Lease | None) -> dict:
    row = case.request
    return {
        "choices": choices(row, reader),
        "why_not": _why_not(row, teller, reader, lease),
        "own": str(row.customer.user_id or "") == str(reader.user.pk),
        "hours": terms.evidence_hours,
        "several": len(case.lines) > 1,
        "offers": offers_made(row) if row.takes_an_offer else [],
    }


def _why_not(row: ReturnRequest, teller: DeskTeller, reader: Reader, lease: Lease | None) -> str:
    """Why this reader decides nothing here, in one sentence; empty when they may."""
    if not row.awaits_decision:
        return _("There is nothing to decide: %(state)s.") % {"state": teller.state()}
    if not reader.works_cases:
        return _("Your group looks on. A support agent or a senior decides.")
    if lease and lease.user_id != reader.user.pk:
        said = {"who": name_of(lease.user), "until": f"{ui.in_zone(lease.until):%H:%M}"}
        return _("%(who)s works on this until %(until)s.") % said
    if not may_decide_now(row, reader):
        return _("The shop decides %(by)s. A senior may decide before.") % {"by": teller.by(row.due_at)}
    return ""


def second_person(case: Case, reader: Reader) -> dict | None:
    """The second person's button, or why this one cannot be it."""
    held = [refund for refund in case.refunds if refund.awaits_second_person]
    if not held:
        return None
    first = held[0].authorisation
    return {
        "amount": sum(refund.amount for refund in held),
        "currency": held[0].currency,
        "first": first.by_name or _("the rules"),
        "why_not": why_not_second(first.by, case.request, reader),
    }


def why_not_second(first: Actor, row: ReturnRequest, reader: Reader) -> str:
    if not reader.may("refunds.agree_as_second"):
        return _("Somebody of finance agrees.")
    if first.kind in ("merchant", "support") and first.id == str(reader.user.pk):
        return _("You decided this yourself: somebody else has to agree.")
    if str(row.customer.user_id or "") == str(reader.user.pk):
        return _("This is your own purchase. Somebody else must decide.")
    return ""


def gifts_of(row: ReturnRequest, reader: Reader) -> dict:
    """What came beside the money, and what this reader may give or agree to."""
    own = str(row.customer.user_id or "") == str(reader.user.pk)
    return gifts.on_case(
        row, reader.actor, may=reader.may("refunds.grant_compensation") and not own,
        may_agree=reader.may("refunds.agree_to_compensation"), now=reader.now,
    )  # fmt: skip


def back_to_the_bank(row: ReturnRequest, reader: Reader) -> stored_things.ToTheBank | None:
    if not reader.may("aftersales.decide_request"):
        return None
    return stored_things.to_the_bank(row.return_no, row.customer, now=reader.now)


def missing_units(case: Case, tasks: list[SupportTask], reader: Reader, lease: Lease | None) -> dict | None:
    """Units that were announced and did not come, with a person."""
    if not any(task.kind == "units_missing" for task in tasks):
        return None
    held_by_other = lease is not None and lease.user_id != reader.user.pk
    return {
        "goods": [
            {"title": line.order_line.title, "missing": line.missing, "announced": line.quantity}
            for line in case.lines
            if line.missing
        ],
        "may": reader.may("aftersales.decide_request") and not held_by_other,
    }


def lost_on_the_road(case: Case, tasks: list[SupportTask], reader: Reader, lease: Lease | None) -> dict | None:
    """Goods that will not arrive: lost, turned away, or not seen for too long."""
    about = {"parcel_lost", "parcel_refused", "overdue_in_transit"} & {task.kind for task in tasks}
    if not about or not can_be_settled(case.request, case.parcel):
        return None
    held_by_other = lease is not None and lease.user_id != reader.user.pk
    return {"may": reader.may("aftersales.decide_request") and not held_by_other}


def appeal(case: Case, tasks: list[SupportTask], reader: Reader, lease: Lease | None) -> dict | None:
    """The customer called after a refusal: it can be decided once more. Or because of what the inspection found, or
    of a sum that is smaller than what she asked for."""
    asked = asked_for_more(case.request)
    about = can_be_reopened(case.request) or can_be_put_back(case.request) or asked
    if not any(task.kind == APPEAL for task in tasks) or not about:
        return None
    held_by_other = lease is not None and lease.user_id != reader.user.pk
    may = reader.may("aftersales.decide_request") and not held_by_other
    if asked:
        return {"asked": asked, "may": may and reader.may("aftersales.decide_any_request")}
    return {"may": may, "found": [] if case.request.was_refused else reasons_found(case.request)}
