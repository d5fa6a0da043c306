"""Cases of a shop and a draft to try on them."""

from datetime import timedelta

from aftersales.policy import services as policies
from aftersales.policy.models import PolicyVersion, RuleRow, WindowRow
from aftersales.replay import services
from aftersales.replay.models import Trial
from returns_platform.kernel import clock
from returns_platform.kernel.actors import Actor

ROOT = Actor("support", "1", "root")
FAR = timedelta(hours=1)


def a_draft() -> PolicyVersion:
    return policies.draft_from(PolicyVersion.objects.get(number=1))


def with_rule(draft: PolicyVersion, rule: str, /, **changes) -> PolicyVersion:
    row = draft.rules.get(name=rule)
    for column, value in changes.items():
        setattr(row, column, value)
    row.save()
    return draft


def with_window(draft: PolicyVersion, days: int, basis="no_reason", category="") -> PolicyVersion:
    row = WindowRow.objects.get(version=draft, basis=basis, category=category, reason="")
    row.length = days
    row.save()
    return draft


def everything_reviewed(draft: PolicyVersion) -> PolicyVersion:
    RuleRow.objects.create(
        version=draft, priority=1, name="platform.people_first", effect="review", code="person_looks", who="support"
    )
    return draft


def run(trial: Trial, *, most: int = 50) -> Trial:
    """Let workers go on until the trial has ended."""
    for _turn in range(most):
        if not services.try_further(now=clock.now()):
            break
    trial.refresh_from_db()
    return trial


def replayed(draft: PolicyVersion, **scope) -> Trial:
    return run(services.replay(draft, by=ROOT, now=clock.now(), **scope))


def delivered(days: int) -> dict:
    """What an order says that was signed for so many days ago."""
    sent, placed = (_ago(days + more) for more in (2, 4))
    items = [{"line_no": "1", "quantity": 3}]
    parcel = {"parcel_no": "P1", "courier": "sf", "waybill": "x", "shipped_at": sent, "signed_at": _ago(days)}
    payment = {"channel": "wechat", "transaction_id": "t", "amount": 10000, "paid_at": placed}
    return {"placed_at": placed, "parcels": [parcel | {"items": items}], "payments": [payment]}


def _ago(days: int) -> str:
    return (clock.now() - timedelta(days=days)).isoformat()
