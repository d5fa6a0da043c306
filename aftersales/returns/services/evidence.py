"""The customer shows more: photos added to a request, and the request judged again where it waited for them."""

from datetime import datetime, timedelta
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from aftersales.evidence.models import Evidence
from aftersales.evidence.services import attach, within_limits
from aftersales.policy import queries as policies
from aftersales.policy import rules as policy_rules
from aftersales.returns import states
from aftersales.returns.models import Message, ReturnRequest
from aftersales.returns.services.decisions import grant
from aftersales.returns.services.intake import wait_for_reviewer
from aftersales.returns.services.judging import from_stored
from aftersales.returns.services.telling import tell_the_shop
from returns_platform.kernel.actors import Actor, rule
from returns_platform.kernel.errors import Invalid, WrongState
from returns_platform.kernel.fsm import moving


def add_evidence(pk: int, *, evidence: tuple[UUID, ...], text: str, by: Actor, now: datetime) -> ReturnRequest:
    """Add photos or an answer. A request that waited for them goes on: judged again, or back to the reviewer."""
    with moving(ReturnRequest, pk, by=by, now=now, note="evidence_added") as request:
        if not request.evidence_can_be_added:
            raise WrongState(_("Nothing can be added to this request any more."), state=request.state)
        if not evidence and not text.strip():
            raise Invalid(fields={"evidence": _("Add a photo or write an answer.")})
        _attach(request, evidence)
        if text.strip():
            Message.objects.create(request=request, by_kind=by.kind, by_id=by.id, by_name=by.name, text=text, at=now)
        if request.state == states.NEEDS_EVIDENCE:
            _go_on(request, now=now)
        tell_the_shop(request, "evidence_added", occasion=str(request.version), now=now)
    return request


def _attach(request: ReturnRequest, evidence: tuple[UUID, ...]) -> None:
    attach(evidence, request.order, case_ref=request.return_no)
    within_limits(*_kept(request))


def _kept(request: ReturnRequest) -> tuple[int, int]:
    kinds = list(Evidence.objects.filter(case_ref=request.return_no, at_bench=False).values_list("kind", flat=True))
    return kinds.count("photo"), kinds.count("video")


def _go_on(request: ReturnRequest, *, now: datetime) -> None:
    """Asked by a person: back to the reviewer. Asked by the rules: judged again with what is there now."""
    policy = policies.of_case(request)
    if request.outcome != "needs_evidence":
        asked = request.moves.filter(note="evidence_asked").last()
        request.send_to_review()
        wait_for_reviewer(request, "support" if asked and asked.by_kind == "support" else "merchant", policy, now=now)
        return
    verdict = policy_rules.judge(_facts_now(request), policy)
    lines = request.verdict.get("lines", [])
    request.outcome, request.verdict = verdict.outcome, verdict.as_json() | {"lines": lines}
    if verdict.outcome == "approve":
        request.decide(rule(verdict.reasons[0].rule, verdict.reasons[0].version), now)
        grant(request, now=now)
    elif verdict.outcome == "review":
        request.send_to_review()
        request.kept = 0  # a person decides, and no rule's limit counts it
        wait_for_reviewer(request, verdict.who, policy, now=now)
    else:
        request.wait_for("customer", now + timedelta(hours=policy.terms.evidence_hours))


def _facts_now(request: ReturnRequest) -> policy_rules.Facts:
    """The facts as filed, with the evidence as it is now: the date of filing counts."""
    photos, videos = _kept(request)
    return from_stored(request.facts, photos=photos, videos=videos)
