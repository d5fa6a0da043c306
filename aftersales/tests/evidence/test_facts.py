"""What an upload says of itself is kept for those who judge; its place is kept nowhere, and the copy says nothing."""

import io
import random
import struct
from datetime import UTC, datetime

import pillow_heif
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import translation
from PIL import Image

from aftersales.evidence import media, signs
from aftersales.evidence.models import Evidence
from aftersales.evidence.services import keep_upload
from aftersales.tests.evidence.pictures import a_file, exif, goods, kept
from aftersales.tests.returns.buyers import a_buyer
from returns_platform.kernel import clock
from returns_platform.kernel.errors import Refused

pytestmark = pytest.mark.django_db
PHONE = {"make": "HONOR", "model": "Magic7", "taken": "2026:11:03 08:00:00", "changed": "2026:11:03 08:00:00"}
SENT = datetime(2026, 11, 4, tzinfo=UTC)


def copy_of(photo: Evidence) -> bytes:
    with media.open_kept(photo.path) as file:
        return file.read()


def heic(picture: Image.Image, **how) -> SimpleUploadedFile:
    body = io.BytesIO()
    pillow_heif.from_pillow(picture).save(body, **how)
    return SimpleUploadedFile("IMG_1.HEIC", body.getvalue())


KINDS = {
    "JPEG": lambda picture, told: a_file(picture, exif=told),
    "PNG": lambda picture, told: a_file(picture, "PNG", exif=told),
    "WebP": lambda picture, told: a_file(picture, "WEBP", exif=told),
    "HEIC": lambda picture, told: heic(picture.resize((240, 180)), exif=told.tobytes()),  # encoding takes seconds
}


@pytest.mark.parametrize("kind", KINDS)
def test_camera_and_time_are_kept_beside_a_copy_that_says_neither_nor_the_place(kind):
    photo = kept(a_buyer(), KINDS[kind](goods(1), exif(**PHONE, offset="+08:00", gps=True)))
    assert photo.taken_at == datetime(2026, 11, 3, 0, 0, tzinfo=UTC)
    assert photo.facts["camera"] == "HONOR Magic7"
    assert photo.facts["format"] == {"HEIC": "HEIF", "WebP": "WEBP"}.get(kind, kind)
    assert not {"31.0", "121", "gps", "GPS"} & set(str(photo.facts).replace("'", " ").split())
    with Image.open(io.BytesIO(copy_of(photo))) as copy:
        assert copy.format == "JPEG"
        assert not copy.getexif() and "exif" not in copy.info and "xmp" not in copy.info
    assert b"HONOR" not in copy_of(photo)


def test_a_time_without_its_zone_is_the_shops():
    photo = kept(a_buyer(), a_file(goods(1), exif=exif(**PHONE)))
    assert photo.taken_at == datetime(2026, 11, 3, 0, 0, tzinfo=UTC)


def said(facts: dict) -> list[tuple[str, str]]:
    with translation.override("en"):
        found = signs.signs_of(facts, sent_at=SENT, zone="Asia/Shanghai")
        return [(check.state, str(check.text)) for check in found]


def test_a_photo_as_a_phone_takes_it_has_no_signs():
    photo = kept(a_buyer(), a_file(goods(1), exif=exif(**PHONE)))
    assert said(photo.facts) == []


@pytest.mark.parametrize(
    ("told", "sign"),
    [
        (PHONE | {"software": "Adobe Photoshop 26.0"}, ("found", "Saved by an editing program")),
        (PHONE | {"software": "Magic OS 9"}, ("open", "Saved by")),
        (PHONE | {"changed": "2026:11:03 09:00:00"}, ("found", "Changed after it was taken")),
        (PHONE | {"taken": "2027:01:01 00:00:00"},
         ("open", "Its time lies after the day it was sent: the camera's clock is wrong")),
        ({}, ("open", "The file names no camera and no time: a screenshot, a forwarded or a newly saved picture")),
    ],
)  # fmt: skip
def test_signs_of_editing_are_told_in_plain_words(told, sign):
    photo = kept(a_buyer(), a_file(goods(1), exif=exif(**told)))
    assert sign in said(photo.facts)


def test_strong_compression_is_told_with_about_its_quality():
    photo = kept(a_buyer(), a_file(goods(1), quality=40))
    assert photo.facts["quality"] == 40
    assert ("open", "Strongly compressed, as when it was saved again or forwarded") in said(photo.facts)


def test_a_picture_that_says_a_program_made_it_is_told():
    xmp = b'<rdf digitalsourcetype="http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia"/>'
    photo = kept(a_buyer(), a_file(goods(1), xmp=xmp))
    assert said(photo.facts)[0] == ("found", "The file says that a program made this picture, not a camera")


HOSTILE = {
    "script": "<script>alert(1)</script>", "line breaks": "a\r\nSet-Cookie: x=1", "turned round": "\u202egnp.exe",
    "nothing": "\0" * 40, "endless": "x" * 5000,
}  # fmt: skip


@pytest.mark.parametrize("what", HOSTILE)
def test_words_of_a_strangers_file_are_short_and_printable(what):
    photo = kept(
        a_buyer(), a_file(goods(1), exif=exif(**PHONE | {"software": HOSTILE[what], "model": HOSTILE[what]}))
    )
    for text in (photo.facts.get("software", ""), photo.facts.get("camera", "")):
        assert len(text) <= 121 and all(char.isprintable() for char in text)


