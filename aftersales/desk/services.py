"""What the platform's people do: take a case so that nobody else is handed it, and finish tasks."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from aftersales.desk import waiting
from aftersales.desk.models import Lease
from aftersales.evidence.services import give_to_transfer, keep_slip, slips_of
from aftersales.notifications.models import Notice
from aftersales.notifications.services import tell_staff
from aftersales.returns import states
from aftersales.returns.models import ReturnRequest, SupportTask
from aftersales.returns.services import road
from aftersales.returns.services.missing import pay_missing, release_missing
from aftersales.returns.services.steps import follow_soon
from aftersales.returns.services.tasks import close_task
from orders.accounts.models import User
from refunds.payouts import services as payout
from refunds.payouts.models import Refund, RefundException, Transfer
from returns_platform.kernel.actors import Actor
from returns_platform.kernel.errors import Conflict
from returns_platform.kernel.fsm import moving

FOR = timedelta(minutes=10)
HOLDS_UP = ("replacement_stuck", "replacement_overdue", "case_stuck", "no_return_address", "gift_card_spent")
ABOUT_THE_ROAD = ("parcel_refused", "overdue_in_transit")  # a lost one is still claimed from its courier
LOOK_BACK = timedelta(hours=2)
AT_ONCE = 20  # how many rows of a queue are tried before somebody is told that all are taken


class Taken(Conflict):
    """Somebody else works on it; `lease` says who and until when."""

    code = "taken"
    default = _("Somebody else works on this.")

    def __init__(self, lease: Lease):
        super().__init__()
        self.lease = lease


# --- one case, one person ---------------------------------------------------------------------------------


@transaction.atomic
def take(about: str, *, user, now: datetime) -> Lease:
    """Hold a case for some minutes, or hold it longer; raises Taken while somebody else holds it."""
    until = now + FOR
    leases = Lease.objects.select_for_update(of=("self",)).select_related("user")
    lease, new = leases.get_or_create(about=about, defaults={"user": user, "until": until})
    if not new and lease.user_id != user.pk and lease.until > now:
        raise Taken(lease)
    lease.user, lease.until = user, until
    lease.save(update_fields=["user", "until"])
    return lease


def give_back(about: str, *, user, now: datetime) -> None:
    """Others may have it from now on."""
    Lease.objects.filter(about=about, user=user, until__gt=now).update(until=now)


def about(row: ReturnRequest | SupportTask) -> str:
    """What a lease is written on: the request, also of a task about one."""
    if isinstance(row, ReturnRequest):
        return row.return_no
    return row.request.return_no if row.request_id else f"task-{row.pk}"


def next_of(rows: QuerySet, *, user, now: datetime) -> ReturnRequest | SupportTask | None:
    """The first row of a queue that nobody has, taken for this person; None when there is none."""
    number = "return_no" if issubclass(rows.model, ReturnRequest) else "request__return_no"
    taken = Lease.objects.filter(about=OuterRef(number), until__gt=now)
    for row in rows.filter(~Exists(taken))[:AT_ONCE]:
        try:
            take(about(row), user=user, now=now)
        except Taken:
            continue  # somebody was quicker
        return row
    return None


# --- whose a refund is ------------------------------------------------------------------------------------


def tell_owner(exception_id: int, *, now: datetime) -> None:
    """Write once to whoever was given a refund that needs people (S99)."""
    rows = RefundException.objects.select_related("owner", "refund__merchant")
    found = rows.filter(pk=exception_id, closed_at=None, owner__isnull=False).first()
    if found is None:
        return
    refund, merchant = found.refund, found.refund.merchant
    params = {
        "return_no": refund.case_ref, "refund_no": refund.number, "amount": refund.amount,
        "currency": refund.currency, "channel": refund.channel, "exception_kind": found.kind,
        "due_at": found.due_at.isoformat(),
        "zone": merchant.zone, "shop": merchant.name, "shop_en": merchant.name_en or merchant.name,
        "page": reverse("admin:refunds_refundexception_change", args=[found.pk]),
    }  # fmt: skip
    tell_staff(
        found.owner, case_ref=refund.case_ref, event="exception_assigned", params=params, now=now,
        occasion=str(found.pk),
    )  # fmt: skip


def tell_owners(*, now: datetime) -> None:
    """Whoever a lost signal did not reach."""
    lately = RefundException.objects.filter(closed_at=None, assigned_at__range=(now - LOOK_BACK, now))
    for pk in lately.order_by("pk").values_list("pk", flat=True):
        tell_owner(pk, now=now)


def alert_owners(*, now: datetime) -> None:
    """Money that waits too long, once a day to whom it belongs; a wrong sum, once, as soon as it has an owner."""
    today = now.astimezone(ZoneInfo(settings.TIME_ZONE)).date().isoformat()
    for owner, late in waiting.late_of_owners(now=now).items():
        _alert(owner, "money_waits", occasion=today, params=late, page=reverse("admin:index"), now=now)
    for found in waiting.wrong_sums():
        page = reverse("admin:refunds_break_change", args=[found.pk])
        _alert(found.owner, "wrong_sum", occasion=str(found.pk), params=waiting.told(found), page=page, now=now)


def _alert(owner: User, event: str, *, occasion: str, params: dict, page: str, now: datetime) -> None:
    if not Notice.objects.filter(user=owner, event=event, key__contains=f":{event}:{occasion}:").exists():
        tell_staff(owner, case_ref="", event=event, params=params | {"page": page}, now=now, occasion=occasion)


# --- tasks ------------------------------------------------------------------------------------------------


@transaction.atomic
def finish_task(pk: int, *, note: str, by: Actor, now: datetime) -> SupportTask:
    """Close a task with words. A case that stood still because of it takes its next step."""
    task = close_task(pk, note=note, by=by, now=now)
    if task.kind in HOLDS_UP and task.request_id:
        with moving(ReturnRequest, task.request_id, by=by, now=now) as request:
            if request.state in (states.APPROVED, states.SETTLING):
                follow_soon(request, now=now)
    return task


@transaction.atomic
def settle_missing(pk: int, *, way: str, note: str, by: Actor, now: datetime) -> None:
    """Pay the units that did not come, or release them; the note closes the task."""
    {"pay": pay_missing, "release": release_missing}[way](pk, by=by, now=now)
    task = SupportTask.objects.filter(request=pk, kind="units_missing", closed_at=None).first()
    if task:
        close_task(task.pk, note=note, by=by, now=now)


@transaction.atomic
def settle_road(pk: int, *, way: str, note: str, by: Actor, now: datetime) -> None:
    """Goods that will not arrive: paid as approved, or closed; the note closes the tasks about their parcel."""
    {"pay": road.pay_without_goods, "release": road.close_without_goods}[way](pk, by=by, now=now)
    for task in SupportTask.objects.filter(request=pk, kind__in=ABOUT_THE_ROAD, closed_at=None):
        close_task(task.pk, note=note, by=by, now=now)


# --- transfers by hand ------------------------------------------------------------------------------------


def enter_transfer(
    refund: Refund, *, proof_no: str, photo: UploadedFile | None = None, by: Actor, now: datetime
) -> Transfer:
    """A transfer with the bank's number and, where there is one, the photo of its slip: both or neither are kept.

    Raises what `refunds.payouts.services.enter_transfer` and `aftersales.evidence.services.keep_slip` raise.
    """
    slip = photo and keep_slip(photo, merchant=refund.merchant, by=by, now=now)  # before anything is locked
    with transaction.atomic():
        entered = payout.enter_transfer(refund.pk, proof_no=proof_no, by=by, now=now, with_photo=bool(slip))
        if slip and not slips_of(entered.pk):
            give_to_transfer(slip, entered.pk)
    return entered
