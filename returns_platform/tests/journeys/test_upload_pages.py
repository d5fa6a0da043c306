"""Files that people and attackers put into the filing page: kept as safe copies or told in words, never a fault."""

import io
import struct
import zlib
from datetime import UTC, datetime

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from PIL import Image

from aftersales.evidence import media
from aftersales.evidence.models import Evidence
from aftersales.tests.returns.buyers import a_buyer, photo
from aftersales.tests.returns.test_pages_filing import address, answers

pytestmark = pytest.mark.django_db


@pytest.fixture
def filing():
    return Filing()


class Filing:
    """The filing page of one order."""

    def __init__(self):
        self.buyer = a_buyer()
        self.order = self.buyer.order()
        self.page = self.buyer.client.get(address(self.order))

    def send(self, *files, **more):
        self.page = self.buyer.client.post(address(self.order), answers(self.page, photo=list(files), **more))
        return self.page

    @property
    def told(self) -> list[str]:
        return self.page.context["photos"].wrong

    @property
    def kept(self) -> list[Evidence]:
        return self.page.context["photos"].kept

    def file(self, kept: Evidence) -> bytes:
        response = self.buyer.client.get(reverse("aftersales:evidence", args=[kept.public_id]))
        return b"".join(response)


def a_file(body: bytes, name: str = "a.jpg", kind: str = "image/jpeg") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, body, content_type=kind)


def jpeg(size=(80, 60), **how) -> bytes:
    body = io.BytesIO()
    Image.effect_noise(size, 60).convert("RGB").save(body, "JPEG", **how)
    return body.getvalue()


