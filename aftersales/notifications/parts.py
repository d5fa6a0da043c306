"""What every notice is made of."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from aftersales.notifications.words import Words

Rows = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Told:
    """said: paragraphs. steps: what happens next, in order. facts: (name, value) rows. button: what the link does."""

    title: str
    said: tuple[str, ...] = ()
    steps: tuple[str, ...] = ()
    facts: Rows = ()
    button: str = ""


def nothing_to_do() -> str:
    return _("There is nothing you need to do.")


def about(w: Words) -> Rows:
    return rows(
        (_("Request number"), w.number), (_("Order number"), w.order), (_("Shop"), w.shop), (_("Items"), w.goods)
    )


def parcel_rows(w: Words) -> Rows:
    return rows((_("Courier"), w.courier), (_("Waybill number"), w.waybill))


def rows(*found: tuple[str, str]) -> Rows:
    return tuple((name, value) for name, value in found if value)
