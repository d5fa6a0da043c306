"""What people call things: channels, kinds of request, shops, the parties of a case."""

from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from aftersales.policy import reasons
from aftersales.returns.models import ReturnRequest
from orders.merchants.models import Merchant
from returns_platform.kernel.actors import Actor

CHANNELS = {
    "wechat": gettext_lazy("WeChat Pay"),
    "alipay": gettext_lazy("Alipay"),
    "stripe": gettext_lazy("Bank card"),
    "bank_transfer": gettext_lazy("Bank transfer"),
    "gift_card": gettext_lazy("Gift card"),
    "balance": gettext_lazy("Balance"),
    "coupon": gettext_lazy("Store coupon"),
}
KINDS = {
    "refund_only": gettext_lazy("Refund only"),
    "return_refund": gettext_lazy("Return and refund"),
    "exchange": gettext_lazy("Exchange"),
    "repair": gettext_lazy("Repair"),
    "resend": gettext_lazy("Send it again"),
}


SHORT = {"wechat": gettext_lazy("WeChat"), "stripe": gettext_lazy("The card")}  # as parties of a sentence


def channel_name(code: str) -> str:
    return str(CHANNELS.get(code, code))


def channel_as_party(code: str) -> str:
    """Who accepts and answers: WeChat, not WeChat Pay."""
    return str(SHORT.get(code) or CHANNELS.get(code, code))


def kind_name(kind: str) -> str:
    return str(KINDS[kind])


def shop_name(merchant: Merchant) -> str:
    """The shop's name in the reader's language, as far as it has one."""
    return merchant.local_name


def sentences(*parts: str) -> str:
    """Sentences one after the other: with a blank between them, except in Chinese."""
    between = "" if (get_language() or "").startswith("zh") else " "
    return between.join(part for part in parts if part)


def place(address: dict) -> str:
    """Province, city, district, street; a city that is its own province is named once."""
    parts = [address.get(name, "") for name in ("province", "city", "district", "street")]
    return "".join(part for part, before in zip(parts, ["", *parts], strict=False) if part and part != before)


def goods_names(lines: list[dict]) -> str:
    """Wool coat × 1, scarf × 2; without a number where the goods stay. lines: [{"title", "quantity"}]."""
    return _(", ").join(with_number(line["title"], line["quantity"]) for line in lines)


def with_number(title: str, quantity: int) -> str:
    return f"{title} × {quantity}" if quantity else title


def party(actor: Actor, merchant: Merchant) -> str:
    """Who spoke or acted, as the customer calls them."""
    if actor.kind == "customer":
        return _("You")
    if actor.kind in ("merchant", "token"):
        return shop_name(merchant)
    if actor.kind == "centre":
        return _("The return centre of %(shop)s") % {"shop": shop_name(merchant)}
    if actor.kind == "courier":
        return _("The courier")
    return _("The platform")


def reason_words(code: str) -> str:
    """A code of a later program stands for itself."""
    return str(reasons.get(code).text) if reasons.known(code) else code


def reasons_found(request: ReturnRequest) -> list[dict]:
    """Lines for which the inspection found another reason than the customer named: {goods, filed, reason}."""
    if request.reason_found_at is None:
        return []
    lines = request.lines.filter(reason_found_at__isnull=False).select_related("order_line")
    return [
        {
            "goods": line.order_line.title,
            "filed": reason_words(line.reason_filed),
            "reason": reason_words(line.reason),
        }
        for line in lines
    ]
