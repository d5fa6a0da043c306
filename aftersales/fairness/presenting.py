"""Fairness as a table: a row for each shop and policy, with what is too little to compare said as such."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from aftersales.fairness.queries import Counted, Group
from aftersales.fairness.rules import FEWEST, Answers
from returns_platform.kernel import ui

SPANS = {"30": timedelta(days=30), "90": timedelta(days=90), "365": timedelta(days=365)}
DEFAULT_SPAN = "90"
NOTHING = "–"


@dataclass(frozen=True, slots=True)
class Cell:
    """note: smaller words under the figure. head: of its column, for phones that show no columns."""

    figure: str
    note: str
    head: str


@dataclass(frozen=True, slots=True)
class Row:
    """too_few: the row says that it cannot be compared."""

    name: str
    note: str
    cells: list[Cell]
    too_few: bool
    is_all: bool = False


def spans() -> list[tuple[str, str]]:
    return [
        (code, ngettext("last %(n)s day", "last %(n)s days", int(code)) % {"n": int(code)}) for code in SPANS
    ]  # fmt: skip


def since(code: str, now: datetime) -> datetime:
    return now - SPANS[code]


def heads() -> list[ui.Head]:
    return [
        ui.Head(_("Shop and policy")),
        ui.Head(_("Cases"), num=True),
        ui.Head(_("Approved"), num=True),
        ui.Head(_("Refused"), num=True),
        ui.Head(_("Platform called in"), num=True),
        ui.Head(_("Refusals overturned"), num=True),
        ui.Head(_("Granted by silence"), num=True),
        ui.Head(_("The shop answers after"), num=True),
        ui.Head(_("Refunds granted"), num=True),
    ]


def rows(counted: Counted, *, own: bool = False) -> list[Row]:
    """own: one shop reads about itself, so that its name goes without saying."""
    found = [Row(*_named(group, own=own), _cells(group.answers), group.answers.too_few) for group in counted.groups]
    everybody = counted.everybody
    if everybody and own:
        found.append(Row(_("All shops together"), "", _shares(everybody), everybody.too_few, is_all=True))
    elif everybody and len(found) > 1:
        found.append(Row(_("All together"), "", _cells(everybody), everybody.too_few, is_all=True))
    return found


def _named(group: Group, *, own: bool) -> tuple[str, str]:
    policy = _("policy %(number)s") % {"number": group.version}
    if group.clauses:
        policy = _("%(policy)s, own clauses %(number)s") % {"policy": policy, "number": group.clauses}
    return (policy[:1].upper() + policy[1:], "") if own else (group.merchant.local_name, policy)


def _cells(of: Answers) -> list[Cell]:
    return _headed(
        [
            (f"{of.cases:,}", _decided(of)),
            _with_parts(*_share(of.approval_bp, of.granted, of.decided), of.in_part),
            (f"{of.refused:,}", _by_rule(of)),
            _share(of.appealed_bp, of.appealed, of.ever_refused),
            _share(of.overturned_bp, of.overturned, of.ever_refused),
            _share(of.silent_bp, of.silent, of.waited),
            (_span(of), ""),
            (_money(of), ""),
        ]
    )


def _shares(of: Answers) -> list[Cell]:
    """Without counts and sums: how much business others do is not told."""
    alone = [of.approval_bp, None, of.appealed_bp, of.overturned_bp, of.silent_bp]
    told = [NOTHING, *(NOTHING if share_bp is None else percent(share_bp) for share_bp in alone), _span(of), NOTHING]
    return _headed([(figure, "") for figure in told])


def _headed(told: list[tuple[str, str]]) -> list[Cell]:
    """told: (figure, smaller words under it), one for each head but the first."""
    names = [head.name for head in heads()[1:]]
    return [Cell(figure, note, name) for (figure, note), name in zip(told, names, strict=True)]


def _span(of: Answers) -> str:
    return NOTHING if of.answer_s is None else ui.span(of.answer_s)


def _decided(of: Answers) -> str:
    return "" if of.decided == of.cases else _("%(n)s decided") % {"n": f"{of.decided:,}"}


def _by_rule(of: Answers) -> str:
    return _("%(n)s by rules") % {"n": f"{of.by_rule:,}"} if of.by_rule else ""


def _with_parts(figure: str, note: str, in_part: int) -> tuple[str, str]:
    """A yes to less than was asked for is no whole yes, and is told beside it."""
    if not in_part:
        return figure, note
    told = _("%(n)s in part") % {"n": f"{in_part:,}"}
    return figure, pgettext("between things", ", ").join(filter(None, (note, told)))


def _share(share_bp: int | None, part: int, whole: int) -> tuple[str, str]:
    """A percentage of few is told by the two counts alone."""
    if share_bp is None:
        return NOTHING, ""
    counts = _("%(part)s of %(whole)s") % {"part": f"{part:,}", "whole": f"{whole:,}"}
    return (percent(share_bp), counts) if whole >= FEWEST else (counts, "")


def percent(share_bp: int) -> str:
    """One decimal: 71.4 %."""
    tenths = (share_bp + 5) // 10
    return _("%(number)s %%") % {"number": f"{tenths // 10}.{tenths % 10}"}


def _money(of: Answers) -> str:
    return ", ".join(ui.money(amount, currency) for currency, amount in sorted(of.money.items())) or NOTHING


def few_note() -> str:
    return _("Fewer than %(n)s decided cases: too few to compare.") % {"n": FEWEST}


def table(counted: Counted) -> Iterator[list[str]]:
    """For a spreadsheet: counts, not shares."""
    yield [
        _("Shop"), _("Policy"), _("Own clauses"), _("Cases"), _("Approved"), _("Approved in part"), _("Refused"),
        _("Refused by rules"),
        _("Ever refused"), _("Platform called in"), _("Refusals overturned"), _("Waited for the shop"),
        _("Granted by silence"), _("Median seconds to the shop's answer"), _("Refunds granted"),
    ]  # fmt: skip
    for group in counted.groups:
        of = group.answers
        yield [
            group.merchant.name, str(group.version), str(group.clauses or ""), str(of.cases), str(of.granted),
            str(of.in_part), str(of.refused), str(of.by_rule), str(of.ever_refused), str(of.appealed),
            str(of.overturned), str(of.waited), str(of.silent),
            "" if of.answer_s is None else str(round(of.answer_s)), _money(of),
        ]  # fmt: skip
