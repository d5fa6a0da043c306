"""What the platform's own people are told by mail: what is theirs now, and by when."""

from collections.abc import Mapping
from datetime import datetime

from django.utils.translation import gettext as _

from aftersales.notifications.parts import Told
from aftersales.notifications.texts import news
from aftersales.notifications.words import Words
from refunds.payouts import guide


def for_staff(event: str, params: Mapping, *, now: datetime, style: str = "full") -> Told:
    """An event of `events.STAFF`; one that this program does not know yet is told as news."""
    return STAFF.get(event, news)(Words(params, now=now, style=style))


def _exception_assigned(w: Words) -> Told:
    kind = guide.KINDS.get(w.params.get("exception_kind", ""))
    title = w.first(_("%(sum)s over %(channel)s is yours to look after"), _("A refund is yours to look after"))
    said = (str(kind.happened), str(kind.never)) if kind else ()
    facts = ((_("Refund number"), w.refund_no), (_("Amount"), w.sum), (_("Act by"), w.due))
    return Told(title, said, (), tuple(fact for fact in facts if fact[1]), _("Open it"))


STAFF = {"exception_assigned": _exception_assigned}
