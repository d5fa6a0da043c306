"""What waits for the platform's people: the queues, who may see which case, a customer's history."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import reduce
from operator import or_

from django.db.models import Count, Exists, F, Min, OuterRef, Q, QuerySet, Sum
from django.utils.translation import gettext_lazy as _

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
from aftersales.returns import states
from aftersales.returns.models import ReturnMove, ReturnRequest, SupportTask
from logistics.parcels import queries as parcels
from orders.customers.models import Customer
from orders.purchases.models import Order, Payment
from refunds.payouts import queries as payouts
from refunds.payouts import states as money
from refunds.payouts.models import Refund
from returns_platform.kernel.errors import NotThere

# --- the queues -------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Queue:
    """One entry of the front page. where: its rows at a time. since: the column that says how long they wait."""

    model: type
    where: Callable[[datetime], Q]
    since: str
    note: str
    handed_out: bool = True  # whether "next case" hands them out one by one

    @property
    def code(self) -> str:
        return self.model._meta.model_name

    @property
    def name(self) -> str:
        return str(self.model._meta.verbose_name)

    @property
    def right(self) -> str:
        return f"{self.model._meta.app_label}.view_{self.code}"

    def rows(self, now: datetime) -> QuerySet:
        """Longest due first."""
        return self.model.objects.filter(self.where(now)).order_by(F("due_at").asc(nulls_last=True), "pk")


def platforms_turn(now: datetime) -> Q:
    """Asked of the platform, or left lying by whose turn it was."""
    return Q(waits_for="support") | Q(due_at__lt=now)


def _for_review(now: datetime) -> Q:
    return Q(state=states.IN_REVIEW) & platforms_turn(now)


def _doubtful(now: datetime) -> Q:
    return Q(state=states.INSPECTED)


def _second_person(now: datetime) -> Q:
    held = Refund.objects.filter(case_ref=OuterRef("return_no"), state=money.HELD)
    return Q(state=states.SETTLING) & Q(Exists(held))


GOODS = ("units_missing", "units_unexpected", "refunded_units_shipped")
KINDS = {
    Appeal: Q(kind="appeal"),
    GoodsTask: Q(kind__in=GOODS),
    ParcelTask: Q(kind__startswith="parcel_"),
    LateTask: Q(kind__startswith="overdue_"),
    ReplacementTask: Q(kind__startswith="replacement_"),
}
NAMED = reduce(or_, KINDS.values())  # what is none of these is an other task


def _open(model: type) -> Callable[[datetime], Q]:
    return lambda now: Q(closed_at=None) & KINDS.get(model, ~NAMED)


QUEUES = {
    queue.code: queue
    for queue in (
        Queue(PlatformReview, _for_review, "filed_at", _("The rules were not sure, or the sum is large")),
        Queue(DoubtfulInspection, _doubtful, "counted_at", _("Worn, damaged or other goods than announced")),
        Queue(Appeal, _open(Appeal), "opened_at", _("The customer does not agree with a refusal")),
        Queue(SecondPerson, _second_person, "decided_at", _("Somebody else decided; the money waits"), False),
        Queue(GoodsTask, _open(GoodsTask), "opened_at", _("Units missing, too many, or sent after their refund")),
        Queue(ParcelTask, _open(ParcelTask), "opened_at", _("Not collected, refused, lost, or no courier")),
        Queue(ReplacementTask, _open(ReplacementTask), "opened_at", _("The shop does not send it, or a step failed")),
        Queue(LateTask, _open(LateTask), "opened_at", _("Nobody acted in time, and no rule decides")),
        Queue(OtherTask, _open(OtherTask), "opened_at", _("A step that failed, a shop without an address")),
    )
}


@dataclass(frozen=True, slots=True)
class Waiting:
    """How much waits. oldest: since when the first. due_at: when the first is due."""

    count: int
    oldest: datetime | None
    due_at: datetime | None


def waiting(queue: Queue, *, now: datetime) -> Waiting:
    rows = queue.model.objects.filter(queue.where(now))
    found = rows.aggregate(count=Count("pk"), oldest=Min(queue.since), due_at=Min("due_at"))
    return Waiting(**found)


def parcels_with_a_person() -> Waiting:
    return Waiting(**parcels.needing_a_person().aggregate(count=Count("pk"), oldest=Min("requested_at")), due_at=None)


def money_queues(user, now: datetime) -> list[payouts.Queue]:
    """Money that somebody looks after; the second person has a queue of cases."""
    return [queue for queue in payouts.queues(now, user=user) if queue.code != "second_person"]


# --- who may see which case -------------------------------------------------------------------------------


def cases_for(user, *, now: datetime) -> QuerySet[ReturnRequest]:
    """Every case for most of the staff; for a support agent those that wait for the platform, or ever did."""
    rows = ReturnRequest.objects.select_related("order", "merchant", "customer", "bill")
    if user.has_perm("aftersales.see_every_case"):
        return rows
    tasks = SupportTask.objects.filter(request=OuterRef("pk"))
    leases = Lease.objects.filter(about=OuterRef("return_no"))
    moved = ReturnMove.objects.filter(row=OuterRef("pk"), by_kind="support")
    here = _for_review(now) | _doubtful(now)
    return rows.filter(here | Q(Exists(tasks)) | Q(Exists(leases)) | Q(Exists(moved)))


def case_for(user, pk, *, now: datetime) -> ReturnRequest:
    """One of them; NotThere for anything else, a malformed key included."""
    return _one(cases_for(user, now=now), pk)


def task_by(pk) -> SupportTask:
    """A task is the platform's by nature: whoever may see tasks sees all."""
    return _one(SupportTask.objects.select_related("request", "order__merchant"), pk)


