"""Rules for every template: nothing inline, nothing from elsewhere, what the frame links to exists."""

import re

import pytest
from django.conf import settings
from django.template.loader import get_template

TEMPLATES = sorted((settings.BASE_DIR / "templates").rglob("*.html"))
FORBIDDEN = {
    "inline style": re.compile(r"\sstyle\s*=|<style(?!sheet)"),
    "inline handler": re.compile(r"\son[a-z]+\s*=\s*[\"']"),
    "inline script": re.compile(r"<script(?![^>]*\bsrc=)"),
    "another origin": re.compile(r"(?:src|href|action)\s*=\s*[\"'](?:https?:)?//"),
}
# Letters carry their own style: mail programs read no stylesheet.
LETTERS = re.compile("mail|letter")


def names(paths):
    return [path.relative_to(settings.BASE_DIR / "templates").as_posix() for path in paths]


@pytest.mark.parametrize("name", names(TEMPLATES))
def test_templates_read_and_hold_nothing_inline(name):
    get_template(name)
    if LETTERS.search(name):
        return
    source = re.sub(r"{%.*?%}", "", (settings.BASE_DIR / "templates" / name).read_text())
    assert [what for what, pattern in FORBIDDEN.items() if pattern.search(source)] == []
