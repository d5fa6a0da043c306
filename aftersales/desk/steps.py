"""What can be done to a case, step by step: filled in, checked against what was seen, read back, carried out."""

from django.utils.translation import gettext as _

from aftersales.desk import deciding, reviewing, services
from aftersales.desk.forms import (
    AGREE,
    APPROVE,
    ASK,
    DECLINE,
    OFFER,
    PART,
    PAY,
    REFUSE,
    CompensateForm,
    DecideForm,
    GiftStepForm,
    MissingForm,
    ReopenForm,
    RoadForm,
    SecondForm,
)
from aftersales.desk.models import Lease
from aftersales.desk.readers import Reader, name_of
from aftersales.returns import gifts, part_forms, stored
from aftersales.returns.models import ReturnRequest
from aftersales.returns.services import appeals, decisions, finding, money
from aftersales.returns.services.balance import take_to_the_bank
from aftersales.returns.services.compensating import (
    agree_to_compensation,
    compensate_case,
    decline_compensation,
)
from aftersales.returns.services.messages import write_message
from refunds.wallet.queries import compensations_of
from refunds.wallet.services.compensating import CompensatedAlready
from returns_platform.kernel import ui
from returns_platform.kernel.errors import Invalid, NotAllowed, WrongState


class Step:
    """One way to move a case. right: what the address asks for; `must_be_allowed` asks for what the choice needs."""

    name = right = ""

    def __init__(self, row: ReturnRequest, reader: Reader, sent):
        self.row, self.reader = row, reader
        self.form = self.form_for(sent)

    @property
    def said(self) -> dict:
        return self.form.cleaned_data

    @property
    def wanted(self) -> str:
        return self.form.data.get("do", "")

    @property
    def seen(self) -> int | None:
        """The version of the case on the page that was sent."""
        text = self.form.data.get("seen", "")
        return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None

    def must_be_as_seen(self) -> None:
        if self.seen is not None and self.seen != self.row.version:
            raise WrongState(state=self.row.state)

    def must_be_allowed(self) -> None: ...

    def overtaken(self) -> str:
        """Who moved the case after the page was opened, in a sentence; empty when nobody did."""
        move = self.row.moves.filter(seq__gt=self.seen).last() if self.seen is not None else None
        return reviewing.teller_of(self.row, self.reader).overtaken(move) if move else ""

    def read_back(self) -> list[ui.Fact]:
        """What will happen, and what was written, before anything happens."""
        title = reviewing.teller_of(self.row, self.reader).title()
        return [ui.Fact(_("Request"), f"{self.row.return_no}: {title}"), *self.facts()]


class Decide(Step):
    name, right = "decide", "aftersales.ask_evidence"

    def form_for(self, sent) -> DecideForm:
        self.offered = deciding.choices(self.row, self.reader)
        return DecideForm(sent, choices=[(one.value, one.label) for one in self.offered])

    def must_be_allowed(self) -> None:
        """What the groups, or the shop's running time, forbid is a 403, not a wrong input."""
        if self.wanted in (APPROVE, PART, OFFER, REFUSE) and not self.reader.may("aftersales.decide_request"):
            raise NotAllowed
        if self.row.awaits_decision and not deciding.may_decide_now(self.row, self.reader):
            raise NotAllowed(_("The shop's time to answer still runs. A senior may decide before."))
        if not self.offered:
            raise WrongState(state=self.row.state)

    @property
    def question(self) -> str:
        return {
            APPROVE: _("Approve this request?"),
            PART: _("Pay back a part of the price?"),
            OFFER: _("Offer a sum for keeping the goods?"),
            ASK: _("Ask the customer for evidence?"),
            REFUSE: _("Refuse this request?"),
        }[self.wanted]

    @property
    def yes(self) -> str:
        if self.wanted == APPROVE:
            return deciding.approve_label(self.row)
        return {
            PART: _("Pay it back"),
            OFFER: _("Offer it"),
            ASK: _("Ask for evidence"),
            REFUSE: _("Refuse the request"),
        }[self.wanted]

    def facts(self) -> list[ui.Fact]:
        codes, classes = (dict(self.form.fields[name].choices) for name in ("code", "classes"))
        found = [ui.Fact(_("Then"), deciding.effect(self.row))] if self.wanted == APPROVE else []
        if self.wanted in (PART, OFFER):
            sum_of_money = ui.money(part_forms.sum_of(self.said["amount"], self.row.order.currency),
                                    self.row.order.currency)  # fmt: skip
            name = _("Paid back") if self.wanted == PART else _("Offered; she says yes or no")
            found.append(ui.Fact(name, sum_of_money, note=_("the customer keeps the goods")))
        if self.wanted == REFUSE:
            found.append(ui.Fact(_("Ground"), codes[self.said["code"]]))
        if self.wanted == ASK:
            found += [ui.Fact(_("Asked for"), classes[one]) for one in self.said["classes"]]
        if self.said["text"]:
            found.append(ui.Fact(_("The customer reads"), self.said["text"]))
        return found

    def carry_out(self) -> None:
        services.take(self.row.return_no, user=self.reader.user, now=self.reader.now)
        acting = {"by": self.reader.actor, "now": self.reader.now}
        if self.wanted == REFUSE:
            decisions.refuse_return(self.row.pk, code=self.said["code"], text=self.said["text"], **acting)
        elif self.wanted == OFFER:
            part_forms.offer(self.row, self.said, **acting)
        elif self.wanted == ASK:
            decisions.ask_for_evidence(self.row.pk, text=self.said["text"], classes=self.said["classes"], **acting)
        else:
            self._grant(acting)
            if self.said["text"]:
                write_message(self.row.pk, text=self.said["text"], **acting)

    def _grant(self, acting: dict) -> None:
        if self.wanted == PART:
            part_forms.grant(self.row, self.said, **acting)
        else:
            decisions.approve_return(self.row.pk, **acting)


