"""Gathers the packages' admin pages."""

from aftersales.policy import admin as policy_admin

__all__ = ["policy_admin"]
