"""How many points are taken, and how a coupon comes back: tables."""

from datetime import UTC, datetime

import pytest

from refunds.wallet import rules
from refunds.wallet.rules import Back, Taking

NOW = datetime(2026, 11, 10, 2, 0, tzinfo=UTC)
YESTERDAY = datetime(2026, 11, 9, 2, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("earned", "before", "balance", "known", "now"),
    [
        (54, (0, 0), 20, True, Taking(20, 34)),  # T56
        (54, (20, 34), 0, True, Taking(0, 0)),  # the same again
        (54, (20, 34), 90, True, Taking(0, 0)),  # what comes later is not taken for it
        (0, (20, 34), 0, True, Taking(-20, -34)),  # undone
        (90, (20, 34), 50, True, Taking(36, 0)),  # more units of the same case
        (40, (20, 34), 0, True, Taking(0, -14)),  # fewer: first what was lacking
        (54, (0, 0), 0, False, Taking(54, 0, assumed=54)),  # the shop never told a number
        (54, (0, 0), 14, False, Taking(54, 0, assumed=40)),
    ],
)
def test_points_taken(earned, before, balance, known, now):
    assert rules.taking(earned, taken=before[0], shortfall=before[1], balance=balance, known=known) == now


@pytest.mark.parametrize(
    ("until", "expired", "back"),
    [
        (None, "FORFEIT", Back("same", None)),
        (NOW, "FORFEIT", Back("same", NOW)),  # its last second still counts
        (YESTERDAY, "FORFEIT", Back("forfeited", YESTERDAY)),
        (YESTERDAY, "EXTEND", Back("extended", datetime(2026, 11, 17, 15, 59, 59, tzinfo=UTC))),
        (YESTERDAY, "REISSUE", Back("reissued", datetime(2026, 11, 17, 15, 59, 59, tzinfo=UTC))),
    ],
)
def test_t58_coupons_come_back_by_the_policy(until, expired, back):
    assert rules.coupon_back(until, expired=expired, days=7, zone="Asia/Shanghai", now=NOW) == back
