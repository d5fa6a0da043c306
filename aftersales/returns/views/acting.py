"""What a customer does to a request that is filed. Each act has its page: GET asks, POST acts and leads back."""

from collections.abc import Callable
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from aftersales.policy import queries as policies
from aftersales.returns import forms, presenting, stored, stories, waybill_photo
from aftersales.returns.headlines import Teller
from aftersales.returns.names import channel_name, place, shop_name
from aftersales.returns.offer_page import ACCEPT, AnswerForm, offer_panel
from aftersales.returns.queries import Case, boxes_of, cases_of, request_seen_by, waybill_can_be_corrected
from aftersales.returns.services.appeals import appeal_until, ask_a_person, can_be_appealed
from aftersales.returns.services.balance import take_to_the_bank
from aftersales.returns.services.boxes import add_box, takes_a_box
from aftersales.returns.services.compensating import repay_freight
from aftersales.returns.services.evidence import add_evidence
from aftersales.returns.services.goods import change_slot, enter_waybill
from aftersales.returns.services.messages import takes_messages, write_message
from aftersales.returns.services.offering import accept_offer, decline_offer
from aftersales.returns.services.routes import bonus_of, choose_way
from aftersales.returns.services.withdrawal import withdraw_return
from aftersales.returns.together import together, vans_beside
from aftersales.returns.views.cases import slot_can_change, why_not_withdraw
from aftersales.returns.views.uploads import KEPT, Photos, take_photos
from orders.visitors.queries import known_viewer
from refunds.payouts import queries as payouts
from returns_platform.kernel import clock, pages, ui
from returns_platform.kernel.errors import NotThere, Refused, WrongState

asks_and_acts = require_http_methods(["GET", "HEAD", "POST"])


class Act:
    """One act on one request by one viewer. Impossible now: GET leads to the request, POST says what changed."""

    def __init__(self, request: HttpRequest, return_no: str):
        self.seen_by, self.now = known_viewer(request), clock.now()
        self.request, self.row = request, request_seen_by(self.seen_by, return_no)
        self.case = cases_of([self.row])[0]
        self.sent = request.POST if request.method == "POST" else None

    @property
    def by(self):
        return self.seen_by.actor

    def answer(
        self, template: str, form, *, possible: bool, do: Callable[[], object], done: str, **context
    ) -> HttpResponse:
        if self.sent is None:
            return self.ask(template, form, **context) if possible else self.back()
        if form.is_valid():
            try:
                do()
            except WrongState as refused:
                return self._changed(refused)
            except Refused as refused:
                form.refuse(refused)
            else:
                messages.success(self.request, done)
                return self.back()
        return self.ask(template, form, status=422, **context)

    def back(self) -> HttpResponse:
        return redirect("aftersales:case", self.row.return_no)

    def ask(self, template: str, form, *, status: int = 200, **context) -> HttpResponse:
        context |= {
            "form": form, "row": self.row, "case": self.case, "zone": self.row.merchant.zone,
            "shop": shop_name(self.row.merchant), "send_to": place(self.row.goes_to.return_address),
            "here": "returns",
        }  # fmt: skip
        return pages.render(self.request, f"aftersales/returns/{template}", context, status=status)

    def _changed(self, refused: WrongState) -> HttpResponse:
        """Somebody was faster, or the time is over: say who and when, and that nothing happened."""
        row = request_seen_by(self.seen_by, self.row.return_no)
        context = {
            "row": row, "refused": refused, "zone": row.merchant.zone, "here": "returns",
            "headline": Teller(cases_of([row])[0], now=self.now).headline(),
        }  # fmt: skip
        move = row.moves.last()
        if move and str(move.seq) != self.sent.get("seen", str(move.seq)):
            context |= {"at": move.at, "what": stories.told(row, move)}
        return pages.render(self.request, "aftersales/returns/changed.html", context, status=409)


@asks_and_acts
def withdraw(request: HttpRequest, return_no: str) -> HttpResponse:
    act = Act(request, return_no)
    return act.answer(
        "withdraw.html", forms.Nothing(act.sent), possible=not why_not_withdraw(act.case),
        do=lambda: withdraw_return(act.row.pk, by=act.by, now=act.now), done=_("Your request is withdrawn."),
    )  # fmt: skip


