"""Between rows and the bill's rules: an order's rows become frozen facts, a calculation becomes an immutable row."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from django.utils.translation import gettext_lazy as _

from aftersales.bills import facts, rows, rules, stored
from aftersales.bills.bill import Bill as Calculation
from aftersales.bills.bill import Part
from aftersales.bills.models import Bill
from aftersales.bills.tenders import shared
from aftersales.policy import queries as policies
from aftersales.policy import reasons
from aftersales.policy.reasons import Reason
from aftersales.policy.rules import Policy, Terms
from aftersales.replacements.queries import went_ahead
from aftersales.returns import states
from aftersales.returns.models import ReturnLine, ReturnRequest
from aftersales.returns.queries import Purchase, purchase, van_is_paid
from aftersales.returns.services.claims import Held
from aftersales.returns.services.wishes import Taking, Wish
from orders.catalogue.models import Product
from orders.purchases.models import Order, OrderLine
from refunds.wallet import queries as stored_here
from returns_platform.kernel.actors import SYSTEM, Actor
from returns_platform.kernel.errors import Conflict, Invalid
from returns_platform.kernel.ui import money


@dataclass(frozen=True, slots=True)
class Swap:
    """Units of a line and the article wanted instead; empty where none is."""

    line: OrderLine
    fault: bool
    exchange_sku: str


# --- rows into facts --------------------------------------------------------------------------------------


def calculate(bought: Purchase, takings: list[Taking], wish: Wish, policy: Policy) -> Calculation:
    """The bill of a wish, on top of everything live and done on the order."""
    swaps = [Swap(entry.line, entry.fault, entry.exchange_sku) for entry in takings]
    prices = new_prices(bought.order, swaps)
    asked = tuple(
        facts.Asked(entry.line.line_no, entry.quantity, entry.fault, prices.get(entry.line.line_no))
        for entry in takings
    )
    freight = 0 if _rides_along(bought, wish) else _return_freight(wish.send_back, policy.terms)
    borne = _shop_bears(policy, [(entry.line, entry.reason) for entry in takings])
    request = facts.Request(wish.kind, asked, wish.send_back, wish.refund_to, freight, shop_bears_freight=borne)
    return rules.bill(order_facts(bought), request, money_terms(policy.terms))


def _rides_along(bought: Purchase, wish: Wish) -> bool:
    """Who chooses the time at which a van comes anyway; a time that nobody chose has a van of its own."""
    return wish.send_back == "pickup" and wish.slot_chosen and bought.van_at(wish.slot_from) is not None


def _shop_bears(policy: Policy, units: Iterable[tuple[OrderLine, Reason]]) -> bool:
    """Whether a clause of the shop takes the way back over. One line is enough, as it is for a fault."""
    return any(
        policy.clauses.bears_freight(basis=reason.basis, category=line.category, sku=line.sku, reason=reason.code)
        for line, reason in units
    )


def new_prices(order: Order, wanted: Sequence[Swap]) -> dict[str, int]:
    """What one unit of what is wanted instead costs now, by line number; lines that are swapped evenly are left out.

    Even are: the same article because of a fault, whatever it costs now (T70), another size or colour at the price
    that the line was bought at, and an article that the shop itself names without having told us its price.
    """
    skus = {one.exchange_sku for one in wanted if one.exchange_sku}
    if not skus:
        return {}
    known = {one.line.sku for one in wanted} | skus
    products = {row.sku: row for row in Product.objects.filter(merchant_id=order.merchant_id, sku__in=known)}
    return {
        one.line.line_no: products[one.exchange_sku].price
        for one in wanted
        if one.exchange_sku in products and not _is_even(one, products)
    }


def _is_even(one: Swap, products: Mapping[str, Product]) -> bool:
    new, old = products[one.exchange_sku], products.get(one.line.sku)
    if new.sku == one.line.sku:
        return one.fault or new.price == one.line.unit_price
    same_style = old is not None and bool(new.style) and new.style == old.style
    return same_style and new.price == one.line.unit_price


def _return_freight(send_back: str, terms: Terms) -> int:
    """What a courier would cost; who carries it to a point herself pays nobody."""
    return terms.return_freight_cost if send_back in ("pickup", "self_ship") else 0


def _freight_back(request: ReturnRequest, terms: Terms) -> int:
    """Never more than was told when it was filed, and one van is paid once."""
    cost = _return_freight(request.send_back, terms)
    told_nothing = request.bill is not None and not request.bill.freight_return_amount
    return 0 if told_nothing or (cost and van_is_paid(request)) else cost


def money_terms(terms: Terms) -> facts.Terms:
    return facts.Terms(
        broken_threshold=terms.broken_threshold, tender_strategy=terms.tender_strategy,
        deduct_pickup=terms.deduct_pickup, deduct_waived_freight=terms.deduct_waived_freight,
        bonus_bp=terms.balance_bonus_bp, point_value=terms.point_value if terms.deduct_points_shortfall else 0,
    )  # fmt: skip


def order_facts(bought: Purchase, *, without: int | None = None) -> facts.Order:
    """The order as frozen, and what its live and done requests hold; `without`: leave this request out."""
    order = bought.order
    waived = order.freight_discount if order.freight_free_from else 0
    own = _own_parts(bought, without)
    return facts.Order(
        lines=tuple(_line_facts(line) for line in bought.lines.values()),
        tenders=tuple(
            facts.Tender(
                payment.pk, payment.transaction.transaction_id, payment.channel,
                _free(payment, own.get(payment.pk, 0) if without else None),
            )
            for payment in bought.payments
        ),
        discounts=tuple(_discount_facts(discount) for discount in bought.discounts),
        claims=tuple(
            claim_of(request, later=without is not None and request.pk > without)
            for request in _requests(bought)
            if request.pk != without and request.bill is not None
        ),
        currency=order.currency,
        freight=order.freight_paid,
        waived_freight=waived,
        free_from=order.freight_free_from,
        points_balance=_points_balance(bought, without),
    )  # fmt: skip


def _points_balance(bought: Purchase, request_id: int | None) -> int | None:
    """Not asked for where the order earned none. What the request itself took before counts as still there."""
    if not bought.order.points_earned:
        return bought.order.customer.points_balance
    own = next((request.return_no for request in _requests(bought) if request.pk == request_id), "")
    return stored_here.points_balance(bought.order.customer, case_ref=own)


def _requests(bought: Purchase) -> list[ReturnRequest]:
    """Every live or done request of the order once, in the order of filing."""
    return [request for _, request in sorted({line.request_id: line.request for line in bought.all_taken}.items())]


def _free(payment, own: int | None) -> int:
    """What a payment still holds. Money that was refunded past this platform is gone for a new request; one that was
    granted before keeps its bill, and where the payment cannot pay both the counter says so and a person looks (F44).
    """
    if own is None:
        return max(0, payment.amount - payment.held - payment.external)
    return payment.amount - payment.held + own


def _own_parts(bought: Purchase, request_id: int | None) -> dict[int, int]:
    own = [request for request in _requests(bought) if request.pk == request_id and request.bill]
    return own[0].bill.holds if own else {}


def _line_facts(line) -> facts.Line:
    return facts.Line(
        line_no=line.line_no, quantity=line.quantity, unit_price=line.unit_price, net=line.net,
        line_discount=line.line_discount, discount_shares=tuple(line.discount_shares),
        points_share=line.share_points, freight_share=line.share_freight, points_used=line.points_used,
        points_earned=line.points_earned, tax=line.tax,
    )  # fmt: skip


def _discount_facts(discount) -> facts.Discount:
    named = None if discount.line_nos is None else tuple(discount.line_nos)
    return facts.Discount(
        discount.name, discount.source, discount.threshold, discount.percent is not None, named, discount.is_coupon
    )


# --- a calculation into a row -----------------------------------------------------------------------------


def body_of(calculation: Calculation, bought: Purchase) -> dict:
    """Everything a bill says, as it is kept; each line also names its row and title."""
    body = stored.as_body(calculation)
    for line in body["lines"]:
        order_line = bought.lines[line["line_no"]]
        line |= {"line_id": order_line.pk, "title": order_line.title, "held": line["amount"] + line["carried"]}
    return body


def insured_by(calculation: Calculation, order: Order, others: Iterable[ReturnRequest]) -> dict:
    """What insurance of the way back is to pay, as it stands in a bill. One return has it, the first that asks."""
    policy = getattr(order, "freight_policy", None)
    taken = policy is None or policy.claimed_by or any(one.bill and one.bill.body.get("insured") for one in others)
    insured = 0 if taken else calculation.insured(policy.cover)
    return {"insured": insured} if insured else {}


def _insured_again(body: dict, *, case_ref: str, order_id: int) -> dict:
    """The same for a bill that replaces another one; a claim of its own stays what it is."""
    order = Order.objects.select_related("freight_policy").get(pk=order_id)
    if getattr(order, "freight_policy", None) is None:
        return body
    if order.freight_policy.claimed_by == case_ref:
        return body | {"insured": order.freight_policy.claimed_amount}
    others = ReturnRequest.objects.filter(order=order_id, state__in=states.IN_USE).exclude(return_no=case_ref)
    kept = {name: value for name, value in body.items() if name != "insured"}
    return kept | insured_by(stored.from_body(body), order, others.select_related("bill"))


def claim_of(request: ReturnRequest, *, later: bool) -> facts.Claim:
    """What a request holds of the order: all units announced, also where fewer came."""
    body = request.bill.body
    claim = stored.from_body(body).claim
    if announced := body.get("announced"):
        claim = replace(stored.from_body(announced).claim, freight_whole=claim.freight_whole)
    return replace(claim, over=request.is_completed, later=later)


def keep_bill(
    body: dict, *, case_ref: str, order_id: int, arrives_by: datetime | None, by: Actor, now: datetime, seq: int = 1,
    reason: str = "filed",
) -> Bill:  # fmt: skip
    """Insert a bill; it is never edited afterwards."""
    if seq > 1:
        body = _insured_again(body, case_ref=case_ref, order_id=order_id)
    return Bill.objects.create(
        case_ref=case_ref, seq=seq, order_id=order_id, currency=body["currency"], refund=body["refund"],
        freight_out=body["freight_out"], freight_return_payer=body["return_payer"],
        freight_return_amount=body["return_amount"], deducted=body["deducted"], points_back=body["points_back"],
        points_taken=body["points_taken"], bonus=body["bonus"], arrives_by=arrives_by, body=body, reason=reason,
        made_at=now, made_by_kind=by.kind,
        made_by_name=by.name,
    )  # fmt: skip


# --- the bill when money is promised ----------------------------------------------------------------------


def settled_bill(request: ReturnRequest, held: Held, *, now: datetime) -> Bill:
    """The bill that is paid: as filed, or replaced where fewer units came or the rest of the order changed (M5b)."""
    bought = purchase(request.order_id, lock=False)
    own = list(request.lines.select_related("order_line"))
    old = stored.from_body(request.bill.body)
    rest = order_facts(bought, without=request.pk)
    if any(line.missing for line in own) and not went_ahead(request.return_no):
        return _settled_for_fewer(request, held, rest, own, bought, now=now)
    again = rules.rebill(old, rest, _asked(request, [(line, line.quantity) for line in own]), _terms(request))
    if rows.difference(old, again):
        one_van = old.deduction("pickup") and not again.deduction("pickup")
        reason = "one_van" if one_van else "order_changed"
        return _replace(request, held, body_of(again, bought), reason=reason, now=now)
    if _beside_money(old) != _beside_money(again):
        return _replace(request, held, body_of(again, bought), reason="points_changed", now=now)
    return request.bill


def _settled_for_fewer(
    request: ReturnRequest, held: Held, rest: facts.Order, own: list[ReturnLine], bought: Purchase, *, now: datetime
) -> Bill:
    """What was announced stays beside it, however often it is settled: the missing units are claimed by that."""
    made = _counted(request, rest, own)
    if "announced" in request.bill.body and not rows.difference(stored.from_body(request.bill.body), made):
        return request.bill
    body = body_of(made, bought) | _announced(request)
    return _replace(request, held, body, reason="counted", now=now)


def _beside_money(bill: Calculation) -> tuple:
    return bill.points_back, bill.points_taken, bill.points_shortfall, bill.coupon_back


def _counted(request: ReturnRequest, rest: facts.Order, own: list[ReturnLine]) -> Calculation:
    """Pays the units that came. Those announced stay claimed while the missing ones are open with a person."""
    came = [(line, line.counted) for line in own if line.counted]
    return rules.bill(rest, _asked(request, came), _terms(request))


def _announced(request: ReturnRequest) -> dict:
    """The bill of all units, which a bill of those that came carries along."""
    return {"announced": request.bill.body.get("announced", request.bill.body)}


def _asked(request: ReturnRequest, units: list[tuple[ReturnLine, int]]) -> facts.Request:
    prices = _prices_of(request)
    asked = tuple(
        facts.Asked(line.order_line.line_no, quantity, line.fault, prices.get(line.order_line.line_no))
        for line, quantity in units
    )
    policy = policies.of_case(request)
    borne = _shop_bears(policy, [(line.order_line, reasons.get(line.reason)) for line, _quantity in units])
    freight = _freight_back(request, policy.terms)
    return facts.Request(request.kind, asked, request.send_back, request.refund_to, freight, shop_bears_freight=borne)


def _prices_of(request: ReturnRequest) -> dict[str, int | None]:
    """As they were when it was filed, or chosen anew: not looked up again, unless it was refused without a bill."""
    if request.bill is None:
        lines = request.lines.select_related("order_line")
        return new_prices(request.order, [Swap(line.order_line, line.fault, line.exchange_sku) for line in lines])
    return {line["line_no"]: line.get("new_price") for line in request.bill.lines}


def _terms(request: ReturnRequest) -> facts.Terms:
    return money_terms(policies.terms_of(request))


def _replace(
    request: ReturnRequest, held: Held, body: dict, *, reason: str, now: datetime, by: Actor = SYSTEM
) -> Bill:
    """A new bill in place of the old one, and the payments hold what the new one takes. by: who made it change."""
    before = request.bill
    for payment_id, amount in before.holds.items():
        held.payments[payment_id].held -= amount
    for payment_id, amount in stored.holds(body).items():
        held.payments[payment_id].held += amount
    for payment in held.payments.values():
        payment.save(update_fields=["held"])
    request.bill = keep_bill(
        body, case_ref=request.return_no, order_id=request.order_id, arrives_by=before.arrives_by, by=by,
        now=now, seq=before.seq + 1, reason=reason,
    )  # fmt: skip
    return request.bill


# --- the bill when units were missing ---------------------------------------------------------------------


def bill_of_found(request: ReturnRequest, held: Held, *, by: Actor, now: datetime) -> Bill:
    """Every announced unit is paid after all. What was promised stays on its tenders, the rest comes on top.

    Raises Conflict where the rules would give less than was promised already.
    """
    bought, before = purchase(request.order_id, lock=False), request.bill
    units = [(line, line.quantity) for line in request.lines.select_related("order_line")]
    announced, rest = stored.from_body(before.body["announced"]), order_facts(bought, without=request.pk)
    whole = rules.rebill(announced, rest, _asked(request, units), _terms(request))
    if whole.refund < before.refund:
        raise Conflict(_("By the rules nothing more is due: with these units the bill would be lower."))
    more = shared(whole.refund - before.refund, order_facts(bought).tenders, _terms(request).tender_strategy)
    tenders = _joined(stored.from_body(before.body).tenders, more)
    whole = replace(whole, tenders=tenders, bonus=max(whole.bonus, before.bonus))
    return _replace(request, held, body_of(whole, bought), reason="found", by=by, now=now)


def _joined(promised: Iterable[Part], more: Iterable[Part]) -> tuple[Part, ...]:
    parts = {part.payment_id: part for part in promised}
    for part in more:
        earlier = parts.get(part.payment_id)
        parts[part.payment_id] = replace(part, amount=part.amount + earlier.amount) if earlier else part
    return tuple(parts.values())


def bill_of_counted(request: ReturnRequest, held: Held, *, by: Actor, now: datetime) -> Bill:
    """Only the units that came, which the request then holds alone; the missing ones are the customer's again."""
    body = {name: value for name, value in request.bill.body.items() if name != "announced"}
    if "announced" not in request.bill.body:  # nothing was promised yet
        bought = purchase(request.order_id, lock=False)
        own = list(request.lines.select_related("order_line"))
        body = body_of(_counted(request, order_facts(bought, without=request.pk), own), bought)
    return _replace(request, held, body, reason="released", by=by, now=now)


