"""An independent inspection: asked for, reported, or called off. It decides nothing: a person does, knowing it."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from aftersales.evidence.models import Evidence
from aftersales.evidence.services import attach_report
from aftersales.examination import rules
from aftersales.examination.models import Examination, Examiner
from aftersales.examination.queries import examiners_for, lines_to_examine
from aftersales.policy import queries as policies
from aftersales.returns import states
from aftersales.returns.models import ReturnRequest
from aftersales.returns.services.decisions import must_not_be_own
from aftersales.returns.services.tasks import open_task
from aftersales.returns.services.telling import tell, tell_the_shop
from refunds.ledger import rules as ledger
from refunds.ledger.services import post
from returns_platform.kernel.actors import Actor
from returns_platform.kernel.errors import Conflict, Invalid, NotAllowed, NotThere, WrongState
from returns_platform.kernel.fsm import moving


def ask_examiner(
    pk: int, *, line_id: int, examiner_id: int, question: str, fee: int, by: Actor, now: datetime
) -> Examination:
    """Have one unit of a disputed line looked at by somebody independent, for the fee that was shown.

    Whoever decides has time until the report is there, and their usual hours after it.
    """
    if not question.strip():
        raise Invalid(fields={"question": _("Say what is to be found out. Both sides read it.")})
    with moving(ReturnRequest, pk, by=by, now=now, note="examiner_asked") as request:
        must_not_be_own(request, by)
        examiner = examiners_for(request).filter(pk=examiner_id).first()
        _must_fit(request, line_id, examiner, fee)
        row = Examination.objects.create(
            request=request, line_id=line_id, examiner=examiner, question=question.strip(), fee=examiner.fee,
            currency=examiner.currency, asked_by_kind=by.kind, asked_by_id=by.id, asked_by_name=by.name,
            asked_at=now, due_at=now + timedelta(days=examiner.days),
        )  # fmt: skip
        _give_time(request, now=now)
        _tell_both(request, "examination_asked", row, but=by.kind, now=now)
    return row


def _must_fit(request: ReturnRequest, line_id: int, examiner: Examiner | None, fee: int) -> None:
    if not rules.can_be_examined(request.state, counted=request.counted_at is not None):
        raise WrongState(
            _("Only goods that were inspected and are disputed are sent to somebody else."), state=request.state
        )
    if line_id not in {line.pk for line in lines_to_examine(request)}:
        raise Conflict(_("A unit of this line is being inspected already, or none is here."), code="examined_already")
    if examiner is None:
        raise Invalid(fields={"examiner": _("Choose one of these")})
    if examiner.fee != fee:
        raise Conflict(_("The inspector's fee has changed. Look at it again."), code="fee_changed")


def report_finding(
    pk: int, *, finding: str, found: str, report: tuple[UUID, ...], by: Actor, now: datetime
) -> Examination:
    """What the inspector found, entered by a person of the platform with the report itself; its fee falls due once.

    The same again changes nothing; another finding is a Conflict.
    """
    if by.kind != "support":
        raise NotAllowed(_("The platform enters what an independent inspector reports."))
    with _moving_examination(pk, by=by, now=now, note="examiner_reported") as (row, request):
        if row.reported_at is not None:
            if (row.finding, row.found) != (finding, found.strip()):
                raise Conflict(_("This report was entered already, with another finding."), code="reported_already")
            return row
        _must_be_open(row)
        _must_be_a_report(finding, found, report)
        row.finding, row.found, row.reported_at, row.reported_by = finding, found.strip(), now, by.name
        row.payer = rules.payer(finding, asked_by=row.asked_by_kind)
        row.save()
        attach_report(report, request.order, case_ref=request.return_no)
        row.report.set(Evidence.objects.filter(public_id__in=report))
        _charge(row, request, now=now)
        _give_time(request, now=now)
        _tell_both(request, "examination_found", row, now=now)
    return row


def _must_be_a_report(finding: str, found: str, report: tuple[UUID, ...]) -> None:
    wrong = {}
    if finding not in Examination.Finding.values:
        wrong["finding"] = _("Choose one of these")
    if not found.strip():
        wrong["found"] = _("Say in plain words what was found. Both sides read it.")
    if not report:
        wrong["file"] = _("Add the report, as PDF or as photos of its pages.")
    if wrong:
        raise Invalid(fields=wrong)


def call_off(pk: int, *, by: Actor, now: datetime) -> Examination:
    """Nobody needs the report any more: before it is there, by the side that asked, or by the platform. No fee."""
    with _moving_examination(pk, by=by, now=now, note="examination_called_off") as (row, request):
        if row.called_off_at is not None:
            return row
        _must_be_open(row)
        if by.kind not in ("support", row.asked_by_kind):
            raise NotAllowed(_("Whoever asked for it calls it off."))
        row.called_off_at, row.called_off_by = now, by.name
        row.save(update_fields=["called_off_at", "called_off_by"])
        _give_time(request, now=now)
        _tell_both(request, "examination_off", row, but=by.kind, now=now)
    return row


def find_late(*, now: datetime, limit: int = 100) -> int:
    """A report that is not there in its time: a person of the platform asks for it, once."""
    late = Examination.objects.filter(reported_at=None, called_off_at=None, late_at=None, due_at__lt=now)
    for pk in late.values_list("pk", flat=True)[:limit]:
        with _moving_examination(pk, by=Actor("system"), now=now, note="examination_late") as (row, request):
            if row.is_open and row.late_at is None:
                row.late_at = now
                row.save(update_fields=["late_at"])
                open_task("examination_late", row.reference, request=request, now=now)
    return late.count()


@contextmanager
def _moving_examination(
    pk: int, *, by: Actor, now: datetime, note: str
) -> Iterator[tuple[Examination, ReturnRequest]]:
    """Both locked, the case first; NotThere without one."""
    case = Examination.objects.filter(pk=pk).values_list("request", flat=True).first()
    if case is None:
        raise NotThere
    with moving(ReturnRequest, case, by=by, now=now, note=note) as request:
        yield Examination.objects.select_for_update(of=("self",)).select_related("examiner").get(pk=pk), request


def _must_be_open(row: Examination) -> None:
    if not row.is_open:
        raise WrongState(
            _("This inspection has ended already."), state="called_off" if row.called_off_at else "reported"
        )


def _give_time(request: ReturnRequest, *, now: datetime) -> None:
    """Whoever decides about the goods has their usual hours from when the last report is to be there, or is."""
    if request.state == states.INSPECTED:
        expected = request.examinations.filter(reported_at=None, called_off_at=None).values_list("due_at", flat=True)
        until = max([now, *expected])
        hours = policies.terms_of(request).merchant_answer_hours
        request.wait_for(request.waits_for, until + timedelta(hours=hours))


def _charge(row: Examination, request: ReturnRequest, *, now: datetime) -> None:
    if not row.fee:
        return
    payer = ledger.MERCHANT if row.payer == rules.MERCHANT else ledger.EXAMINATION_EXPENSE
    entries = ledger.examined(
        row.fee, payer=payer, examiner=row.examiner_id, currency=row.currency, merchant_id=request.merchant_id
    )
    post(row.reference, kind=ledger.EXAMINATION, entries=entries, at=now)


def _tell_both(request: ReturnRequest, event: str, row: Examination, *, now: datetime, but: str = "") -> None:
    who = row.examiner
    facts = {
        "occasion": str(row.pk), "examiner": who.name, "examiner_en": who.name_en or who.name, "found": row.found,
        "examined_by": row.due_at.isoformat(),
    }  # fmt: skip
    tell(request, event, now=now, **facts)
    if but != "merchant":
        tell_the_shop(request, event, now=now, **facts)