@asks_and_acts
@pages.repeats(KEPT)
def add(request: HttpRequest, return_no: str) -> HttpResponse:
    """Photos, a video or an answer: asked for, or of the customer's own accord."""
    act = Act(request, return_no)
    sent = act.sent is not None
    photos = take_photos(request, act.row.order, by=act.by, now=act.now) if sent else Photos()
    form = forms.EvidenceForm(act.sent, wrong=photos.wrong)
    return act.answer(
        "add.html", form, possible=act.row.evidence_can_be_added,
        do=lambda: add_evidence(
            act.row.pk, evidence=photos.ids, text=form.cleaned_data["text"], by=act.by, now=act.now
        ),
        done=_("Added. Thank you."), kept=photos.kept, photos=photos, pictures=_pictures(photos),
        asked=Teller(act.case, now=act.now).asked, asks=presenting.what_to_show(act.row),
    )  # fmt: skip


@asks_and_acts
@pages.repeats(KEPT)
def courier_paid(request: HttpRequest, return_no: str) -> HttpResponse:
    """The receipt of a courier whom the customer paid for goods that the shop is to blame for (T46)."""
    act = Act(request, return_no)
    sent = act.sent is not None
    photos = take_photos(request, act.row.order, by=act.by, now=act.now) if sent else Photos()
    form = forms.CourierPaidForm(act.sent, currency=act.row.order.currency, wrong=photos.wrong)
    return act.answer(
        "courier_paid.html", form, possible=stored.courier_can_be_repaid(act.row),
        do=lambda: repay_freight(
            act.row.pk, paid=form.cleaned_data["paid"], receipt=photos.ids, by=act.by, now=act.now
        ),
        done=_("Thank you. The shop looks at your receipt."), photos=photos, pictures=_pictures(photos),
        cap=policies.terms_of(act.row).return_freight_cap,
    )  # fmt: skip


def _pictures(photos: Photos) -> list[tuple]:
    return list(zip(presenting.own_photos(photos.kept), photos.kept, strict=True))


@asks_and_acts
def slot(request: HttpRequest, return_no: str) -> HttpResponse:
    act = Act(request, return_no)
    others = vans_beside(act.case, now=act.now)
    form = forms.SlotForm(
        act.sent, merchant=act.row.merchant, now=act.now, chosen=act.row.slot_from, anyway=others.values()
    )
    return act.answer(
        "slot.html", form, possible=slot_can_change(act.case, now=act.now),
        do=lambda: change_slot(
            act.row.pk, slot_from=form.slot.start, slot_to=form.slot.end, by=act.by, now=act.now
        ),
        done=_("Your pickup time is changed."), others=_(", ").join(others), aboard=_(", ").join(together(act.case)),
    )  # fmt: skip


@asks_and_acts
def waybill(request: HttpRequest, return_no: str) -> HttpResponse:
    """The number may be read from a photo first: then the page is shown again, filled in, and nothing is sent."""
    act = Act(request, return_no)
    if act.sent is not None and waybill_photo.is_asked(act.sent, request.FILES):
        if not _takes_a_number(act.case):
            return act.back()
        read = waybill_photo.read(act.sent, request.FILES, case_ref=return_no, now=act.now)
        return act.ask("waybill.html", forms.WaybillForm(initial=read.filled), read=read)
    form = forms.WaybillForm(act.sent)
    return act.answer(
        "waybill.html", form, possible=_takes_a_number(act.case),
        do=lambda: enter_waybill(act.row.pk, **form.cleaned_data, by=act.by, now=act.now),
        done=_("Thank you. We follow the parcel from here."),
    )  # fmt: skip


def _takes_a_number(case: Case) -> bool:
    return case.request.waybill_can_be_entered or waybill_can_be_corrected(case.request, case.parcel)


@require_safe
def waybill_read(request: HttpRequest, return_no: str, photo: UUID) -> HttpResponse:
    """The part of that page about the photo, which looks again by itself while its print is being read."""
    row = request_seen_by(known_viewer(request), return_no)
    read = waybill_photo.look_again(str(photo), case_ref=row.return_no)
    return pages.render(request, "aftersales/returns/_waybill_found.html", {"row": row, "read": read})


