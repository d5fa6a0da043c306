"""Reading what return centres have earned."""

from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

from django.db.models import Count, F, QuerySet, Sum
from django.db.models.functions import TruncMonth

from refunds.ledger.models import LedgerEntry
from refunds.ledger.rules import CENTRE


@dataclass(frozen=True, slots=True)
class Earned:
    """One shop's fees of one month. amount: minor units; times: how many postings."""

    month: date
    merchant_id: int
    currency: str
    amount: int
    times: int


def centre_entries(code: str) -> QuerySet[LedgerEntry]:
    """Every fee of a centre, the newest first."""
    found = LedgerEntry.objects.filter(account=f"{CENTRE}:{code}").select_related("transaction", "merchant")
    return found.order_by("-transaction__at", "-pk")


def by_month(entries: QuerySet[LedgerEntry], *, zone: str) -> list[Earned]:
    """The newest month first; months as the zone counts them."""
    month = TruncMonth("transaction__at", tzinfo=ZoneInfo(zone))
    summed = entries.order_by().annotate(month=month).values("month", "merchant", "currency")
    rows = summed.annotate(amount=Sum("amount"), times=Count("pk")).order_by("-month", F("merchant__name"))
    return [
        Earned(row["month"].date(), row["merchant"], row["currency"], row["amount"], row["times"]) for row in rows
    ]
