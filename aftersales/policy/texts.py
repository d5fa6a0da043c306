"""Verdicts in plain words: stored are codes and facts, the words are made in the reader's language.

A sentence says what was found, names the party that acts, and gives the date.
"""

from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime

from django.utils import dateformat
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from returns_platform.kernel import ui

from .reasons import EVIDENCE, REASONS
from .rules import Fired, Missing

# Verdict codes that a rule may carry. %(…)s: facts of the trace, dates and money already in words.
CODES = {
    "within_window": gettext_lazy("Approved: you can return it without a reason until %(deadline)s."),
    "unshipped": gettext_lazy("Approved: it has not been sent yet, so nothing has to come back."),
    "small_quality": gettext_lazy("Approved: up to %(limit)s nothing has to come back."),
    "quality_with_return": gettext_lazy("Approved at once: it comes back and is not above %(limit)s."),
    "approved_by_rule": gettext_lazy("Approved by the rules of the shop."),
    "above_limit": gettext_lazy("A person looks at this first: it is none of the cases that are approved at once."),
    "goodwill": gettext_lazy("A person looks at this first: for this reason there is no fixed rule."),
    "kit": gettext_lazy("A person looks at this first: the rest of the set stays with you."),
    "miscounted": gettext_lazy("A person looks at this first: the count of a parcel did not match."),
    "sent_again": gettext_lazy("A person looks at this first: it was sent again once already."),
    "resettle": gettext_lazy("A person looks at this first: what you keep no longer meets the promotion."),
    "risk": gettext_lazy("A person looks at this first: the risk is %(risk)s of 100."),
    "often": gettext_lazy("A person looks at this first: it is request %(returns_lately)s in 30 days."),
    "person_looks": gettext_lazy("A person looks at this first."),
    "evidence_missing": gettext_lazy("For this reason we need to see the problem first."),
    "video_missing": gettext_lazy("For goods of this price we need a video of the unboxing first."),
    "no_units": gettext_lazy(
        "Not approved this time: you asked for %(quantity)s, and %(units)s can still be asked for."
    ),
    "out_of_window": gettext_lazy("Not approved this time: the time for this ended on %(deadline)s."),
    "excluded_fresh": gettext_lazy("Not approved this time: fresh goods cannot be returned without a reason."),
    "excluded_custom": gettext_lazy(
        "Not approved this time: goods made to order cannot be returned without a reason."
    ),
    "excluded_digital": gettext_lazy("Not approved this time: digital goods cannot be returned without a reason."),
    "excluded_by_law": gettext_lazy("Not approved this time: these goods cannot be returned without a reason."),
    "excluded_by_confirmation": gettext_lazy(
        "Not approved this time: you confirmed at purchase that it cannot be returned without a reason."
    ),
    "too_many_attempts": gettext_lazy(
        "Not approved this time: the form takes no more requests for this item. Our support can still open it."
    ),
    "gift_card_spent": gettext_lazy(
        "Not approved this time: something of this gift card is spent already. What is left on it stays usable."
    ),
    "kit_only": gettext_lazy("Not approved this time: this set can only be returned as a whole."),
    "refused_by_rule": gettext_lazy("Not approved this time, by the rules of the shop."),
}

# A reason can have a time of its own, so what is over is that reason's and not its whole kind's.
_REASON_IS_OVER = gettext_lazy("Not approved this time: “%(why)s” could be reported until %(deadline)s.")
_OUT_OF_WINDOW = {
    "no_reason": gettext_lazy("Not approved this time: returns without a reason ended on %(deadline)s."),
    "quality": _REASON_IS_OVER,
    "fulfilment": _REASON_IS_OVER,
}
_ESTIMATED = gettext_lazy("The courier has not reported delivery yet, so the date is an estimate.")
_NO_LIMIT = gettext_lazy("Approved: you can return it without a reason.")
# For who may see the score: a finding about a person is never thrown at that person as a number.
_STAFF_ONLY = frozenset({"risk", "often"})
_NOT_TOLD = ("person_looks", "platform.person")