def bill_of_announced(request: ReturnRequest, held: Held, *, by: Actor, now: datetime) -> Bill:
    """The promise for fewer units was taken back: every announced unit is billed again, as before the count."""
    return _replace(request, held, request.bill.body["announced"], reason="undone", by=by, now=now)


def bill_anew(request: ReturnRequest, lines: list[ReturnLine], *, now: datetime) -> Bill:
    """A bill for a request that holds nothing any more, by its own policy and by how the order stands now."""
    bought, before = purchase(request.order_id, lock=False), request.bill
    if part := next((line for line in lines if line.part), None):
        return bill_of_part(
            request.order_id, case_ref=request.return_no, line_no=part.order_line.line_no,
            amount=before.refund, terms=_terms(request), refund_to=request.refund_to, without=request.pk,
            before=before, by=SYSTEM, now=now,
        )  # fmt: skip
    units = [(line, line.quantity) for line in lines if line.quantity]
    made = rules.bill(order_facts(bought, without=request.pk), _asked(request, units), _terms(request))
    return keep_bill(
        body_of(made, bought), case_ref=request.return_no, order_id=request.order_id,
        arrives_by=before and before.arrives_by, by=SYSTEM, now=now, seq=before.seq + 1 if before else 1,
        reason="reopened",
    )  # fmt: skip


