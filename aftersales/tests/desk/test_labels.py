"""Staff's pages that Django draws speak Chinese as the others do: every row and every field has its name."""

import re

import pytest
from django.contrib import admin
from django.contrib.admin.utils import label_for_field
from django.utils import translation

CHINESE = re.compile("[\u4e00-\u9fff]")
STOCK = [(model, page) for model, page in admin.site._registry.items() if not hasattr(page, "read_view")]
NO_WORDS = {"id", "__str__", "action_checkbox", "pdf"}


def shown(model, page) -> list[str]:
    """Columns, filters and fields; of a queue only its columns, its rows have a page of our own."""
    if model._meta.proxy:
        return list(page.list_display)
    filters = [name if isinstance(name, str) else name[0] for name in page.list_filter if not isinstance(name, type)]
    fields = page.fields or [field.name for field in model._meta.fields if field.name not in (page.exclude or ())]
    return [*page.list_display, *filters, *fields]


def nameless(model, page, names) -> list[str]:
    return [name for name in names if name not in NO_WORDS and not said(label_for_field(name, model, page))]


def said(name) -> bool:
    return bool(CHINESE.search(str(name)))


@pytest.mark.parametrize(("model", "page"), STOCK, ids=[model.__name__ for model, _page in STOCK])
def test_rows_and_fields_have_chinese_names(model, page):
    with translation.override("zh-hans"):
        assert said(model._meta.verbose_name) and said(model._meta.verbose_name_plural)
        assert not nameless(model, page, shown(model, page))
        for inline in [kind(model, admin.site) for kind in page.inlines]:
            names = inline.fields or [field.name for field in inline.model._meta.fields]
            assert said(inline.model._meta.verbose_name_plural)
            assert not nameless(inline.model, inline, names)
