"""Small forms about what replaces the goods."""

from django import forms as django_forms
from django.utils.translation import gettext_lazy

from aftersales.replacements.models import Replacement
from logistics import couriers
from orders.catalogue.models import Product
from orders.purchases.models import OrderLine
from refunds.charges.models import CHANNELS
from returns_platform.kernel import forms, ui

MOST_OFFERED, LARGEST_FEE = 50, 10_000_000


def offered_for(line: OrderLine, merchant_id: int, currency: str) -> list[tuple[str, str]]:
    """What units of a line can be exchanged for: the same again, its other sizes and colours, others of its price.

    Each with its price where it is another one, and whether the shop has it.
    """
    mine = Product.objects.filter(merchant_id=merchant_id, sku=line.sku).first()
    others = Product.objects.filter(merchant_id=merchant_id, category=line.category).exclude(sku=line.sku)
    same_style = others.filter(style=mine.style) if mine and mine.style else others.none()
    same_price = others.filter(price=line.unit_price).exclude(pk__in=same_style.values("pk"))
    found = [*same_style.order_by("option", "title"), *same_price.order_by("title")]
    return [
        (line.sku, line.title),
        *((one.sku, _named(one, line, currency)) for one in found[:MOST_OFFERED]),
    ]


def _named(product: Product, line: OrderLine, currency: str) -> str:
    option = f" · {product.option}" if product.option and product.option not in product.title else ""
    price = f" · {ui.money(product.price, currency)}" if product.price != line.unit_price else ""
    return f"{product.title}{option}{price}"


class PayForm(forms.Form):
    channel = django_forms.ChoiceField(
        choices=[(code, code) for code in CHANNELS],
        error_messages={
            "required": gettext_lazy("Choose how you want to pay"),
            "invalid_choice": gettext_lazy("Choose how you want to pay"),
        },
    )


class AnotherForm(forms.Form):
    """Another article for each line of the exchange."""

    def __init__(self, data=None, *, replacement: Replacement, merchant_id: int, currency: str):
        super().__init__(data)
        self.lines = [line.order_line for line in replacement.lines.select_related("order_line")]
        for line in self.lines:
            self.fields[f"exchange_{line.pk}"] = django_forms.ChoiceField(
                label=line.title, choices=offered_for(line, merchant_id, currency),
                error_messages={"required": gettext_lazy("Choose what you want instead")},
            )  # fmt: skip

    @property
    def choices(self) -> dict[str, str]:
        return {line.line_no: self.cleaned_data[f"exchange_{line.pk}"] for line in self.lines}


class SendForm(forms.Form):
    """The shop's own parcel to a customer."""

    courier = django_forms.ChoiceField(label=gettext_lazy("Courier"), choices=list(couriers.NAMES.items()))
    waybill = forms.Text(label=gettext_lazy("Waybill number"), max_length=40)


class QuoteForm(forms.Form):
    """What a repair costs the customer."""

    def __init__(self, data=None, *, currency: str):
        super().__init__(data)
        self.fields["fee"] = forms.Money(
            label=gettext_lazy("What it costs the customer"), currency=currency, min_value=1, max_value=LARGEST_FEE
        )

    field_order = ("fee", "text")
    text = forms.Text(label=gettext_lazy("What is done for it"), max_length=500, multiline=True, rows=2)
