"""Gathers the packages' tables for Django."""

from aftersales.bills.models import Bill
from aftersales.evidence.models import Evidence, EvidenceRead
from aftersales.inspection.models import Count, Inspection
from aftersales.notifications.models import Notice
from aftersales.policy.models import OffDay, PolicyVersion, RuleRow, WindowRow
from aftersales.returns.models import Message, ReturnLine, ReturnMove, ReturnRequest, SupportTask

__all__ = [
    "Bill",
    "Count",
    "Evidence",
    "EvidenceRead",
    "Inspection",
    "Message",
    "Notice",
    "OffDay",
    "PolicyVersion",
    "ReturnLine",
    "ReturnMove",
    "ReturnRequest",
    "RuleRow",
    "SupportTask",
    "WindowRow",
]
