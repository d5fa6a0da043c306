"""A parcel: goods on their way back or out, by our courier or handed in by their owner."""

from datetime import datetime

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from django_fsm import FSMField, transition

from logistics import couriers
from logistics.parcels import rules, states
from returns_platform.kernel.fsm import Machine, Move
from returns_platform.kernel.work import Work


class Parcel(Machine, Work):
    """Due work: a requested parcel is to be booked, a stale number called off, any other asked after."""

    class Kind(models.TextChoices):
        RETURN = "return", _("coming back")
        OUTBOUND = "outbound", _("going out")

    class Way(models.TextChoices):
        PICKUP = "pickup", _("collected by a courier")
        SELF_SHIP = "self_ship", _("handed in by the sender")
        DROP_OFF = "drop_off", _("handed in at a point of the shop")

    class Problem(models.TextChoices):
        """Why a parcel is not where it should be, or what its courier reports."""

        COURIER_DOWN = "courier_down", _("the courier did not answer")
        PICKUP_TIME = "pickup_time", _("the courier does not come at that time")
        NO_CAPACITY = "no_capacity", _("the courier has nobody free")
        ADDRESS = "address", _("the address is incomplete")
        PHONE = "phone", _("the phone number is wrong")
        NOT_SERVED = "not_served", _("the courier does not serve this address")
        GOODS = "goods", _("the courier does not take these goods")
        ACCOUNT = "account", _("the contract with the courier does not allow it")
        OTHER = "other", _("the courier refused")
        UNREACHABLE = "unreachable", _("the courier could not reach the sender")
        WEATHER = "weather", _("the courier is held up by the weather")
        TRAFFIC = "traffic", _("the courier is held up by traffic")
        NOT_COLLECTED = "not_collected", _("the courier did not come")
        CALLED_OFF = "called_off", _("the pickup was called off at the courier")
        COLLECTED_ANYWAY = "collected_anyway", _("collected although it was cancelled")
        CANCEL_FAILED = "cancel_failed", _("the courier could not be called off")
        WAYBILL_TAKEN = "waybill_taken", _("another parcel has this waybill")
        REFUSED_AT_DOOR = "refused_at_door", _("refused at the door")
        RETURNED_TO_SENDER = "returned_to_sender", _("on its way back to the sender")
        LOST = "lost", _("lost on the way")
        SILENT = "silent", _("no scan for sixty days")
        NO_RECORD = "no_record", _("no courier knows this waybill")
        NOT_FOLLOWED = "not_followed", _("this courier cannot be asked where the parcel is")

    reference = models.CharField(max_length=40, unique=True)
    leg = models.CharField(max_length=40)
    kind = models.CharField(max_length=8, choices=Kind, default=Kind.RETURN)
    way = models.CharField(max_length=9, choices=Way)
    order = models.ForeignKey("orders.Order", models.PROTECT, related_name="parcels")
    merchant = models.ForeignKey("orders.Merchant", models.PROTECT, related_name="parcels")
    state = FSMField(default=states.REQUESTED, protected=True)
    sender = models.JSONField()  # name, phone, province, city, district, street
    receiver = models.JSONField()
    goods = models.JSONField(default=list)  # [{"name", "count"}]

    slot_from = models.DateTimeField(null=True, blank=True)
    slot_to = models.DateTimeField(null=True, blank=True)
    number = models.CharField(max_length=50, unique=True)  # under which the courier has, or would have, the order
    numbers = models.PositiveSmallIntegerField(default=1)  # how many such numbers this parcel has used
    # Orders the courier has, or may have, and must not carry out.
    stale_numbers = ArrayField(models.CharField(max_length=50), default=list, blank=True)
    asked_courier = models.CharField(max_length=20, blank=True)  # to whom the numbers were given
    courier = models.CharField(max_length=20, blank=True)  # who carries it
    waybill = models.CharField(max_length=32, blank=True)
    agent_name = models.CharField(max_length=50, blank=True)  # the courier's person, once one is assigned
    agent_phone = models.CharField(max_length=30, blank=True)
    problem = models.CharField(max_length=20, choices=Problem, blank=True)
    # The carrier under which the aggregator tells us its news.
    subscribed_to = models.CharField(max_length=20, blank=True)
    asked_at = models.DateTimeField(null=True, blank=True)  # when it was last asked where the parcel is
    # The goods of two returns travel together: declared by who sent them under that other one's waybill, or one van
    # comes for both, which the other one has ordered.
    shares_with = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="sharing")
    # Delivered by the shop's word: it counted the goods, or took them in at its counter. Scans change nothing.
    by_word = models.BooleanField(default=False)
    point = models.ForeignKey("logistics.Point", models.PROTECT, null=True, blank=True, related_name="parcels")

    requested_at = models.DateTimeField()
    booked_at = models.DateTimeField(null=True, blank=True)
    collected_at = models.DateTimeField(null=True, blank=True)
    delivered_at = models.DateTimeField(null=True, blank=True)

    FOR_A_PERSON = (
        Problem.COLLECTED_ANYWAY, Problem.CANCEL_FAILED, Problem.NO_RECORD, Problem.WAYBILL_TAKEN,
    )  # fmt: skip

    class Meta:
        verbose_name = _("parcel")
        verbose_name_plural = _("parcels")
        permissions = [("book_again", _("May let the courier be asked again"))]
        constraints = [
            models.UniqueConstraint(
                name="one_live_return_per_leg",
                fields=["leg"],
                condition=Q(kind="return", state__in=states.LIVE),
            ),
            models.UniqueConstraint(
                name="one_live_parcel_per_waybill",
                fields=["courier", "waybill"],
                condition=~Q(waybill="") & Q(state__in=states.LIVE, shares_with=None),
            ),
            models.CheckConstraint(name="parcel_state_known", condition=Q(state__in=states.ALL)),
        ]
        indexes = [
            models.Index(name="parcel_due", fields=["next_try_at"], condition=Q(next_try_at__isnull=False)),
            models.Index(name="parcel_waybill", fields=["waybill"], condition=~Q(waybill="")),
            models.Index(name="parcel_slots", fields=["merchant", "slot_from"], condition=Q(state__in=states.LIVE)),
        ]  # fmt: skip

    def __str__(self):
        return self.reference

    @property
    def courier_name(self):
        return couriers.name(self.courier)

    @property
    def followed_by(self) -> str:
        """Who is asked first where it is: who was asked to come, else its carrier, else who knows every carrier."""
        if self.way == self.Way.PICKUP:
            return self.asked_courier
        own = self.courier in couriers.COURIERS and couriers.is_under_contract(self.courier)
        return self.courier if own else couriers.AGGREGATOR

    @property
    def live(self) -> bool:
        return self.state in states.LIVE

    @property
    def needs_a_person(self) -> bool:
        return self.state == states.MANUAL or self.problem in self.FOR_A_PERSON

    @property
    def can_be_cancelled(self) -> bool:
        return self.state in states.NOT_COLLECTED

    @property
    def takes_a_waybill(self) -> bool:
        """The sender may hand it in: that was chosen, or no courier could be booked. A typing error can be mended."""
        chosen = self.way != self.Way.PICKUP and self.state in (states.REQUESTED, states.BOOKED)
        return chosen or self.state in states.ANOTHER_TRY

    @property
    def can_be_handed_in(self) -> bool:
        """Over a counter, while it is still with its sender; a van that was to come is called off."""
        return self.point_id is None and self.state in (*states.NOT_COLLECTED, states.FAILED)

    @property
    def was_turned_back(self) -> bool:
        return self.state == states.REFUSED

    @property
    def waits_to_be_sent_on(self) -> bool:
        return self.point_id is not None and self.state == states.COLLECTED and not self.waybill

    @property
    def rides_along(self) -> bool:
        """Another parcel has the van that comes for this one; it is booked, moved and called off with that one."""
        waits = self.state in (*states.NOT_COLLECTED, states.FAILED)
        return self.shares_with_id is not None and self.way == self.Way.PICKUP and waits

    @property
    def waits_for_van(self) -> bool:
        return self.way == self.Way.PICKUP and self.state in (states.REQUESTED, states.BOOKED)

    @property
    def phone_of_courier(self) -> str:
        """Of the person who comes, or else the courier's hotline."""
        return self.agent_phone or couriers.HOTLINES.get(self.courier, "")

    def slot_can_change(self, now: datetime) -> bool:
        open_to_it = self.state in (states.REQUESTED, *states.ANOTHER_TRY)
        stoppable = self.state == states.BOOKED and not self.courier_is_on_the_way(now)
        return self.way == self.Way.PICKUP and (open_to_it or stoppable)

    def courier_is_on_the_way(self, now: datetime) -> bool:
        return rules.courier_is_on_the_way(now, self.slot_from, self.slot_to)

    @transition(field=state, source=[*states.NOT_COLLECTED, states.FAILED], target=states.BOOKED)
    def book(self, *, courier: str, waybill: str, now: datetime):
        self.courier, self.waybill, self.booked_at, self.problem = courier, waybill, now, ""

    @transition(field=state, source=[states.BOOKED, *states.ANOTHER_TRY], target=states.REQUESTED)
    def ask_again(self):
        self.waybill = self.agent_name = self.agent_phone = self.problem = ""
        self.booked_at = None

    @transition(field=state, source=[states.REQUESTED, states.MANUAL], target=states.MANUAL)
    def give_up(self, *, problem: str):
        self.problem = problem

    @transition(field=state, source=states.NOT_COLLECTED, target=states.CANCELLED)
    def cancel(self): ...

    @transition(field=state, source=states.NOT_COLLECTED, target=states.FAILED)
    def fail(self, *, problem: str):
        self.problem = problem

    @transition(field=state, source=[s for s in states.FOLLOWED if s != states.DELIVERED], target=states.DELIVERED)
    def deliver(self, *, at: datetime):
        self.delivered_at, self.problem = at, ""

    # What the courier's scans say. They may skip states and come in any order: see tracking.rules.

    @transition(field=state, source=[*states.NOT_COLLECTED, states.FAILED], target=states.COLLECTED)
    def collect(self):
        self.problem = ""

    @transition(
        field=state,
        source=[s for s in states.FOLLOWED if s != states.IN_TRANSIT],
        target=states.IN_TRANSIT,
    )
    def travel(self):
        self.problem, self.delivered_at = "", None

    @transition(field=state, source=[s for s in states.FOLLOWED if s != states.REFUSED], target=states.REFUSED)
    def turn_back(self, *, problem: str):
        self.problem, self.delivered_at = problem, None

    @transition(field=state, source=[s for s in states.FOLLOWED if s != states.LOST], target=states.LOST)
    def lose(self, *, problem: str):
        self.problem, self.delivered_at = problem, None


