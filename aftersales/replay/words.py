"""Words for trials: answers, whose cases, how one ended, what a replay does not work out."""

from dataclasses import fields

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from aftersales.policy.models import PolicyVersion
from aftersales.policy.rules import Policy, Terms
from aftersales.replay.models import Trial
from returns_platform.kernel import ui

ANSWERS = {
    "approve": pgettext_lazy("answer to a case", "approved at once"),
    "shop": pgettext_lazy("answer to a case", "the shop looks"),
    "platform": pgettext_lazy("answer to a case", "the platform looks"),
    "needs_evidence": pgettext_lazy("answer to a case", "evidence asked for"),
    "refuse": pgettext_lazy("answer to a case", "refused"),
    "": pgettext_lazy("answer to a case", "could not be judged"),
}
SIGNS = {"approve": "good", "shop": "", "platform": "", "needs_evidence": "late", "refuse": "bad", "": "late"}
ENDINGS = {
    Trial.Ending.STOPPED: gettext_lazy("Somebody stopped it. What follows was found until then."),
    Trial.Ending.CHANGED: gettext_lazy("It stopped because the draft was edited. Try the draft again."),
    Trial.Ending.PUBLISHED: gettext_lazy("It ended when the draft was published."),
    Trial.Ending.TOO_SLOW: gettext_lazy(
        "It stopped because judging took far too long. Look for rules with very long lists."
    ),
    Trial.Ending.BROKEN: gettext_lazy("It stopped because a rule of the draft cannot be read."),
}
# Figures that change amounts of bills: a replay compares answers, and takes the amounts as they were.
NOT_WORKED_OUT = (
    "broken_threshold",
    "tender_strategy",
    "deduct_waived_freight",
    "deduct_points_shortfall",
    "point_value",
    "expired_coupon",
    "fresh_ladder",
    "balance_bonus_bp",
)


def answer(name: str) -> str:
    return str(ANSWERS[name])


def scope(trial: Trial) -> str:
    """Whose cases, and of which time."""
    whose = trial.merchant.local_name if trial.merchant else _("all shops")
    return _("%(whose)s, %(when)s") % {"whose": whose, "when": _when(trial)}


def _when(trial: Trial) -> str:
    told = {"since": _day(trial, trial.since), "until": _day(trial, trial.until)}
    if trial.is_live:
        return _("filed since %(since)s") % told
    if trial.since and trial.until:
        return _("filed from %(since)s, before %(until)s") % told
    if trial.since:
        return _("filed from %(since)s") % told
    return _("filed before %(until)s") % told if trial.until else _("of all time")


def _day(trial: Trial, at) -> str:
    return ui.day(at, now=trial.asked_at, style="plain") if at else ""


def not_worked_out(draft: Policy, in_force: Policy) -> list[str]:
    """The labels of figures that the draft changes and a replay takes as they were."""
    known = {field.name for field in fields(Terms)}
    changed = [
        name
        for name in NOT_WORKED_OUT
        if name in known and getattr(draft.terms, name) != getattr(in_force.terms, name)
    ]
    return [str(PolicyVersion._meta.get_field(name).verbose_name) for name in changed]
