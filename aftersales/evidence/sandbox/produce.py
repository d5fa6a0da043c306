"""Colour and texture of what lies in the middle of a photo, as numbers between 0 and 1, in a fixed order.

Plain measures that a person can follow: how much is brown, black, grey or pale, how much differs from the main
colour, how rough the surface is. They are compared with the same numbers of photos that people graded.
"""

import numpy as np
from PIL import Image

SIDE = 160
NAMES = (
    "odd", "odd_dark", "brown", "black", "mould", "pale", "dark", "middle", "bright", "dull", "vivid",
    "red", "orange", "yellow", "green", "blue", "rough", "rough_odd", "uneven", "share",
)  # fmt: skip


def features(image: Image.Image) -> list[float]:
    small = image.convert("RGB")
    small.thumbnail((SIDE, SIDE), Image.Resampling.BOX)
    colours = np.asarray(small, dtype=np.float64) / 255
    thing = _thing(colours)
    inside = colours[thing]
    hue, vivid, bright = _hsv(inside)
    odd, odd_dark = _odd(inside, hue, vivid, bright)
    rough = _rough(colours)[thing]
    green_grey = (vivid < 0.35) & (bright > 0.25) & (bright < 0.75)
    brown = (hue > 0.02) & (hue < 0.13) & (bright < 0.5) & (vivid > 0.25)
    warm = vivid > 0.25
    values = (
        odd.mean(), odd_dark.mean(), brown.mean(), (bright < 0.2).mean(), green_grey.mean(),
        ((vivid < 0.25) & (bright >= 0.75)).mean(),
        (bright < 0.35).mean(), ((bright >= 0.35) & (bright < 0.7)).mean(), (bright >= 0.7).mean(),
        (vivid < 0.3).mean(), (vivid > 0.7).mean(),
        (warm & ((hue < 0.03) | (hue > 0.93))).mean(), (warm & (hue >= 0.03) & (hue < 0.1)).mean(),
        (warm & (hue >= 0.1) & (hue < 0.18)).mean(), (warm & (hue >= 0.18) & (hue < 0.45)).mean(),
        (warm & (hue >= 0.45) & (hue <= 0.93)).mean(),
        min(1.0, 8 * rough.mean()), min(1.0, 8 * rough[odd].mean()) if odd.any() else 0.0,
        min(1.0, 3 * bright.std()), thing.mean(),
    )  # fmt: skip
    return [round(float(value), 4) for value in values]


def _thing(colours: np.ndarray) -> np.ndarray:
    """What is not like the rim of the photo; where that is almost nothing or all, the middle."""
    rim = np.concatenate([colours[:6].reshape(-1, 3), colours[-6:].reshape(-1, 3),
                          colours[:, :6].reshape(-1, 3), colours[:, -6:].reshape(-1, 3)])  # fmt: skip
    table = np.median(rim, axis=0)
    usual = np.percentile(np.linalg.norm(rim - table, axis=1), 90)
    apart = np.linalg.norm(colours - table, axis=2) > max(0.16, 1.3 * usual)
    high, wide = apart.shape
    y, x = np.mgrid[0:high, 0:wide]
    middle = ((x / wide - 0.5) / 0.48) ** 2 + ((y / high - 0.5) / 0.48) ** 2 <= 1
    found = apart & middle
    return found if 0.04 < found.mean() < 0.75 else middle


def _hsv(inside: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    most, least = inside.max(axis=1), inside.min(axis=1)
    span = np.where(most > least, most - least, 1)
    red, green, blue = inside.T
    hue = np.where(most == red, (green - blue) / span % 6, np.where(most == green, (blue - red) / span + 2,
                   (red - green) / span + 4)) / 6  # fmt: skip
    return hue, np.where(most > 0, (most - least) / np.where(most > 0, most, 1), 0), most


def _odd(inside, hue, vivid, bright) -> tuple[np.ndarray, np.ndarray]:
    """What is far from the main colour of the sound part: the more vivid half sets it. And what of it is darker."""
    sound = vivid >= np.median(vivid)
    colour = np.median(inside[sound], axis=0)
    tint = inside / np.maximum(inside.sum(axis=1, keepdims=True), 1e-6)
    usual = colour / max(colour.sum(), 1e-6)
    shade = bright < 0.55 * np.median(bright[sound])
    odd = (np.linalg.norm(tint - usual, axis=1) > 0.14) | shade
    return odd, odd & (bright < 0.75 * np.median(bright[sound]))


def _rough(colours: np.ndarray) -> np.ndarray:
    grey = colours.mean(axis=2)
    found = np.zeros_like(grey)
    found[:, 1:] += np.abs(np.diff(grey, axis=1))
    found[1:] += np.abs(np.diff(grey, axis=0))
    return found / 2
