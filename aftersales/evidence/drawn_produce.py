"""Drawn produce with a known share of rot: what the damage estimate starts from, until people have graded photos.

Everything comes from a seed. It is drawn, not photographed; each place that shows a figure of it says so.
"""

import random
from dataclasses import dataclass

from PIL import Image, ImageChops, ImageDraw, ImageEnhance, ImageFilter

from aftersales.evidence.synthetic import grain

SIZE = (480, 360)
KINDS = {  # name: (colours, pieces at most, natural specks)
    "apple": (((190, 40, 40), (150, 175, 60), (205, 90, 50)), 3, 12),
    "tomato": (((205, 50, 35), (215, 75, 40)), 4, 0),
    "orange": (((235, 140, 30), (240, 165, 50)), 4, 60),
    "strawberry": (((200, 35, 50), (185, 25, 40)), 7, 80),
    "banana": (((235, 205, 70), (225, 190, 50)), 3, 25),
    "lettuce": (((95, 160, 60), (130, 180, 85)), 2, 0),
    "potato": (((190, 160, 110), (170, 135, 90)), 4, 30),
}
ROT = ((70, 45, 25), (45, 32, 22), (95, 65, 35), (30, 25, 22))
MOULD = ((150, 155, 140), (190, 195, 185), (120, 135, 115))


@dataclass(frozen=True, slots=True)
class Drawn:
    """share: of the produce that is rotten, 0 to 1, counted pixel by pixel."""

    picture: Image.Image
    kind: str
    share: float


def draw(seed: str) -> Drawn:
    luck = random.Random(seed)
    kind = luck.choice(sorted(KINDS))
    colours, most, specks = KINDS[kind]
    colour = luck.choice(colours)
    pieces = Image.new("L", SIZE)
    for _piece in range(luck.randint(1, most)):
        _shape(ImageDraw.Draw(pieces), kind, luck)
    produce = _surface(colour, specks, luck)
    rot = _rot(pieces, luck)
    produce.paste(_rotten(luck), (0, 0), rot.filter(ImageFilter.GaussianBlur(2)))
    picture = _on_a_table(produce, pieces, luck)
    whole = pieces.histogram()[255] or 1
    share = ImageChops.multiply(pieces, rot).histogram()[255] / whole
    return Drawn(_as_taken(picture, luck), kind, round(share, 4))


def _shape(draw: ImageDraw.ImageDraw, kind: str, luck: random.Random) -> None:
    x, y = luck.randrange(110, 370), luck.randrange(100, 260)
    size = luck.randrange(55, 105) if kind != "strawberry" else luck.randrange(30, 60)
    wide, high = size * luck.uniform(0.9, 1.1), size * luck.uniform(0.85, 1.05)
    if kind == "banana":
        for step in range(12):
            at = x - 90 + step * 16, y - 30 + (step - 6) ** 2
            draw.ellipse((at[0] - 24, at[1] - 24, at[0] + 24, at[1] + 24), fill=255)
    elif kind == "lettuce":
        for _leaf in range(9):
            at = x + luck.randrange(-60, 60), y + luck.randrange(-50, 50)
            draw.ellipse((at[0] - 55, at[1] - 40, at[0] + 55, at[1] + 40), fill=255)
    elif kind == "strawberry":
        draw.polygon([(x - wide, y - high * 0.5), (x + wide, y - high * 0.5), (x, y + high * 1.3)], fill=255)
        draw.ellipse((x - wide, y - high, x + wide, y + high * 0.4), fill=255)
    else:
        draw.ellipse((x - wide, y - high, x + wide, y + high), fill=255)


