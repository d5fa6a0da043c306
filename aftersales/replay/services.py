"""Trying a draft: asked for by a person, done by workers chunk by chunk, stopped by a person. Cases are only read."""

import logging
from datetime import datetime, timedelta
from math import ceil
from time import monotonic

from django.core.exceptions import ObjectDoesNotExist
from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from aftersales.policy import queries as policies
from aftersales.policy import services as drafting
from aftersales.policy.clause_models import ClauseVersion
from aftersales.policy.models import PolicyVersion, must_be_draft
from aftersales.replay import queries, rules
from aftersales.replay.models import Trial, TrialCase
from aftersales.replay.queries import Draft, DraftRow, Stored
from aftersales.replay.rules import Compared, OlderShape, Past
from orders.merchants.models import Merchant
from returns_platform.kernel import nudge, work
from returns_platform.kernel.actors import Actor
from returns_platform.kernel.errors import Conflict, Invalid, NotThere, WrongState
from returns_platform.kernel.work import LostClaim

log = logging.getLogger(__name__)

WORKER = "aftersales.media.try_drafts"
CHUNK = 500
CHUNK_S = 5.0  # one chunk's judging, well within the lease
MOST_TURNS_LOST = 5  # a chunk that kills or outlasts its worker so often is given up
AT_LEAST_MS, MS_A_CASE = 120_000, 20  # of judging: a whole run may take that much, about ten times what it needs
MOST_KEPT = 100_000  # rows of changed cases
LIVE_EVERY = timedelta(seconds=15)


# --- asked for by a person --------------------------------------------------------------------------------


def replay(
    row: DraftRow, *, merchant: Merchant | None = None, since: datetime | None = None,
    until: datetime | None = None, by: Actor, now: datetime,
) -> Trial:  # fmt: skip
    """Try a draft on past cases: all, or one shop's, or those filed in a span of time. A shop's on its own.

    Raises WrongState for what is no draft, Invalid for a rule that cannot be read or a span without a case, Conflict
    while it is being tried.
    """
    scope = {"merchant_id": _whose(row, merchant), "since": since, "until": until}
    cases = queries.cases_in(**scope)
    upto, total = cases.aggregate(last=Max("pk"))["last"], cases.count()
    if not total:
        raise Invalid(_("No case was filed there in that time."), fields={"since": _("No case was filed then.")})
    return _begun(row, Trial.Kind.PAST, upto=upto, total=total, **scope, by=by, now=now)


def shadow(row: DraftRow, *, merchant: Merchant | None = None, by: Actor, now: datetime) -> Trial:
    """Let a draft answer every case that is filed from now on, beside the policy that decides. Raises as `replay`."""
    after = queries.last_settled_key(0, now=now)
    scope = {"merchant_id": _whose(row, merchant), "since": now}
    return _begun(row, Trial.Kind.LIVE, after=after, **scope, by=by, now=now)


def _whose(row: DraftRow, merchant: Merchant | None) -> int | None:
    return row.merchant_id if isinstance(row, ClauseVersion) else merchant and merchant.pk


def _begun(row: DraftRow, kind: str, *, by: Actor, now: datetime, **fields) -> Trial:
    try:
        with transaction.atomic():
            draft = _locked_row(row)
            if draft is None:
                raise NotThere
            must_be_draft(draft)
            queries.compile_row(draft)
            of = {"clauses": draft} if isinstance(draft, ClauseVersion) else {"version": draft}
            trial = Trial.objects.create(
                **of, kind=kind, content=queries.digest(draft), asked_at=now, asked_by=by.name or by.id,
                next_try_at=now, **fields,
            )  # fmt: skip
            nudge.after_commit(WORKER)
            return trial
    except IntegrityError as clash:
        if "one_running_trial" not in str(clash):
            raise
        raise Conflict(_("This draft is being tried already. Stop that first.")) from clash


def _locked_row(row: DraftRow) -> DraftRow | None:
    """Nobody publishes or deletes the draft meanwhile: who does locks it first, as a worker does before it writes."""
    return type(row).objects.select_for_update(of=("self",), no_key=True).filter(pk=row.pk).first()


