"""Admin pages that only show: rows that services write and nobody changes by hand, codes of theirs in words."""

from collections.abc import Callable, Iterable
from functools import cache

from django.contrib import admin
from django.contrib.admin import AllValuesFieldListFilter, FieldListFilter
from django.core.exceptions import FieldDoesNotExist


class LookOnly:
    """Mixed into a ModelAdmin or an inline: nobody adds, changes or deletes. Seeing needs the view permission."""

    def has_add_permission(self, request, obj=None) -> bool:
        return False

    def has_change_permission(self, request, obj=None) -> bool:
        return False

    def has_delete_permission(self, request, obj=None) -> bool:
        return False

    def get_list_display(self, request) -> list:
        return _in_words(self.model, super().get_list_display(request))

    def get_fields(self, request, obj=None) -> list:
        return _in_words(self.model, super().get_fields(request, obj))

    def get_readonly_fields(self, request, obj=None) -> list:
        """A form has no field for what is shown in words."""
        coded = [field.name for field in self.model._meta.fields if hasattr(field, "words")]
        return [*super().get_readonly_fields(request, obj), *_in_words(self.model, coded)]


def _in_words(model, names: Iterable) -> list:
    return list(dict.fromkeys(_worded(model, name) for name in names))


@cache
def _worded(model, name: str | Callable) -> str | Callable:
    """A field whose codes have words (`words` on the field, put there by the desk) is shown by these."""
    try:
        field = model._meta.get_field(name) if isinstance(name, str) else None
    except FieldDoesNotExist:
        return name
    if not hasattr(field, "words"):
        return name

    @admin.display(description=field.verbose_name, ordering=name)
    def shown(row):
        code = getattr(row, name)
        return field.words.get(code, code)

    shown.__name__ = name
    return shown


class WordsFilter(AllValuesFieldListFilter):
    """Every code that occurs, in words."""

    def choices(self, changelist):
        for choice in super().choices(changelist):
            yield choice | {"display": self.field.words.get(choice["display"], choice["display"])}


FieldListFilter.register(lambda field: hasattr(field, "words"), WordsFilter, take_priority=True)
