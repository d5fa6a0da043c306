"""Tables to take away: CSV that a spreadsheet opens rightly and never calculates with."""

import csv
from collections.abc import Iterable

from django.http import HttpResponse

_STARTS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


def csv_answer(filename: str, rows: Iterable[Iterable[object]]) -> HttpResponse:
    """Rows as a file to download, with a mark of the encoding."""
    headers = {"Content-Disposition": f'attachment; filename="{filename}"', "Cache-Control": "private, no-store"}
    answer = HttpResponse("\ufeff", content_type="text/csv; charset=utf-8", headers=headers)
    csv.writer(answer).writerows([plain(str(cell)) for cell in row] for row in rows)
    return answer


def plain(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula."""
    return f"'{cell}" if cell.startswith(_STARTS_A_FORMULA) else cell
