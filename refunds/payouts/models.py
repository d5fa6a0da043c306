"""One refund = one number for life, the authorisation behind it, each call about it, and the news that came in."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django_fsm import FSMField, transition

from refunds.ledger.rules import Money
from refunds.payouts import states
from returns_platform.kernel.actors import KINDS, Actor
from returns_platform.kernel.fsm import Machine, Move
from returns_platform.kernel.work import Work

ACTOR_KINDS = [(kind, kind) for kind in KINDS]


class Authorisation(models.Model):
    """Why money may leave: the version of a rule or the person who decided, how much, and the second person."""

    case_ref = models.CharField(max_length=64, db_index=True)
    amount = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    rule = models.CharField(max_length=100, blank=True)
    rule_version = models.PositiveIntegerField(null=True, blank=True)
    by_kind = models.CharField(max_length=10, choices=ACTOR_KINDS)
    by_id = models.CharField(max_length=100, blank=True)
    by_name = models.CharField(max_length=150, blank=True)
    at = models.DateTimeField()
    second_kind = models.CharField(max_length=10, choices=ACTOR_KINDS, blank=True)
    second_id = models.CharField(max_length=100, blank=True)
    second_name = models.CharField(max_length=150, blank=True)
    second_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(name="authorised_above_zero", condition=Q(amount__gt=0)),
            models.CheckConstraint(
                name="second_person_is_another",
                condition=Q(second_at=None) | ~Q(by_kind=F("second_kind"), by_id=F("second_id")),
            ),
        ]

    def __str__(self):
        return f"{self.case_ref} {self.amount} {self.currency}"

    @property
    def by(self) -> Actor:
        return Actor(self.by_kind, self.by_id, self.by_name)


class Refund(Machine, Work):
    """Money on its way back to a customer. `number` is what the channel knows it by, on every try, for ever."""

    class Destination(models.TextChoices):
        ORIGINAL = "original"
        BALANCE = "balance"
        COUPON = "coupon"
        BANK = "bank"  # to an account that the customer named, because the way she paid is closed

    number = models.CharField(max_length=64, unique=True)
    case_ref = models.CharField(max_length=64, db_index=True)
    serial = models.PositiveSmallIntegerField()
    authorisation = models.ForeignKey(Authorisation, models.PROTECT, related_name="refunds")
    order = models.ForeignKey("orders.Order", models.PROTECT, related_name="refunds")
    merchant = models.ForeignKey("orders.Merchant", models.PROTECT, related_name="refunds")
    customer = models.ForeignKey("orders.Customer", models.PROTECT, related_name="refunds")
    payment = models.ForeignKey("orders.Payment", models.PROTECT, related_name="refunds")
    replaces = models.OneToOneField("self", models.PROTECT, null=True, blank=True, related_name="replaced_by")
    destination = models.CharField(max_length=8, choices=Destination, default=Destination.ORIGINAL)
    channel = models.CharField(max_length=13)  # what pays: the payment's, "balance", "coupon" or "bank_transfer"
    amount = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    platform_share = models.BigIntegerField(default=0)  # goes back to the platform beside it (T8)
    bonus = models.BigIntegerField(default=0)  # on top, when the customer chose the balance (T62)
    state = FSMField(default=states.PROMISED, protected=True)
    problem = models.CharField(max_length=30, blank=True)  # a code of payouts.texts: why it needs a person
    hold_s = models.PositiveIntegerField(default=0)
    hold_until = models.DateTimeField(null=True, blank=True)
    needs_second = models.BooleanField(default=False)
    promised_at = models.DateTimeField()
    promised_by = models.DateTimeField()  # last moment at which it arrives in time
    asked_at = models.DateTimeField(null=True, blank=True)
    accepted_at = models.DateTimeField(null=True, blank=True)
    arrived_at = models.DateTimeField(null=True, blank=True)
    channel_ref = models.CharField(max_length=64, blank=True)  # the channel's own number of the refund
    account = models.CharField(max_length=100, blank=True)  # where it arrived, as the channel words it
    other_way = models.CharField(max_length=13, blank=True)  # "balance" or "bank_transfer": chosen, not yet promised

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["case_ref", "serial"], name="one_refund_per_serial"),
            models.CheckConstraint(name="refund_above_zero", condition=Q(amount__gt=0)),
            models.CheckConstraint(
                name="refund_extras_not_below_zero", condition=Q(platform_share__gte=0, bonus__gte=0)
            ),
        ]
        indexes = [
            models.Index(fields=["next_try_at"], name="refund_due", condition=Q(next_try_at__isnull=False)),
            models.Index(fields=["state", "promised_by"]),
        ]
        permissions = [
            ("agree_as_second", "Can agree to a refund as the second person"),
            ("retry_refund", "Can send a refund again, or ask the channel about it"),
            ("propose_settlement", "Can say, with proof, what became of a refund"),
            ("confirm_settlement", "Can confirm what became of a refund"),
            ("pay_by_hand", "Can enter a bank transfer made by hand, and confirm a colleague's"),
        ]

    def __str__(self):
        return self.number

    @property
    def money(self) -> Money:
        return Money(self.amount, self.platform_share, self.currency, self.merchant_id)

    @property
    def is_live(self) -> bool:
        return self.state in states.LIVE

    @property
    def can_be_cancelled(self) -> bool:
        return self.state in states.NOT_SENT

    @property
    def awaits_second_person(self) -> bool:
        return self.state == states.HELD

    @property
    def is_paid_by_hand(self) -> bool:
        """No machine pays it and none can be asked: a person transfers it, another one looks at the bank's word."""
        return self.channel == states.BY_HAND

    @property
    def can_be_asked_about(self) -> bool:
        """Whether there is a channel that knows more than we do."""
        return not (self.pays_itself or self.is_paid_by_hand)

    @property
    def may_be_sent_again(self) -> bool:
        """With the same number, by a person: nothing has to be found out at the channel first."""
        return self.can_be_asked_about and self.problem not in states.ONLY_ASK

    @property
    def way_is_closed(self) -> bool:
        """It will not arrive the way it was to go; the customer may choose another, where it is not replaced yet."""
        if self.state in states.CAME_TO_NOTHING:
            return True
        return self.state == states.MANUAL and self.problem in states.WAY_CLOSED

    @property
    def awaits_choice(self) -> bool:
        return self.way_is_closed and not self.other_way

    @property
    def pays_itself(self) -> bool:
        """No channel is called: the money goes to the balance or a gift card, or becomes a coupon, here."""
        return self.channel in ("balance", "coupon", "gift_card")

    @transition(field=state, source=states.PROMISED, target=states.HELD)
    def hold(self): ...

    @transition(field=state, source=states.HELD, target=states.PROMISED)
    def release(self): ...

    @transition(
        field=state,
        source=[states.PROMISED, states.ACCEPTED, states.UNKNOWN, states.MANUAL],
        target=states.SENDING,
    )
    def send(self):
        self.problem = ""

    @transition(field=state, source=states.SENDING, target=states.UNKNOWN)
    def lose_sight(self): ...

    @transition(field=state, source=[states.SENDING, states.UNKNOWN, states.MANUAL], target=states.ACCEPTED)
    def accept(self):
        self.problem = ""

    @transition(
        field=state,
        source=[states.SENDING, states.ACCEPTED, states.UNKNOWN, states.MANUAL],
        target=states.ARRIVED,
    )
    def arrive(self):
        self.problem = ""

    @transition(
        field=state,
        source=[states.PROMISED, states.HELD, states.SENDING, states.ACCEPTED, states.UNKNOWN],
        target=states.MANUAL,
    )
    def hand_over(self, problem: str):
        self.problem = problem

    @transition(
        field=state,
        source=[states.SENDING, states.ACCEPTED, states.UNKNOWN, states.MANUAL],
        target=states.CLOSED,
    )
    def close(self): ...

    @transition(field=state, source=[states.PROMISED, states.HELD], target=states.CANCELLED)
    def cancel(self): ...

    @transition(field=state, source=states.ARRIVED, target=states.RETURNED_BY_BANK)
    def come_back(self): ...


