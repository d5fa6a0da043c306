"""Writing policy versions, the platform's and each shop's clauses: drafts, publishing with a start, taking back."""

from dataclasses import fields
from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from returns_platform.kernel.actors import Actor
from returns_platform.kernel.errors import Invalid, WrongState

from . import kinder, platform_policy, queries
from .clause_models import ClauseRow, ClauseVersion
from .clauses import Clause
from .models import PolicyVersion, RuleRow, WindowRow, must_be_draft
from .rules import Terms
from .windows import Window

_RULE_FIELDS = ("priority", "name", "effect", "code", "who", "asks", "conditions")
_WINDOW_FIELDS = ("basis", "category", "reason", "length", "unit", "excluded")
_CLAUSE_FIELDS = ("gives", "basis", "category", "sku", "reason", "length", "unit", "limit", "evidence", "term")
MOST_CLAUSES = 200
# More is not read by anybody, and a page of the desk sends all of them at once.
MOST_WINDOWS, MOST_RULES = 40, 40

# --- the platform's versions ------------------------------------------------------------------------------


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
    must_be_readable(version)
    must_keep_the_law(version)
    must_be_complete(version)
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


def must_be_readable(version: PolicyVersion) -> None:
    """Not more rows than anybody reads."""
    if version.windows.count() > MOST_WINDOWS or version.rules.count() > MOST_RULES:
        most = {"windows": MOST_WINDOWS, "rules": MOST_RULES}
        raise Invalid(_("A policy has at most %(windows)s time limits and %(rules)s rules.") % most)


def must_keep_the_law(version: PolicyVersion) -> None:
    """Never shorter than the law gives, and never closed to what it leaves open (law.py)."""
    if not version.windows.filter(basis=WindowRow.Basis.NO_REASON, category="", reason="").exists():
        raise Invalid(_("Say how long returns without a reason are open for all goods."))
    for row in version.windows.all():
        if wrong := row.against_the_law():
            raise Invalid(next(iter(wrong.values())))


def must_be_complete(version: PolicyVersion) -> None:
    """Terms and rows fit, every rule compiles, and there is one at all."""
    version.clean()
    for row in [*version.windows.all(), *version.rules.all()]:
        row.full_clean()
    if not queries.compiled_version(version).rules:
        raise Invalid(_("A policy without rules decides nothing. Add at least one."))


def _published(version: PolicyVersion, *, starts_at: datetime, by: str, now: datetime) -> PolicyVersion:
    version.state = PolicyVersion.State.PUBLISHED
    version.starts_at = starts_at
    version.published_at = now
    version.published_by = by
    version.save(update_fields=["state", "starts_at", "published_at", "published_by"])
    return version


def _window_values(window: Window) -> dict:
    return {name: getattr(window, name) for name in _WINDOW_FIELDS} | {"length": window.length or None}


# --- the clauses of a shop --------------------------------------------------------------------------------


@transaction.atomic
def draft_clauses(merchant, *, now: datetime) -> ClauseVersion:
    """The shop's one draft: the one there is, or a new one with the rows of its latest version.

    merchant: an orders Merchant; its row is locked so that two people get the same draft.
    """
    type(merchant).objects.select_for_update().get(pk=merchant.pk)
    versions = ClauseVersion.objects.filter(merchant=merchant)
    if draft := versions.filter(state=ClauseVersion.State.DRAFT).first():
        return draft
    last = versions.order_by("-number").first()
    draft = ClauseVersion.objects.create(merchant=merchant, number=last.number + 1 if last else 1)
    kept = versions.filter(state=ClauseVersion.State.PUBLISHED).order_by("-starts_at", "-number").first()
    for row in kept.rows.all() if kept else ():
        ClauseRow.objects.create(version=draft, **{name: getattr(row, name) for name in _CLAUSE_FIELDS})
    return draft


@transaction.atomic
def keep_clause(version: ClauseVersion, row: ClauseRow, *, now: datetime) -> ClauseRow:
    """Save a new or changed row of a draft. Raises WrongState, Invalid with the field that is not kind enough."""
    version = ClauseVersion.objects.select_for_update().get(pk=version.pk)
    must_be_draft(version)
    if not row.pk and version.rows.count() >= MOST_CLAUSES:
        raise Invalid(_("At most %(most)s clauses. Remove one that is no longer needed.") % {"most": MOST_CLAUSES})
    row.version = version
    _must_fit(row)
    must_be_kinder(queries.clause(row), now=now, currency=version.merchant.currency)
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError as wrong:
        raise Invalid(_("There is already a clause for exactly this. Change that one.")) from wrong
    return row


@transaction.atomic
def remove_clause(version: ClauseVersion, pk: int) -> None:
    version = ClauseVersion.objects.select_for_update().get(pk=version.pk)
    must_be_draft(version)
    version.rows.filter(pk=pk).delete()


@transaction.atomic
def publish_clauses(
    version: ClauseVersion, *, starts_at: datetime, by: Actor, now: datetime, note: str = ""
) -> ClauseVersion:
    """The draft holds for purchases in the shop from `starts_at` on. Raises WrongState, Invalid.

    Without a row it takes back what the shop gave until then.
    """
    version = ClauseVersion.objects.select_for_update().get(pk=version.pk)
    must_be_draft(version)
    if starts_at < now:
        wrong = _("The start cannot lie in the past: an order keeps the policy it was bought under.")
        raise Invalid(wrong, fields={"starts_at": wrong})
    for row in version.rows.all():
        _must_fit(row)
        must_be_kinder(queries.clause(row), now=starts_at, currency=version.merchant.currency)
    version.note = note
    version.save(update_fields=["note"])
    return _published(version, starts_at=starts_at, by=by.name or by.id, now=now)


@transaction.atomic
def withdraw_clauses(version: ClauseVersion, *, now: datetime) -> ClauseVersion:
    """Take published clauses back before they start. Raises WrongState."""
    version = ClauseVersion.objects.select_for_update().get(pk=version.pk)
    if not version.can_be_withdrawn(now):
        raise WrongState(_("Only clauses that have not started yet can be withdrawn."), state=version.state)
    version.state = ClauseVersion.State.WITHDRAWN
    version.save(update_fields=["state"])
    return version


@transaction.atomic
def discard_clauses(version: ClauseVersion) -> None:
    """Throw a draft away. Raises WrongState for anything else."""
    version = ClauseVersion.objects.select_for_update().get(pk=version.pk)
    must_be_draft(version)
    version.delete()


def must_be_kinder(row: Clause, *, now: datetime, currency: str) -> None:
    """Never harsher than the platform. Raises Invalid with the field and a sentence for the shop."""
    wrong = kinder.objections(row, queries.in_force(now), currency=currency)
    if wrong:
        raise Invalid(next(iter(wrong.values())), fields=wrong)


def _must_fit(row: ClauseRow) -> None:
    try:
        row.full_clean(validate_unique=False, validate_constraints=False)
    except ValidationError as wrong:
        fields = {name: " ".join(told) for name, told in wrong.message_dict.items()}
        raise Invalid(next(iter(fields.values())), fields=fields) from wrong
