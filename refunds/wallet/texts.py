"""Codes of what customers have stored, in words."""

from django.utils.translation import gettext_lazy as _

# What something is given for. One of each a case; freight is what the customer paid a courier for us (T46).
GROUNDS = {
    "wait": _("A long wait"),
    "trouble": _("Trouble with the return"),
    "quality": _("Poor quality"),
    "delivery": _("Late or bad delivery"),
    "service": _("A fault in our service"),
    "freight": _("Courier paid by the customer"),
}
BY_HAND = tuple(code for code in GROUNDS if code != "freight")  # freight needs a receipt and has a cap of its own
WHAT = {
    "balance": _("to the balance"),
    "coupon": _("as a store coupon"),
    "points": _("as points"),
}
POINTS = {
    "told": _("As the shop says"),
    "assumed": _("As the shop has it"),
    "taken": _("Earned with what you returned"),
    "back": _("Used for what you returned"),
    "compensation": _("For your trouble"),
}
WAYS = {
    "same": _("came back as it was"),
    "extended": _("had expired and is valid for some days more"),
    "reissued": _("had expired and came back with a new number"),
    "forfeited": _("had expired and does not come back"),
}


def ground(code: str) -> str:
    """A code of a later program stands for itself."""
    return str(GROUNDS.get(code, code))
