"""Gathers the packages' tables for Django."""

from aftersales.bills.models import Bill
from aftersales.credit.models import Standing
from aftersales.desk.models import (
    Appeal,
    DoubtfulInspection,
    GoodsTask,
    LateTask,
    Lease,
    OtherTask,
    ParcelTask,
    PlatformReview,
    ReplacementTask,
    SecondPerson,
)
from aftersales.evidence.models import Evidence, EvidenceRead, Grade, Print, Twin
from aftersales.examination.models import Examination, Examiner
from aftersales.fairness.models import Fairness
from aftersales.inspection.models import Count, Inspection, MovedOn, Recovery
from aftersales.notifications.models import Notice
from aftersales.policy.clause_models import Announcement, ClauseRow, ClauseVersion
from aftersales.policy.models import OffDay, PolicyVersion, RuleRow, WindowRow
from aftersales.replacements.models import Replacement, ReplacementLine, ReplacementMove
from aftersales.replay.models import Trial, TrialCase
from aftersales.returns.models import Message, ReturnLine, ReturnMove, ReturnRequest, SupportTask
from aftersales.returns.offer_models import KeepOffer
from aftersales.risk.models import Measure, MeasureAppeal, MeasureMove, Signal, Trace

__all__ = [
    "Announcement",
    "Appeal",
    "Bill",
    "ClauseRow",
    "ClauseVersion",
    "Count",
    "DoubtfulInspection",
    "Evidence",
    "EvidenceRead",
    "Examination",
    "Examiner",
    "Fairness",
    "GoodsTask",
    "Grade",
    "Inspection",
    "KeepOffer",
    "LateTask",
    "Lease",
    "Measure",
    "MeasureAppeal",
    "MeasureMove",
    "Message",
    "MovedOn",
    "Notice",
    "OffDay",
    "OtherTask",
    "ParcelTask",
    "PlatformReview",
    "PolicyVersion",
    "Print",
    "Recovery",
    "Replacement",
    "ReplacementLine",
    "ReplacementMove",
    "ReplacementTask",
    "ReturnLine",
    "ReturnMove",
    "ReturnRequest",
    "RuleRow",
    "SecondPerson",
    "Signal",
    "Standing",
    "SupportTask",
    "Trace",
    "Trial",
    "TrialCase",
    "Twin",
    "WindowRow",
]