def _surface(colour, specks: int, luck: random.Random) -> Image.Image:
    produce = Image.new("RGB", SIZE, colour)
    draw = ImageDraw.Draw(produce)
    for _patch in range(60):
        x, y, grown = luck.randrange(SIZE[0]), luck.randrange(SIZE[1]), luck.randrange(10, 70)
        shade = tuple(max(0, min(255, part + luck.randrange(-22, 22))) for part in colour)
        draw.ellipse((x, y, x + grown, y + grown), fill=shade)
    produce = produce.filter(ImageFilter.GaussianBlur(7))
    draw = ImageDraw.Draw(produce)
    for _speck in range(specks * 4):
        x, y = luck.randrange(SIZE[0]), luck.randrange(SIZE[1])
        dark = tuple(max(0, part - 55) for part in colour)
        draw.ellipse((x, y, x + 3, y + 4), fill=dark)
    return produce


def _rot(pieces: Image.Image, luck: random.Random) -> Image.Image:
    """A third is sound; the others have spots that grow, in what is produce."""
    rot = Image.new("L", SIZE)
    if luck.random() > 0.33:
        draw = ImageDraw.Draw(rot)
        left, top, right, bottom = pieces.getbbox()
        for _spot in range(luck.randint(1, 7)):
            x, y, grown = luck.randrange(left, right), luck.randrange(top, bottom), luck.choice((14, 22, 35, 55, 85))
            for _lobe in range(6):
                at = x + luck.gauss(0, grown / 3), y + luck.gauss(0, grown / 3)
                lobe = grown * luck.uniform(0.4, 0.8)
                draw.ellipse((at[0] - lobe, at[1] - lobe, at[0] + lobe, at[1] + lobe), fill=255)
    return ImageChops.multiply(rot, pieces)


def _rotten(luck: random.Random) -> Image.Image:
    colour = luck.choice(ROT)
    layer = Image.new("RGB", SIZE, colour)
    draw = ImageDraw.Draw(layer)
    mouldy = luck.random() < 0.4
    for _patch in range(300):
        x, y, grown = luck.randrange(SIZE[0]), luck.randrange(SIZE[1]), luck.randrange(4, 26)
        base = luck.choice(MOULD) if mouldy and luck.random() < 0.6 else colour
        shade = tuple(max(0, min(255, part + luck.randrange(-18, 18))) for part in base)
        draw.ellipse((x, y, x + grown, y + grown), fill=shade)
    return layer.filter(ImageFilter.GaussianBlur(1.5))


def _on_a_table(produce: Image.Image, pieces: Image.Image, luck: random.Random) -> Image.Image:
    base = luck.choice(((225, 222, 215), (150, 120, 90), (90, 95, 105), (200, 190, 170), (60, 60, 62)))
    table = Image.new("RGB", SIZE, base)
    draw = ImageDraw.Draw(table)
    for _line in range(30):
        y = luck.randrange(SIZE[1])
        shade = tuple(max(0, min(255, part + luck.randrange(-14, 14))) for part in base)
        draw.line((0, y, SIZE[0], y + luck.randrange(-12, 12)), fill=shade, width=luck.randrange(1, 9))
    shadow = ImageChops.offset(pieces, 8, 10).filter(ImageFilter.GaussianBlur(8)).point(lambda part: part // 2)
    table.paste((20, 18, 16), (0, 0), shadow)
    round_light = ImageChops.add(
        pieces.filter(ImageFilter.GaussianBlur(22)).point(lambda part: part // 2), Image.new("L", SIZE, 110)
    )
    lit = ImageChops.multiply(produce, Image.merge("RGB", (round_light,) * 3))
    table.paste(lit, (0, 0), pieces.filter(ImageFilter.GaussianBlur(1)))
    return table


def _as_taken(picture: Image.Image, luck: random.Random) -> Image.Image:
    picture = ImageEnhance.Brightness(picture).enhance(luck.uniform(0.85, 1.25))
    warm = luck.uniform(0.92, 1.08)
    red, green, blue = picture.split()
    picture = Image.merge("RGB", (red.point(lambda part: min(255, round(part * warm))), green,
                                  blue.point(lambda part: min(255, round(part / warm)))))  # fmt: skip
    return grain(picture, luck, 6)
