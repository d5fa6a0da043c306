"""Photos of the story: drawn, so that nobody's real goods are shown, and the same every time."""

import random
from dataclasses import replace
from datetime import datetime
from io import BytesIO
from itertools import count
from zoneinfo import ZoneInfo

from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from aftersales.evidence import drawn_produce, synthetic

CAMERA = ("Corner", "Phone 3")
CLOSE, ROTTEN = 1.5, 0.08


def photo(category: str, *, number: int, seed: str, taken_at: datetime, zone: str) -> SimpleUploadedFile:
    """The whole (1) or the problem close up (2), as the customer's phone took it."""
    picture = _produce(seed, number) if category == "fresh" else _goods(seed, number)
    kept = BytesIO()
    picture.save(kept, "JPEG", quality=85, exif=_exif(taken_at.astimezone(ZoneInfo(zone))))
    return SimpleUploadedFile(f"photo-{number}.jpg", kept.getvalue(), "image/jpeg")


def _goods(seed: str, number: int) -> Image.Image:
    view = synthetic.a_view(random.Random(f"{seed}-{number}"), table=seed)
    return synthetic.goods(seed, view if number == 1 else replace(view, size=CLOSE))


def _produce(seed: str, number: int) -> Image.Image:
    drawn = (drawn_produce.draw(f"{seed} {again}") for again in count())
    whole = next(one.picture for one in drawn if one.share > ROTTEN)
    return whole.resize(synthetic.SIZE) if number == 1 else whole.crop((60, 40, 440, 325)).resize(synthetic.SIZE)


def _exif(at: datetime) -> Image.Exif:
    told = Image.Exif()
    told[0x010F], told[0x0110] = CAMERA
    told.get_ifd(0x8769)[0x9003] = told[0x0132] = f"{at:%Y:%m:%d %H:%M:%S}"
    return told