def order_by(pk) -> Order:
    """Any order, for those who may decide about any."""
    return _one(Order.objects.select_related("merchant", "customer").prefetch_related("lines"), pk)


def _one(rows: QuerySet, pk):
    text = str(pk)
    if not (text.isascii() and text.isdigit() and len(text) <= 18):
        raise NotThere
    found = rows.filter(pk=int(text)).first()
    if found is None:
        raise NotThere
    return found


# --- who has what open ------------------------------------------------------------------------------------


def lease_of(about: str, *, now: datetime) -> Lease | None:
    return Lease.objects.select_related("user").filter(about=about, until__gt=now).first()


def leases_of(user, *, now: datetime) -> QuerySet[Lease]:
    return Lease.objects.filter(user=user, until__gt=now).order_by("-until")


def decided_lately(user, *, shown: int = 5) -> list[ReturnMove]:
    """What somebody moved last, newest first."""
    moved = ReturnMove.objects.filter(by_kind="support", by_id=str(user.pk)).select_related("row__bill")
    return list(moved.order_by("-at", "-pk")[:shown])


# --- a customer's history (S107) --------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class History:
    """A person at every shop where the account is the same. paid: minor units. earlier: newest first."""

    orders: int
    paid: int
    returns: int
    refused: int
    earlier: list[ReturnRequest]


def history_of(customer: Customer, *, but: ReturnRequest, shown: int = 8) -> History:
    same = Customer.objects.filter(Q(pk=customer.pk) | Q(user=customer.user_id, user__isnull=False))
    other = ReturnRequest.objects.filter(customer__in=same).exclude(pk=but.pk)
    paid = Payment.objects.filter(order__customer__in=same, order__currency=but.order.currency)
    return History(
        orders=Order.objects.filter(customer__in=same).count(),
        paid=paid.aggregate(sum=Sum("amount"))["sum"] or 0,
        returns=other.count(),
        refused=other.filter(state=states.REJECTED).count(),
        earlier=list(other.select_related("merchant").prefetch_related("lines").order_by("-filed_at", "-pk")[:shown]),
    )
