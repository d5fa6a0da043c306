"""What replaces a request's goods, step by step beside the request: opened after the approval, let go once the old
goods are checked, waited for until it is there; given up, or turned into money, where it comes to nothing.

Lock order: order, payments, lines, case, replacement, new order, stock.
"""

from datetime import datetime, timedelta

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from aftersales.bills.facts import shares_in
from aftersales.bills.models import Bill
from aftersales.policy import queries as policies
from aftersales.replacements import queries
from aftersales.replacements import services as replacements
from aftersales.replacements.models import Replacement
from aftersales.replacements.services import Wanted
from aftersales.replacements.services.sending import ARRIVES_WITHIN, SEND_WITHIN
from aftersales.returns import rules, states
from aftersales.returns.models import ReturnRequest
from aftersales.returns.services.bills import settled_bill
from aftersales.returns.services.claims import Held
from aftersales.returns.services.steps import follow_soon
from aftersales.returns.services.tasks import open_task
from aftersales.returns.services.telling import tell, tell_the_shop
from logistics.parcels import states as parcel_states
from logistics.parcels.models import Parcel
from orders.catalogue.models import Product
from orders.purchases.models import MadeFor
from orders.purchases.services.made import MadeLine
from refunds.charges import queries as charges
from returns_platform.kernel.actors import SYSTEM, Actor
from returns_platform.kernel.errors import WrongState
from returns_platform.kernel.fsm import moving

Why = Replacement.Why
MEND_WITHIN = timedelta(days=30)  # JD's standard, and the longest that anybody should wait
LOOK_AGAIN = timedelta(minutes=10)


# --- after the approval -----------------------------------------------------------------------------------


def take_up(request: ReturnRequest, *, now: datetime) -> Replacement:
    """Open what replaces the goods of a locked request, unless it is open: its stock is reserved."""
    found = queries.live_replacement(request.return_no)
    if found is not None:
        return found
    opened = replacements.open_replacement(
        case_ref=request.return_no, kind=request.kind, order=request.order, wanted=wanted_by(request), by=SYSTEM,
        now=now,
    )  # fmt: skip
    with replacements.moving_replacement(opened.pk, by=SYSTEM, now=now, note="opened") as replacement:
        go_on(request, replacement, now=now)
    return replacement


def make_up_for_it(request: ReturnRequest, *, now: datetime) -> None:
    """What replaces the goods begins with their check: nobody had followed the approval before it, or a no or a yes
    that ended the first one was taken back.
    """
    found = queries.replacement_of(request.return_no)
    if found is None or found.ended_with_its_case:
        take_up(request, now=now)


def go_on(request: ReturnRequest, replacement: Replacement, *, now: datetime) -> None:
    """Stock is reserved or is not: the customer chooses, pays what is due, or nothing holds it up. Both locked."""
    if replacement.is_out_of_stock:
        _ask_what_now(request, replacement, now=now)
    elif request.bill.due > replacement.paid:
        ask_to_pay(
            request, replacement, amount=request.bill.due - replacement.paid, what=MadeFor.DIFFERENCE, now=now
        )  # fmt: skip


def _ask_what_now(request: ReturnRequest, replacement: Replacement, *, now: datetime) -> None:
    """She waits, takes another one, or has her money. Looked at again now and then: it may come in."""
    days = policies.terms_of(request).customer_send_days
    replacement.due_at = now + timedelta(days=days)
    replacement.next_try_at = now + LOOK_AGAIN
    request.wait_for("customer", replacement.due_at)
    wanted = wanted_names(replacement)
    tell(request, "out_of_stock", occasion=str(replacement.version), wanted=wanted, now=now)
    tell_the_shop(request, "out_of_stock", occasion=str(replacement.version), wanted=wanted, now=now)


def wanted_names(replacement: Replacement) -> list[dict]:
    """As notices name goods."""
    return [{"title": line.title, "quantity": line.quantity} for line in replacement.lines.all()]


def ask_to_pay(request: ReturnRequest, replacement: Replacement, *, amount: int, what: str, now: datetime) -> None:
    """It goes on once this is paid; unpaid in the policy's hours, she has her money or it is closed (T68)."""
    hours = policies.terms_of(request).exchange_pay_hours
    replacement.ask_payment()
    replacement.due, replacement.due_for, replacement.offered_at = amount, what, None
    replacement.wait_until(now + timedelta(hours=hours))
    request.wait_for("customer", replacement.due_at)
    tell(
        request, "pay_first", occasion=f"{replacement.reference}:{what}:{amount}:{replacement.version}", now=now,
        due=amount, what=what, wanted=wanted_names(replacement), quote=replacement.quote,
    )  # fmt: skip


