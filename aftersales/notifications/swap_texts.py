"""What a customer is told about what replaces her goods: an exchange, a repair, a missing part."""

from django.utils.translation import gettext as _

from aftersales.notifications.parts import Told, about, nothing_to_do, parcel_rows
from aftersales.notifications.words import Words


def _out_of_stock(w: Words) -> Told:
    said = w.all(
        _("%(shop)s does not have it in stock now: %(wanted)s. It belongs to your request %(number)s."),
        _("You can wait for it, choose something else, or have your money back."),
        _("If it does not come in and you choose nothing %(due)s, and you still have the goods, the request ends."),
    )
    title = w.first(_("Not in stock now: please choose"))
    return Told(title, said, (), about(w), _("Choose"))


def _in_stock_again(w: Words) -> Told:
    said = w.all(_("%(wanted)s has come in and is kept for you. Your request %(number)s goes on."))
    return Told(w.first(_("It is in stock again and kept for you")), said, (), about(w), _("See the progress"))


def _pay_first(w: Words) -> Told:
    if w.params.get("what") == "repair":
        return _repair_quoted(w)
    if w.params.get("what") == "deposit":
        title = w.first(_("Leave a deposit of %(due_sum)s, and the new one is sent at once"), _("Leave a deposit"))
        said = w.all(
            _("It is yours again as soon as %(shop)s has the old goods."),
            _("Without it your exchange goes on as usual: the new one is sent when the old one is there."),
        )
        return Told(title, said, (), about(w), _("Leave the deposit"))
    said = w.all(
        _("%(wanted)s costs %(due_sum)s more than you paid. It is kept for you until then."),
        _("Please keep the goods until it is paid. If it is not, you can have your money back or keep the goods."),
    )
    title = w.first(_("Pay the difference of %(due_sum)s %(due)s"), _("Pay the difference first"))
    return Told(title, said, (), about(w), _("Pay the difference"))


def _repair_quoted(w: Words) -> Told:
    said = w.all(
        "%(quote)s",
        _("If you do not want that, or do nothing %(due)s, it is sent back to you as it is, and costs nothing."),
    )
    title = w.first(_("The repair costs %(due_sum)s: do you want it?"), _("What the repair costs"))
    return Told(title, said, (), about(w), _("Answer"))


def _pay_over(w: Words) -> Told:
    said = w.all(
        _("%(due_sum)s was not paid in time, so %(wanted)s is not kept for you any longer."),
        _("You can send the goods back for your money, or close the request and keep them."),
        _("If you do neither %(due)s and still have the goods, the request ends."),
    )
    title = w.first(_("Not paid in time: take your money back, or keep the goods"))
    return Told(title, said, (), about(w), _("Choose"))


def _money_instead(w: Words) -> Told:
    said = w.all(
        _("Your request %(number)s for %(goods)s goes on as a return for money."),
        _("%(sum)s goes back to %(to)s and arrives %(arrives)s."),
    )
    return Told(
        w.first(_("You get %(sum)s instead"), _("You get money instead")), said, (), about(w), _("See the bill")
    )


def _sent(w: Words) -> Told:
    title = w.first(_("On its way to you: %(wanted)s"), _("What replaces your goods is on its way to you"))
    said = w.all(_("%(shop)s has sent it. It belongs to your request %(number)s."), nothing_to_do())
    return Told(title, said, (), about(w) + parcel_rows(w), _("See where it is"))


def _lost(w: Words) -> Told:
    said = w.all(
        _("Its parcel was lost or turned back. %(shop)s is asked to send it once more."),
        _("You can also have your money instead. It belongs to your request %(number)s."),
    )
    title = w.first(_("Not on its way to you any more: %(wanted)s"), _("What replaces your goods did not reach you"))
    return Told(title, said, (), about(w), _("Choose"))


def _there(w: Words) -> Told:
    said = w.all(
        _("The courier says that it is with you. Your request %(number)s is done with that."),
        _("Is something not right with it? It can be returned like anything you buy."),
    )
    return Told(w.first(_("Delivered: %(wanted)s"), _("Delivered")), said, (), about(w) + parcel_rows(w), _("See it"))


def _deposit_taken(w: Words) -> Told:
    said = w.all(
        _("The goods of your request %(number)s did not come back in time, so your deposit is taken for them."),
        _("If they come later, it goes back to you all the same."),
    )
    title = w.first(_("Your deposit of %(due_sum)s is taken"), _("Your deposit is taken"))
    return Told(title, said, (), about(w), _("See the request"))


def _paid_back(w: Words) -> Told:
    said = w.all(_("It was paid for your request %(number)s and is not needed any more."), nothing_to_do())
    title = w.first(_("%(due_sum)s that you paid goes back to you"), _("What you paid goes back to you"))
    return Told(title, said, (), about(w), _("See where it is"))


SWAPS = {
    "out_of_stock": _out_of_stock,
    "in_stock_again": _in_stock_again,
    "pay_first": _pay_first,
    "pay_over": _pay_over,
    "money_instead": _money_instead,
    "replacement_sent": _sent,
    "replacement_lost": _lost,
    "replacement_delivered": _there,
    "deposit_taken": _deposit_taken,
    "paid_back": _paid_back,
}
