"""A case told to the shop that has to act on it: the sentence on top, what silence does, marks, what happened."""

from datetime import datetime, timedelta

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext

from aftersales.policy import reasons
from aftersales.policy.rules import Terms
from aftersales.returns import states
from aftersales.returns.models import ReturnMove
from aftersales.returns.names import goods_names
from aftersales.returns.queries import Case
from refunds.payouts import states as money
from returns_platform.kernel import ui
from returns_platform.kernel.actors import Actor

SHOWN_GOODS = 2
# Why the rules leave a case to a person, in the few words of a tag.
WHY_A_PERSON = {
    "above_limit": gettext_lazy("Above the limit"),
    "goodwill": gettext_lazy("No fixed rule"),
    "kit": gettext_lazy("Part of a set"),
    "miscounted": gettext_lazy("Count differs"),
    "resettle": gettext_lazy("Promotion changes"),
    "sent_again": gettext_lazy("Sent again before"),
}


class ShopTeller:
    """One case in the shop's words, at one moment. prices: the reader may see sums."""

    def __init__(self, case: Case, *, now: datetime, prices: bool = True):
        self.case, self.request, self.now, self.prices = case, case.request, now, prices

    # --- what it is about ---

    def goods(self) -> str:
        lines = [{"title": line.order_line.title, "quantity": line.quantity} for line in self.case.lines]
        more = len(lines) - SHOWN_GOODS
        if more <= 0:
            return goods_names(lines)
        said = ngettext("%(goods)s and %(n)s more", "%(goods)s and %(n)s more", more)
        return said % {"goods": goods_names(lines[:SHOWN_GOODS]), "n": more}

    def title(self) -> str:
        """The page's sentence: which goods, what is asked for, how much."""
        asks = {
            "refund_only": _("%(goods)s: asks for %(sum)s back"),
            "return_refund": _("%(goods)s: wants to return it for %(sum)s"),
            "exchange": _("%(goods)s: asks for an exchange"),
            "repair": _("%(goods)s: asks for a repair"),
            "resend": _("%(goods)s: asks to have it sent again"),
        }
        without_sum = {
            "refund_only": _("%(goods)s: asks for the money back"),
            "return_refund": _("%(goods)s: wants to return it"),
        }
        kind = self.request.kind
        if self.case.needs_a_sum:
            return _("%(goods)s: asks for a part of the price") % {"goods": self.goods()}
        said = asks[kind] if self.amount is not None else without_sum.get(kind, asks[kind])
        return said % {"goods": self.goods(), "sum": self.sum(self.amount or 0)}

    def reasons(self) -> list[str]:
        return list(dict.fromkeys(reason_text(line.reason) for line in self.case.lines))

    def reason_facts(self) -> list[ui.Fact]:
        """Why, as it counts now; and what the customer said, where the inspection found another reason."""
        said = dict.fromkeys(reason_text(line.reason_filed) for line in self.case.lines if line.reason_filed)
        facts = [ui.Fact(_("Reason"), _(", ").join(self.reasons()))]
        return [*facts, ui.Fact(_("The customer said"), _(", ").join(said))] if said else facts

    @property
    def amount(self) -> int | None:
        """What goes back to the customer, where money does and the reader may see it."""
        if not self.prices or self.request.bill is None or self.request.kind not in ("refund_only", "return_refund"):
            return None
        return self.request.bill.refund

    # --- what happens if nobody acts ---

    def silence(self, terms: Terms) -> str:
        request = self.request
        if request.is_ended:
            return self._how_it_ended()
        return {
            states.IN_REVIEW: self._unanswered,
            states.NEEDS_EVIDENCE: self._nothing_added,
            states.APPROVED: self._not_handed_over,
            states.AWAITING_GOODS: self._not_handed_over,
            states.IN_TRANSIT: self._on_the_road,
            states.ARRIVED: self._not_checked,
            states.INSPECTED: self._unconfirmed,
            states.SETTLING: self._money,
        }.get(request.state, lambda _terms: "")(terms)

    def _unanswered(self, _terms: Terms) -> str:
        if self.request.waits_for == "support":
            return _("A person of the platform answers %(by)s") % {"by": self.by(self.request.due_at)}
        if self.case.needs_a_sum:
            return _("If nobody answers %(by)s, the platform decides") % {"by": self.by(self.request.due_at)}
        if self._is_over:
            return _("The time to answer is over: it is granted within a minute")
        return _("If nobody answers %(by)s, it is granted") % {"by": self.by(self.request.due_at)}

    def _nothing_added(self, _terms: Terms) -> str:
        said = _("Your clock stands still. If the customer adds nothing %(by)s, it is closed")
        return said % {"by": self.by(self.request.due_at)}

    def _not_handed_over(self, _terms: Terms) -> str:
        if not self.request.goods_come_back:
            return _("Nothing comes back; the money follows by itself")
        if not self.request.due_at:
            return _("The customer sends the goods")
        by = {"by": self.by(self.request.due_at)}
        if self.request.waits_for == "courier":
            return _("If no courier comes %(by)s, the customer takes another time or sends the goods") % by
        return _("If the goods are not sent %(by)s, it is closed") % by

    def _on_the_road(self, _terms: Terms) -> str:
        by = {"by": self.by(self.request.due_at)}
        if self.request.waits_for == "merchant":
            return _("The goods wait for you. If nothing happens %(by)s, the platform decides") % by
        if self.request.waits_for == "support":
            return _("The parcel will not come. A person of the platform decides %(by)s") % by
        if not self.request.due_at:
            return _("The goods are on their way. Nothing to do until they arrive")
        return _("The goods are on their way. If they are not here %(by)s, the platform asks the courier") % by

    def _not_checked(self, terms: Terms) -> str:
        if self.request.waits_for == "support":
            return _("None of the goods came: a person of the platform decides")
        last = self.request.delivered_at + timedelta(days=terms.inspection_days)
        return _("If nobody checks the goods %(by)s, the money goes back as approved") % {"by": self.by(last)}

    def _unconfirmed(self, _terms: Terms) -> str:
        said = _("The inspection found a difference. If nobody decides %(by)s, the platform does")
        return said % {"by": self.by(self.request.due_at)}

    def _money(self, _terms: Terms) -> str:
        waiting = {refund.state for refund in self.case.standing}
        if money.HELD in waiting:
            return _("The money waits until a second person agrees")
        if waiting & {money.MANUAL, *money.CAME_TO_NOTHING}:
            return _("The money is held up: a person of the platform looks at it")
        leaves_at = self.money_leaves_at()
        if leaves_at:
            return _("The money leaves at %(time)s") % {"time": f"{ui.in_zone(leaves_at, self.zone):%H:%M}"}
        return _("The money is on its way")

    def _how_it_ended(self) -> str:
        ended = {
            states.COMPLETED: _("Done on %(day)s"),
            states.REJECTED: _("Refused on %(day)s"),
            states.WITHDRAWN: _("Withdrawn by the customer on %(day)s"),
            states.LAPSED: _("Closed on %(day)s, the customer's time was over"),
        }
        return ended[self.request.state] % {"day": ui.day(self.request.ended_at, now=self.now, zone=self.zone)}

    def money_leaves_at(self) -> datetime | None:
        """Until when a promise can still be stopped; None when nothing is promised or it has left."""
        holds = [refund.hold_until for refund in self.case.refunds if refund.state == money.PROMISED]
        return max((until for until in holds if until and until > self.now), default=None)

    @property
    def clock_runs(self) -> bool:
        """Whether the time on the page is the shop's own."""
        return self.request.waits_for == "merchant" and not self.request.is_ended

    @property
    def _is_over(self) -> bool:
        return bool(self.request.due_at and self.request.due_at < self.now)

    # --- a row of the inbox ---

    def mark(self) -> ui.Mark:
        special = {
            states.IN_REVIEW: self._why_a_person,
            states.ARRIVED: self._at_the_bench,
            states.SETTLING: self._where_the_money_is,
        }.get(self.request.state)
        return special() if special else MARKS[self.request.state].shown()

    def _why_a_person(self) -> ui.Mark:
        if self.request.waits_for == "support":
            return ui.Mark(_("The platform decides"))
        fired = self.request.verdict.get("reasons") or [{}]
        return ui.Mark(str(WHY_A_PERSON.get(fired[0].get("code"), _("A person decides"))), "now")

    def _at_the_bench(self) -> ui.Mark:
        if self.request.counted_at is None:
            return ui.Mark(_("To count"), "now")
        short = sum(line.missing for line in self.case.lines)
        if short:
            return ui.Mark(ngettext("%(n)s missing", "%(n)s missing", short) % {"n": short}, "late")
        return ui.Mark(_("To inspect"), "now")

    def _where_the_money_is(self) -> ui.Mark:
        if self.request.is_replaced and self.request.waits_for in ("merchant", "customer", "courier"):
            return self._where_the_new_ones_are()
        waiting = {refund.state for refund in self.case.standing}
        if money.HELD in waiting:
            return ui.Mark(_("Second person"), "late")
        if waiting & {money.MANUAL, *money.CAME_TO_NOTHING}:
            return ui.Mark(_("Held up"), "bad")
        return ui.Mark(_("Being paid"), "now")

    def _where_the_new_ones_are(self) -> ui.Mark:
        """What replaces the goods: with the shop, waited for by the customer, or on its way to her."""
        return {
            "merchant": ui.Mark(_("To send"), "now"),
            "customer": ui.Mark(_("The customer chooses"), "late"),
            "courier": ui.Mark(_("Sent to the customer"), "now"),
        }[self.request.waits_for]

    # --- what happened ---

    def happened_then(self, move: ReturnMove) -> str:
        return _("%(what)s, %(when)s") % {"what": self.happened(move), "when": self.at(move.at)}

    def happened(self, move: ReturnMove) -> str:
        """One sentence about one move: who did what."""
        occasions = {
            "granted_by_silence": _("Granted, because nobody answered in time"),
            "inspection_overdue": _("Nobody inspected in time, so the money goes back as approved"),
            "parcel_lost": _("The parcel is lost, so the request goes on as if it had arrived"),
            "goods_went_back": _("%(who)s closed it, because the customer has the goods again"),
            "undone": _("%(who)s took the decision back"),
            "returned_to_sender": _("The parcel is on its way back to you, so it is refunded"),
            "reopened": _("%(who)s opened it again after the customer called"),
        }
        said = occasions.get(move.note) or self._sentence(move)
        return said % {"who": self.who(move.by)}

    def _sentence(self, move: ReturnMove) -> str:
        by_somebody = SOMEBODY.get((move.to_state, move.note)) or SOMEBODY.get((move.to_state, ""))
        if (move.by.person or move.by.kind == "centre") and by_somebody:
            return str(by_somebody)
        return str(BY_ITSELF[move.to_state])

    def who(self, actor: Actor) -> str:
        if actor.kind == "customer":
            return self.request.customer.name
        if actor.kind == "merchant":
            return actor.name or _("A colleague")
        if actor.kind == "centre":
            return actor.name or _("The return centre")
        if actor.kind == "token":
            return _("Your shop system")
        return {"courier": _("The courier"), "rule": _("The rules")}.get(actor.kind, _("The platform"))

    # --- facts in words ---

    @property
    def zone(self) -> str:
        return self.request.merchant.zone

    def by(self, at: datetime | None) -> str:
        return ui.moment(at, now=self.now, zone=self.zone, sense="by") if at else ""

    def at(self, at: datetime) -> str:
        return ui.moment(at, now=self.now, zone=self.zone, style="near")

    def sum(self, amount: int) -> str:
        return ui.money(amount, self.request.order.currency)


