"""Every text is there in both languages, and the compiled file is the one of the sources."""

import re
from pathlib import Path

import pytest
from django.conf import settings

from returns_platform.management.commands import texts


def test_every_text_has_its_chinese():
    assert list(texts.catalogue_faults(settings.BASE_DIR)) == []


def test_texts_of_python_and_templates_are_found(tmp_path):
    found = collected(
        tmp_path,
        python='_("Plain"); ngettext("%(n)s box", "%(n)s boxes", n); pgettext("a day", "by")',
        html="{% load i18n %}\n  {% translate 'Tag' %}{% blocktranslate %}With {{ name }}{% endblocktranslate %}",
    )
    assert found == {"Plain", ("%(n)s box", "%(n)s boxes"), "by", "Tag", "With %(name)s"}


def test_nobody_calls_gettext_by_a_name_that_is_not_collected():
    """Such texts would have no Chinese, and nothing would say so."""
    named = re.compile(r"import \(?[^#\n]*\b\w*gettext\w* as (\w+)")
    sources = [path for top in texts.SOURCES for path in (settings.BASE_DIR / top).rglob("*.py")]
    names = {name for path in sources for name in named.findall(path.read_text())}
    assert names <= set(texts.KEYWORDS)


def test_what_is_no_longer_written_leaves_the_catalogue(tmp_path):
    wanted = texts.Catalog(locale=texts.LOCALE)
    wanted.add("Kept")
    old = fragment(tmp_path, 'msgid "Kept"\nmsgstr "留下"\n\nmsgid "Gone"\nmsgstr "没了"\n')
    done = texts.filled(wanted, [old])
    assert {message.id: message.string for message in done if message.id} == {"Kept": "留下"}


@pytest.mark.parametrize(
    ("english", "chinese", "missing"),
    [
        ("Pay %(sum)s", "付 %(sum)s", ""),
        ("Pay %(sum)s", "付款", "%(sum)s"),
        ("Hello {name}", "你好 {nom}", "{name}, {nom}"),
    ],
)
def test_placeholders_are_compared(tmp_path, english, chinese, missing):
    message = fragment(tmp_path, f'msgid "{english}"\nmsgstr "{chinese}"\n')[english]
    assert texts.placeholder_difference(message) == missing


def test_the_compiled_file_does_not_change_without_a_change(tmp_path):
    source = 'msgid "Kept"\nmsgstr "留下"\n'
    assert texts.compiled(fragment(tmp_path, source)) == texts.compiled(fragment(tmp_path, source))


def collected(folder: Path, *, python: str, html: str) -> set:
    (folder / "orders").mkdir()
    (folder / "templates").mkdir()
    (folder / "orders" / "views.py").write_text(python)
    (folder / "templates" / "page.html").write_text(html)
    return {message.id for message in texts.collected(folder) if message.id}


def fragment(folder: Path, body: str):
    path = folder / "fragment.po"
    path.write_text(body)
    return texts.read(path)
