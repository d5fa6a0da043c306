"""Filing a request in the browser: pick, say why, see the exact bill, confirm. Everything works without script."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from aftersales.evidence.models import Evidence
from aftersales.evidence.services import keep_upload
from aftersales.policy import texts
from aftersales.returns import presenting
from aftersales.returns.forms import FilingForm, flow, free_units
from aftersales.returns.queries import Purchase, purchase
from aftersales.returns.services.intake import quote, submit_return
from orders.customers.queries import Viewer, known_viewer
from orders.purchases.models import OrderLine
from returns_platform.kernel import clock, pages, references
from returns_platform.kernel.errors import Invalid, Refused, WrongState

SHOW, FILE = "show", "file"


@require_http_methods(["GET", "POST"])
@pages.repeats("line", "evidence")
def file_return(request: HttpRequest, order_id: int) -> HttpResponse:
    """GET asks; POST with step=file files, with any other step shows what the answers so far lead to."""
    seen_by = known_viewer(request)
    order = seen_by.order(order_id)
    if not order.takes_after_sale:
        raise WrongState(_("This order is not paid or was cancelled, so there is nothing to return."))
    bought, now = purchase(order.pk, lock=False), clock.now()
    page = FilingPage(request, bought, seen_by, now)
    return page.answer()


class FilingPage:
    """One look at the form: what was sent, what it leads to, and what is wrong with it."""

    def __init__(self, request: HttpRequest, bought: Purchase, seen_by: Viewer, now):
        self.request, self.bought, self.seen_by, self.now = request, bought, seen_by, now
        self.sent = request.POST if request.method == "POST" else None
        self.picked = picked_lines(bought, request.POST if self.sent else request.GET)
        self.form = FilingForm(self.sent, bought=bought, picked=self.picked, now=now, initial=self._initial())
        self.evidence: list[Evidence] = []
        self.judged = None

    def _initial(self) -> dict:
        return {"token": references.token()} | {f"qty_{line.pk}": 1 for line in self.picked}

    def answer(self) -> HttpResponse:
        if self.sent is None:
            return self.show()
        self._keep_photos()
        wants_to_file = self.sent.get("step") == FILE
        filled_in = self.form.is_valid()
        self._judge()
        if not wants_to_file:
            self.form.errors.clear()
            return self.show()
        if filled_in and self.judged is not None and not self.form.errors and self._amount_was_shown():
            return self._file()
        return self.show(status=422)

    def _keep_photos(self) -> None:
        """Photos are kept as soon as they arrive, so that no mistake elsewhere in the form loses them."""
        ids = [name for name in self.sent.getlist("evidence") if _is_uuid(name)]
        order = self.bought.order
        self.evidence = list(Evidence.objects.filter(public_id__in=ids, order=order, case_ref=""))
        for upload in self.request.FILES.getlist("photo"):
            try:
                kept = keep_upload(upload, merchant=order.merchant, order=order, by=self.seen_by.actor, now=self.now)
                self.evidence.append(kept)
            except Refused as refused:
                told = refused.fields.get("file") or refused.message
                self.form.add_error(None, f"{upload.name[:60]}: {told}")

    def _judge(self) -> None:
        wish = self.form.wish(evidence=[kept.public_id for kept in self.evidence])
        if wish is None:
            return
        try:
            self.judged = quote(self.bought.order.pk, wish, now=self.now)
        except Invalid as refused:
            self._show_refused(refused)

    def _show_refused(self, refused: Refused) -> None:
        for name, sentence in refused.fields.items() or {"": refused.message}.items():
            self.form.add_error(self._field_named(name), str(sentence))

    def _field_named(self, name: str) -> str | None:
        """lines.0.quantity -> qty_17: the API's names of fields, as the page calls them."""
        parts = name.split(".")
        if len(parts) == 3 and parts[1].isdigit() and int(parts[1]) < len(self.picked):
            prefix = {"quantity": "qty", "reason": "reason", "exchange_sku": "exchange"}.get(parts[2], "")
            name = f"{prefix}_{self.picked[int(parts[1])].pk}"
        return {"pickup": "slot"}.get(name, name) if {"pickup": "slot"}.get(name, name) in self.form.fields else None

    def _amount_was_shown(self) -> bool:
        """Nobody confirms a sum they have not seen: it comes back with the form."""
        if self.judged.refused or self.sent.get("shown") == self.shown:
            return True
        self.form.add_error(None, _("Please check the amount: it was worked out from your last answers."))
        return False

    @property
    def shown(self) -> str:
        return "" if self.judged is None or self.judged.refused else str(self.judged.bill.refund)

    def _file(self) -> HttpResponse:
        wish = self.form.wish(evidence=[kept.public_id for kept in self.evidence])
        try:
            filed = submit_return(self.bought.order.pk, wish, by=self.seen_by.actor, now=self.now)
        except Refused as refused:
            self._show_refused(refused)
            return self.show(status=422)
        messages.success(self.request, _("Filed. Your number is %(number)s.") % {"number": filed.return_no})
        return redirect("aftersales:case", filed.return_no)

    def show(self, *, status: int = 200) -> HttpResponse:
        context = {
            "form": self.form,
            "order": self.bought.order,
            "zone": self.bought.order.merchant.zone,
            "lines": [self._line_on_page(line) for line in self.bought.lines.values()],
            "picked": [self._line_on_page(line) for line in self.picked],
            "photos": presenting.own_photos(self.evidence),
            "evidence": self.evidence,
            "judged": self.judged,
            "shown": self.shown,
            "here": "orders",
        } | self._outcome()
        return pages.render(self.request, "aftersales/returns/file.html", context, status=status)

    def _line_on_page(self, line: OrderLine) -> dict:
        line_flow = flow(self.bought, line)
        return {
            "line": line,
            "flow": line_flow,
            "free": free_units(line, line_flow),
            "picked": line in self.picked,
            "reasons": self.form.reason_choices(line) if line in self.picked else [],
            "reason_name": f"reason_{line.pk}",
            "reason_error": next(iter(self.form.errors.get(f"reason_{line.pk}", [])), "") if self.sent else "",
            "qty_field": self.form[f"qty_{line.pk}"] if line in self.picked else None,
            "exchange_field": self.form[f"exchange_{line.pk}"] if f"exchange_{line.pk}" in self.form.fields else None,
            "image": presenting.picture_of(self.bought.order.merchant, line.sku),
        }

    def _outcome(self) -> dict:
        """The bill, the ways for the money and the verdict, as far as the answers go."""
        if self.judged is None:
            return {"bill_rows": [], "outcomes": [], "verdict": None}
        return {
            "bill_rows": presenting.bill_rows(self.judged.body, self.bought.order.currency),
            "outcomes": presenting.outcomes(self.judged, self.form, self.bought.order),
            "verdict": presenting.verdict_notice(self.judged),
            "missing": [texts.missing_text(missing) for missing in self.judged.verdict.missing],
        }


def picked_lines(bought: Purchase, params) -> list[OrderLine]:
    """The lines named, as far as they can be returned now and belong to one flow; the first alone decides it."""
    named = {int(value) for value in params.getlist("line") if value.isascii() and value.isdigit() and len(value) < 19}
    free = [line for line in bought.lines.values() if free_units(line, flow(bought, line))]
    found = [line for line in free if line.pk in named] or (free if len(free) == 1 else [])
    return [line for line in found if flow(bought, line) == flow(bought, found[0])]


def _is_uuid(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True
