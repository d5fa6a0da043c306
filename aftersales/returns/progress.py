"""The steps of a case (S52): done, now, next, by when, and who acts."""

from datetime import date, datetime, timedelta

from django.utils.translation import gettext as _

from aftersales.policy import texts
from aftersales.policy.rules import Terms
from aftersales.returns import states
from aftersales.returns.headlines import Teller
from aftersales.returns.queries import Case
from aftersales.returns.services.replacing import holds_up
from aftersales.returns.services.turned_back import DECIDED_BY
from returns_platform.kernel import ui

MONEY = ("refund_only", "return_refund")


class Steps:
    """moves: the request's history. terms: of the policy it was judged by."""

    def __init__(self, case: Case, *, moves: list, terms: Terms, now: datetime):
        self.case, self.request, self.terms, self.now = case, case.request, terms, now
        self.teller = Teller(case, now=now, terms=terms)
        self.reached = {move.to_state: move.at for move in moves}

    def all(self) -> list[ui.Step]:
        found = [self._filed(), self._decided()]
        if self.request.goods_come_back:
            found += [self._handed_over(), self._on_the_road(), self._checked()]
        found += [self._money_sent(), self._money_there()] if self.request.kind in MONEY else [self._replaced()]
        return self._until_stopped(found)

    def _until_stopped(self, found: list[ui.Step]) -> list[ui.Step]:
        """What came to nothing ends where it stopped."""
        endings = {
            states.REJECTED: _("Not approved"),
            states.WITHDRAWN: _("Withdrawn by you"),
            states.LAPSED: _("Closed, the time was over"),
        }
        name = endings.get(self.request.state)
        if name is None:
            return found
        done = [step for step in found if step.state == "done"]
        return [*done, ui.Step(name, "stopped", at=self.request.ended_at, note=self._who_ended())]

    def _who_ended(self) -> str:
        by = self.request.decided_by
        if not self.request.was_refused or by is None:
            return ""
        return _("By the rules") if by.kind == "rule" else _("By %(who)s") % {"who": self._name_of(by)}

    def _name_of(self, by) -> str:
        return self.teller.shop if by.kind in ("merchant", "token") else _("the platform")

    def _filed(self) -> ui.Step:
        by_shop = self.request.filed_by_kind in ("merchant", "token")
        note = _("For you, by %(shop)s") % {"shop": self.teller.shop} if by_shop else ""
        return ui.Step(_("Request filed"), "done", at=self.request.filed_at, note=note)

    def _decided(self) -> ui.Step:
        request = self.request
        if states.APPROVED in self.reached:
            return ui.Step(_("Approved"), "done", at=self.reached[states.APPROVED], note=self._why_approved())
        if request.state == states.NEEDS_EVIDENCE:
            return ui.Step(_("Evidence"), "now", at=request.due_at, sense="by", note=_("You add what is missing"))
        who = _("the platform") if request.waits_for == "support" else self.teller.shop
        note = _("By %(who)s") % {"who": who}
        state = "now" if request.is_undecided else "next"
        return ui.Step(_("Decision"), state, at=request.due_at, sense="by", note=note)

    def _why_approved(self) -> str:
        by = self.request.decided_by
        if by is None or by.kind != "rule":
            return _("By %(who)s") % {"who": self._name_of(by)} if by else ""
        if by.name == "platform.merchant_silence":
            return _("%(shop)s did not answer in time.") % {"shop": self.teller.shop}
        if by.name == DECIDED_BY:
            return _("The parcel went back to %(shop)s.") % {"shop": self.teller.shop}
        reasons = texts.explain_all(self.request.verdict.get("reasons", []))
        return reasons[0]["text"] if reasons else ""

    # --- the goods ---

    def _handed_over(self) -> ui.Step:
        request, parcel = self.request, self.case.parcel
        if self.case.replacement is not None and not request.is_ended and holds_up(self.case.replacement):
            name = _("You choose what becomes of it") if self.case.replacement.is_out_of_stock else _("You pay first")
            return ui.Step(
                name, "now", at=self.case.replacement.due_at, sense="by", note=_("Then you send the goods")
            )
        if at := self._handed_over_at():
            note = f"{parcel.courier_name} {parcel.waybill}".strip() if parcel else ""
            return ui.Step(_("Handed to the courier"), "done", at=at, note=note)
        state = "now" if request.state in (states.APPROVED, states.AWAITING_GOODS) else "next"
        if request.send_back == "pickup" and request.slot_from and not request.pickup_failed_at:
            window = ui.window(
                request.slot_from, request.slot_to, now=self.now, zone=request.merchant.zone, style="plain"
            )
            return ui.Step(_("Pickup"), state, at=request.slot_from, when=window, note=self._courier_note())
        due = request.due_at if state == "now" else None
        return ui.Step(_("You send the goods"), state, at=due, sense="by", when="" if due else self._days_to_send())

    def _handed_over_at(self) -> datetime | None:
        parcel = self.case.parcel
        if parcel and parcel.collected_at:
            return parcel.collected_at
        return self.reached.get(states.IN_TRANSIT) or self.request.delivered_at

    def _courier_note(self) -> str:
        parcel = self.case.parcel
        if parcel is None or not parcel.booked_at:
            return _("The courier is asked once the request is approved") if self.request.is_undecided else ""
        return _("%(courier)s %(waybill)s is booked") % {"courier": parcel.courier_name, "waybill": parcel.waybill}

    def _days_to_send(self) -> str:
        return _("within %(days)s days of the approval") % {"days": self.terms.customer_send_days}

    def _on_the_road(self) -> ui.Step:
        where = {"shop": self.request.goes_to.local_name}
        name = _("Arrived at %(shop)s") % where
        if states.ARRIVED in self.reached:
            return ui.Step(name, "done", at=self.request.delivered_at or self.reached[states.ARRIVED])
        going = self.request.state == states.IN_TRANSIT
        name = _("On its way to %(shop)s") if going else _("Arrives at %(shop)s")
        name %= where
        return ui.Step(name, "now" if going else "next", at=self._expected_at_shop().date(), sense="about")

    def _expected_at_shop(self) -> datetime:
        return self._shop_time(self.teller.expected_at_shop())

    def _checked(self) -> ui.Step:
        name = _("Check of the goods")
        who = _("the platform") if self.request.waits_for == "support" else self.request.goes_to.local_name
        note = _("By %(who)s") % {"who": who}
        if at := self.reached.get(states.SETTLING) if self.request.goods_come_back else None:
            return ui.Step(name, "done", at=self.reached.get(states.INSPECTED, at), note=self._counted())
        now = self.request.state in (states.ARRIVED, states.INSPECTED)
        if now and self.request.due_at:
            return ui.Step(name, "now", at=self.request.due_at, sense="by", note=note)
        return ui.Step(name, "now" if now else "next", at=self._expected_check().date(), sense="about", note=note)

    def _expected_check(self) -> datetime:
        if self.request.delivered_at and self.request.due_at:
            return self._shop_time(self.request.due_at)
        return self._expected_at_shop() + timedelta(hours=self.terms.merchant_count_hours)

    def money_leaves_on(self) -> date:
        """The day on which the money should be sent."""
        if self.request.goods_come_back and not self.request.is_settling:
            return self._expected_check().date()
        waits = self.request.due_at if self.request.is_undecided and self.request.due_at else self.now
        return self._shop_time(waits).date()

    def _counted(self) -> str:
        announced = sum(line.quantity for line in self.case.lines)
        counted = [line.counted for line in self.case.lines if line.counted is not None]
        if not counted:
            return ""
        return _("%(came)s of %(announced)s as announced") % {"came": sum(counted), "announced": announced}

    # --- what it comes to ---

    def _money_sent(self) -> ui.Step:
        asked = [refund.asked_at for refund in self.case.refunds if refund.asked_at]
        if asked and len(asked) == len(self.case.refunds):
            return ui.Step(_("Refund sent"), "done", at=max(asked))
        if self.request.is_completed:
            return ui.Step(_("Refund sent"), "done", at=self.request.ended_at)
        if self.request.is_settling:
            holds = [refund.hold_until for refund in self.case.refunds if refund.hold_until]
            return ui.Step(_("Refund is sent"), "now", at=max(holds, default=None))
        if self.request.goods_come_back:
            return ui.Step(_("Refund is sent"), "next", at=self.money_leaves_on(), sense="about")
        state = "now" if self.request.was_granted else "next"
        return ui.Step(_("Refund is sent"), state, when=_("at once, when approved") if state == "next" else "")

    def _money_there(self) -> ui.Step:
        if self.request.is_completed:
            return ui.Step(_("Arrived"), "done", at=self.request.ended_at)
        due = max((refund.promised_by for refund in self.case.refunds), default=self.teller.arrives_by)
        sent = self.case.refunds and all(refund.asked_at for refund in self.case.refunds)
        state = "now" if self.request.is_settling and sent else "next"
        return ui.Step(_("Arrives"), state, at=due and self._shop_time(due).date(), sense="by")

    def _replaced(self) -> ui.Step:
        names = {
            "exchange": _("The new item is sent"),
            "repair": _("It is mended and sent back"),
            "resend": _("It is sent again"),
        }
        if self.request.is_completed:
            return ui.Step(names[self.request.kind], "done", at=self.request.ended_at)
        state = "now" if self.request.is_settling else "next"
        due = self._expected_check() if self.request.goods_come_back else self.now
        return ui.Step(names[self.request.kind], state, at=(due + timedelta(days=1)).date(), sense="about")

    def _shop_time(self, at: datetime) -> datetime:
        return ui.in_zone(at, self.request.merchant.zone)
