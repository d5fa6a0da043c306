"""Uploads on disk: sniffed by content, decoded by a limited child process, kept under a random name."""

import hashlib
import json
import os
import secrets
import subprocess
import sys
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import filetype
from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import TemporaryFileUploadHandler
from django.utils.translation import gettext_lazy as _

from returns_platform.kernel.errors import Invalid, Malformed, Refused, TooLarge, WrongType

PHOTO_LIMIT = 20_000_000
VIDEO_LIMIT = 200_000_000
FORM_LIMIT = VIDEO_LIMIT + 10 * PHOTO_LIMIT  # a video, nine photos, and room for the words
PHOTOS = {f"image/{kind}" for kind in ("jpeg", "png", "webp", "heic", "heif", "gif", "avif", "apng")}
VIDEOS = {"video/mp4", "video/quicktime", "video/x-m4v"}
SANDBOX = Path(__file__).with_name("sandbox")
CHILD_S = 30
PASSING = ("incoming", "readings")  # below MEDIA_ROOT: what is being looked at, and waybills whose print is read


@dataclass(frozen=True, slots=True)
class Safe:
    """A kept copy. path: below MEDIA_ROOT. sha256: of the upload; copy_sha256: of what is kept."""

    kind: str
    path: str
    sha256: str
    copy_sha256: str
    size: int
    width: int | None
    height: int | None
    facts: dict  # what the upload's metadata said, which the copy does not have any more


class LimitedUpload(TemporaryFileUploadHandler):
    """Refuses a form larger than all that would be kept of it before it is read, and a file as soon as it is."""

    def handle_raw_input(self, input_data, META, content_length, boundary, encoding=None):
        if content_length > FORM_LIMIT:
            raise RequestDataTooBig(f"a form of {content_length} bytes")

    def new_file(self, *args, **kwargs):
        super().new_file(*args, **kwargs)
        self.received = 0

    def receive_data_chunk(self, raw_data, start):
        self.received += len(raw_data)
        if self.received > VIDEO_LIMIT:
            self.upload_interrupted()  # closes and removes what came so far
            raise RequestDataTooBig(f"a file of more than {VIDEO_LIMIT} bytes")
        return super().receive_data_chunk(raw_data, start)


def make_safe(upload: UploadedFile) -> Safe:
    """Keep a safe copy of an upload; raises WrongType, TooLarge or Invalid with words for the person."""
    incoming = _folder("incoming") / secrets.token_hex(16)
    kept = f"evidence/{secrets.token_hex(1)}/{secrets.token_hex(16)}"
    try:
        sha256, size = _write(upload, incoming)
        kind = _sniff(incoming, size)
        path = kept + (".jpg" if kind == "photo" else ".mp4")
        target = _folder(str(Path(path).parent)) / Path(path).name
        found = _decode(kind, incoming, target)
        found.pop("cost")
        return Safe(kind, path, sha256, _sha256(target), target.stat().st_size, **found)
    finally:
        incoming.unlink(missing_ok=True)


def report_made_safe(upload: UploadedFile) -> list[Safe]:
    """The pages of a report as pictures: of a PDF each page, else the photo itself; raises as `make_safe`."""
    incoming = _folder("incoming") / secrets.token_hex(16)
    try:
        sha256, size = _write(upload, incoming)
        guessed = filetype.guess(str(incoming))
        if guessed is None or guessed.mime != "application/pdf":
            upload.seek(0)
            return [_must_be_a_photo(make_safe(upload))]
        if size > PHOTO_LIMIT:
            raise TooLarge(_("A report may have 20 MB."))
        found = _answer("report", incoming, incoming)["pages"]
        return [
            _page(incoming.with_name(f"{incoming.name}.{nth}"), sha256, told) for nth, told in enumerate(found, 1)
        ]
    finally:
        for left in incoming.parent.glob(f"{incoming.name}*"):
            left.unlink()


def _must_be_a_photo(safe: Safe) -> Safe:
    if safe.kind != "photo":
        remove(safe.path)
        raise WrongType(_("A report is a PDF, or photos of its pages."))
    return safe


def _page(drawn: Path, sha256: str, told: dict) -> Safe:
    path = f"evidence/{secrets.token_hex(1)}/{secrets.token_hex(16)}.jpg"
    target = drawn.rename(_folder(str(Path(path).parent)) / Path(path).name)
    return Safe("photo", path, sha256, _sha256(target), target.stat().st_size, **told, facts={})


def _folder(name: str) -> Path:
    folder = Path(settings.MEDIA_ROOT) / name
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return folder