class RefundMove(Move):
    row = models.ForeignKey(Refund, models.PROTECT, related_name="moves")

    class Meta(Move.Meta):
        constraints = [models.UniqueConstraint(fields=["row", "seq"], name="refund_move_once")]


class RefundAttempt(models.Model):
    """One call to the channel, written before it is made: a call whose end nobody saw leaves its row."""

    class Kind(models.TextChoices):
        CREATE = "create"
        QUERY = "query"

    refund = models.ForeignKey(Refund, models.PROTECT, related_name="attempts")
    seq = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=6, choices=Kind)
    number = models.CharField(max_length=64)
    amount = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    channel = models.CharField(max_length=13)
    transaction_id = models.CharField(max_length=64)
    at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    outcome = models.CharField(max_length=15, blank=True)  # empty: under way, or nobody lived to see the end
    code = models.CharField(max_length=64, blank=True)  # the channel's own
    message = models.CharField(max_length=200, blank=True)  # scrubbed of numbers that could name a person

    class Meta:
        ordering = ("seq",)
        constraints = [models.UniqueConstraint(fields=["refund", "seq"], name="refund_attempt_once")]
        indexes = [models.Index(fields=["channel", "transaction_id", "kind", "at"])]

    def __str__(self):
        return f"{self.number} {self.kind} {self.seq}"


