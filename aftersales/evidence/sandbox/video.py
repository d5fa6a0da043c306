"""A video made safe: a copy of an MP4 or MOV whose places, devices and times are zeroed. It is not encoded anew.

What the pictures and the sound show stays byte for byte; players, not this platform, decode it.
"""

import re
from datetime import UTC, datetime, timedelta

SINCE = datetime(1904, 1, 1, tzinfo=UTC)
BLANKED = (b"udta", b"meta", b"uuid")  # boxes that hold place, device, editor
TIMED = {b"mvhd", b"tkhd", b"mdhd"}  # boxes that begin with when it was made and changed
SHOWN = {b"vide", b"soun"}  # tracks that are kept; others may hold a place for every second
TAGS = {b"\xa9mod": "model", b"\xa9mak": "make", b"\xa9swr": "software", b"\xa9too": "software"}


def make_safe(source: str, target: str) -> dict:
    """{"width": None, "height": None, "facts"} or {"wrong"}. The whole file is in memory once."""
    with open(source, "rb") as file:
        data = bytearray(file.read())
    facts: dict = {"format": "video"}
    if not blank_metadata(data, 0, len(data), facts) or not shows_something(data):
        return {"wrong": "damaged"}
    with open(target, "wb") as file:
        file.write(data)
    camera = " ".join(filter(None, (facts.pop("make", ""), facts.pop("model", ""))))
    return {"width": None, "height": None, "facts": facts | ({"camera": camera} if camera else {})}


def boxes(data: bytearray, start: int, end: int):
    """(kind, where its content begins, where it ends, where the box begins) of each; None for what does not fit."""
    while start + 8 <= end:
        size, kind, head = int.from_bytes(data[start : start + 4], "big"), bytes(data[start + 4 : start + 8]), 8
        if size == 1:
            size, head = int.from_bytes(data[start + 8 : start + 16], "big"), 16
        elif size == 0:
            size = end - start
        if size < head or start + size > end:
            yield None
            return
        yield kind, start + head, start + size, start
        start += size
    if start != end:
        yield None


def shows_something(data: bytearray) -> bool:
    """Whether it has what a video cannot be without: what it holds, and where. Its first bytes alone are none."""
    filled = {box[0] for box in boxes(data, 0, len(data)) if box and box[1] < box[2]}
    return {b"moov", b"mdat"} <= filled


def blank_metadata(data: bytearray, start: int, end: int, facts: dict, depth: int = 0) -> bool:
    """Walk the boxes and zero what says more than the pictures. False when a box does not fit."""
    for box in boxes(data, start, end):
        if box is None:
            return False
        kind, inside, after, begins = box
        if kind in BLANKED:
            facts |= _tags(bytes(data[inside : min(after, inside + 100_000)]))
            _blank(data, begins, inside, after)
        elif kind == b"trak" and _shows_nothing(data, inside, after):
            _zero_samples(data, inside, after)
            _blank(data, begins, inside, after)
        elif kind in TIMED:
            _take_times(data, inside, after, facts if kind == b"mvhd" else {})
        elif kind in (b"moov", b"trak", b"mdia") and depth < 4:
            if not blank_metadata(data, inside, after, facts, depth + 1):
                return False
    return True


def _blank(data: bytearray, begins: int, inside: int, after: int) -> None:
    data[begins + 4 : begins + 8] = b"free"
    data[inside:after] = bytes(after - inside)


def _take_times(data: bytearray, inside: int, after: int, facts: dict) -> None:
    """Version and flags, then made and changed, as seconds since 1904."""
    wide = 8 if data[inside : inside + 1] == b"\1" else 4
    if inside + 4 + 2 * wide > after:
        return
    made = int.from_bytes(data[inside + 4 : inside + 4 + wide], "big")
    if 0 < made < 1 << 33:
        facts["taken"] = (SINCE + timedelta(seconds=made)).strftime("%Y:%m:%d %H:%M:%S")
        facts["taken_offset"] = "+00:00"
    data[inside + 4 : inside + 4 + 2 * wide] = bytes(2 * wide)


def _tags(content: bytes) -> dict:
    """Model, maker and program, as QuickTime writes them: ©mod, then in MP4 a `data` box, else a length and text."""
    found = {}
    for tag, name in TAGS.items():
        if at := re.search(re.escape(tag) + rb"(?:....data.{8}|....)([ -~]{1,60})", content, re.DOTALL):
            found[name] = at[1].decode("ascii").strip()
    return found


# --- tracks that show nothing -----------------------------------------------------------------------------


def _within(data: bytearray, start: int, end: int, *path: bytes) -> tuple[int, int] | None:
    for kind in path:
        inner = next((box for box in boxes(data, start, end) if box and box[0] == kind), None)
        if inner is None:
            return None
        start, end = inner[1], inner[2]
    return start, end


def _shows_nothing(data: bytearray, start: int, end: int) -> bool:
    handler = _within(data, start, end, b"mdia", b"hdlr")
    return bool(handler) and bytes(data[handler[0] + 8 : handler[0] + 12]) not in SHOWN


def _zero_samples(data: bytearray, start: int, end: int) -> None:
    """What such a track says lies among the pictures' bytes, where its own tables say: it is zeroed there."""
    tables = _within(data, start, end, b"mdia", b"minf", b"stbl")
    if tables is None:
        return
    sizes, runs, chunks = _sizes(data, tables), _runs(data, tables), _chunks(data, tables)
    taken = 0
    for number, at in enumerate(chunks, start=1):
        count = next((held for first, held in reversed(runs) if first <= number), 0)
        length = sum(sizes[taken : taken + count])
        taken += count
        if length > 0 and at + length <= len(data):
            data[at : at + length] = bytes(length)


def _numbers(data: bytearray, at: int, end: int, count: int, wide: int = 4) -> list[int]:
    count = min(count, max(0, (end - at) // wide))
    return [int.from_bytes(data[at + wide * n : at + wide * (n + 1)], "big") for n in range(count)]


def _sizes(data: bytearray, tables: tuple[int, int]) -> list[int]:
    box = _within(data, *tables, b"stsz")
    if not box:
        return []
    same, count = _numbers(data, box[0] + 4, box[1], 2) or (0, 0)
    return [same] * min(count, len(data)) if same else _numbers(data, box[0] + 12, box[1], count)


def _runs(data: bytearray, tables: tuple[int, int]) -> list[tuple[int, int]]:
    """(the first chunk, samples in each chunk from there on)."""
    box = _within(data, *tables, b"stsc")
    if not box:
        return []
    told = _numbers(data, box[0] + 8, box[1], 3 * int.from_bytes(data[box[0] + 4 : box[0] + 8], "big"))
    return list(zip(told[0::3], told[1::3], strict=False))


def _chunks(data: bytearray, tables: tuple[int, int]) -> list[int]:
    for kind, wide in ((b"stco", 4), (b"co64", 8)):
        if box := _within(data, *tables, kind):
            count = int.from_bytes(data[box[0] + 4 : box[0] + 8], "big")
            return _numbers(data, box[0] + 8, box[1], count, wide)
    return []
