"""What was bought, with every share frozen at import, and the counters that reserve money and units."""

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django_fsm import FSMField, transition

from orders.purchases import states
from returns_platform.kernel.fsm import Machine, Move

CHANNELS = ("wechat", "alipay", "stripe", "bank_transfer", "balance", "gift_card")  # in M4a's order


class MadeFor(models.TextChoices):
    """Why we made an order ourselves. All but a replacement are money paid for a request, and nothing else."""

    REPLACEMENT = "replacement", _("replacement")
    DIFFERENCE = "difference", _("difference of an exchange")
    REPAIR = "repair", _("repair")
    DEPOSIT = "deposit", _("deposit")


class Order(Machine):
    merchant = models.ForeignKey("orders.Merchant", models.PROTECT, related_name="orders")
    customer = models.ForeignKey("orders.Customer", models.PROTECT, related_name="orders")
    order_no = models.CharField(max_length=64)
    state = FSMField(default=states.PLACED, protected=True)
    currency = models.CharField(max_length=3)
    placed_at = models.DateTimeField()
    ship_to = models.JSONField(default=dict)
    freight_charged = models.BigIntegerField(default=0)
    freight_discount = models.BigIntegerField(default=0)
    freight_free_from = models.BigIntegerField(null=True, blank=True)
    points_used = models.BigIntegerField(default=0)
    points_amount = models.BigIntegerField(default=0)
    points_earned = models.BigIntegerField(default=0)
    invoice_number = models.CharField(max_length=64, blank=True)
    invoice_issued_at = models.DateTimeField(null=True, blank=True)
    invoice_amount = models.BigIntegerField(null=True, blank=True)
    # An order that we made ourselves, for a request about another one: what it is for, of which request.
    made_for = models.CharField(max_length=11, choices=MadeFor, blank=True)
    made_of = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="made_orders")
    case_ref = models.CharField(max_length=20, blank=True)
    content_digest = models.CharField(max_length=64)  # of the last body: the same again changes nothing
    updated_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["merchant", "order_no"], name="one_order_per_number")]
        indexes = [
            models.Index(fields=["customer", "-placed_at", "-id"]),
            models.Index(fields=["merchant", "-placed_at", "-id"]),
            models.Index(fields=["case_ref"], name="order_made_for_case", condition=~Q(case_ref="")),
        ]

    def __str__(self):
        return self.order_no

    @property
    def freight_paid(self) -> int:
        return self.freight_charged - self.freight_discount

    @property
    def has_after_sale(self) -> bool:
        """From the first request on that was not refused at once, what was paid never changes. Of what we made
        ourselves it never does.
        """
        return bool(self.made_for) or self.lines.filter(attempts__gt=0).exists()

    @property
    def takes_after_sale(self) -> bool:
        return self.state in states.OPEN_FOR_AFTER_SALE and not self.is_money_only

    @property
    def is_on_its_way(self) -> bool:
        """All of it has left."""
        return self.state in (states.SHIPPED, states.SIGNED, states.COMPLETED)

    @property
    def is_signed_for(self) -> bool:
        return self.state in (states.SIGNED, states.COMPLETED)

    @property
    def is_money_only(self) -> bool:
        """Paid for a request: it comes back with that request, never by another one."""
        return self.made_for not in ("", MadeFor.REPLACEMENT)

    @transition(field=state, source=states.PLACED, target=states.PAID)
    def pay(self): ...

    # Back from SHIPPED or SIGNED: the shop may correct what a parcel held until the first after-sale.
    @transition(field=state, source=[states.PAID, states.SHIPPED, states.SIGNED], target=states.PARTLY_SHIPPED)
    def ship_part(self): ...

    @transition(field=state, source=[states.PAID, states.PARTLY_SHIPPED, states.SIGNED], target=states.SHIPPED)
    def ship(self): ...

    @transition(field=state, source=[states.PARTLY_SHIPPED, states.SHIPPED], target=states.SIGNED)
    def sign(self): ...

    @transition(field=state, source=states.SIGNED, target=states.COMPLETED)
    def complete(self): ...

    @transition(field=state, source=[states.PLACED, states.PAID], target=states.CANCELLED)
    def cancel(self): ...

    # The new order of an exchange, also after its parcel was lost.
    @transition(field=state, source=[states.PAID, states.SHIPPED], target=states.CANCELLED)
    def come_to_nothing(self): ...


class OrderMove(Move):
    row = models.ForeignKey(Order, models.PROTECT, related_name="moves")

    class Meta(Move.Meta):
        constraints = [models.UniqueConstraint(fields=["row", "seq"], name="order_move_once")]


