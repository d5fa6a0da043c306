"""Gathers the packages' admin pages."""

from aftersales.notifications import admin as notifications_admin
from aftersales.policy import admin as policy_admin

__all__ = ["notifications_admin", "policy_admin"]