def png_bomb(side: int) -> bytes:
    """White squares of side × side in a few kilobytes."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    head = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    row = zlib.compress(b"\0" * (side // 8 + 1) * 200, 9)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", row) + chunk(b"IEND", b"")


def animation(kind: str, frames: int) -> bytes:
    body = io.BytesIO()
    pictures = [Image.new("P", (16, 16), number % 250) for number in range(frames)]
    pictures[0].save(body, kind, save_all=True, append_images=pictures[1:], duration=20)
    return body.getvalue()


def mp4(*, place: bytes = b"+31.2304+121.4737/") -> bytes:
    def box(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body) + 8) + kind + body

    moov = box(b"mvhd", b"\0" * 100) + box(b"udta", box(b"\xa9xyz", place))
    return box(b"ftyp", b"isom\0\0\2\0isomiso2mp41") + box(b"moov", moov) + box(b"mdat", b"x" * 64)


NOT_TAKEN = {
    "nothing in it": b"",
    "a page": b"<!doctype html><script>alert(1)</script>",
    "a drawing with script": b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
    "a program": b"MZ\x90\0" + b"\0" * 200,
    "a document": b"%PDF-1.7\n1 0 obj<<>>endobj",
    "an archive": b"PK\x03\x04" + b"\0" * 60,
    "half a photo": jpeg()[: len(jpeg()) // 3],
    "the head of a photo": b"\xff\xd8\xff\xe0" + b"\0" * 40,
    "half a png": b"\x89PNG\r\n\x1a\n" + b"\0" * 20,
    "a bomb": png_bomb(13_000),
    "a larger bomb": png_bomb(60_000),
    "a playlist as a video": b"#EXTM3U\nhttp://127.0.0.1:9/a.ts\n",
    "the head of a video": b"\0\0\0\x14ftypisom\0\0\2\0isom",
    "a broken video": b"\0\0\0\x18ftypisom" + b"\xff" * 200,
}


@pytest.mark.parametrize("what", NOT_TAKEN)
def test_what_is_no_photo_is_told_and_nothing_is_kept(filing, what):
    page = filing.send(a_file(NOT_TAKEN[what]))
    assert page.status_code == 200
    assert len(filing.told) == 1 and filing.told[0].startswith("a.jpg: ")
    assert filing.told[0] in page.content.decode()
    assert not Evidence.objects.exists()
    assert not list((media._folder("incoming")).iterdir())


def heic() -> bytes:
    import pillow_heif

    body = io.BytesIO()
    pillow_heif.from_pillow(Image.new("RGB", (64, 48), "#336699")).save(body)
    return body.getvalue()


TAKEN = {
    "HEIC": heic,
    "a GIF of many frames": lambda: animation("GIF", 400),
    "an animated WebP": lambda: animation("WEBP", 40),
    "CMYK": lambda: _saved(Image.new("CMYK", (40, 30)), "JPEG"),
    "sixteen bit": lambda: _saved(Image.new("I;16", (40, 30)), "PNG"),
    "a palette": lambda: _saved(Image.new("P", (40, 30)), "PNG"),
    "progressive": lambda: jpeg(progressive=True),
    "one pixel": lambda: _saved(Image.new("L", (1, 1)), "PNG"),
    "a long strip": lambda: _saved(Image.new("1", (20_000, 8)), "PNG"),
}


def _saved(image: Image.Image, kind: str) -> bytes:
    body = io.BytesIO()
    image.save(body, kind)
    return body.getvalue()


@pytest.mark.parametrize("what", TAKEN)
def test_what_phones_and_scanners_make_is_kept_as_a_plain_jpeg(filing, what):
    filing.send(a_file(TAKEN[what](), "照片"))
    assert filing.told == []
    copy = Image.open(io.BytesIO(filing.file(filing.kept[0])))
    assert (copy.format, copy.mode, getattr(copy, "n_frames", 1)) == ("JPEG", "RGB", 1)


def test_the_copy_is_upright_and_says_nothing_of_place_or_device(filing):
    exif = Image.Exif()
    exif[0x0112], exif[0x010F] = 6, "PhoneMaker"  # on its side; who made the phone
    exif.get_ifd(0x8825)[2] = (31.0, 14.0, 0.0)  # latitude
    exif.get_ifd(0x8769)[0x9003] = "2026:11:20 08:00:00"
    filing.send(a_file(jpeg((80, 60), exif=exif)))
    kept = filing.kept[0]
    copy = filing.file(kept)
    assert Image.open(io.BytesIO(copy)).size == (60, 80)
    assert not Image.open(io.BytesIO(copy)).getexif()
    assert b"PhoneMaker" not in copy
    assert kept.taken_at == datetime(2026, 11, 20, tzinfo=UTC)  # eight in the morning at the shop


def test_a_video_is_kept_without_its_place(filing):
    filing.send(a_file(mp4(), "box.mp4", "video/mp4"))
    assert filing.told == []
    assert filing.kept[0].kind == "video"
    assert b"+31.2304" not in filing.file(filing.kept[0])


def test_an_eleventh_file_is_told_and_the_others_are_kept(filing):
    page = filing.send(*(photo(f"{number}.jpg", (20 + number, 20)) for number in range(11)))
    assert page.status_code == 200
    assert filing.told == ["At most nine photos and one video."]
    assert len(filing.kept) == 9


def test_a_hundred_and_one_files_are_too_much(filing):
    files = [photo(f"{number}.jpg") for number in range(101)]
    response = filing.buyer.client.post(address(filing.order), {"photo": files})
    assert response.status_code == 413
    assert not Evidence.objects.exists()


def test_a_file_larger_than_a_video_may_be_is_not_read_to_its_end(filing, monkeypatch):
    monkeypatch.setattr(media, "VIDEO_LIMIT", 100_000)
    response = filing.buyer.client.post(address(filing.order), {"photo": a_file(b"x" * 300_000)})
    assert response.status_code == 413
    monkeypatch.setattr(media, "FORM_LIMIT", 1_000)
    assert filing.buyer.client.post(address(filing.order), {"photo": a_file(b"x" * 5_000)}).status_code == 413


def test_the_same_photo_twice_is_one(filing):
    filing.send(photo(), photo("again.jpg"))
    assert len(filing.kept) == 1
    filing.send(photo())
    assert len(filing.kept) == 1


NAMES = {
    "../../etc/passwd.jpg": "passwd.jpg",
    "C:\\fakepath\\a.jpg": "a.jpg",
    "photo\u202egpj.exe": "photogpj.exe",
    "a\r\nSet-Cookie: x=1.jpg": None,
    "长" * 300 + ".jpg": None,
    "<img src=x onerror=alert(1)>.jpg": None,
    ".htaccess": ".htaccess",
    "con": "con",
}


@pytest.mark.parametrize("name", NAMES)
def test_a_name_is_only_ever_a_label(filing, name):
    upload = photo()
    upload._name = name
    page = filing.send(upload)
    assert page.status_code == 200
    kept = filing.kept[0]
    assert len(kept.label) <= 100
    assert not set(kept.label) & set("\r\n\u202e\0/\\")
    assert NAMES[name] in (None, kept.label)
    assert kept.path.startswith("evidence/") and kept.path.endswith(".jpg")
    assert "<img src=x" not in page.content.decode()


def test_a_photo_of_a_case_that_is_closed_to_photos_is_not_taken(filing):
    row = filing.buyer.filed(order=filing.buyer.order(signed=False), reason="UN.NOT_SHIPPED", kind="refund_only",
                             send_back="none")  # fmt: skip
    where = reverse("aftersales:add", args=[row.return_no])
    response = filing.buyer.client.post(where, {"photo": photo()})
    assert response.status_code in (302, 409)
    assert not Evidence.objects.filter(case_ref=row.return_no).exists()
