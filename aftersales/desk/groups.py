"""The platform's people by group, and what each group may see and do. One table; the database follows it."""

from collections.abc import Iterable

from django.apps import apps
from django.contrib.auth.management import create_permissions
from django.contrib.auth.models import Group, Permission

SUPPORT, SENIOR, FINANCE, RISK, AUDITOR, OPERATIONS = (
    "support", "senior", "finance", "risk", "auditor", "operations",
)  # fmt: skip
OUR_APPS = ("orders", "logistics", "refunds", "aftersales")


def _views(app: str, *models: str) -> tuple[str, ...]:
    return tuple(f"{app}.view_{model}" for model in models)


CASES = (*_views("aftersales", "returnrequest", "supporttask"), "aftersales.see_notes")
REVIEWS = _views("aftersales", "platformreview", "doubtfulinspection")
TASKS = _views("aftersales", "appeal", "goodstask", "parceltask", "latetask", "replacementtask", "othertask")
CREDIT = (
    *_views("aftersales", "measure", "measuremove", "measureappeal"), "aftersales.decide_measure",
    "aftersales.agree_to_measure", "aftersales.answer_measure_appeal",
)  # fmt: skip
TALK = (*_views("aftersales", "message", "evidence"), "aftersales.add_message")
POLICY = _views(
    "aftersales", "policyversion", "clauseversion", "clauserow", "windowrow", "rulerow", "offday", "trial", "fairness"
)
ORDERS = _views(
    "orders", "order", "orderline", "ordermove", "discount", "payment", "shipment", "signature", "customer",
    "merchant",
)  # fmt: skip
MONEY = _views(
    "refunds", "refund", "refundmove", "refundattempt", "settlement", "authorisation", "break", "breakevent",
    "webhookdelivery",
    "refundexception", "transfer", "transferbatch", "voucher", "redletterrequest", "redlettermove",
)  # fmt: skip
STATEMENTS = _views("refunds", "statementday", "statementfile", "statementline", "match", "externalrefund")
LEDGER = _views(
    "refunds",
    "ledgertransaction",
    "ledgerentry",
    "wallet",
    "walletentry",
    "giftcard",
    "giftcardentry",
    "pointsaccount",
    "pointsentry",
    "storecoupon",
    "compensation",
)
EXAMINATIONS = (*_views("aftersales", "examiner", "examination"), "aftersales.run_examination")
CENTRES = (*_views("orders", "centre"), "orders.add_centre", "orders.change_centre", "orders.run_centre")
PARCELS = _views("logistics", "parcel", "parcelmove", "trackingevent")
SWAPS = (
    *_views("aftersales", "replacement", "replacementline", "replacementmove"),
    *_views("refunds", "charge", "chargemove"), *_views("orders", "stock", "stockmovement"),
)  # fmt: skip

# A support agent sees what waits for the platform; the rest of the staff sees every case.
RIGHTS: dict[str, tuple[str, ...]] = {
    SUPPORT: (
        *CASES, *REVIEWS, *TASKS, *TALK, *POLICY, *EXAMINATIONS, "aftersales.see_risk_band",
        "aftersales.decide_request",
        "aftersales.ask_evidence", "aftersales.close_task", "refunds.view_refundexception", "refunds.propose_route",
        "refunds.grant_compensation",
    ),
    SENIOR: (
        *CASES, *REVIEWS, *TASKS, *TALK, *POLICY, *ORDERS, *MONEY, *PARCELS, *SWAPS, *CREDIT, *CENTRES,
        *EXAMINATIONS, "aftersales.add_examiner", "aftersales.change_examiner",
        "aftersales.see_every_case",
        "aftersales.see_risk_band", "aftersales.decide_request", "aftersales.decide_any_request",
        "aftersales.ask_evidence", "aftersales.close_task", "aftersales.view_secondperson", "logistics.book_again",
        "refunds.retry_refund", "refunds.propose_settlement", "refunds.hand_exception", "refunds.confirm_route_first",
        "refunds.veto_route", "refunds.grant_compensation", "refunds.agree_to_compensation",
    ),
    FINANCE: (
        *CASES, *POLICY, *ORDERS, *MONEY, *LEDGER, *STATEMENTS, *SWAPS, *_views("orders", "centre"),
        "aftersales.see_every_case",
        "aftersales.view_secondperson",
        "refunds.agree_as_second", "refunds.retry_refund", "refunds.confirm_settlement", "refunds.change_break",
        "refunds.own_exception", "refunds.hand_exception", "refunds.confirm_route_second", "refunds.veto_route",
        "refunds.pay_by_hand", "refunds.reveal_payee", "refunds.agree_to_compensation", "refunds.settle_red_letter",
        "refunds.import_statement",
    ),
    RISK: (
        *CASES, *REVIEWS, *POLICY, *ORDERS, *PARCELS, *_views("aftersales", "message", "evidence"),
        *_views("refunds", "refund", "refundmove", "refundexception"), "refunds.veto_route",
        "aftersales.see_every_case", "aftersales.see_risk_band",
        "aftersales.see_risk", "aftersales.ask_evidence", *CREDIT, *_views("aftersales", "standing", "signal"),
    ),
    AUDITOR: (
        "aftersales.see_every_case", "aftersales.see_notes", "aftersales.see_risk_band", "aftersales.see_risk",
    ),
    OPERATIONS: (
        *_views("orders", "heartbeat"), *_views("logistics", "courierpush"), *_views("refunds", "webhookdelivery"),
        *POLICY, *CENTRES,
    ),
}  # fmt: skip


def ensure_groups() -> None:
    """Make the groups and give each exactly the rights of the table; the auditor also sees every kind of row."""
    for app in OUR_APPS:
        create_permissions(apps.get_app_config(app), verbosity=0)
    known = {
        f"{right.content_type.app_label}.{right.codename}": right
        for right in Permission.objects.select_related("content_type").filter(content_type__app_label__in=OUR_APPS)
    }
    for name, rights in RIGHTS.items():
        group, _made = Group.objects.get_or_create(name=name)
        group.permissions.set(known[right] for right in {*rights, *_seen_by_all_means(name, known)})


def _seen_by_all_means(name: str, known: Iterable[str]) -> list[str]:
    return [right for right in known if name == AUDITOR and right.partition(".")[2].startswith("view_")]
