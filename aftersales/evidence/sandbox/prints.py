"""What a picture looks like, as bits: two copies of one picture differ in few of them, other pictures in many.

A print is the sign of the lowest frequencies (as PDQ does it), of the whole picture and of a few crops of it, so that
a cropped copy meets the crop. Numbers only: nothing that can be read in a picture matters here.
"""

import numpy as np
from PIL import Image, ImageOps

SIDE = 64
FINE, COARSE = 16, 8  # lowest frequencies each way: 256 bits to compare, 64 bits to find
# What a copy may have lost, of left and right or of top and bottom, as shares.
LOST = ((0.0, 0.0), (0.03, 0.03), (0.07, 0.07), (0.0, 0.06), (0.06, 0.0))
FLAT = 1.2  # mean difference of neighbours, of 255: below it a picture shows nothing that could be known again


def _waves() -> np.ndarray:
    """The DCT-II of SIDE samples, rows 1 to FINE: without the mean, so that light changes nothing."""
    rows = np.arange(1, FINE + 1)[:, None]
    return np.cos(np.pi * rows * (2 * np.arange(SIDE)[None, :] + 1) / (2 * SIDE))


WAVES = _waves()


def prints(image: Image.Image) -> list[dict]:
    """[{"part": whole, mirror or crop, "coarse": 64 times 0 or 1, "fine": 256 times}]; none of a flat picture."""
    grey = image.convert("L").resize((256, 256), Image.Resampling.BOX)
    if _detail(grey) < FLAT:
        return []
    found = [_print("whole", grey), _print("mirror", ImageOps.mirror(grey))]
    for left, right in LOST:
        for top, bottom in LOST:
            if left + right + top + bottom:
                box = 256 * left, 256 * top, 256 * (1 - right), 256 * (1 - bottom)
                found.append(_print("crop", grey, box))
    return found


def _detail(grey: Image.Image) -> float:
    values = np.asarray(grey.resize((SIDE, SIDE), Image.Resampling.BOX), dtype=np.float64)
    return float((np.abs(np.diff(values, axis=0)).mean() + np.abs(np.diff(values, axis=1)).mean()) / 2)


def _print(part: str, grey: Image.Image, box=None) -> dict:
    values = np.asarray(grey.resize((SIDE, SIDE), Image.Resampling.BOX, box=box), dtype=np.float64)
    wave = WAVES @ values @ WAVES.T
    return {"part": part, "coarse": _bits(wave[:COARSE, :COARSE]), "fine": _bits(wave)}


def _bits(wave: np.ndarray) -> str:
    return "".join("1" if value else "0" for value in (wave > np.median(wave)).ravel())
