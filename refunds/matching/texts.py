"""Codes of the matching into sentences for the staff: what it is, and what to do next."""

from dataclasses import dataclass

from django.utils.translation import gettext_lazy

from refunds.matching import events, rules
from refunds.payouts import texts as payouts


@dataclass(frozen=True, slots=True)
class Said:
    """One kind of difference: its name, what it means, the next step."""

    name: str
    means: str
    next: str


KINDS = {
    rules.AMOUNT: Said(
        gettext_lazy("Another amount"),
        gettext_lazy("The channel says it paid another amount than our refund has."),
        gettext_lazy(
            "Ask the channel about this number. Paid too much: claim it back there. Too little: pay the rest."
        ),
    ),
    rules.CURRENCY: Said(
        gettext_lazy("Another currency"),
        gettext_lazy("The channel says it paid in another currency than the order's."),
        gettext_lazy("Ask the channel; compare with what the customer's account shows."),
    ),
    rules.PAYMENT: Said(
        gettext_lazy("Another payment"),
        gettext_lazy("Our number, but the money left another payment than the one of this order."),
        gettext_lazy("Find out whose payment it was, and claim the money back at the channel."),
    ),
    rules.CHANNEL: Said(
        gettext_lazy("Paid over another channel"),
        gettext_lazy("This refund is to go over another channel, and stands on this one's bill."),
        gettext_lazy("Stop the refund if it is not sent yet; find out who refunded here."),
    ),
    rules.UNASKED: Said(
        gettext_lazy("Paid, and with us it came to nothing"),
        gettext_lazy("The channel has paid a refund that our books have not sent, have cancelled or have closed."),
        gettext_lazy(
            "Do not open a new refund for it. Settle it with the bill's row as the proof, or claim it back."
        ),
    ),
    rules.NOT_TAKEN: Said(
        gettext_lazy("Paid, and frozen with us"),
        gettext_lazy("The channel has paid it; with us an earlier difference holds it up."),
        gettext_lazy("Open the refund and ask the channel again, or let two people settle it with this row."),
    ),
    rules.WRONG_DAY: Said(
        gettext_lazy("Another day"),
        gettext_lazy("Number and amount agree, but the bill names a day more than one away from ours."),
        gettext_lazy("See which of the two is right; only the period of the accounts is concerned."),
    ),
    rules.LISTED_TWICE: Said(
        gettext_lazy("Listed twice"),
        gettext_lazy("The same movement stands on the channel's bills more than once."),
        gettext_lazy("See whether the channel took the money from us twice; ask for a corrected bill."),
    ),
    rules.PAID_TWICE: Said(
        gettext_lazy("Paid twice"),
        gettext_lazy("The channel has paid our number more than once, each time as a payout of its own."),
        gettext_lazy("Claim the second payout back at the channel today."),
    ),
    rules.IN_PARTS: Said(
        gettext_lazy("Paid in parts"),
        gettext_lazy("Several payouts of our number add up to the refund."),
        gettext_lazy("Make sure that all parts reached the customer, then settle the refund with these rows."),
    ),
    rules.EXTERNAL: Said(
        gettext_lazy("Refunded by hand at the channel"),
        gettext_lazy("Somebody refunded this payment at the channel, past this platform. It is booked as external."),
        gettext_lazy("Find out who did it and for which case. Was it one of our refunds: settle that, then name it."),
    ),
    rules.OUR_FORMAT: Said(
        gettext_lazy("A number of ours that we do not have"),
        gettext_lazy("The number looks like one of ours, and no refund has it. It is booked as external."),
        gettext_lazy("Was the database restored? An operator has to look before anything else is refunded."),
    ),
    rules.FOREIGN: Said(
        gettext_lazy("A payment that is not ours"),
        gettext_lazy("Neither the number nor the payment is known to us. Nothing is booked."),
        gettext_lazy("Find out whether another system refunds with our account."),
    ),
    rules.CAME_BACK: Said(
        gettext_lazy("Refunded by hand, and came back"),
        gettext_lazy("Somebody refunded at the channel, past this platform, and the money came back to us."),
        gettext_lazy("Find out who did it; the customer may still wait for the money."),
    ),
    rules.REVERSED: Said(
        gettext_lazy("Came back to us"),
        gettext_lazy("The bill says that the money came back; our refund says that it arrived or is on its way."),
        gettext_lazy("Enter the bank's return on the refund, with this row as the proof, and pay another way."),
    ),
    rules.REVERSAL_DIFFERS: Said(
        gettext_lazy("Came back, with other facts"),
        gettext_lazy("Money came back for this number, but not the sum of the refund, or more than once."),
        gettext_lazy("Ask the channel what became of the rest."),
    ),
    rules.REVERSAL_FOREIGN: Said(
        gettext_lazy("Money that came back for an unknown number"),
        gettext_lazy("The bill lists money that came back, and we know of no refund with this number."),
        gettext_lazy("Find out which refund it was; nothing is booked."),
    ),
    rules.MISSING: Said(
        gettext_lazy("On no bill"),
        gettext_lazy("Our books say that it arrived; the channel's bills of those days do not list it."),
        gettext_lazy("Ask the channel about the number. Was it paid another way: close this with the receipt."),
    ),
    rules.RETURN_MISSING: Said(
        gettext_lazy("A return on no bill"),
        gettext_lazy("Our books say that the bank sent it back; the channel's bills do not list it."),
        gettext_lazy("Ask the channel where the money is."),
    ),
    rules.LATE: Said(
        gettext_lazy("The bill is late"),
        gettext_lazy("The channel has not given the bill of this day, a day after it should be there."),
        gettext_lazy("Download it from the channel's own pages and import it by hand; it is still asked for."),
    ),
    rules.UNREADABLE: Said(
        gettext_lazy("A bill that cannot be read"),
        gettext_lazy("The bill of this day is damaged, of another day, or its totals do not add up."),
        gettext_lazy("Ask the channel for it again, or import a good copy by hand."),
    ),
    rules.SPENT_TWICE: Said(
        gettext_lazy("A balance spent at the shop and moved to the bank"),
        gettext_lazy(
            "The shop says that more was paid with this balance than lay on it, after some was moved to the bank."
        ),
        gettext_lazy("Ask the shop what it had kept for this customer. Was it the moved money: it was spent twice."),
    ),
    "mismatch": Said(
        payouts.BREAKS["mismatch"],
        gettext_lazy("An answer or a message of the channel named other facts than ours. The refund is frozen."),
        gettext_lazy("Open the refund, compare, and ask the channel again."),
    ),
    "unasked": Said(
        payouts.BREAKS["unasked"],
        gettext_lazy("The channel tells of a payout that we did not send, or had cancelled."),
        gettext_lazy("Find out who did; do not send it again."),
    ),
    "closed_after_success": Said(
        payouts.BREAKS["closed_after_success"],
        gettext_lazy("The channel first said that it arrived and later that it was closed."),
        gettext_lazy("Ask the channel; where the money came back, enter the return."),
    ),
    "abnormal_after_success": Said(
        payouts.BREAKS["abnormal_after_success"],
        gettext_lazy("The channel first said that it arrived and later that the account does not take it."),
        gettext_lazy("Ask the channel; where the money came back, enter the return."),
    ),
    "returned_after_success": Said(
        payouts.BREAKS["returned_after_success"],
        gettext_lazy("The channel says that a payout came back which is not the one that arrived."),
        gettext_lazy("Ask the channel which payouts it made for this number."),
    ),
    "return_not_confirmed": Said(
        payouts.BREAKS["return_not_confirmed"],
        gettext_lazy("We heard that the money came back; asked, the channel says that it arrived."),
        gettext_lazy("Compare with the next bills; the refund counts as arrived meanwhile."),
    ),
    "unknown_number": Said(
        payouts.BREAKS["unknown_number"],
        gettext_lazy("An authentic message about a refund that our books do not have."),
        gettext_lazy("The next bill says what was paid; find out who refunded."),
    ),
    "not_understood": Said(
        payouts.BREAKS["not_understood"],
        gettext_lazy("An authentic message in words that this version does not know."),
        gettext_lazy("An operator has to look."),
    ),
    "not_taken_in": Said(
        payouts.BREAKS["not_taken_in"],
        gettext_lazy("A message that failed again and again when it was taken in."),
        gettext_lazy("An operator has to look."),
    ),
}

