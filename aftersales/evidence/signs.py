"""What an upload said of itself, in words for those who judge. Signs, never proofs: files are easily changed."""

import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from returns_platform.kernel import ui

CHANGED_AFTER = timedelta(minutes=2)  # a phone writes the two times within seconds
STRONGLY_PRESSED = 65  # JPEG quality; cameras save with more, messengers and repeated saving with less
EDITORS = re.compile(
    r"photoshop|lightroom|gimp|snapseed|picsart|canva|pixlr|affinity|paint|facetune|faceapp|vsco|meitu|beautycam|"
    r"remini|capcut|premiere|美图|醒图|轻颜|剪映", re.IGNORECASE,
)  # fmt: skip


def taken_at(facts: dict, zone: str) -> datetime | None:
    return moment(facts.get("taken", ""), facts.get("taken_offset", ""), zone)


def moment(text: str, offset: str, zone: str) -> datetime | None:
    """EXIF's time, in the zone that it names, else in the shop's; None for what is no time."""
    try:
        plain = datetime.strptime(text, "%Y:%m:%d %H:%M:%S")
    except ValueError:
        return None
    try:
        return plain.replace(tzinfo=datetime.strptime(offset, "%z").tzinfo if offset else ZoneInfo(zone))
    except ValueError:
        return plain.replace(tzinfo=ZoneInfo(zone))


def camera(facts: dict) -> str:
    return facts.get("camera", "")


def signs_of(facts: dict, *, sent_at: datetime, zone: str) -> list[ui.Check]:
    """Signs that somebody worked on the file, or that it came another way than from a camera; weakest last."""
    return list(_signs(facts, sent_at, zone)) if facts else []


def _signs(facts: dict, sent_at: datetime, zone: str) -> Iterable[ui.Check]:
    software = facts.get("software", "")
    if facts.get("made_by_program"):
        yield ui.Check(_("The file says that a program made this picture, not a camera"), "found")
    if EDITORS.search(software):
        yield ui.Check(_("Saved by an editing program"), "found", software)
    elif software:
        yield ui.Check(_("Saved by"), "open", software)
    taken = moment(facts.get("taken", ""), facts.get("taken_offset", ""), zone)
    changed = moment(facts.get("changed", ""), facts.get("changed_offset", ""), zone)
    if taken and changed and changed - taken > CHANGED_AFTER:
        yield ui.Check(_("Changed after it was taken"), "found", ui.moment(changed, now=sent_at, zone=zone))
    if taken and taken.astimezone(UTC) > sent_at + timedelta(days=1):
        yield ui.Check(_("Its time lies after the day it was sent: the camera's clock is wrong"), "open")
    if not taken and not facts.get("camera"):
        yield ui.Check(_("The file names no camera and no time: a screenshot, a forwarded or a newly saved picture"))
    if 0 < facts.get("quality", 0) < STRONGLY_PRESSED:
        yield ui.Check(_("Strongly compressed, as when it was saved again or forwarded"), "open",
                       _("JPEG quality about %(quality)s") % {"quality": facts["quality"]})  # fmt: skip
