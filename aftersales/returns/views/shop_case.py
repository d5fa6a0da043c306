"""The shop's page of one case, with what can be done there."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from aftersales.evidence.services import grade_photo
from aftersales.returns import gifts, merchant_forms, part_forms, shop_case
from aftersales.returns import inbox as queue
from aftersales.returns.models import ReturnRequest
from aftersales.returns.queries import cases_of
from aftersales.returns.services import compensating, decisions, money, undoing
from aftersales.returns.services.messages import write_message
from aftersales.returns.shop_case import actor_of
from aftersales.returns.shop_words import ShopTeller
from orders.merchants.models import Member
from orders.merchants.queries import membership, must_be_able
from refunds.wallet.services.compensating import CompensatedAlready
from returns_platform.kernel import clock, forms, pages
from returns_platform.kernel.actors import Actor
from returns_platform.kernel.errors import Conflict, Invalid, Malformed, WrongState

UNDO = ("undo", "undo_any")


@dataclass(frozen=True, slots=True)
class Act:
    """Something a member can do to a case. do(row, form, by, now) returns what to say when it is done."""

    right: str
    form: type[forms.Form]
    do: Callable
    decides: bool = True


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@pages.repeats("ask-classes")
def case(request: HttpRequest, code: str, return_no: str) -> HttpResponse:
    member = membership(request.user, code)
    must_be_able(member, "see_cases")
    row = queue.case_of_shop(member.merchant, return_no)
    if request.method == "POST":
        return _act(request, member, row)
    return _case_page(request, member, row)


def _case_page(
    request: HttpRequest, member: Member, row: ReturnRequest, *, status: int = 200, **more
) -> HttpResponse:
    bound = {name: act.form(prefix=name) for name, act in ACTS.items()} | more.pop("forms", {})
    context = shop_case.case_page(row, member, now=clock.now()) | {"forms": bound} | more
    return pages.render(request, "aftersales/merchant/case.html", context, status=status)


def _act(request: HttpRequest, member: Member, row: ReturnRequest) -> HttpResponse:
    name = pages.one_of(request.POST, "do", ACTS)
    if not name:
        raise Malformed
    act = ACTS[name]
    must_be_able(member, act.right)
    if act.decides:
        shop_case.must_be_the_shops(row)
    form = act.form(request.POST, prefix=name)
    if not form.is_valid():
        return _case_page(request, member, row, status=422, forms={name: form}, wrong=form)
    return _carry_out(request, member, row, name, form)


def _carry_out(request: HttpRequest, member: Member, row: ReturnRequest, name: str, form) -> HttpResponse:
    act, by, now = ACTS[name], actor_of(member), clock.now()
    if act.decides and _looked_at_another_state(request, row) and not _is_mine_already(row, by):
        return _changed(request, member, row)
    try:
        done = act.do(row, form.cleaned_data, by, now)
    except WrongState as late:
        if name in UNDO:
            return _case_page(request, member, row, status=409, changed=str(late.message))
        return _changed(request, member, queue.case_of_shop(member.merchant, row.return_no))
    except CompensatedAlready as refused:
        form.refuse(refused)
        return _case_page(request, member, row, status=422, forms={name: form}, wrong=form)
    except Conflict:
        return _changed(request, member, queue.case_of_shop(member.merchant, row.return_no))
    except Invalid as refused:
        form.refuse(refused)
        return _case_page(request, member, row, status=422, forms={name: form}, wrong=form)
    messages.success(request, done)
    return redirect("merchant:case", member.merchant.code, row.return_no)


def _looked_at_another_state(request: HttpRequest, row: ReturnRequest) -> bool:
    """Whether the case has moved since the page with the button was opened."""
    return request.POST.get("seen", str(row.version)) != str(row.version)


def _is_mine_already(row: ReturnRequest, by: Actor) -> bool:
    """A second click on the same button: the service answers that nothing changed."""
    return (row.decided_by_kind, row.decided_by_id) == (by.kind, by.id) and not row.awaits_decision


def _changed(request: HttpRequest, member: Member, row: ReturnRequest) -> HttpResponse:
    """Somebody was faster: say who and when, and that nothing was done twice; the case as it is now stands below."""
    teller = ShopTeller(cases_of([row])[0], now=clock.now())
    happened = teller.happened_then(row.moves.last())
    return _case_page(request, member, row, status=409, changed=happened)


def _approve(row: ReturnRequest, words: dict, by: Actor, now) -> str:
    decided = decisions.approve_return(row.pk, by=by, now=now)
    if decided.decided_at != now:
        return _("It was approved already. Nothing was done twice.")
    if words["text"]:
        write_message(row.pk, text=words["text"], by=by, now=now)
    return _("Approved. The customer has been told.")


def _part(row: ReturnRequest, words: dict, by: Actor, now) -> str:
    part_forms.grant(row, words, by=by, now=now)
    return _("Granted. The customer keeps the goods and has been told.")


def _offer(row: ReturnRequest, words: dict, by: Actor, now) -> str:
    part_forms.offer(row, words, by=by, now=now)
    return _("Offered. The customer answers on her page; your clock runs on.")


def _refuse(row: ReturnRequest, words: dict, by: Actor, now) -> str:
    decisions.refuse_return(row.pk, code=words["code"], text=words["text"], by=by, now=now)
    return _("Refused. The customer reads your words and can call the platform in.")


def _ask(row: ReturnRequest, words: dict, by: Actor, now) -> str:
    decisions.ask_for_evidence(row.pk, text=words["text"], classes=words["classes"], by=by, now=now)
    return _("Asked. Your clock stands still until the customer answers.")


def _agree(row: ReturnRequest, words: dict, by: Actor, now) -> str:
    money.agree_as_second(row.pk, by=by, now=now)
    return _("You agreed. The money leaves when the time to stop it is over.")


def _undo(row: ReturnRequest, words: dict, by: Actor, now, *, anybodys: bool) -> str:
    undoing.undo_decision(row.pk, by=by, anybodys=anybodys, now=now)
    return _("Taken back. No money has moved, and the request waits for a decision again.")


def _compensate(row: ReturnRequest, words: dict, by: Actor, now) -> str:
    given = compensating.compensate_case(
        row.pk, ground=words["ground"], what=words["what"], amount=gifts.size(words, row.order.currency),
        payer="merchant", reason=words["reason"], by=by, now=now,
    )  # fmt: skip
    if given.waits:
        return _("It waits until a second person agrees.")
    return _("Given. The customer has been told.")


def _agree_gift(row: ReturnRequest, words: dict, by: Actor, now) -> str:
    compensating.agree_to_compensation(row.pk, words["gift"], by=by, now=now)
    return _("Given. The customer has been told.")


def _agree_wish(row: ReturnRequest, words: dict, by: Actor, now) -> str:
    gifts.must_be_given_alone(row, words["gift"])
    return _agree_gift(row, words, by, now)


def _decline_gift(row: ReturnRequest, words: dict, by: Actor, now) -> str:
    compensating.decline_compensation(row.pk, words["gift"], by=by, now=now)
    return _("It is not given.")


def _say(row: ReturnRequest, words: dict, by: Actor, now) -> str:
    write_message(row.pk, text=words["text"], by=by, now=now, audience=words["audience"])
    return _("Written.")


def _grade(row: ReturnRequest, words: dict, by: Actor, now) -> str:
    grade_photo(words["photo"], case_ref=row.return_no, share=words["share"], by=by, now=now)
    return _("Your grade is kept. It helps with the photos to come.")


ACTS = {
    "grade": Act("approve", merchant_forms.GradeForm, _grade, decides=False),
    "approve": Act("approve", merchant_forms.ApproveForm, _approve),
    "part": Act("set_amount", part_forms.GrantPartForm, _part),
    "offer": Act("set_amount", part_forms.OfferForm, _offer),
    "refuse": Act("reject", merchant_forms.RefuseForm, _refuse),
    "ask": Act("ask_evidence", merchant_forms.AskForm, _ask),
    "agree": Act("release_refund", merchant_forms.AgreeForm, _agree, decides=False),
    "undo": Act("undo", merchant_forms.UndoForm, partial(_undo, anybodys=False), decides=False),
    "undo_any": Act("undo_any", merchant_forms.UndoForm, partial(_undo, anybodys=True), decides=False),
    "say": Act("add_message", merchant_forms.SayForm, _say, decides=False),
    "compensate": Act("compensate", gifts.GiveFields, _compensate, decides=False),
    "agree_gift": Act("release_refund", gifts.GiftForm, _agree_gift, decides=False),
    "agree_wish": Act("compensate", gifts.GiftForm, _agree_wish, decides=False),
    "decline_gift": Act("compensate", gifts.GiftForm, _decline_gift, decides=False),
}
