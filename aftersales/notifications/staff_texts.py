"""What the platform's own people are told by mail: what is theirs now, and by when."""

from collections.abc import Mapping
from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from aftersales.notifications.parts import Told
from aftersales.notifications.texts import news
from aftersales.notifications.words import Words
from refunds.matching import texts as matching
from refunds.payouts import guide
from returns_platform.kernel import ui


def for_staff(event: str, params: Mapping, *, now: datetime, style: str = "full") -> Told:
    """An event of `events.STAFF`; one that this program does not know yet is told as news."""
    return STAFF.get(event, news)(Words(params, now=now, style=style))


def _exception_assigned(w: Words) -> Told:
    kind = guide.KINDS.get(w.params.get("exception_kind", ""))
    title = w.first(_("%(sum)s over %(channel)s is yours to look after"), _("A refund is yours to look after"))
    said = (str(kind.happened), str(kind.never)) if kind else ()
    facts = ((_("Refund number"), w.refund_no), (_("Amount"), w.sum), (_("Act by"), w.due))
    return Told(title, said, (), tuple(fact for fact in facts if fact[1]), _("Open it"))


def _money_waits(w: Words) -> Told:
    """Once a day; a row that is settled by the time of reading is no longer on the page."""
    breaks, refunds = w.params.get("breaks", 0), w.params.get("refunds", 0)
    said = [
        ngettext("%(n)s difference with a channel is older than a day.",
                 "%(n)s differences with channels are older than a day.", breaks) % {"n": breaks} if breaks else "",
        ngettext("%(n)s refund is past its time.", "%(n)s refunds are past their time.", refunds)
        % {"n": refunds} if refunds else "",
    ]  # fmt: skip
    since = ui.moment(datetime.fromisoformat(w.params["since"]), now=w.now, style="plain")
    facts = ((_("The oldest since"), since),)
    return Told(_("Money that is yours to look after waits"), tuple(filter(None, said)), (), facts, _("Open it"))


def _wrong_sum(w: Words) -> Told:
    said = matching.kind(w.params.get("break_kind", ""))
    title = w.first(_("A wrong sum: %(sum)s over %(channel)s"), _("A wrong sum at a channel"))
    facts = ((_("Refund number"), w.refund_no), (_("Not matched"), w.sum))
    sentences = tuple(str(part) for part in (said.means, said.next) if part)
    return Told(title, sentences, (), tuple(fact for fact in facts if fact[1]), _("Open it"))


STAFF = {"exception_assigned": _exception_assigned, "money_waits": _money_waits, "wrong_sum": _wrong_sum}
