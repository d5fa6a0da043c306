"""What replaces the goods of a case, in a few words for lists."""

from django.utils.translation import gettext as _

from aftersales.replacements.models import Replacement
from orders.purchases.models import MadeFor


def next_thing(swap: Replacement, *, settling: bool, by: str, shop: str) -> str:
    """The next thing and its time, where what replaces the goods has the word; empty where the old goods have it.

    settling: the old goods are checked, or none come back. by: until when, in words.
    """
    facts = {"by": by, "shop": shop}
    if swap.is_over:
        return ""
    if swap.waits_for_customer:
        return _what_she_does(swap) % facts
    if swap.is_on_its_way:
        return _("On its way to you")
    if swap.can_be_sent:
        return _("%(shop)s sends it %(by)s") % facts
    return _("%(shop)s mends it") % facts if settling and swap.is_being_mended else ""


def _what_she_does(swap: Replacement) -> str:
    """A deposit is her own wish: nobody presses for it."""
    if swap.is_out_of_stock:
        return _("Not in stock: choose %(by)s")
    if not swap.can_be_paid:
        return _("Choose what becomes of it %(by)s")
    said = {MadeFor.REPAIR: _("Say %(by)s whether to mend it"), MadeFor.DEPOSIT: ""}
    return said.get(swap.due_for, _("Pay %(by)s"))
