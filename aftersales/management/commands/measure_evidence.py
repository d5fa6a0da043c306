"""How well copies of pictures are found, and what looking costs: on drawn pictures, or on a folder of your own."""

import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from itertools import count
from pathlib import Path

from django.core.management.base import BaseCommand
from django.db import connection, transaction
from PIL import Image, ImageOps

from aftersales.evidence import media, prints, synthetic
from aftersales.evidence.models import Print

sys.path.append(str(media.SANDBOX))  # these pictures are our own: they need no child of their own
DRAWN = "Synthetic: every picture is drawn by a program from a seed, none is a photograph."


class Command(BaseCommand):
    help = "Measure how copies of pictures are found, on drawn pictures or your own, and its cost. Keeps nothing."

    def add_arguments(self, parser):
        parser.add_argument("--products", type=int, default=120, help="two photos are drawn of each")
        parser.add_argument("--folder", type=Path, help="measure on the photos in it instead")

    def handle(self, *, products, folder, **options):
        pictures = sorted(folder.iterdir()) if folder else list(range(products))
        self.stdout.write(f"Photos of {folder.name}." if folder else DRAWN)
        with transaction.atomic(), Album() as album:
            self._other_photos(album, pictures)
            self._copies(album, pictures)
            self.stdout.write(f"| one search, among {album.rows} prints | {album.search_ms:.0f} ms |")
        self._costs()

    def _other_photos(self, album: "Album", pictures: list) -> None:
        """Puts all into the album: what is alike there is a false hit."""
        same = other = 0
        for picture in pictures:
            shots = [album.add(shot, picture) for shot in shots_of(picture)]
            found = [album.alike(number) for number in shots]
            same += any(alike & set(shots) for alike in found)
            other += sum(len(alike - set(shots)) for alike in found)
        self.stdout.write(f"{len(album.numbers)} pictures of {len(pictures)} things\n")
        self.stdout.write(f"| another photo of the same thing taken for a copy | {same} of {len(pictures)} |")
        pairs = len(album.numbers) * (len(album.numbers) - 1) // 2 - (len(album.numbers) - len(pictures))
        self.stdout.write(f"| photos of two things taken for copies | {other} of {pairs} pairs |")

    def _copies(self, album: "Album", pictures: list) -> None:
        found = Counter()
        for picture in pictures:
            original = next(shots_of(picture))
            for name, change in synthetic.TRANSFORMATIONS.items():
                changed = change(original, random.Random(f"{name} {picture}"))
                found[name] += album.first[picture] in album.alike_to(changed)
        for name in synthetic.TRANSFORMATIONS:
            self.stdout.write(f"| copies found: {name} | {found[name]} of {len(pictures)} |")

    def _costs(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            for name, size in (("12 MP", (4000, 3000)), ("50 MP", (8000, 6250))):
                source, target = Path(folder) / "in", Path(folder) / "out"
                next(shots_of(1)).resize(size).save(source, "JPEG", quality=92)
                for what, paths in (("photo", (source, target)), ("look", (target,))):
                    cost = media.ask(what, *paths)["cost"]
                    self.stdout.write(f"| {name}, {what} | {cost['ms']} ms of processor, {cost['mb']} MB |")


def shots_of(picture: int | Path) -> Iterator[Image.Image]:
    if isinstance(picture, Path):
        with Image.open(picture) as image:
            yield ImageOps.exif_transpose(image).convert("RGB")
    else:
        for shot in range(2):
            yield synthetic.goods(picture, synthetic.a_view(random.Random(f"{picture} {shot}"), table=picture))


class Album:
    """Prints of pictures, in a table of this session alone, that is searched as the product searches its own."""

    def __enter__(self):
        from prints import prints as prints_of

        self._prints_of, self._next = prints_of, count(1)
        self.first: dict[int | Path, int] = {}
        self.numbers: list[int] = []
        self.rows = self._searches = self._searching = 0
        with connection.cursor() as cursor:
            cursor.execute("CREATE TEMP TABLE aftersales_print (LIKE aftersales_print INCLUDING ALL)")
        return self

    def __exit__(self, *failed):
        with connection.cursor() as cursor:
            cursor.execute("DROP TABLE pg_temp.aftersales_print")

    def add(self, image: Image.Image, of: int | Path) -> int:
        number, made = self._put(image)
        self.rows += made
        self.numbers.append(number)
        self.first.setdefault(of, number)
        return number

    def _put(self, image: Image.Image) -> tuple[int, int]:
        number = next(self._next)
        made = prints.rows_of(number, self._prints_of(image))
        Print.objects.bulk_create(made)
        return number, len(made)

    def alike(self, number: int) -> set[int]:
        began = time.monotonic()
        found = {other for other, _bits in prints.twins_of(number)}
        self._searching += time.monotonic() - began
        self._searches += 1
        return found

    @property
    def search_ms(self) -> float:
        return 1000 * self._searching / max(1, self._searches)

    def alike_to(self, image: Image.Image) -> set[int]:
        """What a picture finds that is not in the album."""
        number, _made = self._put(image)
        found = self.alike(number)
        Print.objects.filter(evidence=number).delete()
        return found
