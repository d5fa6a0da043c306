"""What a customer is told. The title carries the whole message; then what happened, what next, by when, what to do.

Pure: params, the time and the active language in, text out. A sentence whose facts are not known is left out.
"""

from collections.abc import Mapping
from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from aftersales.notifications import road_texts
from aftersales.notifications.examination_texts import EXAMINATIONS
from aftersales.notifications.parts import Rows, Told, about, nothing_to_do, parcel_rows, rows
from aftersales.notifications.swap_texts import SWAPS
from aftersales.notifications.words import Words


def for_customer(event: str, params: Mapping, *, now: datetime, style: str = "full") -> Told:
    """An event of `events.CUSTOMER`; one that this program does not know yet is told as news.

    style: of dates, see `Words`.
    """
    return CUSTOMER.get(event, news)(Words(params, now=now, style=style))


def sms(told: Told, params: Mapping, *, link: str, now: datetime) -> str:
    """The sender's name as phones expect it, the message, and where to see more; the number once."""
    w = Words(params, now=now)
    title = told.title.rstrip(".。")
    signed = pgettext("SMS", "%(platform)s: %(title)s.") % {"platform": w.platform, "title": title}
    number = "" if w.number in signed + link else w.number
    return " ".join(part for part in (signed, number, link) if part)


# --- the decision -----------------------------------------------------------------------------------------


def _in_review(w: Words) -> Told:
    if w.params.get("waits_for") == "support":
        title = w.first(_("Request received: a person of the platform answers %(due)s"), _("Request received"))
        said = w.all(
            _("We have your request %(number)s for %(goods)s."),
            _("A person looks at it and tells you what was decided."),
        )
    else:
        title = w.first(_("Request received: %(shop)s answers %(due)s"), _("Request received"))
        said = w.all(
            _("We have your request %(number)s for %(goods)s, and %(shop)s looks at it."),
            _("If %(shop)s does not answer %(due)s, the platform decides.")
            if w.needs_a_sum
            else _("If %(shop)s does not answer %(due)s, your request is granted."),
        )
    return Told(title, (*said, nothing_to_do()), (), about(w), _("See the progress"))


def _evidence_asked(w: Words) -> Told:
    said = w.all(
        _("To decide about your request %(number)s for %(goods)s, we need to see more."),
        _("What to show: %(asked_text)s"),
        "%(missing)s",
        _("As soon as it is there, the request is looked at again."),
        _("If nothing comes %(due)s, the request ends, and no money moves."),
    )
    title = w.first(_("Something is missing: add it %(due)s"), _("Something is missing in your request"))
    return Told(title, said, (), about(w), _("Add what is missing"))


def _approved(w: Words) -> Told:
    if w.goods_stay:
        return _part_paid(w)
    ways = {"pickup": _approved_pickup, "self_ship": _approved_self_ship, "drop_off": _approved_drop_off}
    title, steps, button = ways.get(w.params.get("send_back"), _approved_as_is)(w)
    said = w.all(
        _("Your request %(number)s for %(goods)s is approved."),
        "%(reasons)s" if w.params.get("outcome") == "approve" else "",
        _("%(sum)s goes back to %(to)s and arrives %(arrives)s."),
        "%(freight)s",
    )
    return Told(title, said, steps, about(w) + _money(w), button)


def _part_paid(w: Words) -> Told:
    """A part of the price, asked for or not; the goods stay."""
    said = w.all(
        _("%(shop)s pays back a part of the price of %(goods)s. You keep the goods. Its number is %(number)s."),
        _("%(sum)s goes back to %(to)s and arrives %(arrives)s."),
        _way_to_a_person(w) if w.params.get("less") else nothing_to_do(),
    )
    title = w.first(_("You get %(sum)s of the price back and keep the goods"), _("A part of the price comes back"))
    return Told(title, said, (), about(w) + _money(w), _("See the progress"))


