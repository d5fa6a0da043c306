"""The sentence a case's page exists for: what happened, what next, by when. Told to the customer."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property

from django.templatetags.static import static
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from aftersales.policy import texts
from aftersales.policy.reasons import EVIDENCE, REASONS, REJECTIONS, leaves_goods
from aftersales.policy.rules import Terms
from aftersales.returns import states, swap_words
from aftersales.returns.names import channel_as_party, channel_name, goods_names, kind_name, sentences, shop_name
from aftersales.returns.queries import Case
from aftersales.returns.services.judging import IN_TRANSIT_DAYS
from refunds.payouts import queries as payouts
from refunds.payouts import states as money
from refunds.payouts import texts as refund_texts
from returns_platform.kernel import ui

ON_THE_ROAD = timedelta(days=IN_TRANSIT_DAYS)
A_DAY = timedelta(days=1)  # to hand over what the customer sends herself


@dataclass(frozen=True, slots=True)
class Headline:
    """mark: now, good, late or bad. line: what next, and what the customer does (often nothing)."""

    mark: str
    title: str
    line: str = ""


class Teller:
    """One case, told in the reader's language at one moment. terms: of its policy; lists do without."""

    def __init__(self, case: Case, *, now: datetime, terms: Terms | None = None):
        self.case, self.request, self.now, self.terms = case, case.request, now, terms

    # --- the sentence on the case's own page ---

    def headline(self) -> Headline:
        return {
            states.SUBMITTED: self._in_review,
            states.IN_REVIEW: self._in_review,
            states.NEEDS_EVIDENCE: self._needs_evidence,
            states.APPROVED: self._approved,
            states.AWAITING_GOODS: self._approved,
            states.IN_TRANSIT: self._in_transit,
            states.ARRIVED: self._arrived,
            states.INSPECTED: self._inspected,
            states.SETTLING: self._settling,
            states.COMPLETED: self._completed,
            states.REJECTED: self._rejected,
            states.WITHDRAWN: self._withdrawn,
            states.LAPSED: self._lapsed,
        }[self.request.state]()

    def _in_review(self) -> Headline:
        if self.request.waits_for == "support":
            title = _("A person of the platform answers %(by)s") % {"by": self.by(self.request.due_at)}
            return Headline("now", title, self._nothing_to_do())
        title = _("%(shop)s answers %(by)s") % {"shop": self.shop, "by": self.by(self.request.due_at)}
        if self.case.needs_a_sum:
            return Headline("now", title, _("If not, the platform decides. There is nothing you need to do."))
        return Headline("now", title, _("If not, your request is granted. There is nothing you need to do."))

    def _needs_evidence(self) -> Headline:
        title = _("Something is missing: add it %(by)s") % {"by": self.by(self.request.due_at)}
        return Headline("late", title, _("%(what)s We look again at once.") % {"what": self.asked})

    def _approved(self) -> Headline:
        if not self.request.goods_come_back:
            return Headline("good", self._approved_title(), self._money_line())
        if self.request.pickup_failed_at:
            return self._no_courier()
        if self.request.send_back == "pickup" and self.request.slot_from:
            title = _("Approved. Hand the goods to the courier %(window)s") % {"window": self.slot}
        elif self.request.send_back == "drop_off":
            title = _("Approved. Bring the goods %(by)s") % {"by": self.by(self.request.due_at)}
        else:
            title = _("Approved. Send the goods %(by)s") % {"by": self.by(self.request.due_at)}
        return Headline("good", title, sentences(self._money_line(), self._freight()))

    def _approved_title(self) -> str:
        if any(line.shipped and leaves_goods(line.reason) for line in self.case.lines):
            return _("Approved, keep the goods")
        return _("Approved. Nothing has to come back")

    def _no_courier(self) -> Headline:
        title = _("No courier came. Take another time, or send it yourself %(by)s")
        return Headline("late", title % {"by": self.by(self.request.due_at)}, self._money_line())

    def _in_transit(self) -> Headline:
        if self.request.waits_for == "support":
            title = _("The parcel did not get through. A person of the platform decides %(by)s")
            line = _("Keep the courier's receipt. You can write a message below.")
            return Headline("late", title % {"by": self.by(self.request.due_at)}, line)
        if self._is_turned_away:
            title = _("%(shop)s did not accept the parcel and says why %(by)s")
            said = title % {"shop": self.shop, "by": self.by(self.request.due_at)}
            return Headline("late", said, _("If it does not, a person of the platform decides."))
        day = self.day(self.expected_at_shop(), sense="about")
        title = _("The parcel is on its way: at %(shop)s %(about)s") % {"shop": self.shop, "about": day}
        line = _("%(shop)s checks the goods, then the money goes back. There is nothing you need to do.")
        return Headline("now", title, line % {"shop": self.shop})

    @property
    def _is_turned_away(self) -> bool:
        parcel = self.case.parcel
        return self.request.waits_for == "merchant" and parcel is not None and parcel.was_turned_back

    def _arrived(self) -> Headline:
        if self.request.waits_for == "support":
            title = _("The parcel came without the goods. A person of the platform finds out why %(by)s")
            line = _("No money moves until then. You can write a message below.")
            return Headline("late", title % {"by": self.by(self.request.due_at)}, line)
        if self.request.counted_at:
            title = _("%(shop)s has the goods and checks them %(by)s")
        else:
            title = _("The parcel has arrived. %(shop)s opens it %(by)s")
        said = title % {"shop": self.shop, "by": self.by(self.request.due_at)}
        line = _("If nobody does, the money goes back as approved. There is nothing you need to do.")
        return Headline("now", said, line)

    def _inspected(self) -> Headline:
        title = _("%(shop)s found a difference and decides %(by)s")
        said = title % {"shop": self.shop, "by": self.by(self.request.due_at)}
        return Headline("late", said, _("You can write a message below."))

    def _settling(self) -> Headline:
        worst = (refund for state in WORST_FIRST for refund in self.case.standing if refund.state == state)
        refund = next(worst, None)
        if refund is None:
            return self._before_the_money()
        told = self._told_of(refund)
        return Headline(
            told.mark, told.title, sentences(self._other_refunds(refund), told.line, self._missing_units())
        )

    def _before_the_money(self) -> Headline:
        if not self.amount:
            return Headline("now", _("A person of the platform arranges what follows"), self._nothing_to_do())
        title = _("%(sum)s goes back to you now") % {"sum": self.sum(self.amount)}
        return Headline("now", title, self._nothing_to_do())

    def _told_of(self, refund) -> Headline:
        channel, by = channel_as_party(refund.channel), self.day(refund.promised_by)
        facts = {"sum": self.sum(refund.amount), "channel": channel, "by": by}
        if refund.way_is_closed:
            return self._another_way(refund, facts)
        if refund.is_paid_by_hand and refund.state in (money.MANUAL, money.ACCEPTED):
            return self._by_hand(refund, facts)
        if refund.state == money.MANUAL:
            line = _("%(why)s A person looks at it within a day and writes to you. The money is not lost.")
            why = refund_texts.problem(refund.problem)
            return Headline("late", _("%(sum)s is held up") % facts, (line % {"why": why}).strip())
        if refund.state == money.UNKNOWN:
            line = _("Your %(sum)s is safe. We keep asking and tell you what became of it %(by)s.")
            return Headline("late", _("%(channel)s is slow to answer us") % facts, line % facts)
        if refund.state == money.ACCEPTED:
            title = _("%(channel)s has accepted your refund of %(sum)s. It arrives %(by)s.")
            return Headline("now", title % facts, self._nothing_to_do())
        if refund.state == money.HELD:
            line = _("Sums of this size need two people.")
            return Headline("now", _("A second person agrees to your refund of %(sum)s") % facts, line)
        return Headline("now", _("%(sum)s goes back to you and arrives %(by)s") % facts, self._nothing_to_do())

    def _another_way(self, refund, facts: dict) -> Headline:
        """The way she paid is closed: what she is asked, or what becomes of what she chose."""
        why = refund_texts.why_another_way(state=refund.state, problem=refund.problem)
        if not refund.other_way:
            title = _("%(sum)s could not go back: choose another way") % facts
            return Headline("late", title, _("%(why)s The money is not lost.") % {"why": why})
        if refund.other_way == "balance":
            line = _("As soon as the channel has given it back to us. The money is not lost.")
            return Headline("now", _("%(sum)s goes to your balance") % facts, line)
        line = _("Two people of ours look at the account first, then we transfer it. The money is not lost.")
        return Headline("now", _("%(sum)s goes to the bank account that you named") % facts, line)

    def _by_hand(self, refund, facts: dict) -> Headline:
        where = _("To %(account)s.") % {"account": refund.account}
        if not refund.account:
            where = _("To the account that you paid from.")
        if refund.state == money.MANUAL:
            title = _("We transfer %(sum)s to you. It arrives %(by)s.") % facts
        else:
            title = _("%(sum)s is transferred. It arrives %(by)s.") % facts
        return Headline("now", title, sentences(where, self._nothing_to_do()))

    def _missing_units(self) -> str:
        """Announced, and not in the parcel: still open with a person."""
        missing = sum(line.missing for line in self.case.lines)
        if not missing:
            return ""
        said = ngettext(
            "%(n)s unit was not in the parcel; a person is looking for it.",
            "%(n)s units were not in the parcel; a person is looking for them.",
            missing,
        )
        return said % {"n": missing}

    def _other_refunds(self, told) -> str:
        """What the sentence did not speak of: parts that are there already."""
        there = [refund for refund in self.case.refunds if refund.state == money.ARRIVED and refund != told]
        words = _("%(sum)s has arrived already: %(channel)s.")
        return sentences(
            *(words % {"sum": self.sum(refund.amount), "channel": channel_name(refund.channel)} for refund in there)
        )

    def _completed(self) -> Headline:
        paid = [refund for refund in self.case.refunds if refund.state == money.ARRIVED]
        if not paid:
            return Headline("good", _("Done. Nothing is open."))
        title = _("%(sum)s has arrived") % {"sum": self.sum(sum(refund.amount + refund.bonus for refund in paid))}
        parts = [
            _("%(sum)s to %(where)s, %(when)s")
            % {
                "sum": self.sum(refund.amount + refund.bonus),
                "where": refund_texts.where(refund.channel, refund.account),
                "when": self.moment(refund.arrived_at),
            }
            for refund in paid
        ]
        line = _("%(parts)s. This request is complete.") % {"parts": _("; ").join(parts)}
        return Headline("good", title, sentences(line, self._missing_units()))

    def _rejected(self) -> Headline:
        by_person = self.request.refusal_code
        line = sentences(self.request.refusal_text, self._would_change_it()) if by_person else self.what_would_help
        return Headline("bad", self.refusal.rstrip(".。"), line or self._only_a_person())

    def _would_change_it(self) -> str:
        """What would change the mind of whoever refused, where it is a thing that can be shown or told."""
        if self.request.refusal_code == "R_MORE_INFO":
            return _("Ask again and say what is wrong, where, and since when.")
        if self.request.refusal_code != "R_NO_EVIDENCE":
            return ""
        asks = dict.fromkeys(
            _within_a_sentence(str(ask)) for line in self.case.lines for ask in _shown_for(line.reason)
        )
        return _("Ask again with photos: %(things)s.") % {"things": _(", ").join(asks)} if asks else ""

    @staticmethod
    def _only_a_person() -> str:
        """Nothing that could be added would change what a rule said."""
        return _("If something kept you from asking in time, or we see it wrong, tell a person: they can decide it.")

    @property
    def what_would_help(self) -> str:
        """The one thing that would change a refusal by the rules; often there is none."""
        return sentences(*map(texts.missing_text, self.request.verdict.get("missing", [])))

    def _withdrawn(self) -> Headline:
        line = _("The units are free again: you can ask anew while the time for it runs.")
        return Headline("bad", _("Withdrawn on %(day)s") % {"day": self.ended_on}, line)

    def _lapsed(self) -> Headline:
        title = _("Closed on %(day)s, because the time was over")
        more = _("If something kept you from it, write it below: %(shop)s reads it.") % {"shop": self.shop}
        line = _("No money moved. You can ask anew while the time for it runs.")
        return Headline("bad", title % {"day": self.ended_on}, sentences(line, more))

    # --- the same in a few words, for lists ---

    def next_thing(self) -> str:
        """The next thing and its time; for what has ended, how."""
        request = self.request
        if request.is_ended:
            return self._ending()
        if self.case.replacement and (said := self._what_replaces_it()):
            return said
        if request.is_settling:
            return self._money_in_a_few_words()
        if request.waits_for == "customer" and request.due_at:
            wait = _("Add what is missing %(by)s") if request.is_undecided else _("Send the goods %(by)s")
            return wait % {"by": self.by(request.due_at)}
        to_hand_over = request.state in (states.APPROVED, states.AWAITING_GOODS) and request.goods_come_back
        if to_hand_over and request.slot_from:
            return _("Pickup %(window)s") % {"window": self.slot}
        if request.state == states.IN_TRANSIT and (request.waits_for == "support" or self._is_turned_away):
            return _("The parcel did not get through")
        if request.state == states.IN_TRANSIT:
            day = self.day(self.expected_at_shop(), sense="about")
            return _("On its way: at %(shop)s %(about)s") % {"shop": self.shop, "about": day}
        if request.was_granted and not request.goods_come_back:
            return self._money_in_a_few_words()
        return self._somebody_by()

    def _somebody_by(self) -> str:
        arrived = self.request.counted_at or self.request.delivered_at
        said = _("%(who)s checks the goods %(by)s") if arrived else _("%(who)s answers %(by)s")
        who = _("The platform") if self.request.waits_for == "support" else self.shop
        return said % {"who": who, "by": self.by(self.request.due_at)}

    def _what_replaces_it(self) -> str:
        swap = self.case.replacement
        return swap_words.next_thing(swap, settling=self.request.is_settling, by=self.by(swap.due_at), shop=self.shop)

    def _money_in_a_few_words(self) -> str:
        due = max((refund.promised_by for refund in self.case.refunds), default=self.arrives_by)
        if not self.amount or due is None:
            return _("Approved")
        return _("%(sum)s arrives %(by)s") % {"sum": self.sum(self.amount), "by": self.day(due)}

    def _ending(self) -> str:
        words = {
            states.COMPLETED: _("Done: %(sum)s has arrived") if self.amount else _("Done"),
            states.REJECTED: _("Not approved"),
            states.WITHDRAWN: _("Withdrawn"),
            states.LAPSED: _("Closed, the time was over"),
        }
        return words[self.request.state] % {"sum": self.sum(self.amount)}

    def mark(self) -> ui.Mark:
        """The state as a tag."""
        tones = {
            states.SUBMITTED: ui.Mark(_("In review")),
            states.IN_REVIEW: ui.Mark(_("In review")),
            states.NEEDS_EVIDENCE: ui.Mark(_("Waits for you"), "late"),
            states.APPROVED: ui.Mark(_("Approved"), "good"),
            states.AWAITING_GOODS: ui.Mark(_("Approved"), "good"),
            states.IN_TRANSIT: ui.Mark(_("On its way"), "now"),
            states.ARRIVED: ui.Mark(_("Being checked"), "now"),
            states.INSPECTED: ui.Mark(_("Being checked"), "late"),
            states.SETTLING: ui.Mark(_("Being paid"), "now"),
            states.COMPLETED: ui.Mark(_("Done"), "good"),
            states.REJECTED: ui.Mark(_("Not approved"), "bad"),
            states.WITHDRAWN: ui.Mark(_("Withdrawn")),
            states.LAPSED: ui.Mark(_("Closed")),
        }
        if self.request.is_settling and self.request.is_replaced:
            return ui.Mark(_("Being replaced"), "now")
        return tones[self.request.state]

    # --- facts in words ---

    @cached_property
    def shop(self) -> str:
        return shop_name(self.request.merchant)

    @property
    def zone(self) -> str:
        return self.request.merchant.zone

    @property
    def amount(self) -> int:
        bill = self.request.bill
        return bill.refund + bill.bonus if bill else 0

    @property
    def arrives_by(self) -> datetime | None:
        """When the money is there at the latest; later than first said when the goods start later."""
        bill = self.request.bill
        if bill is None or self.terms is None or not self.request.goods_come_back:
            return bill and bill.arrives_by
        channels = {part["channel"] for part in bill.tenders} if self.request.refund_to == "original" else {"balance"}
        checked = self.expected_at_shop() + timedelta(hours=self.terms.merchant_count_hours)
        found = [payouts.arrives_by(channel, at=checked, zone=self.zone) for channel in channels]
        return max([bill.arrives_by, *found])

    @property
    def ended_on(self) -> str:
        return ui.day(self.request.ended_at, now=self.now, zone=self.zone, style="plain")

    def handed_over_at(self) -> datetime | None:
        parcel = self.case.parcel
        return (parcel and (parcel.collected_at or parcel.booked_at)) or self.request.delivered_at

    def expected_at_shop(self) -> datetime:
        """When the goods should be there, never before now."""
        if self.request.delivered_at:
            return self.request.delivered_at
        start = self.handed_over_at() if self.request.state == states.IN_TRANSIT else None
        planned = None if self.request.pickup_failed_at else self.request.slot_to
        start = start or max(planned or self.request.filed_at + A_DAY, self.now)
        return max(start + ON_THE_ROAD, self.now)

    @property
    def tells_the_money(self) -> bool:
        """Whether the headline says already how much comes back and when."""
        request = self.request
        return request.is_ended or request.is_settling or request.state in (states.APPROVED, states.AWAITING_GOODS)

    @property
    def slot(self) -> str:
        return ui.window(self.request.slot_from, self.request.slot_to, now=self.now, zone=self.zone)

    @property
    def asked(self) -> str:
        """What the customer should show, in the words of whoever asked."""
        request = self.request
        if request.asked_text:
            return request.asked_text
        asks = [str(ask) for name in request.asked_classes for ask in EVIDENCE[name].asks]
        if asks:
            return _("Please add: %(things)s.") % {"things": _(", ").join(asks)}
        return self.what_would_help

    @property
    def refusal(self) -> str:
        rejection = REJECTIONS.get(self.request.refusal_code)
        if rejection and rejection.internal:  # the customer is told the finding, never the label
            return _("Not approved this time")
        if rejection:
            return _("Not approved this time: %(why)s") % {"why": _within_a_sentence(str(rejection.text))}
        reasons = texts.explain_all(self.request.verdict.get("reasons", []))
        return reasons[0]["text"] if reasons else _("Not approved this time")

    def _money_line(self) -> str:
        if not self.amount:
            return ""
        said = {"sum": self.sum(self.amount), "by": self.day(self.arrives_by)}
        return _("You get %(sum)s %(by)s.") % said

    def _freight(self) -> str:
        body = self.request.bill.body if self.request.bill else {}
        if body.get("return_payer") == "merchant":
            return _("The shop pays the courier.")
        if body.get("return_payer") == "customer" and body["return_amount"] and not body["deducted"]:
            return _("You pay the courier, about %(sum)s.") % {"sum": self.sum(body["return_amount"])}
        return ""

    @staticmethod
    def _nothing_to_do() -> str:
        return _("There is nothing you need to do.")

    def sum(self, amount: int) -> str:
        return ui.money(amount, self.request.order.currency)

    def moment(self, at: datetime) -> str:
        return ui.moment(at, now=self.now, zone=self.zone)

    def by(self, at: datetime | None) -> str:
        return ui.moment(at, now=self.now, zone=self.zone, sense="by") if at else ""

    def day(self, at: datetime, *, sense: str = "by") -> str:
        return ui.day(at, now=self.now, zone=self.zone, sense=sense)