class OrderLine(models.Model):
    """One line, frozen. Money columns are what the whole line carries; the rest counts what is in use."""

    order = models.ForeignKey(Order, models.PROTECT, related_name="lines")
    position = models.PositiveSmallIntegerField()
    line_no = models.CharField(max_length=64)
    sku = models.CharField(max_length=64)
    title = models.CharField(max_length=200)
    category = models.CharField(max_length=40)
    quantity = models.PositiveIntegerField()
    unit_price = models.BigIntegerField()
    line_discount = models.BigIntegerField(default=0)
    tax_rate = models.DecimalField(max_digits=6, decimal_places=4, default=0)
    virtual = models.BooleanField(default=False)
    gift_price = models.BigIntegerField(null=True, blank=True)
    kit = models.CharField(max_length=100, blank=True)
    # The goods are gift cards themselves: their numbers, one a unit, each worth unit_price when it was sold.
    gift_cards = ArrayField(models.CharField(max_length=64), default=list, blank=True)
    # They are codes of virtual goods instead: voided before the money goes back, and used ones are a person's (T34).
    codes = models.BooleanField(default=False)
    no_reason_excluded_confirmed_at = models.DateTimeField(null=True, blank=True)
    # frozen shares (M1)
    net = models.BigIntegerField()
    share_shop = models.BigIntegerField(default=0)
    share_platform = models.BigIntegerField(default=0)
    share_points = models.BigIntegerField(default=0)
    share_freight = models.BigIntegerField(default=0)
    discount_shares = ArrayField(models.BigIntegerField(), default=list)  # one per discount, in listed order
    points_used = models.BigIntegerField(default=0)
    points_earned = models.BigIntegerField(default=0)
    tax = models.BigIntegerField(default=0)
    # units
    shipped = models.PositiveIntegerField(default=0)
    shipped_in_use = models.PositiveIntegerField(default=0)
    unshipped_in_use = models.PositiveIntegerField(default=0)
    attempts = models.PositiveSmallIntegerField(default=0)  # requests filed on it, refused ones not counted
    # money
    claimed = models.BigIntegerField(default=0)  # of the net: what live and done requests were promised
    refunded = models.BigIntegerField(default=0)  # of the net: what live refunds carry

    class Meta:
        ordering = ("position",)
        constraints = [
            models.UniqueConstraint(fields=["order", "line_no"], name="one_line_per_number"),
            models.CheckConstraint(
                name="units_in_use_were_bought",
                condition=Q(shipped_in_use__lte=F("shipped"))
                & Q(quantity__gte=F("shipped_in_use") + F("unshipped_in_use")),
            ),
            models.CheckConstraint(
                name="line_money_within_paid",
                condition=Q(claimed__gte=0) & Q(refunded__gte=0) & Q(refunded__lte=F("claimed")),
            ),
        ]
        indexes = [GinIndex(fields=["gift_cards"], name="line_of_gift_card", condition=~Q(gift_cards=[]))]

    def __str__(self):
        return f"{self.title} × {self.quantity}"

    @property
    def returnable(self) -> int:
        """Shipped units not in use. A parcel may have left with units that were already refunded."""
        return max(0, min(self.shipped, self.quantity - self.unshipped_in_use) - self.shipped_in_use)

    @property
    def cancellable(self) -> int:
        """Unshipped units not in use."""
        return max(0, self.quantity - self.shipped - self.unshipped_in_use)

    @property
    def refundable(self) -> int:
        """Minor units of the net, without freight, that no live or done request was promised."""
        return max(0, self.net - self.claimed)


class Discount(models.Model):
    class Source(models.TextChoices):
        SHOP = "shop"
        PLATFORM = "platform"

    order = models.ForeignKey(Order, models.PROTECT, related_name="discounts")
    position = models.PositiveSmallIntegerField()
    name = models.CharField(max_length=100)
    source = models.CharField(max_length=8, choices=Source)
    amount = models.BigIntegerField()
    line_nos = ArrayField(models.CharField(max_length=64), null=True, blank=True)  # null = the whole order
    threshold = models.BigIntegerField(null=True, blank=True)
    percent = models.DecimalField(max_digits=6, decimal_places=3, null=True, blank=True)
    coupon = models.CharField(max_length=64, blank=True)  # the coupon's own number
    valid_until = models.DateTimeField(null=True, blank=True)  # null = no end, or not told

    class Meta:
        ordering = ("position",)

    def __str__(self):
        return self.name

    @property
    def is_coupon(self) -> bool:
        """Something the customer gave for it and may get back, unlike a promotion with a threshold or a rate."""
        return bool(self.coupon) or (self.threshold is None and self.percent is None)


class Transaction(models.Model):
    """A payment at a channel. It belongs to one order, unless every part names the same total."""

    channel = models.CharField(max_length=13)
    transaction_id = models.CharField(max_length=64)
    currency = models.CharField(max_length=3)
    total = models.BigIntegerField(null=True, blank=True)  # null = one order holds all of it
    allotted = models.BigIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["channel", "transaction_id"], name="one_row_per_transaction"),
            models.CheckConstraint(
                name="parts_within_transaction", condition=Q(total=None) | Q(allotted__lte=F("total"))
            ),
        ]

    def __str__(self):
        return f"{self.channel} {self.transaction_id}"


