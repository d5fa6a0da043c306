"""Printed numbers in a photo of a waybill, where there are no bars. About half a gigabyte of memory: one at a time.

The models come inside the wheel and are named by their path: nothing is fetched from anywhere.
"""

import re
from pathlib import Path

from photo import opened, upright
from waybill import MOST, as_number

SIDE = 1600  # enough for the small print of a waybill, little enough for the memory
SURE = 0.8  # of 1: characters read with less are not shown to anybody
DIGITS = 8  # a number has at least so many


def read_words(source: str) -> dict:
    """{"words": [...]}: runs of letters and digits that look like a waybill number, of a file as it was sent."""
    with opened(source) as image:
        whole = upright(image)
    whole.thumbnail((SIDE, SIDE))
    return {"words": like_numbers(_lines(whole))}


def _lines(image) -> list[str]:
    import cv2
    import numpy as np
    import rapidocr

    cv2.setNumThreads(1)
    models = Path(rapidocr.__file__).with_name("models")
    reader = rapidocr.RapidOCR(
        params={
            "Global.log_level": "critical",
            "Global.use_cls": False,
            "Det.model_path": str(models / "PP-OCRv6_det_small.onnx"),
            "Rec.model_path": str(models / "PP-OCRv6_rec_small.onnx"),
            "EngineConfig.onnxruntime.intra_op_num_threads": 1,
            "EngineConfig.onnxruntime.inter_op_num_threads": 1,
        }
    )
    read = reader(np.asarray(image)[:, :, ::-1])
    return [text for text, score in zip(read.txts or (), read.scores or (), strict=True) if score >= SURE]


def like_numbers(lines: list[str]) -> list[str]:
    """Digits in groups are one number ("SF 1234 5678 9012 3"); a label before a colon is none of it."""
    found = []
    for line in lines:
        joined = re.sub(r"[\s.]", "", re.split(r"[:：]", line)[-1])
        if len(re.findall(r"\d", joined)) >= DIGITS and (number := as_number(joined)):
            found.append(number)
    return list(dict.fromkeys(found))[:MOST]
