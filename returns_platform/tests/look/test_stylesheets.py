"""The look keeps its promises: vendored files untouched, two equal dark themes, enough contrast."""

import hashlib
import json
import re

import pytest
from django.conf import settings

STATIC = settings.BASE_DIR / "static"
TEXT, EDGE = 4.5, 3.0
GROUNDS = ("paper", "surface", "sunken")
INKS = ("ink", "ink-quiet", "brand", "brand-deep", "good", "late", "bad", "bad-deep")
PAIRS = [(ink, ground, TEXT) for ink in INKS for ground in GROUNDS]
PAIRS += [
    ("on-brand", "brand", TEXT),
    ("on-brand", "brand-deep", TEXT),
    ("on-bad", "bad", TEXT),
    ("on-bad", "bad-deep", TEXT),
]
PAIRS += [(ink, "brand-soft", TEXT) for ink in ("ink", "ink-quiet", "brand", "brand-deep")]
PAIRS += [(ink, f"{tone}-soft", TEXT) for tone in ("good", "late", "bad") for ink in (tone, "ink", "ink-quiet")]
PAIRS += [("line-control", ground, EDGE) for ground in (*GROUNDS, "brand-soft")]


def test_vendored_files_are_the_published_ones():
    manifest = json.loads((STATIC / "vendor" / "MANIFEST.json").read_text())
    on_disk = {
        path.relative_to(STATIC / "vendor").as_posix() for path in (STATIC / "vendor").rglob("*") if path.is_file()
    }
    assert on_disk == {*manifest, "MANIFEST.json"}
    for name, entry in manifest.items():
        assert hashlib.sha256((STATIC / "vendor" / name).read_bytes()).hexdigest() == entry["sha256"], name


def test_dark_by_the_device_and_dark_by_choice_are_the_same():
    by_device, by_choice = dark_blocks()
    assert by_device == by_choice


@pytest.mark.parametrize(("front", "ground", "needed"), PAIRS, ids=lambda value: str(value))
def test_contrast(front, ground, needed):
    light, dark = light_block(), dark_blocks()[1]
    assert contrast(light[front], light[ground]) >= needed
    assert contrast(dark[front], dark[ground]) >= needed


def test_stylesheets_ask_nobody_else():
    for sheet in STATIC.rglob("*.css"):
        for address in re.findall(r"url\(\s*['\"]?([^'\")]+)", sheet.read_text()):
            assert not address.startswith(("http:", "https:", "//")), (sheet.name, address)


def light_block() -> dict:
    return tokens(source().split(":root {", 1)[1].split("}", 1)[0])


def dark_blocks() -> tuple[dict, dict]:
    by_device = source().split(':root:not([data-theme="light"]) {', 1)[1].split("}", 1)[0]
    by_choice = source().split(':root[data-theme="dark"] {', 1)[1].split("}", 1)[0]
    return tokens(by_device), tokens(by_choice)


def tokens(block: str) -> dict:
    return dict(re.findall(r"--([\w-]+):\s*([^;]+);", block))


def source() -> str:
    return (STATIC / "look" / "tokens.css").read_text()


def contrast(one: str, other: str) -> float:
    """The ratio of WCAG 2."""
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def luminance(colour: str) -> float:
    parts = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
