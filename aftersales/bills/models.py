"""One immutable calculation for every amount ever shown (N1)."""

from django.db import models

from aftersales.bills import stored


class Bill(models.Model):
    """What a request gives back, line by line. Never edited: a change is a new bill with a reason.

    lines: [{"line_no", "line_id", "quantity", "amount", "points", "shares", ...}], tenders:
    [{"payment_id", "transaction_id", "channel", "amount"}], rows: what the page shows. Amounts in minor units.
    """

    case_ref = models.CharField(max_length=20)
    seq = models.PositiveSmallIntegerField(default=1)
    order = models.ForeignKey("orders.Order", models.PROTECT, related_name="bills")
    currency = models.CharField(max_length=3)
    refund = models.BigIntegerField()
    freight_out = models.BigIntegerField(default=0)
    freight_return_payer = models.CharField(max_length=10, default="nobody")
    freight_return_amount = models.BigIntegerField(default=0)
    deducted = models.BigIntegerField(default=0)
    points_back = models.BigIntegerField(default=0)
    points_taken = models.BigIntegerField(default=0)
    bonus = models.BigIntegerField(default=0)
    arrives_by = models.DateTimeField(null=True, blank=True)
    body = models.JSONField()  # the whole calculation, as the rules made it
    reason = models.CharField(
        max_length=40, default="filed"
    )  # why this bill: filed, counted, freight_paid_elsewhere...
    made_at = models.DateTimeField()
    made_by_kind = models.CharField(max_length=10)
    made_by_name = models.CharField(max_length=150, blank=True)

    class Meta:
        ordering = ("case_ref", "seq")
        constraints = [
            models.UniqueConstraint(fields=["case_ref", "seq"], name="one_bill_per_seq"),
            models.CheckConstraint(name="bill_not_negative", condition=models.Q(refund__gte=0, deducted__gte=0)),
        ]

    def __str__(self):
        return f"{self.case_ref} / {self.seq}"

    @property
    def lines(self) -> list[dict]:
        return self.body["lines"]

    @property
    def tenders(self) -> list[dict]:
        return self.body["tenders"]

    @property
    def carried_parts(self) -> list[dict]:
        """From which payments the value of a swap goes along, in the shape of tenders."""
        return self.body.get("carried_parts", [])

    @property
    def due(self) -> int:
        """What is to be paid on top for what is wanted instead, minor units."""
        return stored.from_body(self.body).due

    @property
    def holds(self) -> dict[int, int]:
        """What this bill keeps of each payment, refunded or carried along: {payment id: minor units}."""
        return stored.holds(self.body)
