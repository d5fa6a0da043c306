"""Writing policy versions: the first one, drafts, publishing with a start date, taking back in time."""

from dataclasses import asdict, fields
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from returns_platform.kernel.actors import Actor
from returns_platform.kernel.errors import Invalid, WrongState

from . import platform_policy, queries
from .models import PolicyVersion, RuleRow, WindowRow, must_be_draft
from .rules import Terms
from .windows import Window

# The law's floor for returns without a reason, and what it leaves out of them.
LEAST_DAYS = 7
EXCLUDABLE_BY_LAW = frozenset({"fresh", "custom", "digital"})
_RULE_FIELDS = ("priority", "name", "effect", "code", "who", "asks", "conditions")
_WINDOW_FIELDS = ("basis", "category", "reason", "length", "unit", "excluded")


@transaction.atomic
def install_platform_policy(now: datetime) -> PolicyVersion:
    """Version 1, in force since 2000. Doing it again changes nothing."""
    version, created = PolicyVersion.objects.get_or_create(
        number=platform_policy.NUMBER, defaults=platform_policy.TERMS
    )
    if not created:
        return version
    for window in platform_policy.WINDOWS:
        WindowRow.objects.create(version=version, **_window_values(window))
    for place, rule in enumerate(platform_policy.RULES, start=1):
        RuleRow.objects.create(version=version, priority=place * 10, **rule)
    return _published(version, starts_at=platform_policy.STARTS_AT, by="", now=now)


@transaction.atomic
def draft_from(version: PolicyVersion, *, note: str = "") -> PolicyVersion:
    """A new draft with the same windows, rules and terms, under the next number."""
    last = PolicyVersion.objects.select_for_update().order_by("-number").values_list("number", flat=True)[0]
    kept = {field.name: getattr(version, field.name) for field in fields(Terms)}
    draft = PolicyVersion.objects.create(number=last + 1, note=note, **kept)
    for row in version.windows.all():
        WindowRow.objects.create(version=draft, **{name: getattr(row, name) for name in _WINDOW_FIELDS})
    for row in version.rules.all():
        RuleRow.objects.create(version=draft, **{name: getattr(row, name) for name in _RULE_FIELDS})
    return draft


@transaction.atomic
def publish(version: PolicyVersion, *, starts_at: datetime, by: Actor, now: datetime) -> PolicyVersion:
    """The draft holds for purchases from `starts_at` on. Raises WrongState, Invalid."""
    version = PolicyVersion.objects.select_for_update().get(pk=version.pk)
    must_be_draft(version)
    if starts_at < now:
        wrong = _("The start cannot lie in the past: an order keeps the policy it was bought under.")
        raise Invalid(wrong, fields={"starts_at": wrong})
    must_be_complete(version)
    must_keep_the_law(version)
    return _published(version, starts_at=starts_at, by=by.name or by.id, now=now)


@transaction.atomic
def withdraw(version: PolicyVersion, *, now: datetime) -> PolicyVersion:
    """Take a published version back before it starts. Raises WrongState."""
    version = PolicyVersion.objects.select_for_update().get(pk=version.pk)
    if not version.can_be_withdrawn(now):
        raise WrongState(_("Only a published policy that has not started yet can be withdrawn."), state=version.state)
    version.state = PolicyVersion.State.WITHDRAWN
    version.save(update_fields=["state"])
    return version


def must_be_complete(version: PolicyVersion) -> None:
    """Every row fits, every rule compiles, and there is one at all."""
    for row in [*version.windows.all(), *version.rules.all()]:
        row.full_clean()
    if not queries.compiled_version(version).rules:
        raise Invalid(_("A policy without rules decides nothing. Add at least one."))


def must_keep_the_law(version: PolicyVersion) -> None:
    """Returns without a reason: never shorter than seven days, never closed to what the law leaves open."""
    windows = version.windows.filter(basis=WindowRow.Basis.NO_REASON)
    if not windows.filter(category="", reason="").exists():
        raise Invalid(_("Say how long returns without a reason are open for all goods."))
    for row in windows:
        if row.excluded == WindowRow.Excluded.LAW:
            _must_be_excludable(row.category)
        elif row.unit == WindowRow.Unit.HOURS or row.length < LEAST_DAYS:
            raise Invalid(_("Returns without a reason are open for at least %(days)s days.") % {"days": LEAST_DAYS})


def _must_be_excludable(category: str) -> None:
    if category not in EXCLUDABLE_BY_LAW:
        named = {"category": category or "*"}
        raise Invalid(_("The law does not exclude “%(category)s” from returns without a reason.") % named)


def _published(version: PolicyVersion, *, starts_at: datetime, by: str, now: datetime) -> PolicyVersion:
    version.state = PolicyVersion.State.PUBLISHED
    version.starts_at = starts_at
    version.published_at = now
    version.published_by = by
    version.save(update_fields=["state", "starts_at", "published_at", "published_by"])
    return version


def _window_values(window: Window) -> dict:
    return asdict(window) | {"length": window.length or None}