class ParcelMove(Move):
    row = models.ForeignKey(Parcel, models.PROTECT, related_name="moves")

    class Meta(Move.Meta):
        constraints = [models.UniqueConstraint(fields=["row", "seq"], name="parcel_move_once")]


class Weighing(models.Model):
    """What a parcel weighed, packed. Only ever added; the newest counts, the scale's before the courier's."""

    class Source(models.TextChoices):
        SCALE = "scale", _("the shop's scale")
        COURIER = "courier", pgettext_lazy("weighed by", "the courier")  # who rounds up

    parcel = models.ForeignKey(Parcel, models.PROTECT, related_name="weighings")
    grams = models.PositiveIntegerField()
    source = models.CharField(max_length=7, choices=Source)
    by_kind = models.CharField(max_length=10)
    by_name = models.CharField(max_length=150, blank=True)
    at = models.DateTimeField()

    class Meta:
        verbose_name, verbose_name_plural = _("weighing"), _("weighings")
        constraints = [models.CheckConstraint(name="weighs_something", condition=Q(grams__gte=1))]

    def __str__(self):
        return f"{self.grams} g, parcel {self.parcel_id}"


class CourierOrder(models.Model):
    """A number that was given to a courier: to whom, why to that one, and what became of it. One courier for life."""

    class Outcome(models.TextChoices):
        ASKED = "", pgettext_lazy("courier order", "asked")
        BOOKED = "booked", pgettext_lazy("courier order", "booked")
        REFUSED = "refused", _("refused by the courier")

    parcel = models.ForeignKey(Parcel, models.PROTECT, related_name="courier_orders")
    number = models.CharField(max_length=50, unique=True)
    courier = models.CharField(max_length=20)
    why = models.JSONField(default=list)  # [rates.rules.Said as a dict], the one that was taken first
    amount = models.BigIntegerField(null=True, blank=True)  # what it asks, minor units; the shop's cost
    currency = models.CharField(max_length=3, default="CNY")
    province = models.CharField(max_length=50, blank=True)  # the sender's
    slot_from = models.DateTimeField(null=True, blank=True)
    given_at = models.DateTimeField()
    claim = models.PositiveIntegerField(default=0)  # whose it was given under: a later worker may find it placed
    outcome = models.CharField(max_length=7, choices=Outcome, blank=True)
    problem = models.CharField(max_length=20, choices=Parcel.Problem, blank=True)  # why it was refused
    late = models.BooleanField(default=False)  # nobody came in time

    class Meta:
        verbose_name = _("courier's order")
        verbose_name_plural = _("couriers' orders")
        indexes = [models.Index(name="courier_record", fields=["courier", "province", "given_at"])]

    def __str__(self):
        return self.number