def reason_text(code: str) -> str:
    """A code of a later program stands for itself."""
    return str(reasons.get(code).text) if reasons.known(code) else code


def asked_kind(kind: str) -> str:
    """What a decision grants, as the object of a button."""
    return {
        "refund_only": pgettext("grant", "Approve the refund"),
        "return_refund": pgettext("grant", "Approve the return"),
        "exchange": pgettext("grant", "Approve the exchange"),
        "repair": pgettext("grant", "Approve the repair"),
        "resend": pgettext("grant", "Approve sending again"),
    }[kind]


class _Tag:
    def __init__(self, text, tone: str = ""):
        self.text, self.tone = text, tone

    def shown(self) -> ui.Mark:
        return ui.Mark(str(self.text), self.tone)


MARKS = {
    states.SUBMITTED: _Tag(gettext_lazy("Just filed")),
    states.NEEDS_EVIDENCE: _Tag(gettext_lazy("Waits for the customer")),
    states.APPROVED: _Tag(gettext_lazy("Waits for the goods")),
    states.AWAITING_GOODS: _Tag(gettext_lazy("Waits for the goods")),
    states.IN_TRANSIT: _Tag(gettext_lazy("On the road"), "now"),
    states.INSPECTED: _Tag(gettext_lazy("Inspection differs"), "late"),
    states.COMPLETED: _Tag(gettext_lazy("Completed"), "good"),
    states.REJECTED: _Tag(gettext_lazy("Refused"), "bad"),
    states.WITHDRAWN: _Tag(gettext_lazy("Withdrawn")),
    states.LAPSED: _Tag(gettext_lazy("Lapsed")),
}
SOMEBODY = {
    (states.SUBMITTED, ""): gettext_lazy("%(who)s filed the request"),
    (states.IN_REVIEW, ""): gettext_lazy("%(who)s added what was asked for"),
    (states.IN_REVIEW, "filed"): gettext_lazy("Waits for a decision"),
    (states.NEEDS_EVIDENCE, ""): gettext_lazy("%(who)s asked for evidence"),
    (states.APPROVED, ""): gettext_lazy("%(who)s approved it"),
    (states.IN_TRANSIT, ""): gettext_lazy("%(who)s handed the goods over"),
    (states.ARRIVED, ""): gettext_lazy("%(who)s counted the goods"),
    (states.INSPECTED, ""): gettext_lazy("%(who)s inspected the goods"),
    (states.SETTLING, "inspected"): gettext_lazy("The inspection holds: the money may leave"),
    (states.SETTLING, "approved"): gettext_lazy("%(who)s confirmed the money"),
    (states.REJECTED, ""): gettext_lazy("%(who)s refused it"),
    (states.WITHDRAWN, ""): gettext_lazy("%(who)s withdrew it"),
}
BY_ITSELF = {
    states.SUBMITTED: gettext_lazy("The request was filed"),
    states.IN_REVIEW: gettext_lazy("Waits for a decision"),
    states.NEEDS_EVIDENCE: gettext_lazy("By the rules, evidence is missing"),
    states.APPROVED: gettext_lazy("Approved by the rules"),
    states.AWAITING_GOODS: gettext_lazy("The way back is ready"),
    states.IN_TRANSIT: gettext_lazy("The courier has the goods"),
    states.ARRIVED: gettext_lazy("The courier delivered the goods"),
    states.INSPECTED: gettext_lazy("The inspection found a difference"),
    states.SETTLING: gettext_lazy("The money may leave"),
    states.COMPLETED: gettext_lazy("All is paid"),
    states.REJECTED: gettext_lazy("Refused by the rules"),
    states.WITHDRAWN: gettext_lazy("Withdrawn before anything was sent"),
    states.LAPSED: gettext_lazy("Closed, because the customer's time was over"),
}