def _way_to_a_person(w: Words) -> str:
    return w.first(
        _("If you do not agree, let a person of the platform look at it %(appeal)s, on the page of the request."),
        _("If you do not agree, let a person of the platform look at it, on the page of the request."),
    )


def _keep_offered(w: Words) -> Told:
    """Her request goes on whatever she answers, and the notice says so."""
    title = w.first(_("You can keep it and get %(offered)s: answer %(until)s"), _("An offer for your request"))
    by_platform = w.params.get("offered_by") == "support"
    said = w.all(
        _("A person of the platform offers %(offered)s if you keep %(goods)s. Your request %(number)s is about it.")
        if by_platform
        else _("%(shop)s offers %(offered)s if you keep %(goods)s. Your request %(number)s is about it."),
        _("If you decline or do not answer, it is decided as you filed it."),
    )
    return Told(title, said, (), about(w), _("See the offer"))


def _decision_undone(w: Words) -> Told:
    """The yes was a slip: nothing has moved because of it, and whoever decides has their whole time again."""
    said = w.all(
        _("We told you too early that your request %(number)s for %(goods)s was approved. We are sorry."),
        _("It is looked at once more, and you get an answer %(due)s."),
        _("No money has moved. Please do not send the goods yet; a courier that was booked is called off."),
    )
    title = w.first(
        _("Your request is looked at once more: answer %(due)s"), _("Your request is looked at once more")
    )
    return Told(title, (*said, nothing_to_do()), (), about(w), _("See the progress"))


def _approved_pickup(w: Words) -> tuple[str, tuple[str, ...], str]:
    title = w.first(
        _("Approved: the courier comes %(slot)s, you get %(sum)s"),
        _("Approved: the courier comes %(slot)s"),
        _("Approved: a courier collects it"),
    )
    steps = w.all(
        _("The courier comes %(slot)s to the address of your order. Nothing to print; the courier brings a bag."),
        _("Pack it as it came, with its tags and everything that belongs to it."),
        _after_the_check(w),
    )
    return title, steps, _("See the progress or change the pickup")


def _approved_self_ship(w: Words) -> tuple[str, tuple[str, ...], str]:
    title = w.first(
        _("Approved: send it to %(shop)s %(due)s, you get %(sum)s"),
        _("Approved: send it to %(shop)s %(due)s"),
        _("Approved: please send it back"),
    )
    steps = w.all(
        _("Pack it as it came, with its tags and everything that belongs to it."),
        _("Put a note with %(number)s inside and send it to: %(shop_address)s"),
        _("Enter the courier and the waybill number on the page of the request."),
        _after_the_check(w),
    )
    return title, steps, _("Enter the waybill number")


def _approved_drop_off(w: Words) -> tuple[str, tuple[str, ...], str]:
    title = w.first(
        _("Approved: bring it to a point of %(shop)s %(due)s, you get %(sum)s"),
        _("Approved: bring it to a point of %(shop)s %(due)s"),
        _("Approved: please bring it back"),
    )
    steps = w.all(
        _("Take everything that belongs to it with you. It need not be packed for sending."),
        _("Show the code on the page of the request at the counter, or say %(number)s."),
        _after_the_check(w),
    )
    return title, steps, _("See the code and the points near you")


def _after_the_check(w: Words) -> str:
    if w.sum:
        return _("%(shop)s counts and checks it when it arrives. Then the money is sent.")
    return _("%(shop)s counts and checks it when it arrives. Then it goes on, and we write to you.")


def _approved_as_is(w: Words) -> tuple[str, tuple[str, ...], str]:
    title = w.first(_("Approved, nothing to send back: you get %(sum)s"), _("Approved, nothing to send back"))
    return title, (nothing_to_do(),), _("See the progress")


def _refused(w: Words) -> Told:
    by_a_person = bool(w.params.get("refusal_code"))
    title = w.say(_("Not approved this time: %(ground)s")) if by_a_person else w.first_reason
    said = w.all(
        _("Your request %(number)s for %(goods)s was not approved."),
        "%(refusal_text)s" if by_a_person else "%(other_reasons)s",
        "" if by_a_person else "%(missing)s",
        _way_to_a_person(w),
        _("Or call %(help_phone)s."),
    )
    return Told(title or _("Not approved this time"), said, (), about(w), _("See why and what you can do"))


