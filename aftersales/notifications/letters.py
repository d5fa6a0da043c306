"""A notice as a letter: plain text always, and HTML in the look with its style inside and nothing to load."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from django.contrib.staticfiles import finders
from django.template.loader import render_to_string
from django.utils.translation import get_language

from aftersales.notifications.parts import Told
from aftersales.notifications.words import Words


@dataclass(frozen=True, slots=True)
class Letter:
    subject: str
    text: str
    html: str


def letter(told: Told, words: Words, *, name: str, link: str) -> Letter:
    """name: whom it greets. link: the only one in it."""
    context = {"told": told, "name": name, "link": link, "words": words, "language": _language()}
    return Letter(
        subject=" ".join(told.title.split())[:150],
        text=render_to_string("notifications/mail.txt", context),
        html=render_to_string("notifications/mail.html", context | {"style": style()}),
    )


@cache
def style() -> str:
    return Path(finders.find("look/mail.css")).read_text()


def _language() -> str:
    return "en" if get_language() == "en" else "zh-Hans"
