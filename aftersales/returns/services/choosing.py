"""What becomes of a replacement that cannot go on as asked: another article, money instead, or the end of it."""

from collections.abc import Mapping
from datetime import datetime

from django.db.models import Sum
from django.utils.translation import gettext_lazy as _

from aftersales.replacements import queries
from aftersales.replacements import services as replacements
from aftersales.replacements.models import Replacement
from aftersales.returns import states
from aftersales.returns.models import ReturnRequest
from aftersales.returns.services import replacing
from aftersales.returns.services.bills import Swap, bill_as_refund, bill_of_choice, new_prices
from aftersales.returns.services.claims import Held, moving_with_money
from aftersales.returns.services.promising import promise_on_top
from aftersales.returns.services.steps import follow_soon, start_way_back
from aftersales.returns.services.telling import tell, tell_the_shop
from orders.catalogue.models import Product
from refunds.payouts import queries as payouts
from returns_platform.kernel.actors import Actor
from returns_platform.kernel.errors import Conflict, Invalid, WrongState

Why = Replacement.Why


# --- money instead ----------------------------------------------------------------------------------------


def money_instead(pk: int, *, by: Actor, now: datetime, why: str = Why.CHOSEN) -> ReturnRequest:
    """The exchange or repair becomes a refund of what the units carry (T68). Done already: nothing changes.

    Raises WrongState once it was sent, unless it was lost on the way; for a resend, which never took anything.
    """
    with moving_with_money(pk, by=by, now=now, note="money_instead") as (request, held):
        found = queries.replacement_of(request.return_no)
        if found is not None and found.state == "converted":
            return request
        turn_into_refund(request, held, why=why, by=by, now=now)
    return request


def turn_into_refund(request: ReturnRequest, held: Held, *, why: str, by: Actor, now: datetime) -> None:
    """The same for a locked request."""
    found = queries.live_replacement(request.return_no)
    if found is None or not can_become_money(request, found):
        raise WrongState(_("It cannot be turned into money any more."), state=found.state if found else "")
    with replacements.moving_replacement(found.pk, by=by, now=now, note="money_instead") as replacement:
        replacements.convert_replacement(replacement, why=why, by=by, now=now)
    before, request.kind = request.bill, "return_refund" if request.goods_come_back else "refund_only"
    bill_as_refund(request, held, by=by, now=now)
    if payouts.counting_refunds(request.return_no).exists():
        promise_on_top(request, before, held, by=by if by.person else request.decided_by, now=now)
    if request.state == states.APPROVED:
        start_way_back(request, now=now)
    follow_soon(request, now=now)
    tell(request, "money_instead", occasion=str(replacement.serial), now=now)
    wanted = replacing.wanted_names(replacement)
    tell_the_shop(request, "money_instead", occasion=str(replacement.serial), wanted=wanted, now=now)


def can_become_money(request: ReturnRequest, replacement: Replacement) -> bool:
    """Before it is sent, or when it was lost; a resend took nothing that could be paid back."""
    if request.kind == "resend" or request.is_ended:
        return False
    return replacement.can_come_to_nothing or queries.is_lost(replacement)


# --- another article --------------------------------------------------------------------------------------


def want_another(pk: int, choices: Mapping[str, str], *, by: Actor, now: datetime) -> ReturnRequest:
    """Another size, colour or article, before anything is paid or sent: {line number: the shop's number of it}.

    Its price now against the value of the old units: even, due, or paid back. Raises Invalid for what the shop does
    not have, WrongState once it is too late, Conflict where another difference was promised back already.
    """
    with moving_with_money(pk, by=by, now=now, note="other_choice") as (request, held):
        found = queries.live_replacement(request.return_no)
        if found is None or not can_be_another(found):
            raise WrongState(_("Nothing else can be chosen any more."), state=found.state if found else "")
        lines = [line for line in request.lines.select_related("order_line") if line.came]
        _must_be_offered(request, lines, choices)
        for line in lines:
            line.exchange_sku = choices[line.order_line.line_no]
            line.save(update_fields=["exchange_sku"])
        prices = new_prices(request.order, [Swap(line.order_line, line.fault, line.exchange_sku) for line in lines])
        numbers = [line.order_line.line_no for line in lines]
        bill_of_choice(request, held, {no: prices.get(no) for no in numbers}, by=by, now=now)
        _must_be_what_was_promised(request)
        _begin_again(request, found, by=by, now=now)
    return request


def can_be_another(replacement: Replacement) -> bool:
    return replacement.kind == Replacement.Kind.EXCHANGE and not replacement.paid and (
        replacement.waits_for_customer or replacement.can_be_chosen_again
    )  # fmt: skip


def _must_be_offered(request: ReturnRequest, lines, choices: Mapping[str, str]) -> None:
    known = Product.objects.filter(merchant_id=request.merchant_id, sku__in=list(choices.values()))
    offered = set(known.values_list("sku", flat=True))
    wrong = {}
    for line in lines:
        sku = choices.get(line.order_line.line_no)
        if not sku or sku not in offered | {line.order_line.sku}:
            wrong[f"exchange_{line.order_line_id}"] = _("Choose what you want instead")
    if wrong:
        raise Invalid(fields=wrong)


def _must_be_what_was_promised(request: ReturnRequest) -> None:
    promised = payouts.counting_refunds(request.return_no).aggregate(sum=Sum("amount"))["sum"]
    if promised is not None and promised != request.bill.refund:
        raise Conflict(
            _("The difference goes back to you already. Choose something at the same price, or your money.")
        )


def _begin_again(request: ReturnRequest, found: Replacement, *, by: Actor, now: datetime) -> None:
    with replacements.moving_replacement(found.pk, by=by, now=now, note="other_choice") as replacement:
        replacements.want_instead(replacement, replacing.wanted_by(request), by=by, now=now)
        if replacement.waits_for_customer:
            replacement.choose_again()
        replacement.due, replacement.offered_at = 0, None
        replacement.wait_until(None)
        if not replacements.hold_stock(replacement, by=by, now=now):
            replacements.ran_out(replacement, by=by, now=now)
        replacing.go_on(request, replacement, now=now)
        nothing_holds_it_up(request, replacement, now=now)


def nothing_holds_it_up(request: ReturnRequest, replacement: Replacement, *, now: datetime) -> None:
    """It is there, and paid as far as needed: the old goods may travel, or the new ones go."""
    if replacement.waits_for_customer:
        return
    if request.state == states.APPROVED:
        start_way_back(request, now=now)
    follow_soon(request, now=now)


def say_it_is_gone(pk: int, *, by: Actor, now: datetime) -> ReturnRequest:
    """The shop finds that it has none, whatever was reserved (F82): the customer chooses what shall become of it."""
    with moving_with_money(pk, by=by, now=now, note="out_of_stock") as (request, _held):
        found = queries.live_replacement(request.return_no)
        if found is not None and found.is_out_of_stock:
            return request
        if found is None or found.kind != Replacement.Kind.EXCHANGE or not found.can_come_to_nothing:
            raise WrongState(_("It was sent already, or came to nothing."), state=found.state if found else "")
        with replacements.moving_replacement(found.pk, by=by, now=now, note="out_of_stock") as replacement:
            replacements.found_gone(replacement, by=by, now=now)
            replacing.go_on(request, replacement, now=now)
    return request