def _withdrawn(w: Words) -> Told:
    said = w.all(
        _("Nothing is collected and no money moves. A courier that was booked is called off."),
        _("You can ask anew for %(goods)s while the time for it runs."),
    )
    title = w.first(_("You have withdrawn your request %(number)s"), _("You have withdrawn your request"))
    return Told(title, said, (), about(w), _("See the request"))


def _lapsed(w: Words) -> Told:
    said = w.all(
        _("What was needed from you did not come in time. No money moved."),
        _("You can ask anew for %(goods)s while the time for it runs."),
    )
    title = w.first(
        _("Request %(number)s has ended, because its time was over"),
        _("Your request has ended, because its time was over"),
    )
    return Told(title, said, (), about(w), _("See the request"))


# --- the goods --------------------------------------------------------------------------------------------


def _reminder(w: Words) -> Told:
    said = w.all(
        _("Your request %(number)s for %(goods)s is approved, and the parcel is not on its way yet."),
        _("Send it to: %(shop_address)s"),
        _("If it is not on its way %(due)s, the request ends, and no money moves."),
    )
    title = w.first(_("Please hand the parcel over %(due)s"), _("Please hand the parcel over"))
    return Told(title, said, (), about(w) + _money(w), _("Enter the waybill number"))


def _pickup_booked(w: Words) -> Told:
    said = w.all(
        _("The pickup for your request %(number)s is booked."),
        _("You only hand the parcel over; the courier brings the label."),
        _("Until the courier has it, you can change the time on the page of the request."),
    )
    title = w.first(
        _("%(courier)s comes %(slot)s, waybill %(waybill)s"),
        _("%(courier)s is booked, waybill %(waybill)s"),
        _("The courier is booked"),
    )
    return Told(title, said, (), about(w) + parcel_rows(w), _("See the progress or change the pickup"))


def _pickup_failed(w: Words) -> Told:
    said = w.all(
        _("Your request %(number)s stays approved. A person of ours looks for another courier within a day."),
        _("You need not wait: choose another time on the page of the request."),
        _("You can also send it yourself to: %(shop_address)s"),
    )
    title = w.first(_("No courier could be booked for %(slot)s"), _("No courier could be booked"))
    return Told(title, said, (), about(w), _("Choose another way"))


def _collected(w: Words) -> Told:
    said = w.all(
        _("The parcel of your request %(number)s is on its way to %(shop)s. We write when it arrives."),
        _("%(sum)s goes back to %(to)s and arrives %(arrives)s."),
        nothing_to_do(),
    )
    title = w.first(_("%(courier)s has your parcel, waybill %(waybill)s"), _("Your parcel is on its way"))
    return Told(title, said, (), about(w) + parcel_rows(w), _("See where the parcel is"))


def _delivered(w: Words) -> Told:
    said = w.all(
        _("%(courier)s delivered the parcel of your request %(number)s."),
        _("%(shop)s counts it %(due)s and checks it."),
        _("After the check %(sum)s goes back to %(to)s. If nobody checks it, it goes back as approved."),
        nothing_to_do(),
    )
    return Told(
        w.say(_("Your parcel has arrived at %(shop)s")), said, (), about(w) + parcel_rows(w), _("See the progress")
    )


def _counted(w: Words) -> Told:
    said = w.all(
        _("%(shop)s has counted what you sent for your request %(number)s."),
        _("After the check the money goes back to %(to)s."),
        _("If nobody checks it %(due)s, it goes back as approved.") if w.sum else "",
        nothing_to_do(),
    )
    title = w.first(
        _("%(shop)s has unpacked your parcel and checks it %(due)s"), _("%(shop)s has unpacked your parcel")
    )
    return Told(title, said, (), about(w), _("See the progress"))


