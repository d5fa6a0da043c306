"""Importing bills, matching them, and what people do about differences. Everything that writes stands here."""

from refunds.matching.services.closing import (
    assign_break,
    close_break,
    confirm_closing,
    link_external,
    place_break,
    refuse_closing,
)
from refunds.matching.services.days import open_days, take_next_day
from refunds.matching.services.importing import import_statement, preview_statement
from refunds.matching.services.missing import look_for_missing

__all__ = [
    "assign_break",
    "close_break",
    "confirm_closing",
    "import_statement",
    "link_external",
    "look_for_missing",
    "open_days",
    "place_break",
    "preview_statement",
    "refuse_closing",
    "take_next_day",
]