@asks_and_acts
def box(request: HttpRequest, return_no: str) -> HttpResponse:
    """The goods did not fit into one: another box with its own waybill."""
    act = Act(request, return_no)
    return act.answer(
        "box.html", form := forms.WaybillForm(act.sent), possible=takes_a_box(act.row, boxes_of(act.row)),
        do=lambda: add_box(act.row.pk, **form.cleaned_data, by=act.by, now=act.now),
        done=_("Thank you. We follow this box as well."),
    )  # fmt: skip


@asks_and_acts
def message(request: HttpRequest, return_no: str) -> HttpResponse:
    act = Act(request, return_no)
    form = forms.MessageForm(act.sent)
    return act.answer(
        "message.html", form, possible=takes_messages(act.row, now=act.now),
        do=lambda: write_message(act.row.pk, text=form.cleaned_data["text"], by=act.by, now=act.now),
        done=_("Your message is sent."),
    )  # fmt: skip


@asks_and_acts
def to_the_bank(request: HttpRequest, return_no: str) -> HttpResponse:
    """What went to the balance by choice goes to the way that was paid with, once, while it is unspent."""
    act = Act(request, return_no)
    wish = stored.to_the_bank(act.row.return_no, act.row.customer, now=act.now)
    return act.answer(
        "to_the_bank.html", forms.Nothing(act.sent), possible=wish is not None,
        do=lambda: take_to_the_bank(act.row.pk, by=act.by, now=act.now),
        done=_("It is on its way to where you paid from."), wish=wish, to=_channels(wish),
    )  # fmt: skip


def _channels(wish: stored.ToTheBank | None) -> str:
    return _(", ").join(channel_name(channel) for channel in wish.channels) if wish else ""


@asks_and_acts
def appeal(request: HttpRequest, return_no: str) -> HttpResponse:
    act = Act(request, return_no)
    form = forms.AppealForm(act.sent)
    possible = can_be_appealed(act.row, now=act.now)
    until = ui.day(appeal_until(act.row), now=act.now, zone=act.row.merchant.zone) if possible else ""
    return act.answer(
        "appeal.html", form, possible=possible,
        do=lambda: ask_a_person(act.row.pk, text=form.cleaned_data["text"], by=act.by, now=act.now),
        done=_("A person of the platform looks at it and answers you within a day."), until=until,
    )  # fmt: skip


@asks_and_acts
def offer(request: HttpRequest, return_no: str) -> HttpResponse:
    """Her answer to a sum for keeping the goods."""
    act = Act(request, return_no)
    form, panel = AnswerForm(act.sent), offer_panel(act.row, now=act.now)
    if form.is_bound and form.is_valid() and not act.row.offers.filter(pk=form.cleaned_data["offer"]).exists():
        raise NotThere
    if panel and form.is_bound:
        panel["form"] = form
    accepts = form.is_bound and form.data.get("do") == ACCEPT
    done = _("Agreed. You keep it, and the money is on its way.") if accepts else _("Declined. Your request goes on.")
    return act.answer(
        "offer.html", form, possible=panel is not None, do=lambda: _answer(act, form.cleaned_data), done=done,
        offer=panel,
    )  # fmt: skip


def _answer(act: Act, said: dict) -> None:
    if said["do"] == ACCEPT:
        accept_offer(said["offer"], by=act.by, now=act.now)
    else:
        decline_offer(said["offer"], text=said["text"], by=act.by, now=act.now)


@asks_and_acts
def another_way(request: HttpRequest, return_no: str, serial: int) -> HttpResponse:
    """Where money goes that could not go back. An old link leads to the case, which says what became of it."""
    act = Act(request, return_no)
    refund = next((one for one in act.case.refunds if one.serial == serial), None)
    if refund is None:
        raise NotThere
    told = presenting.other_ways(refund, bonus=bonus_of(act.row, refund), zone=act.row.merchant.zone, now=act.now)
    form = forms.WayForm(act.sent, balance=told["balance"], bank=told["bank"])
    possible = refund.way_is_closed and refund in act.case.standing
    if not possible and act.sent is None:
        messages.info(request, _("There is nothing to choose for this refund any more. Here is where it is."))
    return act.answer(
        "another_way.html", form, possible=possible,
        do=lambda: choose_way(
            act.row, refund, way=form.cleaned_data["way"], payee=form.payee, by=act.by, now=act.now
        ),
        done=_("Thank you. Your choice is noted."), refund=refund, told=told,
        chosen=payouts.standing_route(refund) if refund.other_way else None,
    )  # fmt: skip