class Second(Step):
    """The second person lets a large sum go."""

    name, right = "second", "refunds.agree_as_second"

    def form_for(self, sent) -> SecondForm:
        return SecondForm(sent)

    @property
    def question(self) -> str:
        return _("Let this money go?")

    @property
    def yes(self) -> str:
        return _("Agree")

    def facts(self) -> list[ui.Fact]:
        return [ui.Fact(_("Then"), _("the money leaves after the hold"))]

    def carry_out(self) -> None:
        money.agree_as_second(self.row.pk, by=self.reader.actor, now=self.reader.now)


class Missing(Step):
    """Units that did not come are paid, or released."""

    name, right = "missing", "aftersales.decide_request"

    def form_for(self, sent) -> MissingForm:
        return MissingForm(sent)

    @property
    def question(self) -> str:
        if self.wanted == PAY:
            return _("Pay the units that were missing?")
        return _("Release the units that are missing?")

    @property
    def yes(self) -> str:
        return _("Pay them") if self.wanted == PAY else _("Release them")

    def facts(self) -> list[ui.Fact]:
        return [ui.Fact(_("Colleagues read"), self.said["text"])]

    def carry_out(self) -> None:
        services.take(self.row.return_no, user=self.reader.user, now=self.reader.now)
        services.settle_missing(
            self.row.pk, way=self.wanted, note=self.said["text"], by=self.reader.actor, now=self.reader.now
        )


class Road(Step):
    """Goods that will not arrive are paid as approved, or the request is closed."""

    name, right = "road", "aftersales.decide_request"

    def form_for(self, sent) -> RoadForm:
        return RoadForm(sent)

    @property
    def question(self) -> str:
        if self.wanted == PAY:
            return _("Go on as if the goods had arrived?")
        return _("Close this request without the goods?")

    @property
    def yes(self) -> str:
        return _("Pay as approved") if self.wanted == PAY else _("Close it")

    def facts(self) -> list[ui.Fact]:
        then = deciding.effect(self.row) if self.wanted == PAY else _("no money moves; its units are free again")
        return [ui.Fact(_("Then"), then), ui.Fact(_("Colleagues read"), self.said["text"])]

    def carry_out(self) -> None:
        services.take(self.row.return_no, user=self.reader.user, now=self.reader.now)
        services.settle_road(
            self.row.pk, way=self.wanted, note=self.said["text"], by=self.reader.actor, now=self.reader.now
        )


