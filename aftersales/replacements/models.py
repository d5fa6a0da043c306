"""What replaces the goods of a request (S106, S108): new ones, the same mended, or the part that was missing."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django_fsm import FSMField, transition

from aftersales.replacements import states
from orders.purchases.models import MadeFor
from returns_platform.kernel.fsm import Machine, Move
from returns_platform.kernel.work import Work


class Replacement(Machine, Work):
    """What replaces the goods of a request: new ones, the same mended, or the part that was missing.

    Work: `next_try_at` says when something of it is due, a deadline included. A request has at most one that came
    to something; the number of the request is a reference, as it is for parcels and refunds.
    """

    class Kind(models.TextChoices):
        EXCHANGE = "exchange"
        REPAIR = "repair"
        RESEND = "resend"

    class Why(models.TextChoices):
        """Why it waits for the customer, or came to nothing."""

        NO_STOCK = "no_stock", _("not in stock")
        UNPAID = "unpaid", _("not paid in time")
        DEARER = "dearer", _("the new choice costs more")
        NOT_MENDABLE = "not_mendable", _("cannot be mended")
        FEE_REFUSED = "fee_refused", _("the customer refused the fee")
        LOST = "lost", _("lost on the way")
        CHOSEN = "chosen", _("the customer chose so")
        CASE_ENDED = "case_ended", _("the request came to nothing")
        ORDER_CANCELLED = "cancelled", _("the new order was cancelled")

    reference = models.CharField(max_length=30, unique=True)  # the request's number with -X1, -X2 …
    case_ref = models.CharField(max_length=20)
    serial = models.PositiveSmallIntegerField(default=1)
    kind = models.CharField(max_length=8, choices=Kind)
    order = models.ForeignKey("orders.Order", models.PROTECT, related_name="replacements")  # the first one
    merchant = models.ForeignKey("orders.Merchant", models.PROTECT, related_name="replacements")
    customer = models.ForeignKey("orders.Customer", models.PROTECT, related_name="replacements")
    new_order = models.OneToOneField(
        "orders.Order", models.PROTECT, null=True, blank=True, related_name="replacement_of"
    )
    state = FSMField(default=states.RESERVED, protected=True)
    why = models.CharField(max_length=12, choices=Why, blank=True)
    # what the customer pays before it goes on
    due = models.BigIntegerField(default=0)
    due_for = models.CharField(max_length=11, choices=MadeFor, blank=True)
    paid = models.BigIntegerField(default=0)  # of a difference, so far
    quote = models.CharField(max_length=500, blank=True)  # what the shop wrote about a repair
    offered_at = models.DateTimeField(null=True, blank=True)  # not paid in time: money back or close (T68)
    due_at = models.DateTimeField(null=True, blank=True)  # when the present wait is over
    # a new one before the old one is back (T74)
    advance = models.BooleanField(default=False)
    goods_due_at = models.DateTimeField(null=True, blank=True)
    goods_back_at = models.DateTimeField(null=True, blank=True)
    deposit_taken_at = models.DateTimeField(null=True, blank=True)
    opened_at = models.DateTimeField()
    to_send_at = models.DateTimeField(null=True, blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)
    delivered_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name, verbose_name_plural = _("replacement"), _("replacements")
        constraints = [
            models.UniqueConstraint(
                fields=["case_ref"], name="one_replacement_per_case", condition=~Q(state__in=states.NOTHING)
            ),
            models.CheckConstraint(name="replacement_due_not_negative", condition=Q(due__gte=0)),
        ]
        indexes = [
            models.Index(fields=["next_try_at"], name="replacement_due", condition=Q(next_try_at__isnull=False)),
            models.Index(fields=["case_ref"]),
            models.Index(
                fields=["merchant", "to_send_at"], name="replacement_to_send", condition=Q(state=states.TO_SEND)
            ),
        ]

    def __str__(self):
        return self.reference

    # --- transitions: each changes this row's own fields and nothing else ---

    @transition(field=state, source=states.OUT_OF_STOCK, target=states.RESERVED)
    def reserve(self):
        self.why = ""

    @transition(field=state, source=states.RESERVED, target=states.AWAITING_PAYMENT)
    def ask_payment(self): ...

    @transition(field=state, source=states.AWAITING_PAYMENT, target=states.RESERVED)
    def take_payment(self):
        self.why, self.offered_at = "", None

    # Another article, or none that has to be paid for first.
    @transition(field=state, source=list(states.WAITS_FOR_CUSTOMER), target=states.RESERVED)
    def choose_again(self):
        self.why = ""

    @transition(field=state, source=states.RESERVED, target=states.TO_SEND)
    def go(self): ...

    @transition(field=state, source=states.TO_SEND, target=states.SENT)
    def send(self): ...

    @transition(field=state, source=states.SENT, target=states.DELIVERED)
    def deliver(self): ...

    # It was lost, or turned back at the door: the shop sends it once more.
    @transition(field=state, source=states.SENT, target=states.TO_SEND)
    def send_again(self): ...

    @transition(
        field=state, source=[states.RESERVED, states.AWAITING_PAYMENT, states.TO_SEND], target=states.OUT_OF_STOCK
    )
    def run_out(self): ...

    @transition(field=state, source=[*states.NOT_SENT, states.SENT], target=states.CONVERTED)
    def convert(self): ...

    @transition(field=state, source=list(states.NOT_SENT), target=states.CANCELLED)
    def cancel(self): ...

    # It never came, and the customer has the money of its new order.
    @transition(field=state, source=states.SENT, target=states.CANCELLED)
    def give_up(self): ...

    def wait_until(self, at) -> None:
        """When the present wait is over; None: nobody's clock runs, and nothing is due."""
        self.due_at = self.next_try_at = at
        self.claimed_until, self.tries, self.last_error = None, 0, ""

    def end(self, now, *, why: str = "") -> None:
        self.wait_until(None)
        self.why, self.ended_at = why or self.why, now

    # --- questions that pages, services and the API ask ---

    @property
    def is_over(self) -> bool:
        return self.state in states.ENDED

    @property
    def waits_for_customer(self) -> bool:
        """She pays, or chooses what shall become of it."""
        return self.state in states.WAITS_FOR_CUSTOMER

    @property
    def can_be_chosen_again(self) -> bool:
        """It is kept for her, and has not been let go."""
        return self.state == states.RESERVED

    @property
    def can_be_paid(self) -> bool:
        return self.state == states.AWAITING_PAYMENT and self.offered_at is None

    @property
    def can_be_sent(self) -> bool:
        return self.state == states.TO_SEND

    @property
    def is_on_its_way(self) -> bool:
        return self.state == states.SENT

    @property
    def is_delivered(self) -> bool:
        return self.state == states.DELIVERED

    @property
    def is_out_of_stock(self) -> bool:
        return self.state == states.OUT_OF_STOCK

    @property
    def is_being_mended(self) -> bool:
        return self.kind == self.Kind.REPAIR and self.state == states.RESERVED

    @property
    def ended_with_its_case(self) -> bool:
        """The request was refused, or a yes taken back. Granted once more, it has another."""
        return self.state == states.CANCELLED and self.why == self.Why.CASE_ENDED

    @property
    def can_come_to_nothing(self) -> bool:
        return self.state in states.NOT_SENT


class ReplacementMove(Move):
    row = models.ForeignKey(Replacement, models.PROTECT, related_name="moves")

    class Meta(Move.Meta):
        constraints = [models.UniqueConstraint(fields=["row", "seq"], name="replacement_move_once")]


class ReplacementLine(models.Model):
    """Units of one line, and what is sent for them. worth: minor units that the new ones are billed at.

    held: units reserved in the shop's stock for it; 0 where that article is not counted here. holds: how often they
    were reserved, so that each time has a reference of its own.
    """

    replacement = models.ForeignKey(Replacement, models.PROTECT, related_name="lines")
    order_line = models.ForeignKey("orders.OrderLine", models.PROTECT, related_name="+")
    sku = models.CharField(max_length=64)
    title = models.CharField(max_length=200)
    category = models.CharField(max_length=40)
    quantity = models.PositiveIntegerField()
    worth = models.BigIntegerField(default=0)
    held = models.PositiveIntegerField(default=0)
    holds = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ("pk",)
        constraints = [
            models.UniqueConstraint(fields=["replacement", "order_line"], name="a_line_once_per_replacement")
        ]

    def __str__(self):
        return f"{self.sku} × {self.quantity}"