def wanted_by(request: ReturnRequest) -> list[Wanted]:
    """What is to be sent for each line of the request, at what its bill says."""
    lines = [line for line in request.lines.select_related("order_line") if line.came]
    worth = {line["line_no"]: line.get("worth", 0) for line in request.bill.lines}
    products = _products(request, [line.exchange_sku for line in lines])
    found = []
    for line in lines:
        bought, new = line.order_line, products.get(line.exchange_sku)
        found.append(
            Wanted(
                bought, sku=line.exchange_sku or bought.sku, quantity=line.came,
                title=new.title if new else bought.title, category=new.category if new else bought.category,
                worth=worth.get(bought.line_no, 0),
            )
        )  # fmt: skip
    return found


def _products(request: ReturnRequest, skus: list[str]) -> dict[str, Product]:
    found = Product.objects.filter(merchant_id=request.merchant_id, sku__in=[sku for sku in skus if sku])
    return {product.sku: product for product in found}


def must_wait(request: ReturnRequest) -> bool:
    """The old goods shall not travel yet: the new ones are not paid, or cannot be had."""
    found = queries.live_replacement(request.return_no) if request.is_replaced else None
    return found is not None and holds_up(found)


def holds_up(replacement: Replacement) -> bool:
    """Nothing goes on before she pays or chooses. A deposit is her own wish: without it all goes on as usual."""
    asked_deposit = replacement.due_for == MadeFor.DEPOSIT and not replacement.is_out_of_stock
    return replacement.waits_for_customer and not asked_deposit


def asked_deposit(request: ReturnRequest) -> int | None:
    """The key of the replacement that could have gone first, where its deposit has not been left yet."""
    found = queries.live_replacement(request.return_no) if request.is_replaced else None
    asked = found is not None and found.waits_for_customer and found.due_for == MadeFor.DEPOSIT
    return found.pk if asked and not found.is_out_of_stock else None


# --- the old goods are checked ----------------------------------------------------------------------------


def let_go(request: ReturnRequest, held: Held, *, now: datetime) -> bool:
    """The new goods may go, as far as they are there and paid. False while they are not."""
    found = queries.replacement_of(request.return_no)
    if found is None or (found.is_over and not found.advance):
        return found is not None
    with replacements.moving_replacement(found.pk, by=SYSTEM, now=now, note="let_go") as replacement:
        if replacement.advance and replacement.goods_back_at is None and not _units_are_missing(request):
            replacement.goods_back_at = now  # and what was left for them goes back
        if replacement.is_being_mended and replacement.due_at is None:
            replacement.due_at = now + MEND_WITHIN
        if replacement.waits_for_customer or replacement.is_being_mended:
            return False
        if replacement.can_be_chosen_again:
            if _costs_more_now(request, held, replacement, now=now):
                return False
            may_go(request, held, replacement, now=now)
            request.wait_for("merchant", replacement.due_at)
    return True


def _units_are_missing(request: ReturnRequest) -> bool:
    return any(line.missing for line in request.lines.all())


def missing_are_back(request: ReturnRequest, *, now: datetime) -> None:
    """The last of the old goods are there, of which the new ones went ahead: what was left for them goes back."""
    found = queries.replacement_of(request.return_no)
    if found is not None and found.advance and (request.is_settling or request.is_completed):
        with replacements.moving_replacement(found.pk, by=SYSTEM, now=now, note="goods_back") as replacement:
            replacement.goods_back_at = replacement.goods_back_at or now


def _costs_more_now(request: ReturnRequest, held: Held, replacement: Replacement, *, now: datetime) -> bool:
    """What came is exchanged for something dearer, and what would have paid for it did not come: she is asked."""
    if replacement.kind != Replacement.Kind.EXCHANGE:
        return False
    more = settled_bill(request, held, now=now).due - replacement.paid
    if more > 0:
        ask_to_pay(request, replacement, amount=more, what=MadeFor.DIFFERENCE, now=now)
    return more > 0


