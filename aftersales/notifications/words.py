"""The facts of a notice in words of the active language, from its stored params alone."""

from collections.abc import Mapping
from datetime import datetime

from django.conf import settings
from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _

from aftersales.policy import reasons, wording
from aftersales.policy import texts as policy_texts
from aftersales.policy.clauses import Clause
from aftersales.policy.reasons import REJECTIONS
from logistics import couriers
from refunds.payouts import texts as refund_texts
from refunds.wallet import texts as stored_texts
from returns_platform.kernel import ui

LONGEST_NAME = 40  # of a thing or a party inside a sentence
MOST_GOODS = 4  # named one by one
LONGEST_STREET = 200  # a parcel needs all of it


class Unknown(KeyError):
    """A sentence needs a fact that the notice does not have."""


class Words:
    """Each property is a fact in words, or "" where the params do not tell it.

    style: "full" says today and tomorrow, for what is read soon; "plain" only dates, for what is read later.
    """

    def __init__(self, params: Mapping, *, now: datetime, style: str = "full"):
        self.params, self.now, self.style = params, now, style

    # --- sentences ---

    def say(self, sentence: str) -> str:
        """The sentence with its %(facts)s; "" when one of them is not known."""
        try:
            return sentence % self
        except Unknown:
            return ""

    def first(self, *sentences: str) -> str:
        """The first of them whose facts are all known."""
        return next((said for sentence in sentences if (said := self.say(sentence))), "")

    def all(self, *sentences: str) -> tuple[str, ...]:
        """Those of them whose facts are all known."""
        return tuple(said for sentence in sentences if (said := self.say(sentence)))

    def __getitem__(self, name: str) -> str:
        value = getattr(self, name)
        if not value:
            raise Unknown(name)
        return value

    # --- parties and things ---

    @property
    def number(self) -> str:
        return self._line("return_no")

    @property
    def order(self) -> str:
        return self._line("order_no")

    @property
    def shop(self) -> str:
        return self._line("shop_en" if get_language() == "en" else "shop") or self._line("shop") or _("the shop")

    @property
    def contact(self) -> str:
        return self._line("contact")

    @property
    def writer(self) -> str:
        return self._line("by")

    @property
    def help_phone(self) -> str:
        return settings.HELP_PHONE

    @property
    def platform(self) -> str:
        return str(settings.PLATFORM_NAME)

    @property
    def goods_stay(self) -> bool:
        """A part of the price of things of which none comes back."""
        goods = self.params.get("goods") or ()
        return bool(goods) and not any(good["quantity"] for good in goods)

    @property
    def needs_a_sum(self) -> bool:
        """A part of the price is asked for: silence names no sum, and grants nothing."""
        asked = ((reason.get("params") or {}).get("reason", "") for reason in self.params.get("reasons") or ())
        return any(map(reasons.needs_a_sum, asked))

    @property
    def goods(self) -> str:
        """Wool coat × 1, scarf × 2; of many things the first few."""
        goods = self.params.get("goods") or ()
        names = [_with_number(good) for good in goods[:MOST_GOODS]]
        if len(goods) > MOST_GOODS:
            names.append(_("%(number)s more") % {"number": len(goods) - MOST_GOODS})
        return pgettext("between things", ", ").join(names)

    @property
    def wanted(self) -> str:
        """What is sent instead; the goods themselves where nothing else is named."""
        found = self.params.get("wanted") or ()
        names = [f"{one_line(one['title'])} × {one['quantity']}" for one in found[:MOST_GOODS]]
        return pgettext("between things", ", ").join(names) or self.goods

    @property
    def quote(self) -> str:
        """What the shop wrote about a repair."""
        return (self.params.get("quote") or "").strip()

    @property
    def due_sum(self) -> str:
        """What is to be paid first, or was."""
        amount = self.params.get("due") or 0
        return ui.money(amount, self.params.get("currency") or "CNY") if amount else ""

    @property
    def finding(self) -> str:
        """What an inspection found, in the words of who inspected."""
        return (self.params.get("finding") or "").strip()

    @property
    def turned_out(self) -> str:
        """The reasons that count by an inspection."""
        codes = self.params.get("codes") or ()
        return pgettext("between things", ", ").join(
            str(reasons.get(code).text) for code in codes if reasons.known(code)
        )

    @property
    def before(self) -> str:
        """What the request came to before."""
        amount = self.params.get("before") or 0
        return ui.money(amount, self.params.get("currency") or "CNY") if amount else ""

    @property
    def until_day(self) -> str:
        at = self._time("until")
        return ui.day(at, now=self.now, zone=self.zone, style="plain") if at else ""

    @property
    def since(self) -> str:
        """From when new rules hold."""
        at = self._time("at")
        return ui.day(at, now=self.now, zone=self.zone, style="plain") if at else ""

    @property
    def rules_note(self) -> str:
        return (self.params.get("note") or "").strip()

    @property
    def rules(self) -> tuple[str, ...]:
        """What a shop gives under its new clauses, a sentence each."""
        rows = [Clause(**row) for row in self.params.get("clauses") or ()]
        currency = self.params.get("currency") or "CNY"
        return tuple(_rule(row, currency) for row in rows)

    @property
    def courier(self) -> str:
        return str(couriers.name(self._line("courier")))

    @property
    def waybill(self) -> str:
        return self._line("waybill")

    @property
    def shop_address(self) -> str:
        """To write on the parcel: the shop's people, their phone, the way there."""
        address = self.params.get("address") or {}
        names = ("province", "city", "district", "street", "name", "phone")
        lines = (one_line(address.get(name) or "", most=LONGEST_STREET).removeprefix("+86") for name in names)
        parts = dict.fromkeys(lines)  # a city may be its own province
        return " ".join(part for part in parts if part)

    # --- money ---

    @property
    def sum(self) -> str:
        amount = (self.params.get("amount") or 0) + (self.params.get("bonus") or 0)
        return ui.money(amount, self.params.get("currency") or "CNY") if amount else ""

    @property
    def to(self) -> str:
        """Where the money of the request goes: back to WeChat Pay and the balance, or where the customer chose."""
        if not self.sum:
            return ""
        chosen = self.params.get("refund_to") or "original"
        channels = self.params.get("channels") or () if chosen == "original" else (chosen,)
        return pgettext("between things", ", ").join(dict.fromkeys(_channel(channel) for channel in channels))

    @property
    def channel(self) -> str:
        """The channel of one refund, and the account once the channel has named it."""
        return _channel(self._line("channel"))

    @property
    def account(self) -> str:
        return refund_texts.account_in_words(self._line("account")) or self.channel

    @property
    def coupon(self) -> str:
        return self._line("coupon")

    @property
    def gift(self) -> str:
        """¥15.00 to the balance; 300 as points."""
        way, amount = self.params.get("gift"), self.params.get("gift_amount")
        if way not in stored_texts.WHAT or not amount:
            return ""
        number = str(amount) if way == "points" else ui.money(amount, self.params.get("currency") or "CNY")
        return f"{number} {stored_texts.WHAT[way]}"

    @property
    def ground_of_gift(self) -> str:
        said = stored_texts.ground(self._line("ground"))
        return said[:1].lower() + said[1:]

    @property
    def insured(self) -> str:
        """What freight insurance has paid."""
        amount = self.params.get("insured")
        return ui.money(amount, self.params.get("currency") or "CNY") if amount else ""

    @property
    def reason_of_gift(self) -> str:
        return self._line("reason")

    @property
    def refund_no(self) -> str:
        return self._line("refund_no")

    @property
    def why_another_way(self) -> str:
        state, problem = self._line("refund_state"), self._line("problem")
        return refund_texts.why_another_way(state=state, problem=problem) if state else ""

    @property
    def freight(self) -> str:
        """Who pays for the way back."""
        freight = self.params.get("freight") or {}
        amount = freight.get("deducted") or freight.get("amount") or 0
        said = ui.money(amount, self.params.get("currency") or "CNY")
        if freight.get("payer") == "merchant":
            return _("The shop pays the courier.")
        if freight.get("deducted"):
            return _("%(sum)s for the way back is taken off already.") % {"sum": said}
        if freight.get("payer") == "customer" and amount:
            return _("You pay the courier, about %(sum)s.") % {"sum": said}
        return ""

    # --- times ---

    @property
    def examiner(self) -> str:
        return self._line("examiner_en" if get_language() == "en" else "examiner")

    @property
    def examined_by(self) -> str:
        return self._moment("examined_by", sense="by")

    @property
    def found(self) -> str:
        return self._line("found")

    @property
    def offered(self) -> str:
        """What is offered for keeping the goods."""
        amount = self.params.get("offered") or 0
        return ui.money(amount, self.params.get("currency") or "CNY") if amount else ""

    @property
    def until(self) -> str:
        return self._moment("until", sense="by")

    @property
    def appeal(self) -> str:
        """By when the platform can be called in after a refusal."""
        return self._day("appeal_until")

    @property
    def due(self) -> str:
        """By when whoever acts next has to act."""
        return self._moment("due_at", sense="by")

    @property
    def slot(self) -> str:
        start, end = self._time("slot_from"), self._time("slot_to")
        return ui.window(start, end, now=self.now, zone=self.zone, style=self.style) if start and end else ""

    @property
    def arrives(self) -> str:
        """By when all the money of the request is there."""
        return self._day("arrives_by")

    @property
    def promised(self) -> str:
        """By when one refund is there."""
        return self._day("by")

    @property
    def arrived(self) -> str:
        return self._moment("at", sense="at")

    @property
    def zone(self) -> str:
        return self.params.get("zone") or settings.SHOP_ZONE

    # --- the judgement ---

    @property
    def reasons(self) -> str:
        """What the rules found."""
        return " ".join(self._reasons())

    @property
    def first_reason(self) -> str:
        """Without its full stop: a title."""
        return next(iter(self._reasons()), "").rstrip(".。")

    @property
    def other_reasons(self) -> str:
        return " ".join(self._reasons()[1:])

    def _reasons(self) -> list[str]:
        return [reason["text"] for reason in policy_texts.explain_all(self.params.get("reasons") or ())]

    @property
    def missing(self) -> str:
        """What would change the result: what the rules miss, or the evidence that a person asked for."""
        asked = [{"code": "evidence", "params": {"class": name}} for name in self.params.get("asked_classes") or ()]
        return " ".join(policy_texts.missing_text(missing) for missing in asked or self.params.get("missing") or ())

    @property
    def asked_text(self) -> str:
        return (self.params.get("asked_text") or "").strip()

    @property
    def ground(self) -> str:
        """Of a person's refusal, unless it is one that only staff read."""
        rejection = REJECTIONS.get(self.params.get("refusal_code") or "")
        return str(rejection.text) if rejection and not rejection.internal else ""

    @property
    def refusal_text(self) -> str:
        return (self.params.get("refusal_text") or "").strip()

    # --- reading the params ---

    def _line(self, name: str) -> str:
        return one_line(self.params.get(name) or "")

    def _time(self, name: str) -> datetime | None:
        try:
            return datetime.fromisoformat(self.params.get(name) or "")
        except ValueError:
            return None

    def _moment(self, name: str, *, sense: str) -> str:
        at = self._time(name)
        return ui.moment(at, now=self.now, zone=self.zone, style=self.style, sense=sense) if at else ""

    def _day(self, name: str) -> str:
        at = self._time(name)
        return ui.day(at, now=self.now, zone=self.zone, style=self.style, sense="by") if at else ""


def _rule(row: Clause, currency: str) -> str:
    said = {"goods": wording.scope(row), "rule": wording.sentence(row, currency=currency)}
    return pgettext("what holds for some goods", "%(goods)s: %(rule)s") % said


def _with_number(good: Mapping) -> str:
    name = one_line(good["title"])
    return f"{name} × {good['quantity']}" if good["quantity"] else name


def one_line(text: str, *, most: int = LONGEST_NAME) -> str:
    """Fit for a title or a header: no line breaks, and not longer than people read."""
    line = " ".join(str(text).split())
    return line if len(line) <= most else line[: most - 1] + "…"


def _channel(code: str) -> str:
    return refund_texts.channel(code) if code in refund_texts.CHANNELS else code