def _write(upload: UploadedFile, target: Path) -> tuple[str, int]:
    digest, size = hashlib.sha256(), 0
    with open(target, "wb") as file:
        for chunk in upload.chunks():
            digest.update(chunk)
            size += len(chunk)
            if size > VIDEO_LIMIT:
                raise TooLarge(_("A photo may have 20 MB, a video 200 MB."))
            file.write(chunk)
    return digest.hexdigest(), size


def _sniff(path: Path, size: int) -> str:
    """photo or video, by the first bytes; the name and the browser's word count for nothing."""
    if not size:
        raise Invalid(fields={"file": _("This file is empty. Please choose it again.")})
    guessed = filetype.guess(str(path))
    mime = guessed.mime if guessed else ""
    if mime in PHOTOS:
        if size > PHOTO_LIMIT:
            raise TooLarge(_("A photo may have 20 MB."))
        return "photo"
    if mime in VIDEOS:
        return "video"
    raise WrongType(_("Photos as JPEG, PNG, WebP or HEIC and videos as MP4 are taken. This is something else."))


def _decode(kind: str, source: Path, target: Path) -> dict:
    try:
        return _answer(kind, source, target)
    except Refused:
        target.unlink(missing_ok=True)
        raise


def _answer(what: str, *paths: Path) -> dict:
    """What the child tells of an upload, which somebody waits for: it is asked once; raises Refused."""
    try:
        found = ask(what, *paths)
    except ChildLost:
        found = {"wrong": "damaged"}
    if "wrong" in found:
        raise _wrong(found["wrong"])
    return found


class ChildLost(Exception):
    """The child that opens files died or took too long; what it was asked may be asked again."""


def look(path: str) -> dict:
    """What a kept photo shows, as `sandbox/look.py` tells it; raises ChildLost, FileNotFoundError."""
    return ask("look", _kept(path))


def bars_in(upload: UploadedFile) -> tuple[list[str], str]:
    """Numbers in the bars of a photo; where there are none, its path below MEDIA_ROOT, kept for `print_in`.

    Raises Refused as `make_safe` does.
    """
    incoming = _folder("incoming") / secrets.token_hex(16)
    try:
        _sha256, size = _write(upload, incoming)
        if _sniff(incoming, size) != "photo":
            raise WrongType(_("A photo of the receipt, please."))
        if codes := _answer("read", incoming)["codes"]:
            return codes, ""
        path = f"readings/{secrets.token_hex(16)}"
        incoming.rename(_folder("readings") / Path(path).name)
        return [], path
    finally:
        incoming.unlink(missing_ok=True)


def print_in(path: str) -> list[str]:
    """What looks like a number in the print of a photo that `bars_in` kept; raises ChildLost, FileNotFoundError."""
    return ask("words", _kept(path)).get("words", [])


def ask(what: str, *paths: Path) -> dict:
    """Let the child open files; whatever happens to it, this process only reads its one line."""
    environment = {"PATH": os.environ.get("PATH", ""), "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    command = [sys.executable, "-I", str(SANDBOX), what, *map(str, paths)]
    try:
        child = subprocess.run(command, capture_output=True, timeout=CHILD_S, env=environment, check=True)
        return json.loads(child.stdout.splitlines()[-1])
    except (subprocess.SubprocessError, ValueError, IndexError) as lost:
        raise ChildLost(type(lost).__name__) from lost


def _wrong(code: str) -> Refused:
    if code == "too_many_pages":
        return Invalid(fields={"file": _("A report may have 20 pages.")})
    if code == "too_many_pixels":
        return Invalid(fields={"file": _("This picture is too large: at most 50 megapixels.")})
    return Invalid(fields={"file": _("This file is damaged and cannot be read. Please take the photo again.")})


def _sha256(path: Path) -> str:
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def open_kept(path: str):
    """The kept copy for reading; raises Malformed when a path leads anywhere else, FileNotFoundError when gone."""
    return open(_kept(path), "rb")


def _kept(path: str) -> Path:
    root = Path(settings.MEDIA_ROOT).resolve()
    found = (root / path).resolve()
    if not found.is_relative_to(root):
        raise Malformed
    if not found.is_file():
        raise FileNotFoundError(path)
    return found


def remove_leftovers(*, before: datetime) -> None:
    """Files that only pass through, and that came before then."""
    for folder in PASSING:
        for left in _folder(folder).iterdir():
            if left.stat().st_mtime < before.timestamp():
                left.unlink(missing_ok=True)


def remove(path: str) -> None:
    (Path(settings.MEDIA_ROOT) / path).unlink(missing_ok=True)
