"""What replaces a request's goods, step by step beside the request: opened after the approval, let go once the old
goods are checked, waited for until it is there; given up, or turned into money, where it comes to nothing.

Lock order: order, payments, lines, case, replacement, new order, stock.
"""

from datetime import datetime, timedelta

from django.db.models import Q

from aftersales.bills.facts import shares_in
from aftersales.bills.models import Bill
from aftersales.policy import queries as policies
from aftersales.replacements import queries
from aftersales.replacements import services as replacements
from aftersales.replacements.models import Replacement
from aftersales.replacements.services import Wanted
from aftersales.returns import rules, states, times
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
    """The goods were checked before anybody had followed the approval: what replaces them begins now."""
    if queries.replacement_of(request.return_no) is None:
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
        if replacement.advance and replacement.goods_back_at is None:
            replacement.goods_back_at = now  # and what was left for them goes back
        if replacement.is_being_mended and replacement.due_at is None:
            replacement.due_at = now + MEND_WITHIN
        if replacement.waits_for_customer or replacement.is_being_mended:
            return False
        if replacement.can_be_chosen_again:
            may_go(request, held, replacement, now=now)
            request.wait_for("merchant", replacement.due_at)
    return True


def may_go(request: ReturnRequest, held: Held, replacement: Replacement, *, now: datetime) -> None:
    """Make the new order of an exchange and ask the shop to send it; the replacement is locked and reserved."""
    came = {line.order_line_id: line.came for line in request.lines.all()}
    replacements.keep_only(replacement, came, by=SYSTEM, now=now)
    lines, carried = [], {}
    if replacement.kind == Replacement.Kind.EXCHANGE:
        bill = settled_bill(request, held, now=now)
        lines = _new_lines(request, replacement, bill)
        carried = _carried(bill) | _paid_on_top(request, bill, now=now)
        replacement.paid = bill.due
    replacements.let_go(replacement, lines=lines, carried=carried, by=SYSTEM, now=now)
    tell_the_shop(request, "to_send", occasion=replacement.reference, wanted=wanted_names(replacement), now=now)


def _carried(bill: Bill) -> dict[int, int]:
    return {part["payment_id"]: part["amount"] for part in bill.carried_parts}


def _paid_on_top(request: ReturnRequest, bill: Bill, *, now: datetime) -> dict[int, int]:
    """Of what she paid for the difference, what the bill needs; more is left where fewer units came."""
    needed, found = bill.due, {}
    for charge in charges.paid_and_kept(request.return_no):
        if charge.made_for == MadeFor.DIFFERENCE and charge.use and needed:
            part = min(needed, charge.amount)
            found[charge.paid_order.payments.get().pk] = part
            needed -= part
            if part < charge.amount:
                open_task("replacement_excess", charge.number, request=request, now=now)
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
    if _new_order_is_cancelled(found):
        with replacements.moving_replacement(found.pk, by=SYSTEM, now=now, note="order_cancelled") as replacement:
            replacements.order_cancelled(replacement, by=SYSTEM, now=now)
        return False
    if not found.is_on_its_way:
        request.wait_for("customer" if found.waits_for_customer else "merchant", found.due_at)
    elif request.waits_for != "courier":
        request.wait_for("courier", found.sent_at + times.ON_THE_ROAD)
    return True


def _new_order_is_cancelled(found: Replacement) -> bool:
    """Before it was sent the customer asked for all of its money, and has it."""
    if not found.can_be_sent or found.new_order_id is None:
        return False
    open_ones = ReturnRequest.objects.filter(order=found.new_order_id, state__in=states.LIVE)
    all_of_it = all(line.unshipped_in_use == line.quantity for line in found.new_order.lines.all())
    return all_of_it and not open_ones.exists()


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
    if found is not None and not found.is_over and parcel.state in parcel_states.TROUBLE:
        request = ReturnRequest.objects.filter(return_no=found.case_ref).first()
        open_task(f"parcel_{parcel.state}", parcel.reference, request=request, now=now)


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
    cancelled = Q(state="to_send", case_ref__in=still, new_order__returns__state=states.COMPLETED)
    return list(Replacement.objects.filter(sent | there | cancelled).distinct())


# --- it comes to nothing ----------------------------------------------------------------------------------


def drop(request: ReturnRequest, *, by: Actor, now: datetime) -> None:
    """The request came to nothing, and with it what would have replaced the goods. WrongState once it was sent."""
    found = queries.live_replacement(request.return_no)
    if found is None:
        return
    with replacements.moving_replacement(found.pk, by=by, now=now, note="case_ended") as replacement:
        replacements.cancel_replacement(replacement, why=Why.CASE_ENDED, by=by, now=now)


def goes_on(request: ReturnRequest) -> bool:
    """Something has happened because of the approval: a yes cannot simply be taken back."""
    found = queries.live_replacement(request.return_no)
    return found is not None and (found.can_be_sent or found.is_on_its_way)