def bill_of_reason(request: ReturnRequest, held: Held, *, reason: str, by: Actor, now: datetime) -> Bill:
    """The same units under another reason: who pays the way back, and freight out, follow it (T49).

    What grows stays on the tenders that it was on, and the rest comes on top.
    """
    bought, before = purchase(request.order_id, lock=False), request.bill
    units = [(line, line.quantity) for line in request.lines.select_related("order_line")]
    rest, wish, terms = order_facts(bought, without=request.pk), _asked(request, units), _terms(request)
    old = stored.from_body(before.body)
    made = rules.rebill(old, rest, wish, terms)
    if old.tenders and made.refund > old.refund:
        more = shared(made.refund - old.refund, order_facts(bought).tenders, terms.tender_strategy)
        made = replace(made, tenders=_joined(old.tenders, more), bonus=max(made.bonus, old.bonus))
    body = body_of(made, bought) | _announced_too(before, bought, lambda bill: rules.rebill(bill, rest, wish, terms))
    return _replace(request, held, body, reason=reason, by=by, now=now)


def _announced_too(before: Bill, bought: Purchase, again: Callable[[Calculation], Calculation]) -> dict:
    """What was announced, worked out again like the units that came; nothing where all of them did."""
    announced = before.body.get("announced")
    return {"announced": body_of(again(stored.from_body(announced)), bought)} if announced else {}