@transaction.atomic
def stop(trial_id: int, *, now: datetime) -> Trial:
    """End a trial; what it has found stays. Ended already: nothing changes."""
    trial = Trial.objects.select_for_update(of=("self",)).filter(pk=trial_id).first()
    if trial is None:
        raise NotThere
    if trial.is_running:
        _end(trial, Trial.Ending.STOPPED, now=now)
    return trial


@transaction.atomic
def discard(row: DraftRow) -> None:
    """Delete a draft with everything that was tried with it. Raises WrongState for what is no draft."""
    if isinstance(row, ClauseVersion):
        drafting.discard_clauses(row)
        return
    draft = PolicyVersion.objects.select_for_update().filter(pk=row.pk).first()
    if draft is None:
        raise NotThere
    if not draft.is_draft:
        raise WrongState(_("Only a draft can be discarded."), state=draft.state)
    draft.delete()


# --- done by workers --------------------------------------------------------------------------------------


def try_further(*, now: datetime) -> bool:
    """Claim a trial that is due and judge its next chunk. False when none is due."""
    claimed = next(iter(work.claim_due(Trial, now=now, limit=1)), None)
    if claimed is None:
        return False
    try:
        _further(claimed, now=now)
    except LostClaim:
        log.warning("%s was taken over by another worker", claimed.pk)
    except Exception:
        log.exception("trial %s stumbled; it goes on when its claim is over", claimed.pk)
    return True


def _further(claimed: Trial, *, now: datetime) -> None:
    row = queries.draft_row(claimed)
    if row is None:
        return
    content = queries.digest(row)
    if ending := _ends(claimed, row, content):
        return _ended(claimed, row, ending, now=now)
    try:
        draft = queries.compiled(row, content)
    except Invalid as wrong:
        return _ended(claimed, row, Trial.Ending.BROKEN, error=str(wrong.message), now=now)
    chunk = queries.next_cases(claimed, limit=CHUNK)
    started = monotonic()
    judged = _judged(claimed, chunk, draft, stop_at=started + CHUNK_S)
    whole = len(chunk) < CHUNK and len(judged) == len(chunk)
    _keep(claimed, row, judged, whole=whole, spent_ms=ceil((monotonic() - started) * 1000), now=now)
    return None


def _ends(trial: Trial, row: DraftRow, content: str) -> str:
    """Why it ends before its time; "" where it goes on."""
    if content != trial.content:
        return Trial.Ending.CHANGED
    if trial.is_live and not row.is_draft:
        return Trial.Ending.PUBLISHED
    lost = trial.claim - trial.kept_claim > MOST_TURNS_LOST
    slow = trial.spent_ms > AT_LEAST_MS + MS_A_CASE * (trial.total or trial.judged)
    return Trial.Ending.TOO_SLOW if lost or slow else ""


# A case with what was found: the comparison, or why there is none.
Judged = tuple[Stored, Compared | str]


def _judged(trial: Trial, chunk: list[Stored], draft: Draft, *, stop_at: float) -> list[Judged]:
    """The chunk, or as much of it as the time allows and at least one case: a slow rule slows only itself."""
    read = {stored.pk: _past(stored) for stored in chunk}
    anew = [pk for pk, past in read.items() if isinstance(past, Past) and _needs_parcels(draft, past)]
    sent, off_days = queries.sent_of(anew) if anew else {}, policies.off_days()
    found = []
    for stored in chunk:
        found.append((stored, _compared(trial, read[stored.pk], draft, sent.get(stored.pk, {}), off_days)))
        if monotonic() > stop_at:
            break
    return found


def _needs_parcels(draft: Draft, past: Past) -> bool:
    """Also for the products that a shop's clauses name: older facts do not say which they were."""
    policy = draft.over(past.own)
    return rules.windows_differ(policy, past.own) or any(row.sku for row in policy.clauses.rows)