@pytest.mark.parametrize("text", ["", "9999:99:99 99:99:99", "2026:11:03", "0000:00:00 00:00:00", "now", "２０２６"])
def test_nonsense_as_a_time_is_no_time(text):
    photo = kept(a_buyer(), a_file(goods(1), exif=exif(**PHONE | {"taken": text}, offset="+99:99")))
    assert photo.taken_at is None


# --- videos -----------------------------------------------------------------------------------------------


def box(kind: bytes, *content: bytes) -> bytes:
    body = b"".join(content)
    return struct.pack(">I", len(body) + 8) + kind + body


def track(handler: bytes, *, chunk: int, sizes: list[int]) -> bytes:
    table = box(
        b"stbl",
        box(b"stsz", struct.pack(">III", 0, 0, len(sizes)), *(struct.pack(">I", size) for size in sizes)),
        box(b"stsc", struct.pack(">IIIII", 0, 1, 1, len(sizes), 1)),
        box(b"stco", struct.pack(">III", 0, 1, chunk)),
    )
    hdlr = box(b"hdlr", b"\0" * 8 + handler + b"\0" * 12)
    return box(
        b"trak", box(b"tkhd", b"\0" * 4, MADE), box(b"mdia", box(b"mdhd", b"\0" * 4, MADE), hdlr, box(b"minf", table))
    )


MADE = struct.pack(">II", 3_876_422_400, 3_876_422_500) + b"\0" * 72  # 2 November 2026 in seconds since 1904
PLACES = b"+31.2304+121.4737/" * 2


def film() -> bytes:
    start = box(b"ftyp", b"isom\0\0\2\0isomiso2mp41")
    mdat = box(b"mdat", b"pictures" * 4, PLACES)
    chunk = len(start) + 8 + 32
    told = box(b"udta", box(b"\xa9mod", b"\0\x09\x15\xc7iPhone 15"), box(b"\xa9xyz", PLACES[:18]))
    moov = box(b"moov", box(b"mvhd", b"\0" * 4, MADE), track(b"vide", chunk=len(start) + 8, sizes=[32]),
               track(b"meta", chunk=chunk, sizes=[18, 18]), told)  # fmt: skip
    return start + mdat + moov


def test_a_video_keeps_its_pictures_and_loses_device_times_and_every_place():
    clip = kept(a_buyer(), SimpleUploadedFile("clip.mp4", film()))
    copy = copy_of(clip)
    assert len(copy) == len(film()) and b"pictures" * 4 in copy
    assert b"+31.2304" not in copy and b"iPhone" not in copy and struct.pack(">I", 3_876_422_400) not in copy
    assert clip.facts["camera"] == "iPhone 15"
    assert clip.taken_at == datetime(2026, 11, 2, tzinfo=UTC)
    assert (clip.next_try_at, "31.2" in str(clip.facts)) == (None, False)


# --- attack -----------------------------------------------------------------------------------------------


def spoiled(body: bytes, luck: random.Random) -> bytes:
    """Bytes changed, taken out and put in, mostly in the head, where the structure is."""
    made = bytearray(body)
    for _blow in range(luck.randint(1, 12)):
        at = luck.randrange(min(len(made), luck.choice((64, 600, len(made)))))
        match luck.choice(("change", "cut", "insert", "number")):
            case "change":
                made[at] = luck.randrange(256)
            case "cut":
                del made[at : at + luck.randrange(1, 40)]
            case "insert":
                made[at:at] = luck.randbytes(luck.randrange(1, 40))
            case "number":
                made[at : at + 4] = luck.choice((b"\xff\xff\xff\xff", b"\0\0\0\0", b"\x7f\xff\xff\xff"))
    return bytes(made)


@pytest.mark.parametrize("kind", [*KINDS, "video"])
def test_spoiled_files_are_kept_or_told_and_never_a_fault(kind):
    """Seeded; each is either a safe copy or a sentence for the person, and nothing is left behind."""
    buyer = a_buyer()
    order = buyer.order()
    whole = film() if kind == "video" else KINDS[kind](goods(1).resize((160, 120)), exif(**PHONE, gps=True)).read()
    for seed in range(12):
        file = SimpleUploadedFile("x", spoiled(whole, random.Random(f"{kind} {seed}")))
        try:
            one = keep_upload(file, merchant=order.merchant, order=order, by=buyer.actor, now=clock.now())
        except Refused as refused:
            assert str(refused.fields.get("file") or refused.message)
        else:
            assert copy_of(one)
    assert not list(media._folder("incoming").iterdir())


def test_a_page_that_is_a_photo_too_becomes_only_the_photo():
    body = a_file(goods(1)).read() + b"<html><script>alert(1)</script>%PDF-1.7 PK\x03\x04"
    photo = kept(a_buyer(), SimpleUploadedFile("x.html", body))
    assert b"script" not in copy_of(photo) and b"%PDF" not in copy_of(photo)


def test_fifty_megapixels_are_taken_and_one_more_is_not():
    body = io.BytesIO()
    Image.new("RGB", (8000, 6250), "#777").save(body, "PNG")
    photo = kept(a_buyer("one"), SimpleUploadedFile("a.png", body.getvalue()))
    assert (photo.width, photo.height) == (2400, 1875)
    body = io.BytesIO()
    Image.new("L", (8000, 6251)).save(body, "PNG")
    with pytest.raises(Refused):
        kept(a_buyer("two"), SimpleUploadedFile("a.png", body.getvalue()))
