"""Keeping what stands of customers up to date. The history itself is read in `aftersales.risk`."""

from collections.abc import Iterable
from dataclasses import asdict
from datetime import datetime

from aftersales.credit.models import Standing
from aftersales.credit.rules import VERSION, History, Scored
from returns_platform.kernel import work


def look_again(customer_ids: Iterable[int], *, now: datetime) -> None:
    """Their histories changed: they are looked at soon. The first time makes the row."""
    wanted = set(customer_ids)
    Standing.objects.bulk_create(
        [Standing(customer_id=pk, next_try_at=now) for pk in sorted(wanted)], ignore_conflicts=True
    )
    later = Standing.objects.filter(customer_id__in=wanted, scored_at__isnull=False)
    later.exclude(next_try_at__lte=now).update(next_try_at=now)


def keep_score(standing: Standing, history: History, scored: Scored, *, again_at: datetime | None, now: datetime):
    """What the rules say of a history. again_at: when it is looked at without news, because time passes."""
    standing.score, standing.level = scored.score, scored.level
    standing.reasons = [asdict(reason) for reason in scored.reasons]
    standing.history = asdict(history)
    standing.rules_version, standing.scored_at, standing.tries = VERSION, now, 0
    work.done(standing)
    standing.next_try_at = again_at
    standing.save(update_fields=[
        "score", "level", "reasons", "history", "rules_version", "scored_at", "tries", "next_try_at", "claimed_until",
        "last_error",
    ])  # fmt: skip


def keep_measures(customer_id: int, in_force: Iterable, *, now: datetime) -> None:
    """What judging reads of the measures about this customer: of each kind there is one at a time."""
    held = {one.kind: one for one in in_force}
    limit, until = held.get("limit"), {kind: one.until for kind, one in held.items()}
    told = {
        "reviewed_until": until.get("review"), "blocked_until": until.get("block"),
        "deposit_until": until.get("deposit"), "limited_until": until.get("limit"),
        "limit": limit and limit.amount, "limit_currency": limit.currency if limit else "",
    }  # fmt: skip
    Standing.objects.update_or_create(
        customer_id=customer_id, defaults=told, create_defaults=told | {"next_try_at": now}
    )
