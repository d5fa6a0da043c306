"""Drawn pictures for measuring: goods on a table, produce with a known share of rot. Nobody's real photos.

Everything comes from seeds, so the figures can be had again. Real photos are harder; every figure says what it is of.
"""

import io
import random
from dataclasses import dataclass

from PIL import Image, ImageChops, ImageDraw, ImageEnhance, ImageFilter, ImageOps

SIZE = (800, 600)
TABLES = ((176, 138, 98), (122, 92, 66), (206, 196, 180), (158, 156, 152), (100, 110, 120), (224, 220, 212))


# --- goods on a table -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class View:
    """Where the camera stood: x, y: the goods' middle, share of the picture; size: 1 fills two thirds; turn: degrees;
    light: 1 is ordinary; table, noise: seeds."""

    x: float
    y: float
    size: float
    turn: float
    light: float
    table: int | str
    noise: int


def a_view(luck: random.Random, table: int | str) -> View:
    return View(
        x=luck.uniform(0.38, 0.62), y=luck.uniform(0.4, 0.6), size=luck.uniform(0.65, 1.15),
        turn=luck.uniform(-35, 35), light=luck.uniform(0.85, 1.15), table=table, noise=luck.randrange(1 << 30),
    )  # fmt: skip


def goods(product: int | str, view: View) -> Image.Image:
    """One product, seen so. The same product looks the same; table, place, turn, size and light are the view's."""
    picture = _table(view.table)
    thing = _thing(product)
    side = round(min(SIZE) * 0.75 * view.size)
    thing = thing.resize((side, side), Image.Resampling.BICUBIC).rotate(
        view.turn, Image.Resampling.BICUBIC, expand=True
    )
    at = round(SIZE[0] * view.x - thing.width / 2), round(SIZE[1] * view.y - thing.height / 2)
    shadow = thing.getchannel("A").point(lambda part: part * 0.45)
    picture.paste((25, 22, 20), (at[0] + 14, at[1] + 18), shadow.filter(ImageFilter.GaussianBlur(9)))
    picture.paste(thing, at, thing)
    return _as_taken(picture, view)


def _table(seed: int | str) -> Image.Image:
    """Wood, cloth or stone, with a few things of the household lying about."""
    luck = random.Random(f"table {seed}")
    base = tuple(part + luck.randrange(-14, 15) for part in luck.choice(TABLES))
    picture = Image.new("RGB", SIZE, base)
    draw = ImageDraw.Draw(picture)
    lines = luck.choice(("wood", "cloth", "stone"))
    for number in range({"wood": 40, "cloth": 60, "stone": 160}[lines]):
        shade = tuple(max(0, min(255, part + luck.randrange(-30, 30))) for part in base)
        x, y = luck.randrange(SIZE[0]), luck.randrange(SIZE[1])
        if lines == "wood":
            draw.line((0, y, SIZE[0], y + luck.randrange(-20, 20)), fill=shade, width=luck.randrange(2, 14))
        elif lines == "cloth":
            draw.line(
                (number * 14, 0, number * 14 + luck.randrange(-9, 9), SIZE[1]), fill=shade, width=luck.randrange(1, 7)
            )
        else:
            grown = luck.randrange(4, 40)
            draw.ellipse((x, y, x + grown, y + grown), fill=shade)
    for _thing_about in range(luck.randrange(1, 5)):
        x, y, grown = luck.choice((-30, 640)), luck.randrange(-40, 560), luck.randrange(70, 220)
        draw.rectangle((x, y, x + grown, y + grown * luck.uniform(0.3, 1)), fill=_colour(luck))
    return picture


def _colour(luck: random.Random) -> tuple[int, int, int]:
    return luck.randrange(40, 225), luck.randrange(40, 225), luck.randrange(40, 225)