def may_go(request: ReturnRequest, held: Held, replacement: Replacement, *, now: datetime) -> None:
    """Make the new order of an exchange and ask the shop to send it; the replacement is locked and reserved."""
    lines, carried = [], {}
    units = {line.order_line_id: line.came for line in request.lines.all()}
    if replacement.kind == Replacement.Kind.EXCHANGE:
        bill = settled_bill(request, held, now=now)
        units = dict.fromkeys(units, 0) | {line["line_id"]: line["quantity"] for line in bill.lines}
    replacements.keep_only(replacement, units, by=SYSTEM, now=now)
    if replacement.kind == Replacement.Kind.EXCHANGE:
        lines = _new_lines(request, replacement, bill)
        carried = _carried(bill) | _paid_on_top(replacement, bill)
        replacement.paid = bill.due
    replacements.let_go(replacement, lines=lines, carried=carried, by=SYSTEM, now=now)
    tell_the_shop(request, "to_send", occasion=replacement.reference, wanted=wanted_names(replacement), now=now)


def _carried(bill: Bill) -> dict[int, int]:
    return {part["payment_id"]: part["amount"] for part in bill.carried_parts}


def _paid_on_top(replacement: Replacement, bill: Bill) -> dict[int, int]:
    """Of what she paid for the difference, what the bill needs. Where fewer units came more was paid, and the rest
    goes back (`aftersales.returns.services.paying.follow_charges`).
    """
    needed, found = bill.due, {}
    for charge in charges.paid_and_kept(replacement.reference):
        if charge.made_for == MadeFor.DIFFERENCE and charge.use and needed:
            part = min(needed, charge.amount)
            found[charge.paid_order.payments.get().pk] = part
            needed -= part
    return found


def _new_lines(request: ReturnRequest, replacement: Replacement, bill: Bill) -> list[MadeLine]:
    """The new order's lines: what the bill says the new units are worth, with what goes along of the old ones."""
    billed = {line["line_id"]: line for line in bill.lines}
    found = []
    for line in replacement.lines.select_related("order_line"):
        old, paper = line.order_line, billed[line.order_line_id]
        found.append(
            MadeLine(
                line_no=old.line_no, sku=line.sku, title=line.title, category=line.category,
                quantity=paper["quantity"], net=paper["worth"], tax_rate=old.tax_rate,
                points_used=paper["cut"]["points"], points_earned=paper["cut"]["earned"],
                subsidy=_subsidy(request, paper),
            )
        )  # fmt: skip
    return found


def _subsidy(request: ReturnRequest, paper: dict) -> int:
    """What the platform had paid towards the units: it goes back to the platform if the new ones come back (T8)."""
    shares = zip(request.order.discounts.all(), shares_in(tuple(paper["cut"]["settled"])), strict=True)
    return max(0, sum(share for one, share in shares if one.source == "platform"))


# --- until it is there ------------------------------------------------------------------------------------


def wait_for_it(request: ReturnRequest, *, now: datetime) -> bool:
    """Who acts on what replaces the goods, and by when; False once nothing is waited for."""
    found = queries.live_replacement(request.return_no)
    if found is None:
        return False
    if _has_its_money(found):
        with replacements.moving_replacement(found.pk, by=SYSTEM, now=now, note="order_cancelled") as replacement:
            replacements.order_cancelled(replacement, by=SYSTEM, now=now)
        return False
    if not found.is_on_its_way:
        request.wait_for("customer" if found.waits_for_customer else "merchant", found.due_at)
    elif request.waits_for != "courier" and not queries.is_lost(found):
        request.wait_for("courier", found.sent_at + ARRIVES_WITHIN)
    return True


def _has_its_money(found: Replacement) -> bool:
    """The customer asked for all of the new order's money, before it was sent or as it never came, and has it."""
    if found.new_order_id is None or not (found.can_be_sent or found.is_on_its_way):
        return False
    asked = ReturnRequest.objects.filter(order=found.new_order_id)
    if asked.filter(state__in=states.LIVE).exists():
        return False
    lines = found.new_order.lines.all()
    return all(line.unshipped_in_use + line.shipped_in_use == line.quantity for line in lines)


def is_owed(found: Replacement) -> bool:
    """The shop has not sent it, or its parcel was lost, and the customer does not have the money for it."""
    return (found.can_be_sent or queries.is_lost(found)) and not _has_its_money(found)


def replacement_moved(replacement: Replacement, *, now: datetime) -> None:
    """News of it, in any order and as often as it comes: people are told, and the request goes on."""
    found = ReturnRequest.objects.filter(return_no=replacement.case_ref).first()
    if found is None:
        return
    with moving(ReturnRequest, found.pk, by=SYSTEM, now=now, note="replacement_moved") as request:
        replacement = queries.replacement_of(request.return_no)
        if replacement.is_on_its_way or replacement.is_delivered:
            _tell_on_its_way(request, replacement, now=now)
        if not request.is_ended:
            follow_soon(request, now=now)