def _within_a_sentence(ground: str) -> str:
    return ground[:1].lower() + ground[1:]


def _shown_for(reason: str) -> tuple:
    """The photos of the reason's class; where it asks for none, what shows any problem."""
    asked = REASONS[reason].evidence if reason in REASONS else "E0"
    return EVIDENCE[asked].asks or EVIDENCE["E1"].asks


WORST_FIRST = (
    money.CLOSED, money.RETURNED_BY_BANK, money.MANUAL, money.UNKNOWN, money.HELD, money.PROMISED, money.SENDING,
    money.ACCEPTED,
)  # fmt: skip


def in_a_few_words(cases: list[Case], *, now: datetime) -> list[dict]:
    """Cases as lists show them: the next thing, the goods, the sum, the mark."""
    return [_row(case, Teller(case, now=now)) for case in cases]


def _row(case: Case, teller: Teller) -> dict:
    request = case.request
    goods = [{"title": line.order_line.title, "quantity": line.quantity} for line in case.lines]
    return {
        "request": request,
        "title": teller.next_thing(),
        "goods": goods_names(goods),
        "kind": kind_name(request.kind),
        "shop": teller.shop,
        "zone": teller.zone,
        "amount": teller.amount or None,
        "image": static(case.picture) if case.picture else "",
        "mark": teller.mark(),
    }