def bill_of_part(
    order_id: int, *, case_ref: str, line_no: str, amount: int, terms: facts.Terms, refund_to: str = "original",
    without: int | None = None, held: int = 0, before: Bill | None = None, by: Actor, now: datetime,
) -> Bill:  # fmt: skip
    """A part of a line's price without return (M3), in place of the request's own bill where it has one.

    without, held: the request, and what it holds of the line as yet. Raises Invalid for more than is left of the
    line, or of what was paid.
    """
    made, bought = _part(order_id, line_no, amount, terms, refund_to=refund_to, without=without, held=held)
    return keep_bill(
        body_of(made, bought), case_ref=case_ref, order_id=order_id, arrives_by=before and before.arrives_by, by=by,
        now=now, seq=before.seq + 1 if before else 1, reason="part",
    )  # fmt: skip


def must_be_left(request: ReturnRequest, line, amount: int, *, now: datetime) -> None:
    """Raises Invalid where the line, or what was paid, does not hold so much for a part of its price."""
    _part(
        request.order_id, line.order_line.line_no, amount, _terms(request), refund_to=request.refund_to,
        without=request.pk, held=line.amount,
    )  # fmt: skip


def _part(
    order_id: int, line_no: str, amount: int, terms: facts.Terms, *, refund_to: str, without: int | None, held: int
) -> tuple:
    """The bill of a part of a line's price, not kept yet, and the purchase it is of."""
    bought = purchase(order_id, lock=False)
    left = bought.lines[line_no].refundable + held
    made = None
    try:
        made = rules.goodwill(order_facts(bought, without=without), line_no, amount, terms, refund_to=refund_to)
    except rules.MoreThanPaid as less:
        left = min(left, less.left)
    if made is None or not 0 < amount <= left:
        told = _("At most %(sum)s is left of it.") % {"sum": money(left, bought.order.currency)}
        raise Invalid(fields={"amount": told})
    return made, bought


