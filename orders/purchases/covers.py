"""What insuring the way back would pay, and cost. Pure; minor units.

The cover is about what a courier asks for the first kilogram on that way. The premium is what returns of the shop
would cost on the average, and a fifth on top.
"""

from collections.abc import Mapping
from dataclasses import dataclass

SAME_CITY, SAME_PROVINCE, FURTHER, REMOTE = 800, 1000, 1200, 1800
REMOTE_PROVINCES = ("新疆", "西藏", "青海", "内蒙古", "宁夏", "甘肃")
LEAST_RATE, LARGEST_RATE = 0.03, 0.4
# Shops with few orders are taken for usual ones: five units of a hundred come back.
USUAL_BACK, USUAL_SENT = 5, 100
LOADING, STEP = 1.2, 10


@dataclass(frozen=True, slots=True)
class Cover:
    cover: int
    premium: int


def quote(sender: Mapping, receiver: Mapping, *, sent: int, back: int) -> Cover:
    """sender, receiver: with province and city. sent, back: units of the shop lately, and how many came back."""
    cover = _tariff(sender, receiver)
    rate = min(LARGEST_RATE, max(LEAST_RATE, (back + USUAL_BACK) / (sent + USUAL_SENT)))
    return Cover(cover, max(STEP, round(cover * rate * LOADING / STEP) * STEP))


def _tariff(sender: Mapping, receiver: Mapping) -> int:
    places = [(str(who.get("province") or ""), str(who.get("city") or "")) for who in (sender, receiver)]
    if any(province.startswith(REMOTE_PROVINCES) for province, _city in places):
        return REMOTE
    (province, city), (other_province, other_city) = places
    if province != other_province or not province:
        return FURTHER
    return SAME_CITY if city == other_city else SAME_PROVINCE
