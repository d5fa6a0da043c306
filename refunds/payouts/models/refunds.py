"""One refund = one number for life, the authorisation behind it, each call about it, and what people settle."""

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
