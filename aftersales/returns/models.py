"""The request: what the customer asked for, what was decided, and who acts next by when."""

from django.conf import settings
from django.db import models
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from django_fsm import FSMField, transition

from aftersales.policy.reasons import needs_a_sum
from aftersales.returns import rules, states
from returns_platform.kernel.actors import KINDS, Actor
from returns_platform.kernel.fsm import Machine, Move
from returns_platform.kernel.work import Work

KINDS_OF_REQUEST = ("refund_only", "return_refund", "exchange", "repair", "resend")
OUTCOMES = ("approve", "review", "needs_evidence", "refuse")
ACTING = ("customer", "merchant", "support", "courier", "channel", "nobody")


def _choices(values):
    return [(value, value) for value in values]


class ReturnRequest(Machine, Work):
    """A numbered sheet (S14): one order, one merchant, one kind, one or more lines.

    Work: `next_try_at` says when the case's next step is due (`follow`), `due_at` when the acting party's
    time is over.
    """

    return_no = models.CharField(max_length=20, unique=True)
    order = models.ForeignKey("orders.Order", models.PROTECT, related_name="returns")
    merchant = models.ForeignKey("orders.Merchant", models.PROTECT, related_name="returns")
    customer = models.ForeignKey("orders.Customer", models.PROTECT, related_name="returns")
    kind = models.CharField(max_length=15, choices=_choices(KINDS_OF_REQUEST))
    state = FSMField(default=states.SUBMITTED, protected=True)
    send_back = models.CharField(max_length=10, default="none")
    # The return centre the goods go to, and its fees as the shop agreed to them; null: to the shop itself.
    joining = models.ForeignKey("orders.Joining", models.PROTECT, null=True, blank=True, related_name="returns")
    refund_to = models.CharField(max_length=10, default="original")
    refund_to_agreed_at = models.DateTimeField(null=True, blank=True)
    note = models.CharField(max_length=2000, blank=True)
    slot_from = models.DateTimeField(null=True, blank=True)
    slot_to = models.DateTimeField(null=True, blank=True)
    slot_chosen = models.BooleanField(default=False)  # by who filed; else the next free one was taken
    pickup_failed_at = models.DateTimeField(null=True, blank=True)
    form_token = models.CharField(max_length=40, null=True, blank=True)  # noqa: DJ001 null: no form, no limit
    filed_by_kind = models.CharField(max_length=10, choices=_choices(KINDS))
    filed_by_name = models.CharField(max_length=150, blank=True)
    # the judgement (N3)
    outcome = models.CharField(max_length=15, choices=_choices(OUTCOMES))
    verdict = models.JSONField(default=dict)
    facts = models.JSONField(default=dict)
    policy_version = models.PositiveIntegerField()
    clauses = models.ForeignKey("aftersales.ClauseVersion", models.PROTECT, null=True, blank=True, related_name="+")
    # The customer as they were known when it was judged (credit.rules.Weighed); never worked out again.
    credit = models.JSONField(default=dict, blank=True)
    nth = models.PositiveIntegerField(null=True, blank=True)  # of the customer's; null: from before it was counted
    device = models.CharField(max_length=64, blank=True)  # keyed digest of the browser (credit.devices)
    kept = models.BigIntegerField(default=0)  # given at once by a rule, and the goods do not come back
    deadline = models.DateTimeField(null=True, blank=True)
    bill = models.ForeignKey("aftersales.Bill", models.PROTECT, null=True, blank=True, related_name="+")
    # the decision
    decided_by_kind = models.CharField(max_length=10, blank=True)
    decided_by_id = models.CharField(max_length=100, blank=True)
    decided_by_name = models.CharField(max_length=150, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    refusal_code = models.CharField(max_length=30, blank=True)
    refusal_text = models.CharField(max_length=2000, blank=True)
    asked_classes = models.JSONField(default=list, blank=True)
    asked_text = models.CharField(max_length=2000, blank=True)
    # the clocks
    waits_for = models.CharField(max_length=10, choices=_choices(ACTING), default="nobody")
    due_at = models.DateTimeField(null=True, blank=True)
    reminded_at = models.DateTimeField(null=True, blank=True)
    filed_at = models.DateTimeField()
    delivered_at = models.DateTimeField(null=True, blank=True)
    counted_at = models.DateTimeField(null=True, blank=True)
    paid_ahead_at = models.DateTimeField(null=True, blank=True)  # at the count; the bench grades afterwards (S103)
    box_counted_at = models.DateTimeField(null=True, blank=True)  # a later box, after the others' units were paid
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name, verbose_name_plural = _("return request"), _("return requests")
        constraints = [
            models.UniqueConstraint(fields=["customer", "form_token"], name="one_case_per_form_token"),
            models.UniqueConstraint(fields=["customer", "nth"], name="one_case_after_the_other"),
        ]
        indexes = [
            models.Index(fields=["merchant", "-filed_at"]),
            models.Index(fields=["customer", "-filed_at"]),
            models.Index(
                fields=["next_try_at"], name="return_step_due", condition=models.Q(next_try_at__isnull=False)
            ),
            models.Index(
                fields=["paid_ahead_at"], name="paid_ahead", condition=models.Q(paid_ahead_at__isnull=False)
            ),
            models.Index(fields=["due_at"], name="return_time_over", condition=models.Q(due_at__isnull=False)),
            models.Index(
                fields=["merchant", "due_at"], name="return_live", condition=~models.Q(state__in=states.ENDED)
            ),
        ]
        permissions = [  # of the platform's staff; who has which: aftersales.desk.groups
            ("see_every_case", "Can see every case, not only those that wait for the platform"),
            ("see_notes", "Can read the platform's internal notes"),
            ("see_risk_band", "Can see whether the risk is low, watched or high"),
            ("see_risk", "Can see the risk score"),
            ("decide_request", "Can approve and refuse what waits for the platform"),
            ("decide_any_request", "Can approve and refuse while the shop's time still runs"),
            ("ask_evidence", "Can ask a customer for evidence"),
        ]

    def __str__(self):
        return self.return_no

    # --- transitions: each changes this row's own fields and nothing else ---

    @transition(field=state, source=[states.SUBMITTED, states.NEEDS_EVIDENCE], target=states.IN_REVIEW)
    def send_to_review(self): ...

    @transition(field=state, source=[states.SUBMITTED, states.IN_REVIEW], target=states.NEEDS_EVIDENCE)
    def ask_evidence(self): ...

    @transition(field=state, source=list(states.UNDECIDED), target=states.APPROVED)
    def approve(self): ...

    @transition(field=state, source=[*states.UNDECIDED, states.INSPECTED], target=states.REJECTED)
    def reject(self): ...

    @transition(field=state, source=states.APPROVED, target=states.AWAITING_GOODS)
    def await_goods(self): ...

    @transition(field=state, source=[states.APPROVED, states.AWAITING_GOODS], target=states.IN_TRANSIT)
    def collect(self): ...

    @transition(field=state, source=list(states.GOODS_ON_THE_WAY), target=states.ARRIVED)
    def arrive(self): ...

    @transition(field=state, source=states.ARRIVED, target=states.INSPECTED)
    def inspect(self): ...

    # Counted, and nothing at all was in the parcel: there is nothing to inspect.
    # Or the goods went back to the customer before they were here.
    @transition(field=state, source=[states.ARRIVED, states.IN_TRANSIT], target=states.REJECTED)
    def close_empty(self): ...

    # From the road: the courier lost what it had taken (T115).
    @transition(
        field=state,
        source=[states.APPROVED, states.IN_TRANSIT, states.ARRIVED, states.INSPECTED],
        target=states.SETTLING,
    )
    def settle(self): ...

    # Missing units were found after the others were paid, or the bank sent money back that had arrived.
    @transition(field=state, source=states.COMPLETED, target=states.SETTLING)
    def pay_the_rest(self): ...

    @transition(field=state, source=states.SETTLING, target=states.COMPLETED)
    def complete(self): ...

    @transition(
        field=state,
        source=[*states.UNDECIDED, states.APPROVED, states.AWAITING_GOODS, states.SETTLING],
        target=states.WITHDRAWN,
    )
    def withdraw(self): ...

    @transition(
        field=state, source=[states.NEEDS_EVIDENCE, states.APPROVED, states.AWAITING_GOODS], target=states.LAPSED
    )
    def lapse(self): ...

    # A person takes their yes back before anything has happened because of it.
    @transition(
        field=state, source=[states.APPROVED, states.AWAITING_GOODS, states.SETTLING], target=states.IN_REVIEW
    )
    def ask_again(self): ...

    @transition(field=state, source=states.SETTLING, target=states.INSPECTED)
    def ask_about_the_goods_again(self): ...

    # A person of the platform found that the customer was right to call: it is decided once more.
    @transition(field=state, source=states.REJECTED, target=states.IN_REVIEW)
    def reopen(self): ...

    @transition(field=state, source=states.REJECTED, target=states.INSPECTED)
    def reopen_inspected(self): ...

    def wait_for(self, who: str, until) -> None:
        """Who acts next, and when their time is over (None: nobody's clock runs)."""
        self.waits_for, self.due_at, self.reminded_at = who, until, None

    def decide(self, by: Actor, now) -> None:
        """What a person decides is no rule's gift: no rule's limit counts it."""
        self.decided_by_kind, self.decided_by_id, self.decided_by_name = by.kind, by.id, by.name
        self.decided_at = now
        if by.kind != "rule":
            self.kept = 0
        self.__dict__.pop("decided_by", None)

    def forget_decision(self) -> None:
        self.decided_by_kind = self.decided_by_id = self.decided_by_name = ""
        self.decided_at = None
        self.__dict__.pop("decided_by", None)

    def end(self, now) -> None:
        """Nothing more is due."""
        self.wait_for("nobody", None)
        self.next_try_at, self.claimed_until, self.ended_at = None, None, now

    # --- questions that pages, services and the API ask ---

    @property
    def goods_come_back(self) -> bool:
        return rules.goods_come_back(self.kind, self.send_back)

    @property
    def goes_to(self):
        """Who takes the goods in: a return centre, or the shop. Each has local_name and return_address."""
        return self.joining.centre if self.joining_id else self.merchant

    @property
    def is_replaced(self) -> bool:
        """Something is sent for the goods, not money. One that comes to nothing becomes a refund of its kind."""
        return self.kind in rules.REPLACING

    @property
    def may_be_replaced(self) -> bool:
        """Something replaces the goods, or did before it became a refund."""
        return self.is_replaced or self.facts.get("kind") in rules.REPLACING

    @property
    def takes_units(self) -> bool:
        """A resend leaves the unit with the customer, as returnable as before."""
        return self.kind != "resend"

    @property
    def is_live(self) -> bool:
        return self.state in states.LIVE

    @property
    def is_ended(self) -> bool:
        return self.state in states.ENDED

    @property
    def is_undecided(self) -> bool:
        return self.state in states.UNDECIDED

    @property
    def was_granted(self) -> bool:
        return self.state in states.GRANTED

    @property
    def awaits_decision(self) -> bool:
        """A person may approve or refuse: in review, waiting for evidence, or a doubtful inspection."""
        return self.state in (states.IN_REVIEW, states.NEEDS_EVIDENCE, states.INSPECTED)

    @property
    def evidence_can_be_asked(self) -> bool:
        return self.state == states.IN_REVIEW

    @property
    def evidence_can_be_added(self) -> bool:
        return self.state in (states.IN_REVIEW, states.NEEDS_EVIDENCE, states.INSPECTED)

    @property
    def goods_can_be_counted(self) -> bool:
        """Also after the money left because nobody had, in a week: the goods are there all the same."""
        if not self.goods_come_back or self.counted_at is not None:
            return False
        return self.state in states.COUNTABLE or self.was_paid_in_silence

    @property
    def was_paid_in_silence(self) -> bool:
        """Nobody inspected within the week, and the money left as approved."""
        paid = self.state in (states.SETTLING, states.COMPLETED)
        return paid and self.moves.filter(note="inspection_overdue").exists()

    @property
    def goods_can_be_inspected(self) -> bool:
        """Counted; also after the money left, where it left before the bench had graded everything."""
        if self.counted_at is None:
            return False
        return self.state == states.ARRIVED or self._was_paid_ungraded

    @property
    def _was_paid_ungraded(self) -> bool:
        """At the count to who is trusted, before a later box was there, or after a week's silence of the bench."""
        paid = self.state in (states.SETTLING, states.COMPLETED)
        ahead = self.paid_ahead_at is not None or self.box_counted_at is not None
        return (paid and ahead) or self.was_paid_in_silence

    @property
    def is_granted_and_missing(self) -> bool:
        """Counted, and announced units are still open."""
        granted = self.counted_at is not None and self.state not in states.UNITS_FREE
        return granted and any(line.missing for line in self.lines.all())

    @property
    def can_be_withdrawn(self) -> bool:
        """Until collected or counted. Money promised and not yet sent is looked at by the service."""
        return self.state in (*states.UNDECIDED, states.APPROVED, states.AWAITING_GOODS, states.SETTLING) and (
            self.counted_at is None
        )

    @property
    def needs_a_sum(self) -> bool:
        """A person says how much before it can be granted; what the units cost is not what was asked for."""
        return self.is_undecided and any(line.quantity and needs_a_sum(line.reason) for line in self.lines.all())

    @property
    def takes_a_part(self) -> bool:
        """Where the goods stay, a person may grant a part of the price instead of all of it (M3)."""
        return self.kind == "refund_only" and self.state in (states.IN_REVIEW, states.NEEDS_EVIDENCE)

    @property
    def takes_an_offer(self) -> bool:
        """A person may offer a sum for keeping the goods while they still decide about money for them."""
        kinds = ("refund_only", "return_refund")
        return self.kind in kinds and self.state == states.IN_REVIEW

    def keep_the_goods(self) -> None:
        """Nothing travels back: it is a refund only, whatever was asked for."""
        self.kind, self.send_back = "refund_only", "none"
        self.slot_from = self.slot_to = None

    @property
    def waybill_can_be_entered(self) -> bool:
        """Sent by the customer from the start, or because no courier came."""
        way = self.send_back in ("self_ship", "drop_off") or self.pickup_failed_at is not None
        return way and self.state in (states.APPROVED, states.AWAITING_GOODS)

    @property
    def can_be_handed_in(self) -> bool:
        """Over the counter of a store or a point, however she meant to send it."""
        return self.goods_come_back and self.state in (states.APPROVED, states.AWAITING_GOODS)

    @property
    def slot_can_be_changed(self) -> bool:
        return self.send_back == "pickup" and self.state in (
            *states.UNDECIDED, states.APPROVED, states.AWAITING_GOODS,
        )  # fmt: skip

    @property
    def shows_a_measure(self) -> bool:
        """A person looks first because of a decision about the customer, which they read on a page of their own."""
        return any(reason["code"] == "measure" for reason in self.credit.get("reasons", ()))

    @property
    def was_refused(self) -> bool:
        return self.state == states.REJECTED

    @property
    def is_completed(self) -> bool:
        return self.state == states.COMPLETED

    @property
    def is_settling(self) -> bool:
        return self.state == states.SETTLING

    @cached_property
    def reason_found_at(self):
        """Since when another reason counts than the customer named, by the inspection (T49); None: hers does."""
        if self.counted_at is None:
            return None
        return max((line.reason_found_at for line in self.lines.all() if line.reason_found_at), default=None)

    def has_open_task(self, kind: str) -> bool:
        return self.tasks.filter(kind=kind, closed_at=None).exists()

    @cached_property
    def decided_by(self) -> Actor | None:
        if not self.decided_by_kind:
            return None
        return Actor(self.decided_by_kind, self.decided_by_id, self.decided_by_name)

    @property
    def parcel_ref(self) -> str:
        """The reference of the parcel that brings the goods back."""
        return f"{self.return_no}-P"


class ReturnMove(Move):
    row = models.ForeignKey(ReturnRequest, models.PROTECT, related_name="moves")

    class Meta(Move.Meta):
        constraints = [models.UniqueConstraint(fields=["row", "seq"], name="return_move_once")]
        indexes = [models.Index(fields=["at"], name="return_moves_lately")]


class ReturnLine(models.Model):
    """Units of one order line that a request takes; what they carry stands in the request's bill."""

    request = models.ForeignKey(ReturnRequest, models.PROTECT, related_name="lines")
    order_line = models.ForeignKey("orders.OrderLine", models.PROTECT, related_name="return_lines")
    quantity = models.PositiveIntegerField()
    shipped = models.BooleanField()  # which of the line's units: sent already, or not yet
    reason = models.CharField(max_length=20)
    fault = models.BooleanField()
    # What the customer had named, where the inspection found another one (T49), and since when that one counts.
    reason_filed = models.CharField(max_length=20, blank=True)
    reason_found_at = models.DateTimeField(null=True, blank=True)
    exchange_sku = models.CharField(max_length=64, blank=True)
    amount = models.BigIntegerField(default=0)  # of the line's net: what the request holds
    part = models.BooleanField(default=False)  # a part of the price, set by a person; the goods stay (M3)
    counted = models.PositiveIntegerField(null=True, blank=True)
    missing = models.PositiveIntegerField(default=0)  # announced, not in the parcel, open with a person
    let_go = models.PositiveIntegerField(default=0)  # announced, missing, and the customer's again

    class Meta:
        ordering = ("order_line__position",)
        constraints = [
            models.UniqueConstraint(fields=["request", "order_line"], name="a_line_once_per_request"),
            # 0: none came, and the units are the customer's again; or a part of the price was paid without any.
            models.CheckConstraint(
                name="at_least_one_unit",
                condition=models.Q(quantity__gte=1)
                | models.Q(quantity=0, counted=0)
                | models.Q(quantity=0, part=True),
            ),
        ]

    def __str__(self):
        return f"{self.order_line_id} × {self.quantity}"

    @property
    def came(self) -> int:
        """The units that are settled: those announced, and after the count without the missing ones."""
        return self.quantity - self.missing

    @property
    def announced(self) -> int:
        """As many units as the return slip has labels for, whatever the request has let go of since."""
        return self.quantity + self.let_go


class Message(models.Model):
    """What the parties said to each other about a request. Internal notes stay with the shop or the platform."""

    class Audience(models.TextChoices):
        ALL = "all"
        SHOP = "shop"
        PLATFORM = "platform"

    request = models.ForeignKey(ReturnRequest, models.PROTECT, related_name="messages")
    audience = models.CharField(max_length=8, choices=Audience, default=Audience.ALL)
    by_kind = models.CharField(max_length=10, choices=_choices(KINDS))
    by_id = models.CharField(max_length=100, blank=True)
    by_name = models.CharField(max_length=150, blank=True)
    text = models.CharField(max_length=2000)
    at = models.DateTimeField()

    class Meta:
        ordering = ("at", "pk")

    def __str__(self):
        return self.text[:60]


class SupportTask(models.Model):
    """Something only a person of the platform can settle, with a due time and an owner."""

    kind = models.CharField(max_length=30)
    reference = models.CharField(max_length=100)  # what it is about; one open task per kind and reference
    request = models.ForeignKey(ReturnRequest, models.PROTECT, null=True, blank=True, related_name="tasks")
    order = models.ForeignKey("orders.Order", models.PROTECT, null=True, blank=True, related_name="support_tasks")
    data = models.JSONField(default=dict, blank=True)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    opened_at = models.DateTimeField()
    due_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_by = models.CharField(max_length=150, blank=True)
    closing_note = models.CharField(max_length=2000, blank=True)

    class Meta:
        verbose_name, verbose_name_plural = _("support task"), _("support tasks")
        permissions = [("close_task", "Can close a task with a note")]
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "reference"], name="one_open_task", condition=models.Q(closed_at=None)
            )
        ]

    def __str__(self):
        return f"{self.kind} {self.reference}"
