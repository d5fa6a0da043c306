"""Gathers the packages' admin pages."""

from aftersales.desk import admin as desk_admin
from aftersales.policy import admin as policy_admin

__all__ = ["desk_admin", "policy_admin"]