def _tell_on_its_way(request: ReturnRequest, replacement: Replacement, *, now: datetime) -> None:
    parcel = queries.outbound_parcel(replacement)
    event = "replacement_delivered" if replacement.is_delivered else "replacement_sent"
    courier, waybill = (parcel.courier, parcel.waybill) if parcel else ("", "")
    occasion = parcel.reference if parcel else replacement.reference
    tell(
        request, event, occasion=occasion, courier=courier, waybill=waybill, wanted=wanted_names(replacement), now=now
    )


def outbound_moved(parcel: Parcel, *, now: datetime) -> None:
    """A parcel to the customer moved; one that will not arrive needs a person of the shop, and ours to see to it."""
    replacements.follow_parcel(parcel, now=now)
    found = Replacement.objects.filter(reference=parcel.leg).first()
    in_trouble = parcel.state in parcel_states.TROUBLE
    if found is None or found.is_over or not in_trouble or queries.parcel_for_it(found) != parcel:
        return  # another one goes for it, or will: nobody has to see to this one
    kind, case = f"parcel_{parcel.state}", ReturnRequest.objects.get(return_no=found.case_ref)
    if case.tasks.filter(kind=kind, reference=parcel.reference).exists():
        return
    with moving(ReturnRequest, case.pk, by=SYSTEM, now=now, note="replacement_lost") as request:
        open_task(kind, parcel.reference, request=request, now=now)
        if queries.is_lost(found):
            _send_it_again(request, found, parcel, now=now)


def _send_it_again(request: ReturnRequest, found: Replacement, parcel: Parcel, *, now: datetime) -> None:
    """The shop does, in as much time as it had; the customer may have money instead at once. The case is locked."""
    if request.is_settling and request.waits_for == "courier":
        request.wait_for("merchant", now + SEND_WITHIN)
    wanted = wanted_names(found)
    tell(request, "replacement_lost", occasion=parcel.reference, wanted=wanted, now=now)
    tell_the_shop(request, "to_send", occasion=parcel.reference, wanted=wanted, now=now)


def outbound_ahead() -> list[Parcel]:
    """Parcels that moved while what they bring stood still: a signal was lost."""
    waiting = Replacement.objects.filter(state__in=("to_send", "sent")).values_list("reference", flat=True)
    moved = ("collected", "in_transit", "delivered", *parcel_states.TROUBLE)
    return list(Parcel.objects.filter(kind=Parcel.Kind.OUTBOUND, leg__in=list(waiting), state__in=moved))


def ahead_of_their_case() -> list[Replacement]:
    """Replacements that were sent or are there, or whose order was cancelled, while their request stood still."""
    settling = ReturnRequest.objects.filter(state=states.SETTLING, kind__in=rules.REPLACING, next_try_at=None)
    still = settling.filter(waits_for="merchant").values("return_no")
    sent, there = Q(state="sent", case_ref__in=still), Q(state="delivered", case_ref__in=settling.values("return_no"))
    done = Q(new_order__returns__state=states.COMPLETED, case_ref__in=settling.values("return_no"))
    cancelled = done & Q(state="to_send", case_ref__in=still) | done & Q(state="sent")
    on_their_way = [found for found in Replacement.objects.filter(sent) if not queries.is_lost(found)]
    return [*on_their_way, *Replacement.objects.filter(there | cancelled).distinct()]


# --- it comes to nothing ----------------------------------------------------------------------------------


def drop(request: ReturnRequest, *, by: Actor, now: datetime) -> None:
    """The request came to nothing, and with it what would have replaced the goods. WrongState once it was sent."""
    found = queries.replacement_of(request.return_no)
    if found is not None and found.is_delivered:
        raise WrongState(_("What replaces the goods was sent already."), state=request.state)
    if found is None or found.is_over:
        return
    with replacements.moving_replacement(found.pk, by=by, now=now, note="case_ended") as replacement:
        replacements.cancel_replacement(replacement, why=Why.CASE_ENDED, by=by, now=now)


def goes_on(request: ReturnRequest) -> bool:
    """Something has happened because of the approval: a yes cannot simply be taken back."""
    found = queries.replacement_of(request.return_no)
    return found is not None and (found.can_be_sent or found.is_on_its_way or found.is_delivered)
