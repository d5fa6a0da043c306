"""Money that a customer is asked for, because of a request: a difference, a fee, a deposit."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django_fsm import FSMField, transition

from orders.purchases.models import MadeFor
from refunds.charges import states
from returns_platform.kernel.fsm import Machine, Move
from returns_platform.kernel.work import Work

CHANNELS = ("wechat", "alipay", "stripe")


class Charge(Machine, Work):
    """Money that a customer is asked for; `number` is what the channel knows it by, for ever.

    Work: to be opened at the channel, asked after until it is paid or its time is over, or closed there.
    """

    class Use(models.TextChoices):
        """What became of the money."""

        TAKEN = "taken", _("taken for what it was asked for")
        BACK = "back", _("on its way back")

    number = models.CharField(max_length=32, unique=True)
    about = models.CharField(max_length=40)  # the reference of what it is for
    case_ref = models.CharField(max_length=20)
    made_for = models.CharField(max_length=11, choices=MadeFor)
    order = models.ForeignKey("orders.Order", models.PROTECT, related_name="charges")  # the first one
    channel = models.CharField(max_length=13)
    amount = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    title = models.CharField(max_length=200)
    state = FSMField(default=states.ASKED, protected=True)
    pay_url = models.CharField(max_length=4000, blank=True)
    channel_ref = models.CharField(max_length=255, blank=True)
    problem = models.CharField(max_length=100, blank=True)
    transaction_id = models.CharField(max_length=64, blank=True)
    asked_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    paid_at = models.DateTimeField(null=True, blank=True)
    paid_order = models.OneToOneField("orders.Order", models.PROTECT, null=True, blank=True, related_name="paid_by")
    use = models.CharField(max_length=5, choices=Use, blank=True)

    class Meta:
        verbose_name, verbose_name_plural = _("charge"), _("charges")
        constraints = [
            models.CheckConstraint(name="charge_above_zero", condition=Q(amount__gt=0)),
            models.UniqueConstraint(
                fields=["about"], name="one_payable_charge", condition=Q(state__in=states.PAYABLE)
            ),
        ]
        indexes = [
            models.Index(fields=["next_try_at"], name="charge_due", condition=Q(next_try_at__isnull=False)),
            models.Index(fields=["case_ref"]),
        ]

    def __str__(self):
        return self.number

    @transition(field=state, source=states.ASKED, target=states.OPEN)
    def open(self, *, url: str, channel_ref: str):
        self.pay_url, self.channel_ref, self.problem = url, channel_ref, ""

    @transition(field=state, source=[states.ASKED, states.OPEN], target=states.CLOSING)
    def call_off(self): ...

    @transition(field=state, source=[states.OPEN, states.CLOSING], target=states.PAID)
    def pay(self, *, transaction_id: str, at):
        self.transaction_id, self.paid_at, self.problem = transaction_id, at, ""

    @transition(field=state, source=[states.OPEN, states.CLOSING], target=states.CLOSED)
    def close(self): ...

    # Something was told of it, or it was opened after all, when it counted as closed.
    @transition(field=state, source=states.CLOSED, target=states.CLOSING)
    def look_again(self): ...

    @transition(field=state, source=states.ASKED, target=states.FAILED)
    def fail(self, *, problem: str):
        self.problem = problem

    @transition(field=state, source=[states.OPEN, states.CLOSING], target=states.FROZEN)
    def freeze(self, *, problem: str):
        self.problem = problem

    @property
    def can_be_paid(self) -> bool:
        return self.state == states.OPEN

    @property
    def is_paid(self) -> bool:
        return self.state == states.PAID

    @property
    def is_over(self) -> bool:
        return self.state not in states.LIVE


class ChargeMove(Move):
    row = models.ForeignKey(Charge, models.PROTECT, related_name="moves")

    class Meta(Move.Meta):
        constraints = [models.UniqueConstraint(fields=["row", "seq"], name="charge_move_once")]
