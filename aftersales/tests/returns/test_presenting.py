"""Facts turned into parts of pages."""

from datetime import UTC, datetime

import pytest

from aftersales.returns.models import ReturnRequest
from aftersales.returns.presenting import checks

LINE = {
    "excluded": "none", "deadline": "2026-01-08T15:59:59+00:00", "open_units": 1, "quantity": 2, "units": 1,
}  # fmt: skip


def said(lines: list[dict], missing: list[dict] = ()) -> list[str]:
    row = ReturnRequest(
        facts={"lines": lines}, verdict={"missing": list(missing)}, filed_at=datetime(2026, 1, 9, tzinfo=UTC)
    )
    return [check.text for check in checks(row, zone="Asia/Shanghai")]


@pytest.mark.parametrize("gone", [*LINE, None])
def test_stored_facts_of_an_older_shape_are_shown_as_far_as_they_go(gone):
    left = {name: value for name, value in LINE.items() if name != gone}
    assert (
        len(said([left])) == {None: 2, "excluded": 2, "open_units": 2, "deadline": 1, "quantity": 1, "units": 1}[gone]
    )
    assert said([{}]) == []


@pytest.mark.parametrize("missing", [{}, {"code": "evidence"}, {"code": "evidence", "params": {"class": "E9"}}])
def test_what_was_missing_in_an_older_shape_is_left_out(missing):
    assert said([], [missing]) == []