def _wrong_goods(w: Words) -> Told:
    said = w.all(
        _("%(shop)s opened the parcel of your request %(number)s and found other goods than it sold, or none."),
        _("No money moves until this is cleared up."),
        _("The photos are on the page of the request. If it was otherwise, add your own photos or write an answer."),
        _("If %(shop)s does not agree with you, a person of the platform can look at it."),
        _("Or call %(help_phone)s."),
    )
    title = w.say(_("%(shop)s found other goods in your parcel"))
    return Told(title or _("Other goods were found in your parcel"), said, (), about(w), _("See the photos"))


def _reason_found(w: Words) -> Told:
    said = w.all(
        _("%(shop)s inspected the goods of your request %(number)s and found: %(finding)s"),
        _("It counts as: %(turned_out)s. Who pays the way back follows that."),
        _("It now comes to %(sum)s instead of %(before)s."),
        _("If you disagree, ask a person of the platform on the page of the request until %(until_day)s."),
    )
    title = w.say(_("%(shop)s found another reason than you named"))
    return Told(title or _("Another reason was found than you named"), said, (), about(w), _("See what was found"))


def _reason_restored(w: Words) -> Told:
    said = w.all(
        _("A person of the platform looked at your request %(number)s: the reason that you named counts again."),
        _("It comes to %(sum)s. What was lacking is paid on top."),
        nothing_to_do(),
    )
    return Told(_("You were right: your reason counts again"), said, (), about(w), _("See the progress"))


# --- the money --------------------------------------------------------------------------------------------


def _refund_accepted(w: Words) -> Told:
    said = w.all(
        _("For your request %(number)s, %(sum)s is on its way to %(account)s."),
        _("We write again when it has arrived, %(promised)s at the latest."),
        nothing_to_do(),
    )
    title = w.first(
        _("%(channel)s has accepted your refund of %(sum)s, it arrives %(promised)s"),
        _("Your refund of %(sum)s has been accepted"),
        _("Your refund has been accepted"),
    )
    return Told(title, said, (), about(w) + _refund(w), _("See where the money is"))


def _refund_unknown(w: Words) -> Told:
    said = w.all(
        _("We asked %(channel)s to pay back %(sum)s for your request %(number)s."),
        _("What became of it is not known yet. We ask until we know, and never pay twice."),
        _("It is still due %(promised)s."),
        nothing_to_do(),
    )
    title = w.first(_("%(channel)s is slow to answer us, your %(sum)s is safe"), _("Your refund is late, and safe"))
    return Told(title, said, (), about(w) + _refund(w), _("See where the money is"))


def _refund_delayed(w: Words) -> Told:
    said = w.all(
        _("We are sorry. %(channel)s has not paid out the refund of your request %(number)s."),
        _("The money is not lost. A person of ours is on it now and writes to you."),
        _("It was promised %(promised)s."),
    )
    title = w.first(
        _("Your refund of %(sum)s is held up, and a person sees to it"),
        _("Your refund is held up, and a person sees to it"),
    )
    return Told(title, said, (), about(w) + _refund(w), _("See where the money is"))


def _refund_choose_way(w: Words) -> Told:
    said = w.all(
        _("The refund of your request %(number)s could not go back to %(channel)s."),
        "%(why_another_way)s",
        _("The money is not lost, and you get all of it."),
        _("Choose your balance or a bank account on the page of the request."),
    )
    title = w.first(
        _("%(sum)s could not go back to you: choose another way"),
        _("Your refund could not go back to you: choose another way"),
    )
    return Told(title, said, (), about(w) + _refund(w), _("Choose another way"))


def _way_chosen(w: Words) -> Told:
    if w.params.get("channel") == "balance":
        said = w.all(_("You chose your balance for the refund of your request %(number)s."))
        title = w.first(_("%(sum)s goes to your balance, as you chose"), _("Your refund goes to your balance"))
    else:
        said = w.all(
            _("You named %(account)s for the refund of your request %(number)s."),
            _("Two people of ours look at it first, then it is transferred."),
            _("Was it not you? Call %(help_phone)s at once."),
        )
        title = w.first(_("%(sum)s goes to %(account)s, as you chose"), _("Your refund goes to your bank account"))
    return Told(title, (*said, nothing_to_do()), (), about(w), _("See where the money is"))


