"""What a person may type, and what is refused."""

import pytest

from returns_platform.kernel import texts
from returns_platform.kernel.errors import Invalid, Malformed


@pytest.mark.parametrize("typed", ["", "  ", "\u200b", "\ufeff \u200d", "\u00ad", "\u3164"])
def test_nothing_to_see_is_empty(typed):
    assert texts.clean(typed) == ""


@pytest.mark.parametrize("typed", ["a\x00b", "\ud800", "\x1b[31m", "\x7f"])
def test_control_characters_are_refused(typed):
    with pytest.raises(Malformed):
        texts.clean(typed)


@pytest.mark.parametrize("typed", ["👨‍👩‍👧", "𠮷野家", "🇨🇳", "é", "<script>alert(1)</script>", "100% _ off"])
def test_what_people_write_is_kept(typed):
    assert texts.clean(typed) == typed


def test_lines_are_kept_only_where_they_are_asked_for():
    assert texts.clean(" a\r\nb ", multiline=True) == "a\nb"
    assert texts.clean(" a\r\nb ") == "a b"


def test_too_long_says_how_long():
    with pytest.raises(Invalid) as refused:
        texts.clean("好" * 501, max=500)
    assert "501" in str(refused.value.message)


def test_a_pile_of_marks_is_refused_and_clipped():
    pile = "e" + "\u0301" * 5000
    with pytest.raises(Invalid):
        texts.clean(pile, max=10_000)
    assert len(texts.clipped(pile)) == 1 + texts.MARKS_PER_LETTER