def _past(stored: Stored) -> Past | str:
    reasons = stored.verdict.get("reasons") or []
    try:
        facts = rules.read_facts(stored.facts, reasons)
        own = policies.of_case(stored)
    except (OlderShape, ObjectDoesNotExist):
        return TrialCase.Why.UNREADABLE
    return Past(_before(stored), facts, own, stored.send_back, rules.unstored(stored.facts))


def _before(stored: Stored) -> rules.Answer:
    fired = next(iter(stored.verdict.get("reasons") or []), {})
    return rules.answer_of(stored.outcome, stored.verdict.get("who", ""), fired.get("rule", ""))


def _compared(trial: Trial, past: Past | str, draft: Draft, sent: dict, off_days) -> Compared | str:
    if not isinstance(past, Past):
        return past
    try:
        return rules.compare(past, draft.over(past.own), sent, off_days, draft.asked)
    except Exception as fault:  # a draft may fail on what nobody thought of: it is counted, and the next case follows
        log.warning("trial %s failed on a case: %r", trial.pk, fault)
        return TrialCase.Why.FAILED


@transaction.atomic
def _keep(claimed: Trial, row: DraftRow, judged: list[Judged], *, whole: bool, spent_ms: int, now: datetime) -> None:
    """Count a chunk and go on after it: all of it is committed, or none and it is judged again."""
    trial = _locked(claimed, row)
    if trial is None:
        return
    for _stored, found in judged:
        if isinstance(found, Compared):
            rules.count(trial.tally, found)
        else:
            trial.tally[str(found)] += 1
    room = MOST_KEPT - trial.kept
    cases = [_row(trial, stored, found) for stored, found in judged if _worth_keeping(trial, found)][: max(0, room)]
    TrialCase.objects.bulk_create(cases, batch_size=CHUNK)
    trial.kept += len(cases)
    trial.judged += len(judged)
    trial.spent_ms += spent_ms
    trial.kept_claim = trial.claim
    if trial.is_live:
        _wait_for_more(trial, whole=whole, now=now)
    else:
        trial.after = judged[-1][0].pk if judged else trial.after
        work.due_again(trial, at=now)
        if whole:
            _end(trial, Trial.Ending.DONE, now=now)
    trial.save()


def _locked(claimed: Trial, row: DraftRow) -> Trial | None:
    """The trial as it stands; None where it was deleted or stopped meanwhile. Raises LostClaim when overtaken."""
    if _locked_row(row) is None:
        return None
    trial = Trial.objects.select_for_update(of=("self",)).filter(pk=claimed.pk).first()
    if trial is None or not trial.is_running:
        return None
    work.must_be_mine(trial, claimed)
    return trial


def _worth_keeping(trial: Trial, found: Compared | str) -> bool:
    return trial.is_live or not isinstance(found, Compared) or found.is_changed


def _row(trial: Trial, stored: Stored, found: Compared | str) -> TrialCase:
    before = _before(stored)
    row = TrialCase(
        trial=trial, request_id=stored.pk, before=before.name, before_rule=before.rule,
        before_version=stored.policy_version,
    )  # fmt: skip
    if isinstance(found, Compared):
        row.after, row.after_rule = found.after.name, found.after.rule
        row.amount, row.currency = found.amount_after, found.currency
    else:
        row.why = found
    return row


def _wait_for_more(trial: Trial, *, whole: bool, now: datetime) -> None:
    if trial.kept >= MOST_KEPT:
        _end(trial, Trial.Ending.DONE, now=now)
    elif whole:
        trial.after = queries.last_settled_key(trial.after, now=now)
        work.due_again(trial, at=now + LIVE_EVERY)
    else:
        work.due_again(trial, at=now)


@transaction.atomic
def _ended(claimed: Trial, row: DraftRow, ending: str, *, error: str = "", now: datetime) -> None:
    if trial := _locked(claimed, row):
        _end(trial, ending, error=error, now=now)


def _end(trial: Trial, ending: str, *, error: str = "", now: datetime) -> None:
    work.done(trial)
    trial.ending, trial.ended_at, trial.last_error = ending, now, error[:300]
    trial.save()
