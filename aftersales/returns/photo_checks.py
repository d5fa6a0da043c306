"""What is known of a case's pictures beside what they show, in words for those who judge; never for the customer."""

from collections.abc import Callable, Iterable

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from aftersales.evidence import signs
from aftersales.evidence.advice import FOUND, advice
from aftersales.evidence.models import Evidence
from aftersales.evidence.queries import Reuse, reused
from aftersales.returns.models import ReturnRequest
from aftersales.returns.names import shop_name
from logistics.couriers import numbers
from orders.merchants.models import Merchant
from returns_platform.kernel import ui

Told = tuple[str, str]  # what the reader may know of another case, and its page or ""
Tell = Callable[[list[Reuse]], dict[str, Told]]  # by the cases' numbers
OTHERS_SHOWN = 6


def photo_checks(kept: list[Evidence], row: ReturnRequest, *, tell: Tell) -> list[ui.Check]:
    """kept: all pictures of the case, in the order in which they are shown. tell: what the reader may know of cases
    that show one of them too."""
    shown = [(_number(photo, place), photo) for place, photo in enumerate(kept, start=1) if not photo.at_bench]
    if not shown:
        return []
    return _elsewhere(shown, tell) + _taken(shown, row) + _merged(_said(shown, row))


def _number(photo: Evidence, place: int) -> str:
    video = photo.kind == Evidence.Kind.VIDEO
    return (_("Video %(number)s") if video else _("Photo %(number)s")) % {"number": place}


# --- the same picture elsewhere (N9) ----------------------------------------------------------------------


def tell_the_platform(reuses: list[Reuse]) -> dict[str, Told]:
    rows = ReturnRequest.objects.filter(return_no__in={reuse.other.case_ref for reuse in reuses})
    return {
        row.return_no: (
            _("%(number)s at %(shop)s") % {"number": row.return_no, "shop": shop_name(row.merchant)},
            reverse("admin:aftersales_returnrequest_change", args=[row.pk]),
        )
        for row in rows.select_related("merchant")
    }


def tell_the_shop(merchant: Merchant) -> Tell:
    """Another shop's cases are none of this shop's: only that there is one."""

    def tell(reuses: list[Reuse]) -> dict[str, Told]:
        own = {reuse.other.case_ref for reuse in reuses if reuse.other.merchant_id == merchant.pk}
        return {number: (number, reverse("merchant:case", args=[merchant.code, number])) for number in own}

    return tell


def _elsewhere(shown: list[tuple[str, Evidence]], tell: Tell) -> list[ui.Check]:
    names = {photo.pk: name for name, photo in shown}
    found = reused([photo for _name, photo in shown])
    told = tell(found)
    checks = dict.fromkeys(
        _reuse(names[reuse.photo.pk], reuse, told.get(reuse.other.case_ref, (_("a request at another shop"), "")))
        for reuse in found
    )
    return [*checks][:OTHERS_SHOWN] + _rest(len(checks) - OTHERS_SHOWN) + _not_found(shown, bool(found))


def _reuse(name: str, reuse: Reuse, told: Told) -> ui.Check:
    if reuse.same_order:
        text, state = _("%(photo)s also stands in a request about the same order:"), "open"
    else:
        text, state = _("%(photo)s also stands in another request:"), "found"
    return ui.Check(text % {"photo": name}, state, *told)


def _rest(more: int) -> list[ui.Check]:
    return [ui.Check(_("and in %(more)s more") % {"more": more}, "found")] if more > 0 else []


def _not_found(shown: list[tuple[str, Evidence]], found: bool) -> list[ui.Check]:
    """A picture that nobody compared is not called unused."""
    photos = [(name, photo) for name, photo in shown if photo.kind == Evidence.Kind.PHOTO]
    waiting = [name for name, photo in photos if not photo.looked_at and photo.next_try_at]
    never = [name for name, photo in photos if not photo.looked_at and not photo.next_try_at]
    checks = []
    if waiting:
        checks.append(ui.Check(_("Is being compared with other requests"), "open", _listed(waiting)))
    if never:
        checks.append(ui.Check(_("Could not be compared with other requests"), "open", _listed(never)))
    if photos and not (waiting or never or found):
        checks.append(ui.Check(_("In no other request"), "done"))
    return checks


# --- when, with what, and what was done to it -------------------------------------------------------------


def _taken(shown: list[tuple[str, Evidence]], row: ReturnRequest) -> list[ui.Check]:
    taken = [(photo.taken_at, name) for name, photo in shown if photo.taken_at]
    if not taken:
        return []
    early = [name for at, name in taken if at < row.order.placed_at]
    return [ui.Check(_("Taken after the purchase"), "bad" if early else "done", _listed(early))]


def _said(shown: list[tuple[str, Evidence]], row: ReturnRequest) -> Iterable[ui.Check]:
    zone, waybills = row.merchant.zone, set(row.order.shipments.values_list("waybill", flat=True))
    for name, photo in shown:
        for sign in signs.signs_of(photo.facts, sent_at=photo.created_at, zone=zone):
            yield ui.Check(sign.text, sign.state, f"{name} ({sign.quiet})" if sign.quiet else name)
        if code := advice(photo.facts):
            yield ui.Check(FOUND[code], "open", name)
        for code in photo.codes:
            if code in waybills:
                yield ui.Check(_("Shows the waybill of this order's parcel"), "done", f"{name} ({code})")
            elif numbers.candidates(code):
                yield ui.Check(_("Shows another waybill than this order's"), "open", f"{name} ({code})")


def _merged(checks: Iterable[ui.Check]) -> list[ui.Check]:
    """One line for what is true of several pictures."""
    found: dict[tuple[str, str], list[str]] = {}
    for check in checks:
        found.setdefault((str(check.text), check.state), []).append(check.quiet)
    return [ui.Check(text, state, _listed(names)) for (text, state), names in found.items()]


def _listed(names: list[str]) -> str:
    return pgettext("between numbers", ", ").join(dict.fromkeys(names))


def taken_with(photo: Evidence, *, zone: str, now) -> str:
    """When and with which camera, as far as the file said so."""
    when = ui.moment(photo.taken_at, now=now, zone=zone) if photo.taken_at else ""
    return pgettext("between numbers", ", ").join(filter(None, (when, signs.camera(photo.facts))))