def _refund_by_hand(w: Words) -> Told:
    said = w.all(
        _("A person of ours transfers the refund of your request %(number)s, and another one checks it."),
        _("We write again when it has left."),
        nothing_to_do(),
    )
    title = w.first(
        _("%(sum)s is transferred to %(account)s and arrives %(promised)s"),
        _("Your refund of %(sum)s is transferred to you"),
        _("Your refund is transferred to you"),
    )
    return Told(title, said, (), about(w) + _refund(w), _("See where the money is"))


def _refund_arrived(w: Words) -> Told:
    said = w.all(_("The refund for your request %(number)s arrived %(arrived)s."))
    title = w.first(_("%(sum)s has arrived: %(account)s"), _("Your refund has arrived"))
    return Told(title, said, (), about(w) + _refund(w), _("See where the money is"))


def _refund_as_coupon(w: Words) -> Told:
    said = w.all(
        _("The gift card that you paid with is gone, so the refund for your request %(number)s could not go there."),
        _("You have the same amount as store credit instead: coupon %(coupon)s. It does not expire."),
        nothing_to_do(),
    )
    title = w.first(
        _("%(sum)s as store coupon %(coupon)s, because your gift card is gone"),
        _("Your refund is a store coupon now, because your gift card is gone"),
    )
    facts = rows((_("Refund number"), w.refund_no), (_("Amount"), w.sum), (_("Coupon"), w.coupon))
    return Told(title, said, (), about(w) + facts, _("See where the money is"))


def _completed(w: Words) -> Told:
    said = w.all(
        _("Your request %(number)s for %(goods)s is complete. Nothing is open."),
        _("Is something not right? Call %(help_phone)s."),
    )
    title = w.first(_("%(sum)s is paid back, and your request is complete"), _("Your request is complete"))
    return Told(
        title,
        said,
        (),
        about(w) + rows((_("Paid back"), w.sum), (pgettext("of money", "To"), w.to)),
        _("See the bill"),
    )


def _compensated(w: Words) -> Told:
    said = w.all(
        _("For %(ground_of_gift)s with your request %(number)s you get %(gift)s, apart from any refund."),
        "%(reason_of_gift)s",
        nothing_to_do(),
    )
    title = w.first(_("For your trouble: %(gift)s"), _("Something for your trouble"))
    return Told(title, said, (), about(w), _("See the request"))


def _insurance_paid(w: Words) -> Told:
    said = w.all(
        _("The freight insurance of your order pays %(insured)s to your balance, because you paid for the way back."),
        nothing_to_do(),
    )
    title = w.first(_("Freight insurance: %(insured)s to your balance"), _("Your freight insurance has paid"))
    return Told(title, said, (), about(w), _("See the request"))


# --- the rules --------------------------------------------------------------------------------------------


def _policy_new(w: Words) -> Told:
    """New rules are told with what is kinder in them; who bought before keeps what held then."""
    if w.params.get("of_platform"):
        title = w.first(_("New rules for returns hold for orders from %(since)s on"), _("New rules for returns"))
    else:
        title = w.first(
            _("%(shop)s has new rules for returns, for orders from %(since)s on"),
            _("%(shop)s has new rules for returns"),
        )
    said = w.all(
        "%(rules_note)s",
        _("Orders you placed before keep the rules they were bought under."),
        nothing_to_do(),
        _("You can choose on the page of your notices not to get such news by e-mail and SMS."),
    )
    return Told(title, said, w.rules, (), _("Read the rules"))


# --- the customer's credit --------------------------------------------------------------------------------


