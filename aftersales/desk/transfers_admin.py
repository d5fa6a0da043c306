"""Transfers by hand as finance works them: what waits, one sheet for the bank, the numbers, the second look."""

from django.conf import settings
from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from aftersales.desk import services
from aftersales.desk.admin import reader_of
from aftersales.desk.readers import Reader
from refunds.payouts import queries
from refunds.payouts import services as payout
from refunds.payouts.models import BatchedTransfer, Refund, TransferBatch
from returns_platform.kernel import forms, pages
from returns_platform.kernel.errors import Conflict, Malformed, NotThere, Refused
from returns_platform.kernel.look_only import LookOnly
from returns_platform.kernel.sealing import Unreadable
from returns_platform.kernel.tables import csv_answer

SHOWN = 200


@admin.register(TransferBatch)
class TransferBatchAdmin(LookOnly, admin.ModelAdmin):
    """The list of what waits and of the sheets; a sheet with the state of each of its rows."""

    read_view = True  # the pages are drawn by us

    def get_urls(self):
        door, pays, reads = self.admin_site.door, "refunds.pay_by_hand", "refunds.reveal_payee"
        doors = [
            ("", "changelist", require_safe(self.list_view), pays),
            ("make/", "make", _picks(self.make_view), pays),
            ("<int:pk>/change/", "change", require_safe(self.one_view), pays),
            ("<int:pk>/sheet/", "sheet", require_POST(self.sheet_view), reads),
            ("<int:pk>/enter/", "enter", require_POST(self.enter_view), pays),
            ("<int:pk>/seen/", "seen", _picks(self.seen_view), pays),
            ("<int:pk>/off/<int:row>/", "off", require_POST(self.off_view), pays),
        ]
        return [
            path(where, door(view, right), name=f"refunds_transferbatch_{name}") for where, name, view, right in doors
        ]

    # --- pages ---

    def list_view(self, request):
        return self._list(request)

    def one_view(self, request, pk):
        return self._one(request, self._found(pk))

    def _list(self, request, *, status=200, **more) -> HttpResponse:
        waiting = list(queries.transfers_to_make()[: SHOWN + 1])
        payees = queries.payees_of(waiting)
        context = self._frame(request) | {
            "title": _("Transfers to make"),
            "waiting": [
                {"refund": refund, "payee": payees.get(refund.pk), "large": refund.amount > settings.TRANSFER_LIMIT}
                for refund in waiting[:SHOWN]
            ],
            "more": len(waiting) > SHOWN,
            "batches": [self._summary(batch) for batch in TransferBatch.objects.order_by("-pk")[:20]],
            "limit": settings.TRANSFER_LIMIT,
            **more,
        }
        return TemplateResponse(request, "admin/desk/transfers.html", context, status=status)

    def _one(self, request, batch: TransferBatch, *, status=200, **more) -> HttpResponse:
        reader, rows = reader_of(request), list(queries.rows_of(batch))
        refunds = [row.refund for row in rows]
        entered, payees = queries.open_transfers(refunds), queries.payees_of(refunds)
        lines = [self._line(row, entered.get(row.refund_id), payees.get(row.refund_id), reader) for row in rows]
        context = self._frame(request) | {
            "title": _("Batch %(number)s") % {"number": batch.pk},
            "batch": batch,
            "lines": lines,
            "off": batch.rows.exclude(taken_off_at=None).select_related("refund"),
            "waits": any(line["waits"] for line in lines),
            "to_see": any(line["may_see"] for line in lines),
            "may_read": reader.may("refunds.reveal_payee"),
            **more,
        }
        return TemplateResponse(request, "admin/desk/transfer_batch.html", context, status=status)

    def _frame(self, request) -> dict:
        return {**self.admin_site.each_context(request), "opts": self.opts}

    def _summary(self, batch: TransferBatch) -> dict:
        states = list(queries.rows_of(batch).values_list("refund__state", flat=True))
        return {
            "batch": batch,
            "rows": len(states),
            "arrived": states.count("arrived"),
            "waits": states.count("manual"),
        }

    def _line(self, row: BatchedTransfer, transfer, payee, reader: Reader) -> dict:
        refund = row.refund
        mine = transfer is not None and (transfer.by_kind, transfer.by_id) == ("support", str(reader.user.pk))
        open_one = transfer is not None and transfer.confirmed_at is None
        return {
            "row": row, "refund": refund, "payee": payee, "transfer": transfer, "waits": refund.state == "manual",
            "may_see": open_one and not mine, "mine": open_one and mine,
        }  # fmt: skip

    def _found(self, pk) -> TransferBatch:
        batch = TransferBatch.objects.filter(pk=pk).first()
        if batch is None:
            raise NotThere
        return batch

    # --- what is done ---

    def make_view(self, request):
        reader = reader_of(request)
        try:
            batch = payout.make_batch(_keys(request), by=reader.actor, now=reader.now)
        except NotThere:
            raise
        except Refused as refused:
            return self._list(request, status=refused.status, wrong=str(refused.message))
        messages.success(request, _("Batch %(number)s is made. Its sheet is for the bank.") % {"number": batch.pk})
        return redirect("admin:refunds_transferbatch_change", batch.pk)

    def sheet_view(self, request, pk):
        """The file for the bank's bulk payment, of the rows that still wait; who took it is kept."""
        reader, batch = reader_of(request), self._found(pk)
        try:
            rows = payout.read_sheet(batch, by=reader.actor, now=reader.now)
        except Unreadable as lost:
            raise Conflict(_("It was sealed under a key that is not set any more. Ask the customer again.")) from lost
        heads = [_("No."), _("Name"), _("Account number"), _("Bank"), _("Amount"), _("Currency"), _("Reference")]
        table = [
            [place, payee.name, payee.account, payee.bank, _digits(refund), refund.currency,
             refund.number]
            for place, (refund, payee) in enumerate(rows, start=1)
        ]  # fmt: skip
        return csv_answer(f"transfers-{batch.pk}.csv", [heads, *table])

    def enter_view(self, request, pk):
        """The bank's numbers, one for each row that has one; a row that is refused does not stop the others."""
        reader, batch, wrong, done = reader_of(request), self._found(pk), {}, 0
        for row in queries.rows_of(batch):
            number, photo = request.POST.get(f"no-{row.pk}", ""), request.FILES.get(f"photo-{row.pk}")
            if not number.strip() or row.refund.state != "manual":
                continue
            try:
                services.enter_transfer(
                    row.refund, proof_no=number[:100], photo=photo, by=reader.actor, now=reader.now
                )
                done += 1
            except Refused as refused:
                wrong[row.pk] = _words(refused)
        return self._told(request, batch, done, wrong)

    def seen_view(self, request, pk):
        """The second person has found these on the bank's statement."""
        reader, batch, wrong, done = reader_of(request), self._found(pk), {}, 0
        picked = set(_keys(request))
        rows = [row for row in queries.rows_of(batch) if row.pk in picked]
        entered = queries.open_transfers([row.refund for row in rows])
        for row in rows:
            try:
                payout.confirm_transfer(_key(entered.get(row.refund_id)), by=reader.actor, now=reader.now)
                done += 1
            except Refused as refused:
                wrong[row.pk] = _words(refused)
        return self._told(request, batch, done, wrong)

    def _told(self, request, batch: TransferBatch, done: int, wrong: dict) -> HttpResponse:
        if not done and not wrong:
            return self._one(request, batch, status=422, told=_("Nothing was filled in."))
        if wrong:
            typed = {row: request.POST.get(f"no-{row}", "") for row in wrong}
            told = _("%(done)s done, %(wrong)s not.") % {"done": done, "wrong": len(wrong)}
            return self._one(request, batch, status=422, wrongs=wrong, typed=typed, told=told)
        messages.success(request, _("%(done)s done.") % {"done": done})
        return redirect("admin:refunds_transferbatch_change", batch.pk)

    def off_view(self, request, pk, row):
        reader, batch = reader_of(request), self._found(pk)
        if not batch.rows.filter(pk=row).exists():
            raise NotThere
        try:
            payout.take_off(row, why=request.POST.get("why", "")[:300], by=reader.actor, now=reader.now)
        except NotThere:
            raise
        except Refused as refused:
            return self._one(request, batch, status=refused.status, wrongs={row: _words(refused)})
        messages.success(request, _("It is off the sheet and waits for another one."))
        return redirect("admin:refunds_transferbatch_change", batch.pk)


def _picks(act):
    @require_POST
    @pages.repeats("pick")
    def view(request, *args, **kwargs):
        return act(request, *args, **kwargs)

    return view


def _keys(request: HttpRequest) -> list[int]:
    sent = request.POST.getlist("pick")
    if not all(text.isascii() and text.isdigit() and len(text) < 19 for text in sent):
        raise Malformed
    return [int(text) for text in sent]


def _key(row) -> int:
    if row is None:
        raise NotThere
    return row.pk


def _digits(refund: Refund) -> str:
    """33.30: what a bank's program reads."""
    return forms.Money(currency=refund.currency, max_value=refund.amount).prepare_value(refund.amount)


def _words(refused: Refused) -> str:
    return " ".join(str(text) for text in refused.fields.values()) or str(refused.message)
