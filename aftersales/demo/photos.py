"""Photos of the story: drawn, so that nobody's real goods are shown, and the same every time."""

import random
from io import BytesIO

from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image, ImageDraw, ImageFilter

SIZE = (960, 720)
GOODS = {"fresh": (196, 62, 52), "apparel": (186, 150, 104), "shoes_bags": (90, 120, 140)}


def photo(category: str, *, number: int, seed: str) -> SimpleUploadedFile:
    """The whole (1) or the problem close up (2), on a table, slightly noisy as from a phone."""
    luck = random.Random(f"{seed}-{number}")
    picture = Image.new("RGB", SIZE, (176 + luck.randrange(40), 164, 150))
    draw = ImageDraw.Draw(picture)
    draw.rectangle((0, 470, *SIZE), fill=(120, 104 + luck.randrange(20), 88))
    _goods(draw, GOODS.get(category, (200, 196, 188)), close=number > 1)
    _flaw(draw, luck, close=number > 1)
    picture = picture.filter(ImageFilter.GaussianBlur(0.8))
    kept = BytesIO()
    picture.save(kept, "JPEG", quality=80)
    return SimpleUploadedFile(f"photo-{number}.jpg", kept.getvalue(), "image/jpeg")


def _goods(draw: ImageDraw.ImageDraw, colour: tuple[int, int, int], *, close: bool) -> None:
    box = (60, 40, 900, 700) if close else (300, 200, 660, 560)
    shade = tuple(max(0, part - 28) for part in colour)
    draw.rounded_rectangle(box, radius=90, fill=colour, outline=shade, width=8)


def _flaw(draw: ImageDraw.ImageDraw, luck: random.Random, *, close: bool) -> None:
    for _spot in range(14 if close else 4):
        x, y = luck.randrange(330, 610), luck.randrange(240, 500)
        grown = luck.randrange(14, 70) if close else luck.randrange(6, 20)
        draw.ellipse((x, y, x + grown, y + grown * 0.7), fill=(58, 38 + luck.randrange(20), 24))
