"""An offer to keep the goods for a sum (N10): a person makes it, the customer alone accepts or declines it."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from returns_platform.kernel.actors import KINDS, Actor


class KeepOffer(models.Model):
    """One offer about one line. amount: minor units of currency. due_at: the last moment for an answer."""

    class Answer(models.TextChoices):
        OPEN = "", _("open")
        ACCEPTED = "accepted", _("accepted")
        DECLINED = "declined", _("declined")
        LAPSED = "lapsed", _("lapsed")

    request = models.ForeignKey("aftersales.ReturnRequest", models.PROTECT, related_name="offers")
    line = models.ForeignKey("aftersales.ReturnLine", models.PROTECT, related_name="offers")
    amount = models.PositiveBigIntegerField(_("amount"))
    currency = models.CharField(_("currency"), max_length=3)
    text = models.CharField(_("words to the customer"), max_length=500, blank=True)
    by_kind = models.CharField(max_length=10, choices=[(kind, kind) for kind in KINDS])
    by_id = models.CharField(max_length=100, blank=True)
    by_name = models.CharField(max_length=150, blank=True)
    made_at = models.DateTimeField(_("made at"))
    due_at = models.DateTimeField(_("to be answered by"))
    answer = models.CharField(_("answer"), max_length=8, choices=Answer, default=Answer.OPEN, blank=True)
    answered_at = models.DateTimeField(_("answered at"), null=True, blank=True)

    class Meta:
        verbose_name, verbose_name_plural = _("offer to keep the goods"), _("offers to keep the goods")
        ordering = ("made_at", "pk")
        constraints = [
            models.UniqueConstraint(fields=["request"], condition=Q(answer=""), name="one_open_offer_a_request"),
            models.CheckConstraint(name="offer_of_a_sum", condition=Q(amount__gte=1)),
            models.CheckConstraint(
                name="offer_answered_once",
                condition=Q(answer="", answered_at=None) | ~Q(answer="") & Q(answered_at__isnull=False),
            ),
        ]
        indexes = [models.Index(fields=["due_at"], name="offer_open", condition=Q(answer=""))]

    def __str__(self):
        return f"{self.request_id}: {self.amount} {self.currency}"

    @property
    def by(self) -> Actor:
        return Actor(self.by_kind, self.by_id, self.by_name)

    @property
    def is_open(self) -> bool:
        return self.answer == self.Answer.OPEN
