"""Gathers the packages' admin pages."""

from aftersales.desk import admin as desk_admin
from aftersales.desk import (
    cockpit_admin,
    credit_admin,
    examinations_admin,
    papers_admin,
    swaps_admin,
    transfers_admin,
)
from aftersales.fairness import admin as fairness_admin
from aftersales.notifications import admin as notifications_admin
from aftersales.policy import admin as policy_admin
from aftersales.replay import admin as replay_admin

__all__ = [
    "cockpit_admin",
    "credit_admin",
    "desk_admin",
    "examinations_admin",
    "fairness_admin",
    "notifications_admin",
    "papers_admin",
    "policy_admin",
    "replay_admin",
    "swaps_admin",
    "transfers_admin",
]
