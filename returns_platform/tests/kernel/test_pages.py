"""Parameters that cannot break a page, and lists that are walked by value."""

from datetime import date

import pytest
from django.contrib.auth.models import Group
from django.test import RequestFactory

from returns_platform.kernel import pages
from returns_platform.kernel.errors import Malformed


def test_words_come_from_a_list():
    assert pages.one_of({"o": "user__password"}, "o", ("name", "sum"), "name") == "name"
    assert pages.one_of({"o": "sum"}, "o", ("name", "sum"), "name") == "sum"


@pytest.mark.parametrize(
    ("typed", "read"), [("20", 20), ("0", 1), ("1000000", 100), ("²", 8), ("1e3", 8), ("", 8), ("9" * 30, 8)]
)
def test_whole_numbers(typed, read):
    assert pages.whole({"n": typed}, "n", default=8, least=1, most=100) == read


@pytest.mark.parametrize("typed", ["2026-02-30", "0001-01-01", "9999-12-31", "10000-01-01", "20261124", "today", ""])
def test_dates_that_are_none(typed):
    assert pages.day({"d": typed}, "d") is None


def test_dates_and_texts():
    assert pages.day({"d": "2026-11-24"}, "d") == date(2026, 11, 24)
    assert pages.text({"q": "  a   b "}, "q") == "a b"
    assert pages.text({"q": "\u200b"}, "q") == ""


@pytest.mark.django_db
def test_a_list_is_walked_to_its_end():
    Group.objects.all().delete()  # those of the staff
    Group.objects.bulk_create(Group(name=f"g{n:02d}") for n in range(7))
    seen, mark = [], ""
    while True:
        page = walk(mark)
        seen += [group.name for group in page.rows]
        if not page.next:
            break
        mark = page.next
    assert seen == [f"g{n:02d}" for n in range(6, -1, -1)]


@pytest.mark.django_db
@pytest.mark.parametrize(
    "mark", ["x", "é", "e30", "W10", "WzEsMl0", "WyJhIiwiYiJd", "WyJcdTAwMDAiLCIxIl0", "a" * 5000]
)
def test_a_mark_of_somebody_else(mark):
    with pytest.raises(Malformed):
        walk(mark)


def walk(mark: str) -> pages.Page:
    request = RequestFactory().get("/", {"after": mark})
    return pages.keyset(Group.objects.all(), request, order=("-name", "-pk"), size=3)
