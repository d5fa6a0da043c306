"""A trial as its page shows it: before and after side by side, from which answer to which, and the changed cases."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from aftersales.replay import queries, words
from aftersales.replay.models import Trial, TrialCase
from aftersales.replay.rules import ANSWERS
from returns_platform.kernel import pages, ui

PAGE_ROWS = 50
MOST_TRIALS = 20  # of a draft, on its page


@dataclass(frozen=True, slots=True)
class Side:
    """One row of the comparison, as text. tone: of the difference; better is for nobody to say but for money."""

    name: str
    before: str
    after: str
    change: str


@dataclass(frozen=True, slots=True)
class Cell:
    """Cases that went from one answer to another."""

    number: int
    before: str
    after: str
    same: bool
    text: str


@dataclass(frozen=True, slots=True)
class Found:
    """A trial in shapes for a page."""

    trial: Trial
    scope: str
    headline: str
    note: str
    outdated: bool
    sides: list[Side]
    columns: list[str]
    matrix: list[tuple[str, list[Cell]]]
    honest: list[str]


@dataclass(frozen=True, slots=True)
class Change:
    """A case whose answer is another one."""

    row: TrialCase
    before: str
    after: str
    sign: str
    why: str


def found(trial: Trial, *, content: str) -> Found:
    """content: the digest of the draft as it stands now."""
    return Found(
        trial=trial,
        scope=words.scope(trial),
        headline=_headline(trial),
        note=str(words.ENDINGS.get(trial.ending, "")),
        outdated=content != trial.content and trial.ending != Trial.Ending.CHANGED,
        sides=_sides(trial),
        columns=[words.answer(name) for name in ANSWERS],
        matrix=_matrix(trial),
        honest=_honest(trial),
    )


def changed(trial: Trial) -> int:
    return sum(number for cell, number in trial.tally["cells"].items() if len(set(cell.split(">"))) == 2)


def _headline(trial: Trial) -> str:
    number = changed(trial)
    told = {"n": f"{number:,}", "cases": f"{trial.judged:,}"}
    if not trial.judged:
        return _("No case has been judged yet.")
    if not number:
        return _("None of %(cases)s cases would have had another answer.") % told
    return (
        ngettext(
            "%(n)s of %(cases)s cases would have had another answer.",
            "%(n)s of %(cases)s cases would have had another answer.",
            number,
        )
        % told
    )


def _sides(trial: Trial) -> list[Side]:
    cells = {tuple(cell.split(">")): number for cell, number in trial.tally["cells"].items()}
    rows = [
        _counted(
            words.answer(name),
            sum(number for (before, _after), number in cells.items() if before == name),
            sum(number for (_before, after), number in cells.items() if after == name),
        )
        for name in ANSWERS
    ]
    rows += _sums(_("refunds approved at once"), trial.tally["money"], always=True)
    return rows + _sums(_("courier the shop pays for them"), trial.tally["freight"])


def _counted(name: str, before: int, after: int) -> Side:
    return Side(name, f"{before:,}", f"{after:,}", _signed(after - before))


def _sums(name: str, sums: dict, *, always: bool = False) -> list[Side]:
    currencies = sorted({*sums["before"], *sums["after"]}) or (["CNY"] if always else [])
    return [_sum(name, sums["before"].get(one, 0), sums["after"].get(one, 0), one) for one in currencies]


def _sum(name: str, before: int, after: int, currency: str) -> Side:
    more = after - before
    change = f"{'+' if more > 0 else ''}{ui.money(more, currency)}" if more else "–"
    return Side(name, ui.money(before, currency), ui.money(after, currency), change)


def _signed(number: int) -> str:
    if not number:
        return "–"
    return f"{'+' if number > 0 else '−'}{abs(number):,}"


def _matrix(trial: Trial) -> list[tuple[str, list[Cell]]]:
    return [(words.answer(before), [_cell(trial, before, after) for after in ANSWERS]) for before in ANSWERS]


def _cell(trial: Trial, before: str, after: str) -> Cell:
    number = trial.tally["cells"].get(f"{before}>{after}", 0)
    return Cell(number, before, after, before == after, f"{number:,}" if number else "–")


def _honest(trial: Trial) -> list[str]:
    """What a reader must know of the figures."""
    tally, told = trial.tally, []
    if tally["other_rule"]:
        told.append(
            ngettext(
                "%(n)s more case has the same answer by another rule.",
                "%(n)s more cases have the same answer by another rule.",
                tally["other_rule"],
            )
            % {"n": f"{tally['other_rule']:,}"}
        )
    if tally["stored_time"]:
        told.append(
            ngettext(
                "For %(n)s case the time limit of then was kept: its parcels no longer give what was stored.",
                "For %(n)s cases the time limit of then was kept: their parcels no longer give what was stored.",
                tally["stored_time"],
            )
            % {"n": f"{tally['stored_time']:,}"}
        )
    if guessed := tally.get("guessed", 0):
        told.append(
            ngettext(
                "For %(n)s case a fact that the rules ask for was not stored yet; its usual value was taken.",
                "For %(n)s cases a fact that the rules ask for was not stored yet; its usual value was taken.",
                guessed,
            )
            % {"n": f"{guessed:,}"}
        )
    if unjudged := tally["unreadable"] + tally["failed"]:
        told.append(
            ngettext(
                "%(n)s case could not be judged by the draft and is in no figure.",
                "%(n)s cases could not be judged by the draft and are in no figure.",
                unjudged,
            )
            % {"n": f"{unjudged:,}"}
        )
    return told


def changes(rows: Iterable[TrialCase]) -> list[Change]:
    return [
        Change(
            row, words.answer(row.before), words.answer(row.after), words.SIGNS[row.after],
            row.get_why_display(),
        )
        for row in rows
    ]  # fmt: skip


def table(rows: QuerySet[TrialCase]) -> Iterator[list[str]]:
    """Changed cases for a spreadsheet: amounts in minor units beside their currency."""
    yield [
        _("Case"), _("Shop"), _("Filed"), _("Before"), _("Rule before"), _("Version before"), _("With the draft"),
        _("Rule of the draft"), _("Amount, minor units"), _("Currency"),
    ]  # fmt: skip
    for row in rows.iterator(chunk_size=500):
        case = row.request
        yield [
            case.return_no, case.merchant.name, case.filed_at.isoformat(timespec="seconds"), words.answer(row.before),
            row.before_rule, str(row.before_version), words.answer(row.after), row.after_rule, str(row.amount),
            row.currency,
        ]  # fmt: skip


# --- what a page was asked for ----------------------------------------------------------------------------


def asked_for(trials: list[Trial], params) -> Trial | None:
    """The trial in the address; else the newest replay that is done or runs; else the shadow."""
    asked = pages.whole(params, "trial", default=0, least=0, most=10**9)
    named = [trial for trial in trials if trial.pk == asked]
    telling = [trial for trial in trials if trial.is_running or trial.ending == Trial.Ending.DONE]
    return next(iter([*named, *sorted(telling, key=lambda trial: trial.is_live)]), None)


def list_of(trial: Trial, request) -> dict:
    """The changed cases for the page: `changes`, `page`, `filters`, `choices`."""
    page = pages.keyset(rows_of(trial, request.GET), request, order=("-pk",), size=PAGE_ROWS)
    return {
        "page": page,
        "changes": changes(page.rows),
        "filters": filters_of(request.GET),
        "choices": [(name, words.answer(name)) for name in ANSWERS],
    }


def rows_of(trial: Trial, params) -> QuerySet[TrialCase]:
    """The newest first. Of a shadow, which keeps every case, those with another answer unless asked otherwise."""
    filters = filters_of(params)
    found = queries.changed_cases(trial, **filters).order_by("-pk")
    return queries.with_another_answer(found) if trial.is_live and not any(filters.values()) else found


def filters_of(params) -> dict[str, str]:
    return {
        "before": pages.one_of(params, "from", words.ANSWERS),
        "after": pages.one_of(params, "to", (*words.ANSWERS, "none")),
    }
