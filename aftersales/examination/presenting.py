"""An independent inspection as each side reads it: the same words for both."""

from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _

from aftersales.evidence.models import Evidence
from aftersales.examination.models import Examination
from aftersales.examination.queries import examinations_of
from aftersales.returns.models import ReturnRequest
from returns_platform.kernel import ui

TONES = {"for_customer": "late", "for_shop": "now", "unclear": ""}


@dataclass(frozen=True, slots=True)
class Told:
    """One examination. says: what is the case now, in one sentence. pays: "" while nobody knows."""

    one: Examination
    goods: str
    title: str
    says: str
    pays: str
    tone: str
    pages: list[ui.Photo]


def told_of(row: ReturnRequest, *, now: datetime) -> list[Told]:
    return [_told(shown.one, shown.pages, row, now=now) for shown in examinations_of(row)]


def _told(one: Examination, pages: list, row: ReturnRequest, *, now: datetime) -> Told:
    who = one.asked_by.kind == "merchant"
    asker = row.merchant.local_name if who else _("The platform")
    facts = {"asker": asker, "examiner": one.examiner.local_name, "by": _by(one, row, now=now)}
    if one.reported_at:
        says = one.get_finding_display()
    elif one.called_off_at:
        says = _("It was called off: the request is decided without it.")
    elif one.due_at < now:
        says = _("Its report is late. A person of the platform asks for it.")
    else:
        says = _("%(asker)s asked for it. The report is expected %(by)s.") % facts
    return Told(
        one=one, goods=one.line.order_line.title, title=facts["examiner"], says=says, pays=_pays(one, row),
        tone=TONES.get(one.finding, ""), pages=[_page(page, nth) for nth, page in enumerate(pages, start=1)],
    )  # fmt: skip


def _page(page: Evidence, nth: int) -> ui.Photo:
    url = reverse("aftersales:evidence", args=[page.public_id])
    return ui.Photo(url, _("Page %(n)s") % {"n": nth}, label=_("Page %(n)s") % {"n": nth}, href=url)


def _by(one: Examination, row: ReturnRequest, *, now: datetime) -> str:
    return ui.moment(one.due_at, now=now, zone=row.merchant.zone, sense="by")


def _pays(one: Examination, row: ReturnRequest) -> str:
    if not one.payer:
        return ""
    payer = row.merchant.local_name if one.payer == one.Payer.MERCHANT else _("The platform")
    return _("%(payer)s pays the inspection, %(fee)s. It costs the customer nothing.") % {
        "payer": payer, "fee": ui.money(one.fee, one.currency),
    }  # fmt: skip
