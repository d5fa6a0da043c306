"""Refunds that do not move by themselves: for each kind its clock, its steps in order, and what must never be done.

Pure: which step is next is read from a few facts. Sentences are made when somebody reads.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from django.utils.translation import gettext_lazy as _

from refunds.payouts import states


@dataclass(frozen=True, slots=True)
class Facts:
    """What has been done about a refund since it needs people.

    asked: the channel was asked and answered. sent_again: it is on its way once more. proposed, settled: what two
    people say became of it. chosen, agreed_first, agreed, cooled: another way for it. closed: its number is closed
    for good. replaced: another number took its place. transferred: a person entered the bank's number.
    """

    asked: bool = False
    sent_again: bool = False
    proposed: bool = False
    settled: bool = False
    chosen: bool = False
    agreed_first: bool = False
    agreed: bool = False
    cooled: bool = False
    closed: bool = False
    replaced: bool = False
    transferred: bool = False


@dataclass(frozen=True, slots=True)
class Step:
    name: object
    note: object
    is_done: Callable[[Facts], bool]


@dataclass(frozen=True, slots=True)
class Kind:
    """name: of a tag. happened: in a sentence. never: what must not be done. hours: the clock."""

    name: object
    happened: object
    never: object
    steps: tuple[Step, ...]
    hours: int


_NO_NEW_NUMBER = _("Never send it again under a new number. The same number is safe: the channel pays it once.")
_NO_OTHER_ACCOUNT = _("Never send it to an account that the customer did not name, and never below what is owed.")
_NO_GUESS = _("Never settle on a guess: the proof is the channel's own bill, or its written word.")

ASK = Step(_("Ask the channel"), _("Its answer, compared with ours, decides."), lambda f: f.asked or f.proposed)
BILL = Step(
    _("Look in the channel's bill"), _("Attach the line, or the proof that it is absent."), lambda f: f.proposed
)
TWO = Step(
    _("Two people confirm the outcome"), _("One proposes, another one confirms. One person cannot close it."),
    lambda f: f.settled,
)  # fmt: skip
CHOOSE = Step(
    _("The customer chooses another way"), _("She has the link: her balance, or a bank account."),
    lambda f: f.chosen or f.replaced,
)  # fmt: skip
BACK = Step(
    _("Two people prove that the channel gave the money back"),
    _("The refund stays live until then. The channel's console shows it, or its bill does."),
    lambda f: f.closed,
)  # fmt: skip
AGREE = Step(
    _("A senior agrees, then finance"), _("To her own balance nobody has to. Another name waits a day."),
    lambda f: f.replaced or (f.agreed and f.cooled),
)  # fmt: skip
OTHER = Step(_("The other number arrives"), _("It has its own row. This one closes with it."), lambda f: False)
TOP_UP = Step(_("Top up our account at the channel"), _("Then send the same number again."), lambda f: f.sent_again)
AGAIN = Step(_("Send again with the same number"), _("The channel pays it once."), lambda f: f.sent_again)
OPERATOR = Step(_("An operator looks"), _("Keys, rights, or a fault of ours; the error says which."),
                lambda f: f.sent_again)  # fmt: skip
ARRIVES = Step(_("It arrives"), _("By the channel's own word."), lambda f: False)
BY_HAND = Step(
    _("Make the transfer"), _("Outside, at the bank. Then enter its number here."), lambda f: f.transferred
)
SECOND = Step(_("Another person confirms it"), _("Who has seen it on the bank's statement."), lambda f: f.settled)

_OTHER_WAY = (CHOOSE, AGREE, OTHER)
_FOUND_OUT = (ASK, BILL, TWO)

KINDS: dict[str, Kind] = {
    "unknown": Kind(
        _("Outcome unknown"), _("No answer after sending. We do not know whether it was paid."), _NO_NEW_NUMBER,
        _FOUND_OUT, 4,
    ),
    "mismatch": Kind(
        _("Facts differ"), _("The channel names other facts than we asked for. Held."), _NO_GUESS, _FOUND_OUT, 4,
    ),
    "abnormal": Kind(
        _("Account abnormal"), _("The payer's account does not take it. The money waits at the channel."),
        _("Never pay another way while the channel still has the money: it would be paid twice."),
        (CHOOSE, BACK, AGREE, OTHER), 24,
    ),
    "account": Kind(
        _("Account closed"), _("The payer's account is closed. The channel did not take it."), _NO_OTHER_ACCOUNT,
        _OTHER_WAY, 24,
    ),
    "closed": Kind(
        _("Closed by the channel"), _("The channel closed it: not paid, and never under this number."),
        _NO_OTHER_ACCOUNT, _OTHER_WAY, 24,
    ),
    "returned": Kind(
        _("Returned by the bank"), _("It had arrived, and the bank sent it back."), _NO_OTHER_ACCOUNT, _OTHER_WAY, 24,
    ),
    "too_old": Kind(
        _("Payment too old"), _("The payment is older than the channel takes back. It was not sent."),
        _NO_OTHER_ACCOUNT, _OTHER_WAY, 24,
    ),
    "parts": Kind(
        _("Too many parts"), _("The channel takes no further part of this payment. It was not sent."),
        _NO_OTHER_ACCOUNT, _OTHER_WAY, 24,
    ),
    "funds": Kind(
        _("Low funds"), _("Our account at the channel does not hold enough."), _NO_NEW_NUMBER,
        (TOP_UP, ARRIVES), 8,
    ),
    "busy": Kind(
        _("Limit or no connection"), _("The channel took nothing, again and again."), _NO_NEW_NUMBER,
        (AGAIN, ARRIVES), 4,
    ),
    "setup": Kind(
        _("Our set-up"), _("The channel does not accept our keys, or a fault of ours stopped it."), _NO_NEW_NUMBER,
        (OPERATOR, ARRIVES), 4,
    ),
    "refused": Kind(
        _("Refused"), _("The channel refused it for good. Its answer is below."), _NO_GUESS, _FOUND_OUT, 8,
    ),
    "no_gateway": Kind(
        _("No gateway"), _("No gateway is connected for this channel."), _NO_GUESS, _FOUND_OUT[1:], 24,
    ),
    "transfer": Kind(
        _("Transfer to make"), _("Paid by hand at the bank."),
        _("Never make it twice: look first whether a colleague has. Nobody confirms their own."),
        (BY_HAND, SECOND), 24,
    ),
    "overdue": Kind(
        _("Overdue"), _("Promised for a day that has passed, and not there."), _NO_NEW_NUMBER, _FOUND_OUT, 24,
    ),
}  # fmt: skip

KIND_OF_PROBLEM = {
    "no_gateway": "no_gateway", "transfer": "transfer", "too_old": "too_old", "too_many_parts": "parts",
    "account_abnormal": "abnormal", "account_closed": "account", "not_enough": "funds", "waits_for_funds": "funds",
    "too_fast": "busy", "channel_down": "busy", "setup": "setup", "fault": "setup", "refused": "refused",
    "payment_unknown": "refused", "mismatch": "mismatch", "unasked": "mismatch", "vanished": "unknown",
    "unknown_too_long": "unknown",
}  # fmt: skip
KIND_OF_STATE = {states.CLOSED: "closed", states.RETURNED_BY_BANK: "returned"}


def kind_of(*, state: str, problem: str) -> str:
    """Why a refund needs people as it stands; empty where it moves by itself or has ended well."""
    if state in KIND_OF_STATE:
        return KIND_OF_STATE[state]
    if state == states.MANUAL or (problem and state in states.ON_ITS_WAY):
        return KIND_OF_PROBLEM.get(problem, "refused")
    return ""


def due_after(kind: str) -> timedelta:
    return timedelta(hours=KINDS[kind].hours)


def steps_of(kind: str, facts: Facts) -> list[tuple[Step, str]]:
    """Each step with done, now or next: the first that is not done is now."""
    told, waiting = [], True
    for step in KINDS[kind].steps:
        if waiting and step.is_done(facts):
            told.append((step, "done"))
        else:
            told.append((step, "now" if waiting else "next"))
            waiting = False
    return told
