"""Refunds that do not move by themselves: whose they are, and another way that was agreed."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from refunds.payouts.models.refunds import ACTOR_KINDS, Refund
from returns_platform.kernel.actors import Actor


class RefundException(models.Model):
    """Why a refund needs people, whose it is and by when; open until the money is there, closed only with proof."""

    class Closed(models.TextChoices):
        ARRIVED = "arrived"  # by the channel's word, or booked here
        SETTLED = "settled"  # two people, with proof
        REPLACED = "replaced"  # another refund took its place, and arrived
        CANCELLED = "cancelled"  # nothing was sent and nothing is owed

    refund = models.ForeignKey(Refund, models.PROTECT, related_name="exceptions")
    kind = models.CharField(max_length=20)  # a code of payouts.guide
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="refund_exceptions"
    )
    assigned_at = models.DateTimeField(null=True, blank=True)
    opened_at = models.DateTimeField()
    due_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_how = models.CharField(max_length=9, choices=Closed, blank=True)
    proof = models.CharField(max_length=300, blank=True)  # the channel's number, the settlement's, the later refund's

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["refund"], name="one_open_exception", condition=Q(closed_at=None)),
            models.CheckConstraint(
                name="exception_closed_with_proof",
                condition=Q(closed_at=None) | (~Q(proof="") & ~Q(closed_how="")),
            ),
        ]
        indexes = [models.Index(fields=["due_at", "id"], name="exception_open", condition=Q(closed_at=None))]
        permissions = [
            ("own_exception", "Is given exceptions of refunds to look after"),
            ("hand_exception", "Can take an exception of a refund, or hand it to a colleague"),
        ]

    def __str__(self):
        return f"{self.refund} {self.kind}"

    @property
    def is_open(self) -> bool:
        return self.closed_at is None


class ExceptionEvent(models.Model):
    """What happened to an exception: opened, became another kind, taken, handed over, closed. Never edited."""

    exception = models.ForeignKey(RefundException, models.PROTECT, related_name="events")
    what = models.CharField(max_length=10)
    by_kind = models.CharField(max_length=10, choices=ACTOR_KINDS)
    by_id = models.CharField(max_length=100, blank=True)
    by_name = models.CharField(max_length=150, blank=True)
    note = models.CharField(max_length=300, blank=True)  # the kind, the new owner, the proof
    at = models.DateTimeField()

    class Meta:
        ordering = ("pk",)

    def __str__(self):
        return f"{self.exception} {self.what}"


class RouteChange(models.Model):
    """Another way for money whose first way is closed: who asked for it, who agreed, and what came of it.

    To the customer's own balance her own choice is enough. To a bank account two people agree, and where its owner
    has another name than the customer some time passes first (B40).
    """

    class Way(models.TextChoices):
        BALANCE = "balance"
        BANK_TRANSFER = "bank_transfer"

    refund = models.ForeignKey(Refund, models.PROTECT, related_name="route_changes")
    way = models.CharField(max_length=13, choices=Way)
    bonus = models.BigIntegerField(default=0)
    payee_name = models.CharField(max_length=100, blank=True)
    payee_bank = models.CharField(max_length=100, blank=True)
    payee_account = models.TextField(blank=True)  # sealed: kernel.sealing
    payee_last4 = models.CharField(max_length=4, blank=True)
    name_differs = models.BooleanField(default=False)
    reason = models.CharField(max_length=300, blank=True)  # why, where staff asks for it
    by_kind = models.CharField(max_length=10, choices=ACTOR_KINDS)
    by_id = models.CharField(max_length=100)
    by_name = models.CharField(max_length=150, blank=True)
    at = models.DateTimeField()  # of the customer's own choice, as the law asks, where she made it
    first_kind = models.CharField(max_length=10, choices=ACTOR_KINDS, blank=True)
    first_id = models.CharField(max_length=100, blank=True)
    first_name = models.CharField(max_length=150, blank=True)
    first_at = models.DateTimeField(null=True, blank=True)
    second_kind = models.CharField(max_length=10, choices=ACTOR_KINDS, blank=True)
    second_id = models.CharField(max_length=100, blank=True)
    second_name = models.CharField(max_length=150, blank=True)
    second_at = models.DateTimeField(null=True, blank=True)
    not_before = models.DateTimeField(null=True, blank=True)  # the cooling-off ends
    dropped_at = models.DateTimeField(null=True, blank=True)
    dropped_by = models.CharField(max_length=150, blank=True)
    dropped_why = models.CharField(max_length=300, blank=True)
    done_at = models.DateTimeField(null=True, blank=True)
    replacement = models.OneToOneField(Refund, models.PROTECT, null=True, blank=True, related_name="chosen_by")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["refund"], name="one_standing_route", condition=Q(dropped_at=None)),
            models.CheckConstraint(
                name="route_to_an_account", condition=~Q(way="bank_transfer") | ~Q(payee_account="")
            ),
            models.CheckConstraint(
                name="route_by_three_people",
                condition=Q(first_at=None)
                | (~Q(by_kind=F("first_kind"), by_id=F("first_id"))
                   & (Q(second_at=None)
                      | (~Q(by_kind=F("second_kind"), by_id=F("second_id"))
                         & ~Q(first_kind=F("second_kind"), first_id=F("second_id"))))),
            ),
            models.CheckConstraint(
                name="route_done_as_agreed",
                condition=Q(done_at=None)
                | Q(way="balance", by_kind="customer")
                | Q(way="bank_transfer", first_at__isnull=False, second_at__isnull=False),
            ),
        ]  # fmt: skip
        permissions = [
            ("propose_route", "Can ask for another way for a refund, with a reason"),
            ("confirm_route_first", "Can agree first to another way for a refund"),
            ("confirm_route_second", "Can agree second to another way for a refund"),
            ("veto_route", "Can stop another way for a refund"),
            ("reveal_payee", "Can read a payee's account number, with a reason that is kept"),
        ]

    def __str__(self):
        return f"{self.refund} {self.way}"

    @property
    def by(self) -> Actor:
        return Actor(self.by_kind, self.by_id, self.by_name)

    @property
    def first(self) -> Actor | None:
        return Actor(self.first_kind, self.first_id, self.first_name) if self.first_at else None

    @property
    def stands(self) -> bool:
        return self.dropped_at is None

    @property
    def is_agreed(self) -> bool:
        return self.way == self.Way.BALANCE or self.second_at is not None

    @property
    def payee(self) -> str:
        """Bank and the last four digits: enough to know it by."""
        return f"{self.payee_bank} ****{self.payee_last4}" if self.payee_last4 else ""


class PayeeLook(models.Model):
    """Somebody read a payee's account number: who, when and why."""

    change = models.ForeignKey(RouteChange, models.PROTECT, related_name="looks")
    by_id = models.CharField(max_length=100)
    by_name = models.CharField(max_length=150)
    reason = models.CharField(max_length=300)
    at = models.DateTimeField()

    class Meta:
        ordering = ("pk",)

    def __str__(self):
        return f"{self.change} {self.by_name}"