class Pace(models.Model):
    """From when a channel takes the next call of a kind: one row, so that all workers together keep its rate."""

    name = models.CharField(max_length=40, primary_key=True)  # "wechat create"
    free_at = models.DateTimeField()

    def __str__(self):
        return self.name


class Settlement(models.Model):
    """What one person says became of a refund, with proof, and the other person who has seen the proof."""

    class Outcome(models.TextChoices):
        PAID = "paid", _("it was paid")
        NOT_PAID = "not_paid", _("it was not paid, and will not be")
        RETURNED = "returned", _("it had arrived, and the bank sent it back")

    refund = models.ForeignKey(Refund, models.PROTECT, related_name="settlements")
    outcome = models.CharField(max_length=8, choices=Outcome)
    proof = models.CharField(max_length=300)
    by_kind = models.CharField(max_length=10, choices=ACTOR_KINDS)
    by_id = models.CharField(max_length=100)
    by_name = models.CharField(max_length=150, blank=True)
    at = models.DateTimeField()
    second_kind = models.CharField(max_length=10, choices=ACTOR_KINDS, blank=True)
    second_id = models.CharField(max_length=100, blank=True)
    second_name = models.CharField(max_length=150, blank=True)
    confirmed_at = models.DateTimeField(null=True, blank=True)
    dropped_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="settled_by_two",
                condition=Q(confirmed_at=None) | ~Q(by_kind=F("second_kind"), by_id=F("second_id")),
            ),
        ]

    def __str__(self):
        return f"{self.refund} {self.outcome}"

    @property
    def by(self) -> Actor:
        return Actor(self.by_kind, self.by_id, self.by_name)


# --- refunds that do not move by themselves ----------------------------------------------------------------


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


class Transfer(models.Model):
    """A bank transfer that a person made outside, by its number, and the other person who saw it on the statement."""

    refund = models.ForeignKey(Refund, models.PROTECT, related_name="transfers")
    proof_no = models.CharField(max_length=64)
    by_kind = models.CharField(max_length=10, choices=ACTOR_KINDS)
    by_id = models.CharField(max_length=100)
    by_name = models.CharField(max_length=150, blank=True)
    at = models.DateTimeField()
    second_kind = models.CharField(max_length=10, choices=ACTOR_KINDS, blank=True)
    second_id = models.CharField(max_length=100, blank=True)
    second_name = models.CharField(max_length=150, blank=True)
    confirmed_at = models.DateTimeField(null=True, blank=True)
    dropped_at = models.DateTimeField(null=True, blank=True)
    dropped_by = models.CharField(max_length=150, blank=True)
    dropped_why = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["proof_no"], name="one_transfer_per_proof", condition=Q(dropped_at=None)),
            models.UniqueConstraint(fields=["refund"], name="one_transfer_per_refund", condition=Q(dropped_at=None)),
            models.CheckConstraint(
                name="transfer_by_two",
                condition=Q(confirmed_at=None) | ~Q(by_kind=F("second_kind"), by_id=F("second_id")),
            ),
        ]

    def __str__(self):
        return f"{self.refund} {self.proof_no}"

    @property
    def by(self) -> Actor:
        return Actor(self.by_kind, self.by_id, self.by_name)


class TransferBatch(models.Model):
    """Transfers that are made together, from one sheet for the bank; its number is its key."""

    by_kind = models.CharField(max_length=10, choices=ACTOR_KINDS)
    by_id = models.CharField(max_length=100)
    by_name = models.CharField(max_length=150, blank=True)
    at = models.DateTimeField()

    class Meta:
        verbose_name, verbose_name_plural = _("batch of transfers"), _("batches of transfers")
        ordering = ("-pk",)

    def __str__(self):
        return str(self.pk)


