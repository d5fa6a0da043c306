"""Filing a request in the browser: pick, say why, see the exact bill, confirm. Everything works without script."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from aftersales.credit import devices
from aftersales.policy import queries as policies
from aftersales.policy import reasons
from aftersales.policy.reasons import EVIDENCE
from aftersales.returns import hours, offers, points, presenting
from aftersales.returns.bill_lines import bill_rows
from aftersales.returns.filing_form import FilingForm, Item, Offer, items_of
from aftersales.returns.models import ReturnRequest
from aftersales.returns.names import place, shop_name
from aftersales.returns.queries import Purchase, pictures_of, purchase
from aftersales.returns.services.intake import submit_return
from aftersales.returns.services.judging import Judged, judge
from aftersales.returns.views.uploads import KEPT, Photos, take_photos
from orders.visitors.queries import Viewer, known_viewer
from returns_platform.kernel import clock, pages, references
from returns_platform.kernel.errors import Invalid, Refused, WrongState

FILE = "file"
REFUSED = "refused"  # stands where the sum would stand


@require_http_methods(["GET", "HEAD", "POST"])
@pages.repeats("line", KEPT)
def file_return(request: HttpRequest, order_id: int) -> HttpResponse:
    """GET asks; POST with step=file files, with any other step shows what the answers so far lead to."""
    seen_by, now = known_viewer(request), clock.now()
    order = seen_by.order(order_id)
    if not order.takes_after_sale:
        raise WrongState(_("This order is not paid or was cancelled, so there is nothing to return."))
    page = FilingPage(request, purchase(order.pk, lock=False), seen_by, now)
    return page.filed_already() or page.answer()


class FilingPage:
    """One look at the form: what was sent, what it leads to, and what is wrong with it."""

    def __init__(self, request: HttpRequest, bought: Purchase, seen_by: Viewer, now: datetime):
        self.request, self.bought, self.seen_by, self.now = request, bought, seen_by, now
        self.sent = request.POST if request.method == "POST" else None
        self.items = items_of(bought, now=now)
        self.answers = request.GET if self.sent is None else self.sent
        self.picked, self.left_out = pick(self.items, self.answers.getlist("line"))
        self.form = FilingForm(
            self.sent, bought=bought, picked=self.picked, now=now, answers=self.answers, initial=self._initial()
        )
        self.photos = Photos()
        self.looked_at: set[Offer] = set()
        self.judged: dict[Offer, Judged] = {}  # of those, the ones that can be asked for

    def _initial(self) -> dict:
        return {"token": references.token()} | {f"qty_{item.key}": 1 for item in self.picked}

    @property
    def wants_to_file(self) -> bool:
        return self.sent is not None and self.sent.get("step") == FILE

    @property
    def chosen(self) -> Judged | None:
        return self.judged.get(self.form.offer)

    # --- answering ---

    def filed_already(self) -> HttpResponse | None:
        """The same form again, or the same units from another tab: there is one request, and it is shown (T79)."""
        if not self.wants_to_file:
            return None
        own = ReturnRequest.objects.filter(order=self.bought.order)
        found = own.filter(form_token=self.sent.get("token", "")).first()
        if found is None and not self.picked:
            named = [key.removesuffix("u") for key in self.sent.getlist("line")]
            taken = [line for line in self.bought.all_taken if str(line.order_line_id) in named]
            found = taken[-1].request if taken else None
        if found is None:
            return None
        messages.info(self.request, _("This was filed already. Here is your request."))
        return redirect("aftersales:case", found.return_no)

    def answer(self) -> HttpResponse:
        if self.sent is not None:
            self.photos = take_photos(self.request, self.bought.order, by=self.seen_by.actor, now=self.now)
        if self.wants_to_file and self.form.is_valid() and self._may_be_filed():
            return self._file()
        self._judge(self.form.offers)
        if not self.wants_to_file:
            self.form.errors.clear()  # nobody is told off while still answering
            return self.show()
        return self.show(status=422)

    def _may_be_filed(self) -> bool:
        """Looks at the chosen way only: the others are worked out when the page is shown again."""
        self._judge([self.form.offer])
        return bool(
            self.chosen and not self.form.errors and not self.photos.wrong and self._amount_was_shown()
        )  # fmt: skip

    def _judge(self, offers: Iterable[Offer]) -> None:
        """These ways with their exact amounts (N2); what cannot be judged is told for the chosen one only."""
        photos = [kept.kind for kept in self.photos.kept].count("photo")
        videos = len(self.photos.kept) - photos
        for offer in (offer for offer in offers if offer and offer not in self.looked_at):
            self.looked_at.add(offer)
            wish = self.form.wish(offer, evidence=self.photos.ids)
            try:
                self.judged[offer] = judge(self.bought, wish, photos=photos, videos=videos, now=self.now)
            except Invalid as refused:
                if offer == self.form.offer and self.wants_to_file:
                    self._show_refused(refused)

    def _show_refused(self, refused: Refused) -> None:
        for name, sentence in refused.fields.items() or {"": refused.message}.items():
            self.form.add_error(self._field_named(name), str(sentence))

    def _field_named(self, name: str) -> str | None:
        """lines.0.quantity -> qty_17: the API's names of fields, as the page calls them."""
        parts = name.split(".")
        if len(parts) == 3 and parts[1].isdigit() and int(parts[1]) < len(self.picked):
            prefix = {"quantity": "qty", "reason": "reason", "exchange_sku": "exchange"}.get(parts[2], "")
            name = f"{prefix}_{self.picked[int(parts[1])].key}"
        name = {"pickup": "slot", "refund_to_agreed_at": "outcome"}.get(name, name)
        return name if name in self.form.fields else None

    def _amount_was_shown(self) -> bool:
        """Nobody confirms a sum, or a refusal, that they have not seen: it comes back with the form."""
        if self.sent.get("shown") == self.shown:
            return True
        self.form.add_error(None, _("Please check the amount: it was worked out from your last answers."))
        return False

    @property
    def shown(self) -> str:
        if self.chosen is None:
            return ""
        return REFUSED if self.chosen.refused else str(self.chosen.bill.refund + self.chosen.bill.bonus)

    def _file(self) -> HttpResponse:
        device = devices.known(self.request)
        wish = replace(self.form.wish(self.form.offer, evidence=self.photos.ids), device=devices.digest(device))
        try:
            filed = submit_return(self.bought.order.pk, wish, by=self.seen_by.actor, now=self.now)
        except Refused as refused:
            self._show_refused(refused)
            return self.show(status=422)
        messages.success(self.request, _("Filed. Your number is %(number)s.") % {"number": filed.return_no})
        return devices.remember(redirect("aftersales:case", filed.return_no), device)

    # --- showing ---

    def show(self, *, status: int = 200) -> HttpResponse:
        order = self.bought.order
        context = {
            "form": self.form,
            "order": order,
            "shop": shop_name(order.merchant),
            "zone": order.merchant.zone,
            "goods": self._items_on_page(),
            "left_out": self.left_out,
            "hours_left": self._hours_left(),
            "photos": self.photos,
            "pictures": zip(presenting.own_photos(self.photos.kept), self.photos.kept, strict=True),
            "photo_wrongs": [("id_photo", sentence) for sentence in self.photos.wrong],
            "shown": self.shown,
            "here": "orders",
        }
        context |= self._what_it_leads_to() if self.chosen else {}
        return pages.render(self.request, "aftersales/returns/file.html", context, status=status)

    def _hours_left(self) -> list[hours.HoursLeft]:
        """Of the items picked, with the reasons given; before any is picked, of all."""
        asked = [(item, self.form.reason_of(item)) for item in self.picked] or [(item, "") for item in self.items]
        return hours.notices(asked, off_days=policies.off_days(), now=self.now)

    def _items_on_page(self) -> list["ItemOnPage"]:
        pictures = pictures_of((self.bought.order.merchant_id, item.line.sku) for item in self.items)
        return [self._on_page(item, pictures) for item in self.items]

    def _on_page(self, item: Item, pictures: dict) -> "ItemOnPage":
        picture = pictures.get((self.bought.order.merchant_id, item.line.sku), "")
        image = static(picture) if picture else ""
        if item not in self.picked:
            return ItemOnPage(item, image)
        common, more = self.form.reason_choices(item)
        errors = self.form.errors if self.wants_to_file else {}
        exchange = f"exchange_{item.key}"
        return ItemOnPage(
            item, image, picked=True, quantity=self.form[f"qty_{item.key}"], common=common, more=more,
            reason_name=f"reason_{item.key}", reason_error=next(iter(errors.get(f"reason_{item.key}", [])), ""),
            details=self.form.detail_fields(item),
            exchange=self.form[exchange] if exchange in self.form.fields else None,
        )  # fmt: skip

    def _what_it_leads_to(self) -> dict:
        """The ways to be made whole, the bill of the chosen one, and what filing it would lead to."""
        judged, order, now = self.chosen, self.bought.order, self.now
        fault = any(taking.fault for taking in judged.takings)
        return {
            "judged": judged,
            "pickup_place": place(order.ship_to),
            "points": points.rows(self.form.points, zone=order.merchant.zone, now=now) if self._to_a_point else [],
            "legends": {
                "outcome": format_html("<h2>{}</h2>", _("What would you like?")),
                "send_back": format_html("<h2>{}</h2>", _("How do you send it back?")),
            },
            "asks": self._asks(judged),
            "said": bool(self.form.given("note").strip()),
            "outcomes": offers.outcomes(self.judged, self.form, order, now=now),
            "ways": self.form.way_choices(
                fault=fault, cost=judged.policy.terms.return_freight_cost, currency=order.currency
            ),
            "bill_rows": [] if judged.refused else bill_rows(judged.body),
            "verdict": offers.verdict(judged, self.form, order, now=now),
            "dock": offers.dock(judged, self.form, order, now=now),
        }

    @property
    def _to_a_point(self) -> bool:
        return self.form.send_back == "drop_off"

    def _asks(self, judged: Judged) -> list[str]:
        """What photos should show: by the reasons given, as far as the shop asks for it, and what the rules miss."""
        asked = judged.policy.clauses.asked
        classes = {asked(reasons.get(line.reason).evidence, **line.scope) for line in judged.facts.lines}
        classes |= {missing.params["class"] for missing in judged.verdict.missing if missing.code == "evidence"}
        return list(dict.fromkeys(str(ask) for name in sorted(classes) for ask in EVIDENCE[name].asks))


@dataclass(frozen=True, slots=True)
class ItemOnPage:
    """An item with what its part of the form needs."""

    item: Item
    image: str
    picked: bool = False
    quantity: object = None
    common: list = ()
    more: list = ()
    reason_name: str = ""
    reason_error: str = ""
    details: list = ()
    exchange: object = None

    @property
    def more_is_open(self) -> bool:
        return any(choice.picked for choice in self.more)


def pick(items: list[Item], named: list[str]) -> tuple[list[Item], list[Item]]:
    """The items named that can go together, the first one deciding the flow; and those that have to wait.

    What was sent and what was not are asked for separately. An order with one item needs no picking.
    """
    found = [item for item in items if item.key in named] or (items if len(items) == 1 else [])
    if not found:
        return [], []
    together = [item for item in found if item.flow == found[0].flow]
    return together, [item for item in found if item not in together]
