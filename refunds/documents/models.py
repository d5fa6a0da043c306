"""Documents about money that moved: vouchers in one unbroken row per shop, red-letter requests, who read them."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django_fsm import FSMField, transition

from refunds.documents import states
from returns_platform.kernel.actors import KINDS
from returns_platform.kernel.fsm import Machine, Move

ACTOR_KINDS = [(kind, kind) for kind in KINDS]


class VoucherBook(models.Model):
    """How far a shop has counted. Locked while a voucher is written, so that a number is neither lost nor doubled."""

    merchant = models.OneToOneField("orders.Merchant", models.PROTECT, related_name="voucher_book")
    last = models.PositiveIntegerField(default=0)

    def __str__(self):
        return f"{self.merchant} {self.last}"


class Voucher(models.Model):
    """Proof that a refund arrived (退款凭证): one for each that did, none for any other. Never edited."""

    merchant = models.ForeignKey("orders.Merchant", models.PROTECT, related_name="vouchers", verbose_name=_("shop"))
    serial = models.PositiveIntegerField(_("serial"))
    number = models.CharField(_("number"), max_length=64, unique=True)
    refund = models.OneToOneField("refunds.Refund", models.PROTECT, related_name="voucher", verbose_name=_("refund"))
    case_ref = models.CharField(_("request"), max_length=64, db_index=True)
    amount = models.BigIntegerField(_("amount"))
    currency = models.CharField(_("currency"), max_length=3)
    arrived_at = models.DateTimeField(_("arrived at"))
    issued_at = models.DateTimeField(_("issued at"))

    class Meta:
        verbose_name, verbose_name_plural = _("refund voucher"), _("refund vouchers")
        ordering = ("merchant", "serial")
        constraints = [
            models.UniqueConstraint(fields=["merchant", "serial"], name="one_voucher_per_serial"),
            models.CheckConstraint(name="voucher_above_zero", condition=Q(amount__gt=0, serial__gt=0)),
        ]

    def __str__(self):
        return self.number

    @property
    def is_cancelled(self) -> bool:
        return hasattr(self, "cancellation")


class VoucherCancellation(models.Model):
    """The bank sent the money back after it had arrived: the voucher keeps its number and proves nothing any more."""

    voucher = models.OneToOneField(Voucher, models.PROTECT, related_name="cancellation")
    at = models.DateTimeField()

    def __str__(self):
        return f"{self.voucher} {self.at:%Y-%m-%d}"


class PaperRead(models.Model):
    """Who took which document, when."""

    paper = models.CharField(max_length=64, db_index=True)
    by_kind = models.CharField(max_length=10, choices=ACTOR_KINDS)
    by_id = models.CharField(max_length=100, blank=True)
    at = models.DateTimeField()

    def __str__(self):
        return f"{self.by_kind} {self.by_id} read {self.paper}"


class RedLetterRequest(Machine):
    """What finance has to take off an issued invoice because goods came back (红字发票申请), linked to the return.

    lines: [{"line_no", "title", "quantity", "amount", "tax"}], amounts with tax in them; line_no is empty for
    delivery and for what was deducted, whose `code` says which, and whose tax (null) is for finance to say.
    """

    number = models.CharField(_("number"), max_length=64, unique=True)
    merchant = models.ForeignKey(
        "orders.Merchant", models.PROTECT, related_name="red_letters", verbose_name=_("shop")
    )
    order = models.ForeignKey("orders.Order", models.PROTECT, related_name="red_letters", verbose_name=_("order"))
    case_ref = models.CharField(_("request"), max_length=64)
    seq = models.PositiveSmallIntegerField(default=1)
    invoice_number = models.CharField(_("invoice"), max_length=64)
    invoice_amount = models.BigIntegerField(_("invoice amount"))
    amount = models.BigIntegerField(_("amount"))
    tax = models.BigIntegerField(_("tax"))
    currency = models.CharField(_("currency"), max_length=3)
    lines = models.JSONField()
    state = FSMField(_("state"), default=states.REQUESTED, protected=True)
    red_number = models.CharField(_("red-letter number"), max_length=64, blank=True)
    requested_at = models.DateTimeField(_("requested at"))
    ended_at = models.DateTimeField(_("confirmed or cancelled at"), null=True, blank=True)

    class Meta:
        verbose_name, verbose_name_plural = _("red-letter request"), _("red-letter requests")
        constraints = [
            models.UniqueConstraint(fields=["case_ref", "seq"], name="one_red_letter_per_seq"),
            models.CheckConstraint(name="red_letter_above_zero", condition=Q(amount__gt=0)),
            models.CheckConstraint(
                name="red_letter_confirmed_with_number", condition=~Q(state="confirmed") | ~Q(red_number="")
            ),
        ]
        permissions = [("settle_red_letter", "Can confirm or cancel a red-letter request")]

    def __str__(self):
        return self.number

    @property
    def is_open(self) -> bool:
        return self.state == states.REQUESTED

    @transition(field=state, source=states.REQUESTED, target=states.CONFIRMED)
    def confirm(self, red_number: str):
        self.red_number = red_number

    @transition(field=state, source=states.REQUESTED, target=states.CANCELLED)
    def cancel(self): ...


class RedLetterMove(Move):
    row = models.ForeignKey(RedLetterRequest, models.PROTECT, related_name="moves")

    class Meta(Move.Meta):
        constraints = [models.UniqueConstraint(fields=["row", "seq"], name="red_letter_move_once")]
