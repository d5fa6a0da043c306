"""Why goods come back: the reason codes, who is at fault, and what each reason allows.

A code is GROUP.REASON and stays stable: add codes, never rename them. The basis decides, not the category:
it selects the window, who pays the freight, the evidence and the deductions.

Reason -> kinds, the house's table:

| reasons | kinds | why |
|---|---|---|
| NR.* | return_refund, exchange | the goods come back, or nothing was returned |
| QL.DEFECT, MATERIAL, NOT_AS_DESCRIBED | refund_only, return_refund, exchange, repair | can be mended |
| QL.NO_LABEL, EXPIRED | refund_only, return_refund, exchange | nothing to mend |
| QL.FAKE, ALLERGY | refund_only, return_refund | the same again is no remedy |
| FR.* | refund_only, resend | fresh goods never travel back |
| FR.TASTE | refund_only | negotiation only |
| FU.WRONG_ITEM | refund_only, return_refund, exchange, resend | |
| FU.MISSING, EMPTY | refund_only, resend | there is nothing to send back |
| LG.DAMAGED | refund_only, return_refund, exchange, resend | |
| LG.NOT_RECEIVED, NO_TRACK, TOO_LATE | refund_only, resend | the customer has nothing to send back |
| LG.REFUSED | refund_only | the parcel comes back by itself |
| UN.* | refund_only | nothing has been sent |
| SV.* | refund_only | |
| PL.PLATFORM, OT.OTHER | all | a person looks |
"""

from collections.abc import Collection
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