REASONS = {
    "explained": gettext_lazy("Explained: no money is missing"),
    "by_hand": gettext_lazy("The refund by hand was right"),
    "corrected": gettext_lazy("The channel has corrected it"),
    "claimed_back": gettext_lazy("The money is back with us"),
    "paid_rest": gettext_lazy("The customer has the rest now"),
    "loss": gettext_lazy("A loss that was decided on"),
}
OTHER_REASONS = {
    events.AGREED: gettext_lazy("The two sides say the same now"),
    events.OURS: gettext_lazy("It was one of our refunds"),
}

EVENTS = {
    events.FOUND: gettext_lazy("found"),
    events.AGAIN: gettext_lazy("is there again"),
    events.ASSIGNED: gettext_lazy("given to somebody"),
    events.HURRY: gettext_lazy("the owner was told to hurry"),
    events.GONE: gettext_lazy("the two sides say the same now"),
    events.CLOSED: gettext_lazy("closed"),
    events.PROPOSED: gettext_lazy("closing proposed, a second person has to agree"),
    events.REFUSED: gettext_lazy("the proof did not convince"),
    events.LINKED: gettext_lazy("recognised as one of our refunds"),
    events.PLACED: gettext_lazy("booked on the orders that it was for"),
}

BOOKED = {
    "held": gettext_lazy("Booked: the payment holds that much less."),
    "not_held": gettext_lazy("Booked in the ledger only: the payment did not hold that much any more."),
    "shared": gettext_lazy("Not booked: several orders share this payment, or its currency is another one."),
}

RESULTS = {
    rules.MATCHED: gettext_lazy("matched"),
    rules.BREAK: gettext_lazy("differs"),
    rules.ASIDE: gettext_lazy("nothing to match"),
    "waiting": gettext_lazy("not matched yet"),
}
SOURCES = {"nightly": gettext_lazy("by night"), "by_hand": gettext_lazy("by hand")}
ROWS = {
    "refund": gettext_lazy("paid to the customer"),
    "reversal": gettext_lazy("came back to us"),
    "other": gettext_lazy("no refund"),
}


def kind(code: str) -> Said:
    return KINDS.get(code) or Said(code, "", "")


def reason(code: str) -> str:
    return str(REASONS.get(code) or OTHER_REASONS.get(code) or code)


def event(code: str) -> str:
    return str(EVENTS.get(code, code))


def booked(code: str) -> str:
    return str(BOOKED[code]) if code in BOOKED else ""