def _thing(product: int | str) -> Image.Image:
    """A box, a bottle, a garment or a bag with print on it, see-through around."""
    luck = random.Random(f"product {product}")
    thing = Image.new("RGBA", (480, 480))
    draw = ImageDraw.Draw(thing)
    colour = _colour(luck)
    dark = tuple(max(0, part - 45) for part in colour)
    kind = luck.choice(("box", "bottle", "garment", "bag"))
    if kind == "box":
        draw.rounded_rectangle((60, 100, 420, 400), 14, fill=colour, outline=dark, width=9)
    elif kind == "bottle":
        draw.rounded_rectangle((140, 150, 340, 460), 50, fill=colour, outline=dark, width=8)
        draw.rectangle((195, 30, 285, 160), fill=dark)
    elif kind == "garment":
        shape = [(150, 60), (330, 60), (460, 170), (390, 230), (350, 190), (350, 440), (130, 440), (130, 190),
                 (90, 230), (20, 170)]  # fmt: skip
        draw.polygon(shape, fill=colour, outline=dark, width=7)
    else:
        draw.arc((150, 30, 330, 240), 180, 360, fill=dark, width=18)
        draw.rounded_rectangle((80, 140, 400, 430), 40, fill=colour, outline=dark, width=8)
    for _print in range(luck.randrange(4, 11)):
        x, y = luck.randrange(150, 300), luck.randrange(190, 370)
        wide, high = luck.randrange(12, 80), luck.randrange(6, 46)
        draw.rectangle((x, y, x + wide, y + high), fill=_colour(luck))
    for line in range(luck.randrange(2, 6)):
        draw.line((160, 210 + line * 30, 160 + luck.randrange(40, 160), 210 + line * 30), fill=_colour(luck), width=6)
    return thing


def _as_taken(picture: Image.Image, view: View) -> Image.Image:
    """Light from one side, and the grain of a phone."""
    luck = random.Random(view.noise)
    slope = Image.linear_gradient("L").resize(SIZE).rotate(luck.choice((0, 90, 180, 270)))
    slope = slope.resize(SIZE).point(lambda part: 205 + part // 5)
    picture = ImageChops.multiply(picture, Image.merge("RGB", (slope, slope, slope)))
    picture = ImageEnhance.Brightness(picture).enhance(view.light)
    return grain(picture, luck, 7)


def grain(picture: Image.Image, luck: random.Random, strength: float) -> Image.Image:
    tile = luck.randbytes(128 * 128).translate(
        bytes(round(128 + strength * (byte - 127.5) / 74) for byte in range(256))
    )
    noise = Image.new("L", picture.size)
    for x in range(0, picture.width, 128):
        for y in range(0, picture.height, 128):
            noise.paste(Image.frombytes("L", (128, 128), tile).rotate(luck.choice((0, 90, 180, 270))), (x, y))
    layer = Image.merge("RGB", (noise, noise, noise))
    return ImageChops.add(picture, layer, 1, -128)


# --- what people do to a picture before they send it again -------------------------------------------------


def _saved(picture: Image.Image, quality: int) -> Image.Image:
    body = io.BytesIO()
    picture.convert("RGB").save(body, "JPEG", quality=quality)
    body.seek(0)
    return Image.open(body).convert("RGB")


def _cropped(picture: Image.Image, luck: random.Random, most: float) -> Image.Image:
    wide, high = picture.size
    left, top, right, bottom = (luck.uniform(0, most) for _side in range(4))
    box = wide * left, high * top, wide * (1 - right), high * (1 - bottom)
    return picture.crop(tuple(map(round, box)))


def _resized(picture: Image.Image, luck: random.Random) -> Image.Image:
    share = luck.uniform(0.3, 0.8)
    return picture.resize((round(picture.width * share), round(picture.height * share)), Image.Resampling.BILINEAR)


def _brighter(picture: Image.Image, luck: random.Random) -> Image.Image:
    return ImageEnhance.Brightness(picture).enhance(luck.choice((luck.uniform(0.75, 0.9), luck.uniform(1.1, 1.25))))


TRANSFORMATIONS = {
    "resized to 30-80 %": _resized,
    "saved again, JPEG 35-70": lambda picture, luck: _saved(picture, luck.randrange(35, 71)),
    "cropped, up to 4 % of each side": lambda picture, luck: _cropped(picture, luck, 0.04),
    "cropped, up to 8 % of each side": lambda picture, luck: _cropped(picture, luck, 0.08),
    "mirrored": lambda picture, luck: ImageOps.mirror(picture),
    "brightness 75-125 %": _brighter,
    "mirrored, cropped up to 4 %, resized, JPEG 60": lambda picture, luck: _saved(
        _resized(_cropped(ImageOps.mirror(picture), luck, 0.04), luck), 60
    ),
}