KINDS = ("refund_only", "return_refund", "exchange", "repair", "resend")
STATES = ("unshipped", "shipped", "signed")
BASES = ("no_reason", "quality", "fulfilment", "goodwill")


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason.

    fault: M merchant, L logistics, B buyer, P platform, N nobody; where the taxonomy names two, the first.
    basis: one of BASES. freight: who bears the return leg (customer, merchant, none: nothing travels).
    evidence: the class of the checklist that the page shows, a key of EVIDENCE.
    kinds: what may be asked for. states: the goods states whose page offers it.
    """

    code: str
    text: str
    fault: str
    basis: str
    freight: str
    evidence: str
    kinds: tuple[str, ...]
    states: tuple[str, ...]

    @property
    def group(self) -> str:
        return self.code.partition(".")[0]


def _alike(*, fault, basis, freight, evidence, kinds, states=("signed",), **texts) -> list[Reason]:
    """Reasons that differ in their words only: GROUP_REASON=text."""
    return [
        Reason(code.replace("_", ".", 1), text, fault, basis, freight, evidence, kinds, states)
        for code, text in texts.items()
    ]


_ALL = (
    *_alike(
        fault="B",
        basis="no_reason",
        freight="customer",
        evidence="E0",
        kinds=("return_refund", "exchange"),
        NR_NO_LONGER_WANT=_("I no longer want it"),
        NR_ORDERED_WRONG=_("I ordered the wrong one or too many"),
        NR_SIZE_LARGE=_("Too large"),
        NR_SIZE_SMALL=_("Too small"),
        NR_STYLE=_("I do not like the style"),
        NR_COLOR=_("I do not like the colour"),
        NR_BETTER_PRICE=_("The price has dropped"),
    ),
    *_alike(
        fault="M",
        basis="quality",
        freight="merchant",
        evidence="E2",
        kinds=("refund_only", "return_refund", "exchange", "repair"),
        QL_DEFECT=_("It is faulty or does not work"),
        QL_MATERIAL=_("The workmanship or material is not as it should be"),
        QL_NOT_AS_DESCRIBED=_("It is not as described"),
    ),
    *_alike(
        fault="M",
        basis="quality",
        freight="merchant",
        evidence="E3",
        kinds=("refund_only", "return_refund"),
        QL_FAKE=_("It is a fake"),
    ),
    *_alike(
        fault="M",
        basis="quality",
        freight="merchant",
        evidence="E2",
        kinds=("refund_only", "return_refund", "exchange"),
        QL_NO_LABEL=_("The label is missing or wrong"),
        QL_EXPIRED=_("It has expired or is about to"),
    ),
    *_alike(
        fault="M",
        basis="quality",
        freight="merchant",
        evidence="E4",
        kinds=("refund_only", "return_refund"),
        QL_ALLERGY=_("It caused an allergy or discomfort"),
    ),
    *_alike(
        fault="M",
        basis="quality",
        freight="none",
        evidence="E2",
        kinds=("refund_only", "resend"),
        FR_ROT=_("Rotten, spoiled or mouldy"),
        FR_SHORT_WEIGHT=_("It weighs less than it should"),
        FR_SIZE_WRONG=_("Not the size or grade that was sold"),
        FR_THAWED=_("Thawed, leaking or bloated"),
        FR_DEAD=_("Live seafood arrived dead"),
        FR_UNRIPE_ROT=_("It rotted before it ripened"),
    ),
    *_alike(
        fault="N",
        basis="goodwill",
        freight="none",
        evidence="E1",
        kinds=("refund_only",),
        FR_TASTE=_("It does not taste good"),
    ),
    *_alike(
        fault="M",
        basis="fulfilment",
        freight="merchant",
        evidence="E1",
        kinds=("refund_only", "return_refund", "exchange", "resend"),
        FU_WRONG_ITEM=_("The wrong item was sent"),
    ),
    *_alike(
        fault="M",
        basis="fulfilment",
        freight="none",
        evidence="E1",
        kinds=("refund_only", "resend"),
        FU_MISSING=_("An item, part or gift is missing"),
    ),
    *_alike(
        fault="M",
        basis="fulfilment",
        freight="none",
        evidence="E2",
        kinds=("refund_only", "resend"),
        FU_EMPTY=_("The parcel was empty"),
    ),
    *_alike(
        fault="L",
        basis="fulfilment",
        freight="merchant",
        evidence="E2",
        kinds=("refund_only", "return_refund", "exchange", "resend"),
        LG_DAMAGED=_("It was damaged on the way"),
    ),
    *_alike(
        fault="L",
        basis="fulfilment",
        freight="none",
        evidence="E0",
        kinds=("refund_only", "resend"),
        states=("shipped", "signed"),
        LG_NOT_RECEIVED=_("Shown as delivered, but I did not get it"),
    ),
    *_alike(
        fault="M",
        basis="fulfilment",
        freight="none",
        evidence="E0",
        kinds=("refund_only", "resend"),
        states=("shipped",),
        LG_NO_TRACK=_("The waybill shows no movement"),
    ),
    *_alike(
        fault="L",
        basis="fulfilment",
        freight="none",
        evidence="E0",
        kinds=("refund_only", "resend"),
        states=("shipped",),
        LG_TOO_LATE=_("It has been on the way for too long"),
    ),
    *_alike(
        fault="B",
        basis="fulfilment",
        freight="none",
        evidence="E0",
        kinds=("refund_only",),
        states=("shipped",),
        LG_REFUSED=_("I refused the parcel at the door"),
    ),
    *_alike(
        fault="B",
        basis="no_reason",
        freight="none",
        evidence="E0",
        kinds=("refund_only",),
        states=("unshipped",),
        UN_NOT_SHIPPED=_("Cancel before it is sent"),
    ),
    *_alike(
        fault="M",
        basis="fulfilment",
        freight="none",
        evidence="E0",
        kinds=("refund_only",),
        states=("unshipped",),
        UN_LATE_SHIP=_("The shop is late in sending it"),
        UN_OUT_OF_STOCK=_("The shop has none left"),
    ),
    *_alike(
        fault="M",
        basis="goodwill",
        freight="none",
        evidence="E1",
        kinds=("refund_only",),
        SV_INVOICE=_("The invoice is missing or wrong"),
        SV_PRICE_DIFF=_("Refund the price difference"),
    ),
    # Started by the platform for a recall; no page offers it to a customer.
    *_alike(
        fault="P",
        basis="quality",
        freight="merchant",
        evidence="E0",
        kinds=KINDS,
        states=(),
        PL_PLATFORM=_("The platform recalls it"),
    ),
    *_alike(
        fault="N",
        basis="goodwill",
        freight="customer",
        evidence="E1",
        kinds=KINDS,
        OT_OTHER=_("Something else"),
    ),
)
REASONS = {reason.code: reason for reason in _ALL}
NO_REASONS = tuple(code for code, reason in REASONS.items() if reason.group == "NR")

# What each category's page offers beside UN.*, SV.* and OT.*; a trailing ".*" takes the whole group.
_SIZED = (
    "NR.NO_LONGER_WANT",
    "NR.ORDERED_WRONG",
    "NR.SIZE_LARGE",
    "NR.SIZE_SMALL",
    "NR.STYLE",
    "NR.COLOR",
    "NR.BETTER_PRICE",
)
_UNSIZED = ("NR.NO_LONGER_WANT", "NR.ORDERED_WRONG", "NR.STYLE", "NR.COLOR", "NR.BETTER_PRICE")
_PLAIN = ("NR.NO_LONGER_WANT", "NR.ORDERED_WRONG", "NR.BETTER_PRICE")
_WORN = ("QL.DEFECT", "QL.MATERIAL", "QL.NOT_AS_DESCRIBED")
_ANY_GOODS = (*_UNSIZED, "QL.*", "FU.*", "LG.*")
_BY_CATEGORY = {
    "fresh": ("FR.*", "FU.*", "LG.*"),
    "apparel": (*_SIZED, *_WORN, "FU.*", "LG.*"),
    "shoes_bags": (*_SIZED, *_WORN, "QL.FAKE", "FU.*", "LG.*"),
    "electronics": (*_UNSIZED, "QL.DEFECT", "QL.FAKE", "FU.*", "LG.*"),
    "cosmetics": (*_PLAIN, "QL.ALLERGY", "QL.FAKE", "QL.EXPIRED", "FU.*", "LG.*"),
    "packaged_food": (*_PLAIN, "QL.EXPIRED", "QL.NO_LABEL", "QL.DEFECT", "FU.*", "LG.*"),
    "furniture": (*_UNSIZED, "QL.*", "FU.MISSING", "FU.WRONG_ITEM", "LG.*"),
    "custom": ("QL.*", "FU.*", "LG.*"),
    "digital": ("QL.DEFECT", "QL.NOT_AS_DESCRIBED", "QL.FAKE"),
}
_ALWAYS = ("UN.*", "SV.*", "OT.*")

# Faults as the money rules count them (M6).
_FAULTS = frozenset("MLP")
_NEVER_A_FAULT = frozenset({"LG.REFUSED", "FR.TASTE"})


def get(code: str) -> Reason:
    return REASONS[code]


def known(code: str) -> bool:
    return code in REASONS


def is_fault(code: str) -> bool:
    """M6: merchant, logistics or platform at fault, so the merchant pays the return freight."""
    return code not in _NEVER_A_FAULT and REASONS[code].fault in _FAULTS


def needs_a_sum(code: str) -> bool:
    """Something of the price is asked for and the goods stay: how much, only a person can say."""
    return code in REASONS and REASONS[code].group == "SV"


def leaves_goods(code: str) -> bool:
    """The customer has something of what was bought: not where it is missing or never arrived."""
    reason = REASONS[code]
    return not (reason.basis == "fulfilment" and reason.freight == "none")


def offered(category: str, goods_state: str, *, no_reason: Collection[str] | None = None) -> tuple[str, ...]:
    """Codes that the page lists for this category and goods state, in the order to show them.

    no_reason: the NR.* that are open for this purchase, also for goods that a shop alone takes back so; None: those
    of the category.
    """
    named = _BY_CATEGORY.get(category, _ANY_GOODS) + _ALWAYS
    usual = [code for code in named if code.startswith("NR.")]
    changed_mind = usual if no_reason is None else [code for code in usual or _PLAIN if code in no_reason]
    return tuple(
        code
        for code, reason in REASONS.items()
        if goods_state in reason.states
        and (code in changed_mind if reason.group == "NR" else code in named or f"{reason.group}.*" in named)
    )


def cannot_fit(code: str, *, kind: str, category: str, shipped: int, unshipped: int):
    """Why this reason makes no sense here at all (the sender's mistake, 422), or None.

    shipped, unshipped: all units of the line in that state, in use or not. What can fit is judged by the
    rules.
    """
    reason = REASONS.get(code)
    if reason is None:
        return _("There is no such reason.")
    if reason.group == "FR" and category != "fresh":
        return _("This reason is for fresh goods only.")
    if reason.group == "UN" and not unshipped:
        return _("This has been sent already, so it cannot be cancelled. Choose a reason for goods that were sent.")
    if reason.group in ("FU", "QL", "FR", "NR") and not shipped:
        return _("This has not been sent yet. Cancel it instead: nothing has to come back.")
    if kind not in reason.kinds:
        return _("This reason does not go with what you ask for.")
    return None


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a class of evidence asks for: one line a photo, video or paper, as the page lists them."""

    code: str
    asks: tuple[str, ...]


_PHOTOS = (
    _("A photo of all the goods"),
    _("A close-up of the problem"),
    _("A photo of the label or packaging"),
    _("A photo of the waybill"),
)
EVIDENCE = {
    "E0": Evidence("E0", ()),
    "E1": Evidence("E1", (_("One to three photos that show it"),)),
    "E2": Evidence("E2", _PHOTOS),
    "E3": Evidence("E3", (*_PHOTOS, _("A test report, or a report by the brand"))),
    "E4": Evidence("E4", (*_PHOTOS, _("A stamped note from a hospital"))),
    "EV": Evidence("EV", (_("An uncut video of the unboxing, with the waybill in the picture"),)),
}


@dataclass(frozen=True, slots=True)
class Rejection:
    """A ground on which a person may refuse.

    internal: the label is for staff; the customer is told the finding behind it. needs_text: the finding must
    be written down.
    """

    code: str
    text: str
    internal: bool = False
    needs_text: bool = False


REJECTIONS = {
    rejection.code: rejection
    for rejection in (
        Rejection("R_PERIOD", _("The time for returning it is over")),
        Rejection("R_EXCLUDED", _("At purchase you confirmed that it cannot be returned without a reason")),
        Rejection("R_NOT_INTACT", _("The goods are not intact"), needs_text=True),
        Rejection("R_NO_EVIDENCE", _("The photos do not show the problem")),
        Rejection("R_MORE_INFO", _("The description leaves open what is wrong"), needs_text=True),
        Rejection("R_NOT_DEFECT", _("We tested it and it works as it should"), needs_text=True),
        Rejection("R_AS_ORDERED", _("What arrived is what was ordered")),
        Rejection("R_NOT_OURS", _("This item was not sold by this shop")),
        Rejection("R_UNIDENTIFIED", _("We could not tell which order the parcel belongs to")),
        Rejection("R_QTY", _("The quantity does not match")),
        Rejection("R_FREIGHT_DAMAGE", _("The damage happened after delivery or on the way back"), needs_text=True),
        Rejection("R_NOT_RETURNED", _("The goods have not come back")),
        Rejection("R_EMPTY_RETURN", _("The returned parcel was empty")),
        Rejection("R_FRAUD", _("Suspected abuse"), internal=True, needs_text=True),
    )
}