def explain(fired: Fired | Mapping, *, staff: bool = False) -> dict:
    """{"code", "rule", "version", "text"} of one reason, in the active language.

    staff: who may see a customer's score; everyone else is told that a person looks, not why.
    """
    kept = fired if isinstance(fired, Mapping) else {name: getattr(fired, name) for name in Fired.__slots__}
    code, rule = kept["code"], kept["rule"]
    if not staff and code in _STAFF_ONLY:
        code, rule = _NOT_TOLD
    return {"code": code, "rule": rule, "version": kept["version"], "text": text(code, kept["params"])}


def explain_all(reasons, *, staff: bool = False) -> list[dict]:
    """As `explain`, each sentence once."""
    told = {}
    for fired in reasons:
        reason = explain(fired, staff=staff)
        told.setdefault((reason["code"], reason["rule"], reason["text"]), reason)
    return list(told.values())


def text(code: str, params: Mapping) -> str:
    """The sentence of a verdict code. An unknown code (of a later program) is told as a person looking."""
    template = CODES.get(code, CODES["person_looks"])
    if "%(limit)s" in str(template) and params.get("limit") is None:
        template = CODES["approved_by_rule"]
    if code == "out_of_window" and (params.get("basis") == "no_reason" or params.get("reason") in REASONS):
        template = _OUT_OF_WINDOW.get(params.get("basis"), template)
    if code == "within_window" and not params.get("deadline"):
        template = _NO_LIMIT
    said = str(template) % _in_words(params)
    if params.get("estimated") and "%(deadline)s" in str(template):
        said = _("%(sentence)s %(note)s") % {"sentence": said, "note": _ESTIMATED}
    return said


def pattern(code: str) -> str:
    """The sentence of a verdict code before it is about anybody: what follows from the case is left open."""
    return str(CODES[code]) % defaultdict(lambda: "…")


def missing_text(missing: Missing | Mapping) -> str:
    """The one thing that would change the result, as what to do."""
    kept = missing if isinstance(missing, Mapping) else {"code": missing.code, "params": missing.params}
    params = kept["params"]
    if kept["code"] == "evidence":
        asks = [str(thing) for thing in EVIDENCE[params["class"]].asks]
        things = pgettext("between things", ", ").join(thing[0].lower() + thing[1:] for thing in asks)
        return _("Please add: %(things)s.") % {"things": things}
    if kept["code"] == "fewer_units":
        return _("You can still ask for %(units)s of them.") % params
    if kept["code"] == "whole_kit":
        return _("Choose every item of the set.")
    if params["until"] is None:
        return _("If something is wrong with it, choose that as the reason.")
    words = {"until": _moment(params["until"], params)}
    if params["category"] == "fresh":
        return _("If it arrived spoiled or damaged, you can report that until %(until)s.") % words
    return _("If something is wrong with it, you can still ask until %(until)s.") % words


def moment(at: str | datetime, zone: str, *, this_year: int | None = None) -> str:
    """A stored time as people say it in the shop's zone: 10 November, 23:59. The year if another."""
    at = datetime.fromisoformat(at) if isinstance(at, str) else at
    local = ui.in_zone(at, zone)
    style = pgettext("date format", "j F")
    if this_year and local.year != this_year:
        style = pgettext("date format", "j F Y")
    return _("%(day)s, %(time)s") % {"day": dateformat.format(local, style), "time": local.strftime("%H:%M")}


def _moment(at: str, params: Mapping) -> str:
    """With the year where it is not the one of the filing; older traces do not know that one."""
    filed_at = params.get("filed_at")
    year = ui.in_zone(datetime.fromisoformat(filed_at), params["zone"]).year if filed_at else None
    return moment(at, params["zone"], this_year=year)


def _in_words(params: Mapping) -> dict:
    said = dict(params)
    if params.get("deadline"):
        said["deadline"] = _moment(params["deadline"], params)
    if params.get("reason") in REASONS:
        said["why"] = REASONS[params["reason"]].text
    if params.get("limit") is not None:
        said["limit"] = ui.money(params["limit"], params["currency"])
    return said
