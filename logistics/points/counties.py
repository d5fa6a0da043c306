"""The centre of an address's county, where nobody says more exactly. The table is vendored beside this file."""

import csv
from functools import cache
from pathlib import Path

from logistics.points.rules import Spot

TABLE = Path(__file__).with_name("counties.csv")


def centre_of(address: dict) -> Spot | None:
    """Of its district, else its city, else its province; None for an address the table does not know.

    address: province, city, district, as couriers get it.
    """
    province, city, district = (str(address.get(name) or "").strip() for name in ("province", "city", "district"))
    known = _centres()
    exact = known.get((province, city, district))
    if exact or not district:
        return exact or known.get((province, city, "")) or known.get((province, "", ""))
    # Shops write cities in many ways; within a province a district's name is seldom there twice.
    like = [spot for (of, _city, name), spot in known.items() if (of, name) == (province, district)]
    return like[0] if len(like) == 1 else known.get((province, city, "")) or known.get((province, "", ""))


@cache
def _centres() -> dict[tuple[str, str, str], Spot]:
    with TABLE.open(encoding="utf-8", newline="") as table:
        return {
            (row["province"], row["city"], row["district"]): Spot(float(row["latitude"]), float(row["longitude"]))
            for row in csv.DictReader(table)
        }
