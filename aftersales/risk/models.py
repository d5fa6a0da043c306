"""What was noticed about a customer, what people decided because of it, and what the customer answered."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django_fsm import FSMField, transition

from aftersales.credit.texts import SIGNALS
from aftersales.risk import states
from aftersales.risk.rules import STRONG, WITH_AMOUNT
from returns_platform.kernel.actors import KINDS, Actor
from returns_platform.kernel.fsm import Machine, Move

ACTOR_KINDS = [(kind, kind) for kind in KINDS]


class Trace(models.Model):
    """Something that customers may share. Only a keyed digest is kept: it can be compared and not read back."""

    class Kind(models.TextChoices):
        PHONE = "phone", _("phone")
        ADDRESS = "address", _("address")
        DEVICE = "device", _("device")

    customer = models.ForeignKey("orders.Customer", models.PROTECT, related_name="traces")
    kind = models.CharField(max_length=7, choices=Kind)
    digest = models.CharField(max_length=64)
    seen_at = models.DateTimeField()  # last; forgotten a year later

    class Meta:
        constraints = [models.UniqueConstraint(fields=["customer", "kind", "digest"], name="trace_once")]
        indexes = [
            models.Index(fields=["kind", "digest"], name="trace_shared"),
            models.Index(fields=["seen_at"], name="trace_old"),
        ]

    def __str__(self):
        return f"{self.kind} {self.digest[:8]}"


class Signal(models.Model):
    """Something worth a person's look: evidence for a question, never an answer.

    evidence: [{"case", …}] as `risk.rules.Found`. dismissed: a person found that it is nothing.
    """

    customer = models.ForeignKey("orders.Customer", models.PROTECT, related_name="signals")
    code = models.CharField(_("signal"), max_length=20, choices=list(SIGNALS.items()))
    weight = models.PositiveSmallIntegerField(_("weight"))
    evidence = models.JSONField(default=list)
    found_at = models.DateTimeField(_("found at"))
    expires_at = models.DateTimeField(_("stands until"))
    dismissed_at = models.DateTimeField(null=True, blank=True)
    dismissed_by = models.CharField(max_length=150, blank=True)
    dismissed_note = models.CharField(max_length=500, blank=True)

    class Meta:
        verbose_name, verbose_name_plural = _("signal"), _("signals")
        ordering = ("-found_at", "-pk")
        constraints = [
            models.UniqueConstraint(
                fields=["customer", "code"], name="one_signal_of_a_kind", condition=Q(dismissed_at=None)
            ),
            models.CheckConstraint(
                name="dismissed_by_somebody", condition=Q(dismissed_at=None) | ~Q(dismissed_by="", dismissed_note="")
            ),
        ]

    def __str__(self):
        return f"{self.code} {self.customer_id}"

    @property
    def cases(self) -> list[str]:
        return [about["case"] for about in self.evidence if about.get("case")]


class Measure(Machine):
    """What people decided about a customer for a time: who, why, on which evidence, until when.

    finding: what the customer reads. why: for colleagues. signals: [{"code", "evidence"}] as they stood then.
    amount: of a limit or a deposit, minor units.
    """

    class Kind(models.TextChoices):
        WATCH = "watch", _("watch")
        LIMIT = "limit", _("limit what is decided at once")
        REVIEW = "review", _("a person looks first")
        BLOCK = "block", _("nothing at once without a return")
        DEPOSIT = "deposit", _("deposit")

    customer = models.ForeignKey("orders.Customer", models.PROTECT, related_name="measures")
    kind = models.CharField(_("measure"), max_length=7, choices=Kind)
    state = FSMField(_("state"), default=states.PROPOSED, protected=True)
    finding = models.CharField(max_length=2000, blank=True)
    why = models.CharField(max_length=2000, blank=True)
    signals = models.JSONField(default=list, blank=True)
    amount = models.BigIntegerField(null=True, blank=True)
    currency = models.CharField(max_length=3, blank=True)
    days = models.PositiveSmallIntegerField(default=30)
    proposed_at = models.DateTimeField()
    decided_by_kind = models.CharField(max_length=10, choices=ACTOR_KINDS, blank=True)
    decided_by_id = models.CharField(max_length=100, blank=True)
    decided_by_name = models.CharField(max_length=150, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    second_kind = models.CharField(max_length=10, choices=ACTOR_KINDS, blank=True)
    second_id = models.CharField(max_length=100, blank=True)
    second_name = models.CharField(max_length=150, blank=True)
    second_at = models.DateTimeField(null=True, blank=True)
    from_at = models.DateTimeField(null=True, blank=True)
    until = models.DateTimeField(_("until"), null=True, blank=True)  # of an offered deposit: to be answered by
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name, verbose_name_plural = _("measure"), _("measures")
        ordering = ("-proposed_at", "-pk")
        permissions = [
            ("decide_measure", "Can decide measures about a customer"),
            ("agree_to_measure", "Can agree to a strong measure as the second person"),
            ("answer_measure_appeal", "Can answer a customer's appeal against a measure"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["customer", "kind"], name="one_live_measure_of_a_kind",
                condition=Q(state__in=states.LIVE),
            ),
            models.CheckConstraint(
                name="measure_in_force_ends",
                condition=~Q(state=states.IN_FORCE)
                | Q(decided_by_kind="support", until__isnull=False, from_at__isnull=False)
                & (Q(kind="watch") | ~Q(finding="")),
            ),
            models.CheckConstraint(
                name="strong_measures_take_two",
                condition=~Q(state__in=(states.IN_FORCE, states.OFFERED)) | ~Q(kind__in=sorted(STRONG))
                | (Q(second_kind="support") & ~Q(second_id=F("decided_by_id"))),
            ),
            models.CheckConstraint(
                name="measure_says_how_much",
                condition=~Q(state__in=(states.IN_FORCE, states.OFFERED)) | ~Q(kind__in=sorted(WITH_AMOUNT))
                | (Q(amount__gt=0) & ~Q(currency="")),
            ),
        ]  # fmt: skip
        indexes = [
            models.Index(fields=["until"], name="measure_time_over", condition=Q(state__in=("in_force", "offered"))),
            models.Index(fields=["state", "proposed_at"], name="measure_queue"),
        ]

    def __str__(self):
        return f"{self.kind} {self.customer_id}"

    # --- transitions: each changes this row's own fields and nothing else ---

    @transition(field=state, source=states.PROPOSED, target=states.AWAITING_SECOND)
    def decide_first(self): ...

    @transition(field=state, source=[states.PROPOSED, states.AWAITING_SECOND, states.OFFERED], target=states.IN_FORCE)
    def start(self): ...

    @transition(field=state, source=states.AWAITING_SECOND, target=states.OFFERED)
    def offer(self): ...

    @transition(field=state, source=[states.PROPOSED, states.AWAITING_SECOND, states.OFFERED], target=states.DECLINED)
    def decline(self): ...

    @transition(field=state, source=[states.IN_FORCE, states.OFFERED], target=states.ENDED)
    def end(self): ...

    @transition(field=state, source=[states.IN_FORCE, states.OFFERED], target=states.LIFTED)
    def lift(self): ...

    # --- questions ---

    @property
    def is_strong(self) -> bool:
        return self.kind in STRONG

    @property
    def is_deposit(self) -> bool:
        return self.kind == self.Kind.DEPOSIT

    @property
    def is_proposed(self) -> bool:
        return self.state == states.PROPOSED

    @property
    def awaits_second(self) -> bool:
        return self.state == states.AWAITING_SECOND

    @property
    def is_offered(self) -> bool:
        return self.state == states.OFFERED

    @property
    def is_in_force(self) -> bool:
        return self.state == states.IN_FORCE

    @property
    def is_live(self) -> bool:
        return self.state in states.LIVE

    @property
    def is_told(self) -> bool:
        """The customer reads of it: a watch changes nothing for them, and a proposal is no finding."""
        return self.kind != self.Kind.WATCH and self.state in (states.OFFERED, states.IN_FORCE)

    @property
    def decided_by(self) -> Actor | None:
        if not self.decided_by_kind:
            return None
        return Actor(self.decided_by_kind, self.decided_by_id, self.decided_by_name)

    @property
    def second_by(self) -> Actor | None:
        return Actor(self.second_kind, self.second_id, self.second_name) if self.second_kind else None

    def was_decided_by(self, person: Actor) -> bool:
        return any(by is not None and by.same_person(person) for by in (self.decided_by, self.second_by))


class MeasureMove(Move):
    row = models.ForeignKey(Measure, models.PROTECT, related_name="moves")

    class Meta(Move.Meta):
        constraints = [models.UniqueConstraint(fields=["row", "seq"], name="measure_move_once")]


class MeasureAppeal(models.Model):
    """The customer does not agree, and a person who had no part in the decision answers."""

    class Outcome(models.TextChoices):
        STANDS = "stands", _("it stands")
        LIFTED = "lifted", _("it is lifted")

    measure = models.ForeignKey(Measure, models.PROTECT, related_name="appeals")
    text = models.CharField(max_length=2000)
    at = models.DateTimeField()
    due_at = models.DateTimeField()
    outcome = models.CharField(max_length=6, choices=Outcome, blank=True)
    answer = models.CharField(max_length=2000, blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)
    answered_by_id = models.CharField(max_length=100, blank=True)
    answered_by_name = models.CharField(max_length=150, blank=True)

    class Meta:
        ordering = ("at", "pk")
        constraints = [
            models.UniqueConstraint(fields=["measure"], name="one_open_appeal", condition=Q(answered_at=None)),
            models.CheckConstraint(
                name="appeal_answered_in_words", condition=Q(answered_at=None) | ~Q(answer="") & ~Q(outcome="")
            ),
        ]

    def __str__(self):
        return f"appeal {self.measure_id}"