def bill_as_refund(request: ReturnRequest, held: Held, *, by: Actor, now: datetime) -> Bill:
    """Money for a swap or a repair that comes to nothing. The request is a refund already."""
    bought, before = purchase(request.order_id, lock=False), request.bill
    units = [(line, line.quantity) for line in request.lines.select_related("order_line")]
    old, rest = stored.from_body(before.body), order_facts(bought, without=request.pk)
    wish, terms = _asked(request, units), _terms(request)
    made = rules.refund_instead(old, rest, wish, terms)
    if old.tenders:  # the difference is promised already: it stays where it was promised, the rest comes on top
        left = rules.after(rest.tenders, old.tenders)
        more = shared(max(0, made.refund - old.refund), left, terms.tender_strategy)
        made = replace(made, tenders=_joined(old.tenders, more))
    body = body_of(made, bought)
    body |= _announced_too(before, bought, lambda bill: rules.refund_instead(bill, rest, wish, terms))
    return _replace(request, held, body, reason="converted", by=by, now=now)


def bill_of_choice(
    request: ReturnRequest, held: Held, prices: Mapping[str, int | None], *, by: Actor, now: datetime
) -> Bill:
    """Another article is wanted instead; prices: of one new unit by line number, None where it is swapped evenly."""
    bought, own = purchase(request.order_id, lock=False), list(request.lines.select_related("order_line"))
    asked = tuple(
        facts.Asked(line.order_line.line_no, line.came, line.fault, prices[line.order_line.line_no])
        for line in own
        if line.came
    )
    wish, rest = replace(_asked(request, []), lines=asked), order_facts(bought, without=request.pk)
    if any(line.missing for line in own):
        body = body_of(rules.bill(rest, wish, _terms(request)), bought) | _announced(request)
    else:
        body = body_of(rules.rebill(stored.from_body(request.bill.body), rest, wish, _terms(request)), bought)
    return _replace(request, held, body, reason="other_choice", by=by, now=now)


def promised_lines(request: ReturnRequest) -> dict[int, int]:
    """What refunds of the request count on its order lines: {line id: minor units}."""
    return {line["line_id"]: line["amount"] for line in request.bill.lines}
