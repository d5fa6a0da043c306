"""Draws the pictures of produce that photos of fresh goods are compared with, and scores the estimate on others."""

import io
import json
import statistics
import sys
from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand
from PIL import Image

from aftersales.evidence import damage, drawn_produce, media

sys.path.append(str(media.SANDBOX))  # these pictures are our own: they need no child of their own
FOLDER = "graded"  # below static/
SHOWN = (200, 150)
TELLING = {"odd", "odd_dark", "brown", "black", "mould", "dark", "dull", "uneven", "rough_odd"}  # count three times
FAR = 1.5  # times how far all but a twentieth of the set are from their nearest: beyond that a photo is like none


class Command(BaseCommand):
    help = "Draw the graded produce that the product ships (--write), and score the estimate on pictures kept apart."

    def add_arguments(self, parser):
        parser.add_argument("--write", action="store_true", help="static/graded and aftersales/evidence/graded.json")
        parser.add_argument("--pictures", type=int, default=120)

    def handle(self, *, write, pictures, **options):
        if write:
            self._write(pictures)
        self.stdout.write("Synthetic: every picture is drawn by a program from a seed, none is a photograph.")
        self._score([drawn_produce.draw(f"kept apart {number}") for number in range(pictures)])

    def _write(self, pictures: int) -> None:
        from produce import NAMES

        folder = Path(settings.BASE_DIR) / "static" / FOLDER
        folder.mkdir(exist_ok=True)
        graded = []
        for number in range(pictures):
            drawn = drawn_produce.draw(f"graded {number}")
            path = f"{FOLDER}/{number:03}.jpg"
            drawn.picture.resize(SHOWN, Image.Resampling.BOX).save(folder.parent / path, "JPEG", quality=60)
            graded.append({"picture": path, "kind": drawn.kind, "share": drawn.share, "features": features(drawn)})
        columns = zip(*(one["features"] for one in graded), strict=True)
        scale = [
            round((3 if name in TELLING else 1) ** 0.5 / (statistics.pstdev(column) or 1), 3)
            for name, column in zip(NAMES, columns, strict=True)
        ]
        told = {"scale": scale, "far": round(FAR * lonely(scale, graded), 2), "pictures": graded}
        damage.GRADED.write_text(json.dumps(told, separators=(",", ":")).replace('{"picture"', '\n{"picture"') + "\n")
        damage.shipped.cache_clear()

    def _score(self, drawn: list) -> None:
        estimates = [damage.estimate(features(one), damage.shipped()) for one in drawn]
        judged = [(one.share, found.share) for one, found in zip(drawn, estimates, strict=True) if found]
        off = [abs(share - told) for share, told in judged]
        guess = statistics.median(one.share for one in damage.shipped().pictures)
        blind = statistics.mean(abs(share - guess) for share, _told in judged)
        within = sum(one <= 0.1 for one in off)
        rotten = [told > 0.03 for share, told in judged if share > 0.05]
        sound = [told > 0.03 for share, told in judged if share == 0]
        self.stdout.write(
            f"{len(drawn)} pictures kept apart, compared with {len(damage.shipped().pictures)} graded ones\n\n"
            f"| like none of the graded pictures | {len(drawn) - len(judged)} |\n"
            f"| mean error of the share | {100 * statistics.mean(off):.1f} points; "
            f"{100 * blind:.1f} for whoever always says the middle |\n"
            f"| within 10 points | {within} of {len(judged)} |\n"
            f"| rotten by more than 5 %, told as damaged | {sum(rotten)} of {len(rotten)} |\n"
            f"| sound, told as damaged | {sum(sound)} of {len(sound)} |"
        )


def features(drawn: drawn_produce.Drawn) -> list[float]:
    """As a kept photo gives them."""
    from produce import features

    body = io.BytesIO()
    drawn.picture.save(body, "JPEG", quality=86)
    with Image.open(body) as image:
        return features(image)


def lonely(scale: list[float], graded: list[dict]) -> float:
    """How far all but a twentieth of the pictures are from the one that is nearest to them."""
    whole = damage.GradedSet(tuple(scale), 0, ())
    nearest = [
        min(whole.apart(one["features"], other["features"]) for other in graded if other is not one) for one in graded
    ]
    return sorted(nearest)[len(nearest) * 19 // 20]
