"""Finding pictures that look the same among many, by bits: an index finds candidates, every bit decides.

A print's 64 coarse bits are four bands of sixteen. A copy differs in few of them, so at least one band differs in at
most one bit: prints that share such a band are candidates, by an index on the bands. Of these the 256 fine bits are
counted, exactly, in the database.
"""

from collections.abc import Iterable

from django.db import connection

from .models import Print

SAME = 48  # of 256 bits: measured with `manage.py measure_evidence`, and told in docs/evidence.md
BAND_BITS = 16


def bands_of(coarse: str) -> list[int]:
    """Each band with its place: the same bits at another place are another number."""
    parts = [coarse[at : at + BAND_BITS] for at in range(0, len(coarse), BAND_BITS)]
    return [place << BAND_BITS | int(part, 2) for place, part in enumerate(parts)]


def near(bands: Iterable[int]) -> list[int]:
    """The bands themselves, and all that differ in one bit."""
    return [band ^ flip for band in bands for flip in (0, *(1 << bit for bit in range(BAND_BITS)))]


def rows_of(evidence_id: int, told: list[dict]) -> list[Print]:
    return [
        Print(evidence_id=evidence_id, part=one["part"], fine=one["fine"], bands=bands_of(one["coarse"]))
        for one in told
    ]


def twins_of(evidence_id: int) -> list[tuple[int, int]]:
    """(evidence, distance) of every other upload that shows the picture of this one, committed by now."""
    best: dict[int, int] = {}
    with connection.cursor() as cursor:
        for part, fine, bands in Print.objects.filter(evidence=evidence_id).values_list("part", "fine", "bands"):
            cursor.execute(FIND, [fine, near(bands), evidence_id, part, fine, SAME])
            for other, distance in cursor.fetchall():
                best[other] = min(distance, best.get(other, distance))
    return sorted(best.items())


# Two crops are never compared: a corner of one picture may well be that of another.
FIND = """
    SELECT evidence_id, min(bit_count(fine # %s::bit(256))) FROM aftersales_print
    WHERE bands && %s::int[] AND evidence_id <> %s AND NOT (part = 'crop' AND %s = 'crop')
      AND bit_count(fine # %s::bit(256)) <= %s
    GROUP BY evidence_id
"""