class BatchedTransfer(models.Model):
    """A refund on a batch's sheet. Until it is taken off again it is on no other one: nobody pays it twice."""

    batch = models.ForeignKey(TransferBatch, models.PROTECT, related_name="rows")
    refund = models.ForeignKey(Refund, models.PROTECT, related_name="batched")
    taken_off_at = models.DateTimeField(null=True, blank=True)
    taken_off_by = models.CharField(max_length=150, blank=True)
    taken_off_why = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ("pk",)
        constraints = [
            models.UniqueConstraint(fields=["refund"], name="on_one_sheet", condition=Q(taken_off_at=None)),
        ]

    def __str__(self):
        return f"{self.batch} {self.refund}"


# --- what the channels tell --------------------------------------------------------------------------------


class WebhookDelivery(Work):
    """A callback, stored as it came once its signature was checked; read and applied later, once."""

    source = models.CharField(max_length=20)
    event_id = models.CharField(max_length=64)
    body = models.BinaryField()
    news = models.JSONField(null=True, blank=True)  # what it says, decrypted; null: not in words we know
    received_at = models.DateTimeField()
    processed_at = models.DateTimeField(null=True, blank=True)
    outcome = models.CharField(max_length=30, blank=True)  # applied, or why not
    refund = models.ForeignKey(Refund, models.PROTECT, null=True, blank=True, related_name="deliveries")

    class Meta:
        verbose_name_plural = "webhook deliveries"
        constraints = [models.UniqueConstraint(fields=["source", "event_id"], name="one_delivery_per_event")]
        indexes = [
            models.Index(fields=["next_try_at"], name="delivery_due", condition=Q(next_try_at__isnull=False)),
        ]

    def __str__(self):
        return f"{self.source} {self.event_id}"


class Break(models.Model):
    """What the channel says and what our books say differ: open until a person has found out why.

    It has an age (`opened_at`), an owner, and the money that is not matched. Nothing in the books changes because
    of it. Who closes it says why and what proves it; above a limit a second person has to agree.
    """

    kind = models.CharField(max_length=30)
    source = models.CharField(max_length=20)
    reference = models.CharField(max_length=160)  # the delivery, statement row or refund it was seen in
    number = models.CharField(max_length=64, blank=True)
    refund = models.ForeignKey(Refund, models.PROTECT, null=True, blank=True, related_name="breaks")
    ours = models.JSONField(default=dict)
    theirs = models.JSONField(default=dict)
    amount = models.BigIntegerField(default=0)  # minor units that are not matched
    currency = models.CharField(max_length=3, blank=True)
    opened_at = models.DateTimeField()
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="breaks")
    alerted_at = models.DateTimeField(null=True, blank=True)  # when its owner was told to hurry
    proposed_at = models.DateTimeField(null=True, blank=True)  # a closing waits for a second person
    proposed_by_id = models.CharField(max_length=100, blank=True)
    reason = models.CharField(max_length=20, blank=True)  # a code of matching.texts
    note = models.CharField(max_length=500, blank=True)  # what proves it
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_by = models.CharField(max_length=150, blank=True)

    class Meta:
        verbose_name, verbose_name_plural = _("difference with the channel"), _("differences with the channel")
        constraints = [models.UniqueConstraint(fields=["kind", "source", "reference"], name="one_break_per_finding")]
        indexes = [
            models.Index(fields=["opened_at"], name="break_open", condition=Q(closed_at=None)),
            models.Index(fields=["source", "number"]),
        ]

    def __str__(self):
        return f"{self.kind} {self.number}"

    @property
    def is_open(self) -> bool:
        return self.closed_at is None

    @property
    def awaits_second_person(self) -> bool:
        return self.is_open and self.proposed_at is not None


class BreakEvent(models.Model):
    """What was done about a break, by whom, and why. Rows are only ever added."""

    found = models.ForeignKey(Break, models.PROTECT, related_name="events")
    what = models.CharField(max_length=20)  # a code of matching.texts
    by_kind = models.CharField(max_length=10, choices=ACTOR_KINDS)
    by_id = models.CharField(max_length=100, blank=True)
    by_name = models.CharField(max_length=150, blank=True)
    note = models.CharField(max_length=600, blank=True)
    at = models.DateTimeField()

    class Meta:
        ordering = ("pk",)

    def __str__(self):
        return f"{self.found} {self.what}"