class Payment(models.Model):
    """A tender of an order. Two counters under CHECK: `held` by live returns, `reserved` by refunds.

    `external` is the part of `reserved` that was refunded at the channel, past this platform; `carried` the part
    that went along to the order of an exchange, where it is a payment again (`carried_from`).
    """

    order = models.ForeignKey(Order, models.PROTECT, related_name="payments")
    position = models.PositiveSmallIntegerField()
    transaction = models.ForeignKey(Transaction, models.PROTECT, related_name="payments")
    channel = models.CharField(max_length=13)
    gift_card = models.CharField(max_length=64, blank=True)  # the card's number; empty: the transaction names it
    amount = models.BigIntegerField()
    paid_at = models.DateTimeField()
    held = models.BigIntegerField(default=0)
    reserved = models.BigIntegerField(default=0)
    external = models.BigIntegerField(default=0)
    carried = models.BigIntegerField(default=0)
    carried_from = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="carried_to")

    class Meta:
        ordering = ("position",)
        constraints = [
            models.CheckConstraint(
                name="payment_never_overspent",
                condition=Q(held__gte=0) & Q(held__lte=F("amount"))
                & Q(reserved__gte=0) & Q(reserved__lte=F("amount")),
            ),
            models.CheckConstraint(
                name="external_and_carried_are_part_of_reserved",
                condition=Q(external__gte=0) & Q(carried__gte=0) & Q(reserved__gte=F("external") + F("carried")),
            ),
        ]  # fmt: skip
        indexes = [models.Index(fields=["gift_card"], name="payment_by_gift_card", condition=~Q(gift_card=""))]

    def __str__(self):
        return f"{self.amount} by {self.channel}"

    @property
    def card_number(self) -> str:
        """Of the gift card it was made with; a shop that names none calls the card by the transaction."""
        return self.gift_card or self.transaction.transaction_id


class Shipment(models.Model):
    """A parcel on its way out to the customer, as the shop reported it."""

    order = models.ForeignKey(Order, models.PROTECT, related_name="shipments")
    parcel_no = models.CharField(max_length=64)
    courier = models.CharField(max_length=20, blank=True)
    waybill = models.CharField(max_length=40, blank=True)
    grams = models.PositiveIntegerField(null=True, blank=True)  # as it left, packed
    shipped_at = models.DateTimeField()
    signed_at = models.DateTimeField(null=True, blank=True)
    # The latest signature ever reported: a correction does not shorten a window already shown.
    window_from = models.DateTimeField(null=True, blank=True)
    # When the first signature was reported, of a parcel whose window had been an estimate until then.
    signature_told_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("shipped_at", "pk")
        constraints = [models.UniqueConstraint(fields=["order", "parcel_no"], name="one_shipment_per_number")]
        indexes = [  # a courier's news about a waybill that is no return's
            models.Index(fields=["waybill"], name="shipment_under_way", condition=Q(signed_at=None)),
        ]

    def __str__(self):
        return self.parcel_no


class FreightPolicy(models.Model):
    """Insurance of an order's way back (运费险), as its shop told it. It pays once, at most its cover."""

    class Payer(models.TextChoices):
        CUSTOMER = "customer"
        SHOP = "shop"

    order = models.OneToOneField(Order, models.PROTECT, related_name="freight_policy")
    merchant = models.ForeignKey("orders.Merchant", models.PROTECT, related_name="+")
    insurer = models.CharField(max_length=100)
    policy_no = models.CharField(max_length=64)
    cover = models.BigIntegerField()
    premium = models.BigIntegerField()
    premium_payer = models.CharField(max_length=8, choices=Payer)
    told_at = models.DateTimeField()
    claimed_by = models.CharField(max_length=20, blank=True)  # the return that it paid for
    claimed_amount = models.BigIntegerField(null=True, blank=True)
    claimed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["merchant", "insurer", "policy_no"], name="a_policy_for_one_order"),
            models.CheckConstraint(
                name="claimed_once_within_cover",
                condition=Q(cover__gt=0, premium__gte=0)
                & (
                    Q(claimed_by="", claimed_amount=None, claimed_at=None)
                    | Q(
                        ~Q(claimed_by=""),
                        claimed_amount__gt=0,
                        claimed_amount__lte=F("cover"),
                        claimed_at__isnull=False,
                    )
                ),
            ),
        ]

    def __str__(self):
        return self.policy_no


class ShipmentItem(models.Model):
    shipment = models.ForeignKey(Shipment, models.PROTECT, related_name="items")
    line = models.ForeignKey(OrderLine, models.PROTECT, related_name="shipped_items")
    quantity = models.PositiveIntegerField()
    serials = ArrayField(models.CharField(max_length=64), default=list, blank=True)  # of these units, where told

    def __str__(self):
        return f"{self.quantity} of line {self.line_id}"


class Signature(models.Model):
    """Each signature reported for a shipment; a correction adds a row."""

    shipment = models.ForeignKey(Shipment, models.PROTECT, related_name="signatures")
    signed_at = models.DateTimeField()
    reported_at = models.DateTimeField()

    def __str__(self):
        return f"{self.signed_at:%Y-%m-%d %H:%M} reported {self.reported_at:%Y-%m-%d %H:%M}"
