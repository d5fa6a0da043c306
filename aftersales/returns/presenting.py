"""Facts turned into the parts that pages are made of. Reads no database beyond what it is given, decides nothing."""

from dataclasses import dataclass

from django.templatetags.static import static
from django.urls import reverse
from django.utils.translation import gettext as _

from aftersales.evidence.models import Evidence
from aftersales.policy import texts
from returns_platform.kernel import clock, ui

CHANNEL_NAMES = {
    "wechat": lambda: _("WeChat Pay"),
    "alipay": lambda: _("Alipay"),
    "stripe": lambda: _("bank card"),
    "bank_transfer": lambda: _("bank transfer"),
    "balance": lambda: _("your balance"),
    "gift_card": lambda: _("gift card"),
    "coupon": lambda: _("coupon"),
}


@dataclass(frozen=True, slots=True)
class Notice:
    title: str
    text: str
    tone: str = ""


def channel_name(channel: str) -> str:
    return CHANNEL_NAMES[channel]() if channel in CHANNEL_NAMES else channel


# --- the bill ---------------------------------------------------------------------------------------------


def bill_rows(body: dict, currency: str) -> list[ui.BillRow]:
    """The same lines in the same order for customer, shop and staff."""
    rows = [row for line in body["lines"] for row in _line_rows(line, alone=len(body["lines"]) == 1)]
    rows += _freight_rows(body)
    rows.append(ui.BillRow(_("You get back"), body["refund"], kind="sum"))
    rows += [
        ui.BillRow(_("to %(channel)s") % {"channel": channel_name(part["channel"])}, part["amount"], kind="part")
        for part in body["tenders"]
    ]
    if body["bonus"]:
        rows.append(ui.BillRow(_("Bonus for choosing your balance"), body["bonus"], kind="part"))
    return rows + _points_rows(body)


def _line_rows(line: dict, *, alone: bool) -> list[ui.BillRow]:
    name = f"{line['title']} × {line['quantity']}"
    rows = [ui.BillRow(name, line["list_price"], reason="" if alone else _("list price"))]
    for share in line["discounts"]:
        if share["amount"]:
            rows.append(ui.BillRow(share["name"], -share["amount"], reason=_("this item's share of the discount")))
    if line["shares"]["points"]:
        rows.append(ui.BillRow(_("Paid with points"), -line["shares"]["points"], reason=_("%(number)s points come back") % {"number": line["points"]}))
    if line["adjusted"]:
        rows.append(ui.BillRow(_("Already refunded or settled anew"), line["adjusted"]))
    return rows


def _freight_rows(body: dict) -> list[ui.BillRow]:
    rows, back = [], body["freight_return"]
    if body["freight_out"]:
        rows.append(ui.BillRow(_("Delivery you paid for"), body["freight_out"]))
    if back["payer"] == "merchant":
        rows.append(ui.BillRow(_("Sending it back"), 0, reason=_("the shop pays the courier")))
    elif back["deducted"]:
        rows.append(ui.BillRow(_("Sending it back"), -back["deducted"], reason=_("taken off the refund")))
    elif back["payer"] == "customer" and back["amount"]:
        rows.append(ui.BillRow(_("Sending it back"), 0, text=_("you pay the courier"), reason=_("about %(sum)s") % {"sum": ui.money(back["amount"], body["currency"])}))
    return rows


def _points_rows(body: dict) -> list[ui.BillRow]:
    rows = []
    if body["points_back"]:
        rows.append(ui.BillRow(_("Points you used come back"), 0, kind="part", text=str(body["points_back"])))
    if body["points_taken"]:
        rows.append(ui.BillRow(_("Points you earned are taken back"), 0, kind="part", text=f"−{body['points_taken']}"))
    return rows


def outcomes(judged, form, order) -> list[ui.Outcome]:
    """Where the money may go, each with its exact amount and date."""
    if judged.refused:
        return []
    amount, currency = judged.bill.refund, order.currency
    bonus = amount * judged.policy.terms.balance_bonus_bp // 10_000
    effort = _("hand the goods over") if form.kind_sends_back else _("nothing")
    when = ui.day(judged.arrives_by, now=clock.now(), zone=order.merchant.zone, sense="by")
    return [
        ui.Outcome("original", _("Back the way you paid"), amount, currency, when=when, effort=effort, picked=form.refund_to == "original"),
        ui.Outcome("balance", _("To your balance, %(bonus)s more") % {"bonus": ui.money(bonus, currency)}, amount + bonus, currency, when=_("on the day we send it"), effort=effort, picked=form.refund_to == "balance"),
    ]


def verdict_notice(judged) -> Notice:
    """What filing would lead to, in one heading and one or two sentences."""
    verdict = judged.verdict
    why = " ".join(reason["text"] for reason in texts.explain_all(verdict.reasons))
    missing = " ".join(texts.missing_text(missing) for missing in verdict.missing)
    titles = {
        "approve": (_("Within the rules: approved as soon as you file"), "good"),
        "review": (_("A person looks at it after you file"), ""),
        "needs_evidence": (_("Something is still missing"), "late"),
        "refuse": (_("By the rules this will not be approved"), "bad"),
    }
    title, tone = titles[verdict.outcome]
    if verdict.outcome == "refuse":
        why += " " + _("You can file it all the same and ask a person to look.")
    return Notice(title, f"{why} {missing}".strip(), tone)


# --- pictures ---------------------------------------------------------------------------------------------


def own_photos(evidence: list[Evidence]) -> list[ui.Photo]:
    return [_photo(kept, number) for number, kept in enumerate(evidence, start=1)]


def _photo(kept: Evidence, number: int) -> ui.Photo:
    url = reverse("aftersales:evidence", args=[kept.public_id])
    if kept.kind == Evidence.Kind.VIDEO:
        return ui.Photo(static("look/video.svg"), _("Video %(number)s") % {"number": number}, label=_("video"), href=url)
    return ui.Photo(url, _("Photo %(number)s") % {"number": number}, href=url)


def picture_of(merchant, sku: str) -> str:
    """The shop's picture of a product, or nothing."""
    return ""