def _credit_decided(w: Words) -> Told:
    title = w.first(
        _("%(number)s: how we handle your requests at %(shop)s changes for a time"), _("A change for a time")
    )
    said = w.all(
        _("We looked at your earlier requests. What we found, what it means and until when stands on your page."),
        _("If something is not right, you can answer there, and another person looks at it."),
    )
    return Told(title, said, (), (), _("Read what we found"))


def _credit_deposit(w: Words) -> Told:
    title = w.first(_("%(number)s: you may leave a deposit of %(sum)s if you like"), _("You may leave a deposit"))
    said = w.all(
        _("With it your requests at %(shop)s are decided as fast as before. You get all of it back."),
        _("You need not: your rights are the same with and without it."),
    )
    return Told(title, said, (), (), _("See the offer"))


def _credit_deposit_back(w: Words) -> Told:
    title = w.first(_("%(number)s: your deposit of %(sum)s is back on your balance"), _("Your deposit is back"))
    return Told(title, w.all(nothing_to_do()), (), (), _("See your page"))


def _credit_lifted(w: Words) -> Told:
    title = w.first(
        _("%(number)s: your requests at %(shop)s are handled as before again"), _("All is as before again")
    )
    return Told(title, w.all(nothing_to_do()), (), (), _("See your page"))


def _credit_answered(w: Words) -> Told:
    title = w.first(_("%(number)s: a person has answered you"), _("A person has answered you"))
    said = _("The answer stands on your page. You can answer again.")
    if w.params.get("is_over"):
        said = _("The answer stands on your page. What it was about is over already.")
    return Told(title, (said,), (), (), _("Read the answer"))


# --- the talk ---------------------------------------------------------------------------------------------


def _message(w: Words) -> Told:
    title = w.first(_("%(shop)s wrote to you about your request %(number)s"), _("%(shop)s wrote to you"))
    said = w.all(_("Read the message and answer on the page of the request."))
    return Told(title, said, (), about(w), _("Read the message"))


def news(w: Words) -> Told:
    return Told(w.first(_("News about request %(number)s"), _("News about a request")), button=_("See the request"))


# --- parts ------------------------------------------------------------------------------------------------


def _money(w: Words) -> Rows:
    return rows((_("You get back"), w.sum), (pgettext("of money", "To"), w.to), (_("Arrives"), w.sum and w.arrives))


def _refund(w: Words) -> Rows:
    due = "" if w.arrived else w.promised
    return rows(
        (_("Refund number"), w.refund_no),
        (_("Amount"), w.sum),
        (pgettext("of money", "To"), w.account),
        (_("Arrives"), due),
    )


CUSTOMER = {
    "in_review": _in_review,
    "evidence_asked": _evidence_asked,
    "approved": _approved,
    "keep_offered": _keep_offered,
    "decision_undone": _decision_undone,
    "refused": _refused,
    "withdrawn": _withdrawn,
    "lapsed": _lapsed,
    "reminder": _reminder,
    "pickup_booked": _pickup_booked,
    "pickup_failed": _pickup_failed,
    "collected": _collected,
    "delivered": _delivered,
    "counted": _counted,
    "wrong_goods": _wrong_goods,
    "reason_found": _reason_found,
    "reason_restored": _reason_restored,
    "refund_accepted": _refund_accepted,
    "refund_unknown": _refund_unknown,
    "refund_delayed": _refund_delayed,
    "refund_choose_way": _refund_choose_way,
    "way_chosen": _way_chosen,
    "refund_by_hand": _refund_by_hand,
    "refund_arrived": _refund_arrived,
    "refund_as_coupon": _refund_as_coupon,
    "completed": _completed,
    "compensated": _compensated,
    "insurance_paid": _insurance_paid,
    "policy_new": _policy_new,
    "credit_decided": _credit_decided,
    "credit_deposit": _credit_deposit,
    "credit_deposit_back": _credit_deposit_back,
    "credit_lifted": _credit_lifted,
    "credit_answered": _credit_answered,
    "message": _message,
    **SWAPS,
    **road_texts.CUSTOMER,
    **EXAMINATIONS,
}
