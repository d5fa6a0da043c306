"""A case told to the platform's people: who did what, what a task is about, in what state things are."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from aftersales.returns import states
from aftersales.returns.models import ReturnMove, ReturnRequest, SupportTask
from aftersales.returns.names import shop_name
from aftersales.returns.shop_words import ShopTeller
from returns_platform.kernel.actors import Actor

STATES = {
    states.SUBMITTED: gettext_lazy("just filed"),
    states.IN_REVIEW: gettext_lazy("in review"),
    states.NEEDS_EVIDENCE: gettext_lazy("waits for evidence"),
    states.APPROVED: gettext_lazy("approved"),
    states.AWAITING_GOODS: gettext_lazy("waits for the goods"),
    states.IN_TRANSIT: gettext_lazy("goods on the road"),
    states.ARRIVED: gettext_lazy("goods arrived"),
    states.INSPECTED: gettext_lazy("inspection in doubt"),
    states.SETTLING: gettext_lazy("money on its way"),
    states.COMPLETED: gettext_lazy("completed"),
    states.REJECTED: gettext_lazy("refused"),
    states.WITHDRAWN: gettext_lazy("withdrawn"),
    states.LAPSED: gettext_lazy("lapsed"),
}
ACTING = {
    "customer": gettext_lazy("the customer"),
    "merchant": gettext_lazy("the shop"),
    "support": gettext_lazy("the platform"),
    "courier": gettext_lazy("the courier"),
    "channel": gettext_lazy("the payment channel"),
    "nobody": gettext_lazy("nobody"),
}
TASKS = {
    "appeal": gettext_lazy("The customer asks the platform to look at what was decided"),
    "units_missing": gettext_lazy("Fewer units came than were announced"),
    "units_unexpected": gettext_lazy("More units came than were announced"),
    "refunded_units_shipped": gettext_lazy("The shop sent units that were refunded already"),
    "replacement_overdue": gettext_lazy("The shop has not sent what replaces the goods"),
    "replacement_stuck": gettext_lazy("A replacement cannot go on by itself"),
    "charge_frozen": gettext_lazy("Another sum was paid than was asked for"),
    "case_stuck": gettext_lazy("A step failed again and again"),
    "gift_card_spent": gettext_lazy("A gift card or a code that was to come back is used"),
    "paid_ahead_in_doubt": gettext_lazy("The money left before the bench had graded, and it found something"),
    "paid_ahead_ungraded": gettext_lazy("The money left at the count, and nobody graded the goods"),
    "compensation": gettext_lazy("A compensation waits for a second person"),
    "no_return_address": gettext_lazy("The shop has not said where goods come back to"),
    "parcel_failed": gettext_lazy("The courier did not collect the parcel"),
    "parcel_refused": gettext_lazy("The shop did not accept the parcel"),
    "parcel_lost": gettext_lazy("The parcel is lost"),
    "parcel_turned_back": gettext_lazy("A parcel goes back to its shop, and could not be refunded by itself"),
    "parcel_cancelled": gettext_lazy("The pickup was called off"),
    "parcel_manual": gettext_lazy("No courier could be booked"),
    "parcel_no_record": gettext_lazy("No courier knows the waybill"),
    "parcel_not_there": gettext_lazy("The parcel is still on its way after all"),
    "parcel_waybill_taken": gettext_lazy("Two returns name one waybill"),
    "parcel_found": gettext_lazy("A parcel that was paid as lost has arrived after all"),
    "overdue_pickup": gettext_lazy("Nobody came for the goods, and no courier can be called off"),
    "replacement_late": gettext_lazy("What replaces the goods was sent and has not arrived"),
    "examination_late": gettext_lazy("The report of an independent inspector is late"),
    "overdue_count": gettext_lazy("The shop has not counted the goods"),
    "overdue_in_review": gettext_lazy("The platform has not decided in time"),
    "overdue_inspected": gettext_lazy("Nobody decided about the inspection in time"),
    "overdue_in_transit": gettext_lazy("The parcel takes too long"),
    "overdue_settling": gettext_lazy("The money takes too long"),
}
WHAT_TO_DO = {
    "appeal": gettext_lazy(
        "Read both sides. Put it right on the page of the case, or write to the customer why it stands."
    ),
    "paid_ahead_in_doubt": gettext_lazy(
        "Nothing is taken back by itself. Read the grades and talk to the customer and the shop."
    ),
    "paid_ahead_ungraded": gettext_lazy("Ask the shop to grade what it counted."),
    "units_unexpected": gettext_lazy(
        "Nothing is paid for them. Ask the customer whether they go back or are a return of their own."
    ),
    "refunded_units_shipped": gettext_lazy(
        "Ask the shop to stop the parcel, or the customer to refuse it at the door."
    ),
    "replacement_overdue": gettext_lazy(
        "Ask the shop to send it. The customer may have money instead: she chooses it on the page of her request."
    ),
    "replacement_stuck": gettext_lazy(
        "Look at the error. An operator may have to help; the step is tried again once the task is closed."
    ),
    "charge_frozen": gettext_lazy("Look at the channel what was paid, and pay it back there. Nothing else uses it."),
    "case_stuck": gettext_lazy(
        "Look at the error. An operator may have to help; the step is tried again once the task is closed."
    ),
    "gift_card_spent": gettext_lazy(
        "Agree with the customer that the request is withdrawn. Closing the task pays it all the same and empties "
        "the card."
    ),
    "compensation": gettext_lazy("Somebody else than who granted it agrees or declines, on the page of the case."),
    "no_return_address": gettext_lazy("Ask the shop's owner to enter it. Closing the task opens the way back."),
    "parcel_lost": gettext_lazy(
        "Claim it from the courier. Where the money did not leave by itself, decide on the page of the case."
    ),
    "parcel_refused": gettext_lazy(
        "Ask the shop why. Pay as approved, or close it once the customer has the goods again."
    ),
    "overdue_in_transit": gettext_lazy(
        "Ask the courier where it is. If it will not come, pay as approved or close it, on the page of the case."
    ),
    "parcel_found": gettext_lazy(
        "Drop the claim against the courier, and ask the shop to put the goods back on its shelf."
    ),
    "overdue_pickup": gettext_lazy("Look at the parcel, and agree another way with the customer."),
    "replacement_late": gettext_lazy("Ask the courier where it is, and the shop to send it once more."),
    "examination_late": gettext_lazy("Ask the inspector for the report, or call the inspection off."),
    "parcel_turned_back": gettext_lazy("Look at the order, and agree with the customer what becomes of it."),
    "parcel_failed": gettext_lazy("Ask the courier again, or agree another time with the customer."),
    "parcel_manual": gettext_lazy("Ask another courier, or ask the customer to send it themselves."),
    "parcel_no_record": gettext_lazy("Ask the customer for the number on the receipt."),
    "parcel_not_there": gettext_lazy(
        "What was said to be delivered was not this parcel: the number is another carrier's. Tell the shop."
    ),
    "parcel_waybill_taken": gettext_lazy("Ask both customers for a photo of the receipt."),
}
BANDS = ((60, gettext_lazy("high")), (30, gettext_lazy("watched")), (0, gettext_lazy("low")))


class DeskTeller(ShopTeller):
    """As for the shop, with everybody called by their name."""

    def who(self, actor: Actor) -> str:
        shop = shop_name(self.request.merchant)
        if actor.kind == "merchant":
            return _("%(name)s of %(shop)s") % {"name": actor.name, "shop": shop} if actor.name else shop
        if actor.kind == "token":
            return _("The system of %(shop)s") % {"shop": shop}
        if actor.kind == "support":
            return actor.name or _("The platform")
        return super().who(actor)

    def happened(self, move: ReturnMove) -> str:
        if move.note == "missing_found":
            return _("%(who)s had the units paid that were missing") % {"who": self.who(move.by)}
        return super().happened(move)

    def state(self) -> str:
        """In review, waiting for the platform."""
        if self.request.is_ended:
            return state_name(self.request)
        said = {"state": state_name(self.request), "who": ACTING[self.request.waits_for]}
        return _("%(state)s, waiting for %(who)s") % said

    def overtaken(self, move: ReturnMove) -> str:
        """What happened after a page was opened, for whoever acted on the old page."""
        said = {"what": self.happened(move), "when": self.at(move.at)}
        return _("%(what)s (%(when)s), after you opened this page.") % said


def state_name(row: ReturnRequest) -> str:
    return str(STATES[row.state])


def task_name(task: SupportTask) -> str:
    """A kind of a later program stands for itself."""
    return str(TASKS.get(task.kind, task.kind))


def what_to_do(task: SupportTask) -> str:
    return str(WHAT_TO_DO.get(task.kind, ""))


def band(risk: int) -> str:
    return str(next(name for least, name in BANDS if risk >= least))