class Reopen(Step):
    """A refused request whose customer called is decided once more, or her own reason counts again."""

    name, right = "reopen", "aftersales.decide_request"

    def form_for(self, sent) -> ReopenForm:
        return ReopenForm(sent)

    @property
    def question(self) -> str:
        return _("Open this request again?") if self._refused else _("Put the customer's reason back?")

    @property
    def yes(self) -> str:
        return _("Open it again") if self._refused else _("Put it back")

    @property
    def _refused(self) -> bool:
        return self.row.was_refused

    def facts(self) -> list[ui.Fact]:
        if not self._refused:
            then = _("the sum is worked out anew, and what she got too little is paid on top")
            return [ui.Fact(_("Then"), then), ui.Fact(_("Colleagues read"), self.said["text"])]
        then = _("its units and its money are kept for it, and it waits for a decision; nothing is paid by this")
        return [ui.Fact(_("Then"), then), ui.Fact(_("Colleagues read"), self.said["text"])]

    def carry_out(self) -> None:
        services.take(self.row.return_no, user=self.reader.user, now=self.reader.now)
        carry_out = appeals.reopen if self._refused else finding.put_reasons_back
        carry_out(self.row.pk, text=self.said["text"], by=self.reader.actor, now=self.reader.now)


class Compensate(Step):
    """Something for trouble, beside the refund; the platform pays it."""

    name, right = "compensate", "refunds.grant_compensation"

    def form_for(self, sent) -> CompensateForm:
        return CompensateForm(sent)

    @property
    def question(self) -> str:
        return _("Give this for the trouble?")

    @property
    def yes(self) -> str:
        return _("Give it")

    def facts(self) -> list[ui.Fact]:
        given = gifts.in_words(self.said, self.row.order.currency)
        ground = dict(gifts.GROUNDS)[self.said["ground"]]
        return [ui.Fact(_("They get"), given), ui.Fact(_("Ground"), ground), ui.Fact(_("Why"), self.said["reason"])]

    def carry_out(self) -> None:
        try:
            compensate_case(
                self.row.pk, ground=self.said["ground"], what=self.said["what"],
                amount=gifts.size(self.said, self.row.order.currency), payer="platform", reason=self.said["reason"],
                by=self.reader.actor, now=self.reader.now,
            )  # fmt: skip
        except CompensatedAlready as already:
            raise Invalid(already.message, fields={"ground": already.message}) from already


class Gift(Step):
    """The second person about a compensation above the limit."""

    name, right = "gift", "aftersales.view_returnrequest"

    def form_for(self, sent) -> GiftStepForm:
        return GiftStepForm(sent)

    def must_be_allowed(self) -> None:
        if self.reader.may("refunds.agree_to_compensation"):
            return
        alone = self.wanted == DECLINE or (self.form.is_valid() and self._is_a_wish())
        if not (alone and self.reader.may("refunds.grant_compensation")):
            raise NotAllowed

    def _is_a_wish(self) -> bool:
        found = compensations_of(self.row.return_no).filter(pk=self.said["gift"]).first()
        return found is not None and gifts.may_be_given_alone(found)

    @property
    def question(self) -> str:
        return _("Agree to this?") if self.wanted == AGREE else _("Not give this?")

    @property
    def yes(self) -> str:
        return _("Agree") if self.wanted == AGREE else _("Do not give it")

    def facts(self) -> list[ui.Fact]:
        found = compensations_of(self.row.return_no).filter(pk=self.said["gift"]).first()
        return [ui.Fact(_("They get"), stored.given(found), note=found.reason)] if found else []

    def carry_out(self) -> None:
        act = agree_to_compensation if self.wanted == AGREE else decline_compensation
        act(self.row.pk, self.said["gift"], by=self.reader.actor, now=self.reader.now)


class ToTheBank(Step):
    """The customer wishes that money on the balance goes to the way that was paid with."""

    name, right = "to_the_bank", "aftersales.decide_request"

    def form_for(self, sent) -> SecondForm:
        return SecondForm(sent)

    @property
    def question(self) -> str:
        return _("Move it from the balance to the way that was paid with?")

    @property
    def yes(self) -> str:
        return _("Move it")

    def facts(self) -> list[ui.Fact]:
        wish = stored.to_the_bank(self.row.return_no, self.row.customer, now=self.reader.now)
        if wish is None:
            return []
        return [
            ui.Fact(_("Leaves the balance"), ui.money(wish.amount, wish.currency)),
            ui.Fact(_("Bonus taken back"), ui.money(wish.bonus, wish.currency)),
        ]

    def carry_out(self) -> None:
        take_to_the_bank(self.row.pk, by=self.reader.actor, now=self.reader.now)


STEPS: tuple[type[Step], ...] = (Decide, Second, Missing, Road, Reopen, Compensate, Gift, ToTheBank)


def held_by(lease: Lease) -> str:
    until = f"{ui.in_zone(lease.until):%H:%M}"
    return _("%(who)s works on this until %(until)s.") % {"who": name_of(lease.user), "until": until}
