"""Forms in the look: strict fields, plain sentences, one template for every field."""

import re

from django import forms
from django.core.exceptions import ValidationError
from django.forms.renderers import TemplatesSetting
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from returns_platform.kernel import money, texts, ui
from returns_platform.kernel.errors import Malformed, Refused

WHOLE_NUMBER = re.compile(r"[0-9]{1,12}")
FULL_WIDTH = str.maketrans("０１２３４５６７８９．", "0123456789.")
SUM_OF_MONEY = re.compile(r"([0-9]{1,10})(?:\.([0-9]+))?")


class Look(TemplatesSetting):
    """Draws every form and field with the parts of the look."""

    form_template_name = "parts/form.html"
    field_template_name = "parts/field.html"


class Form(forms.Form):
    """Base of every form. A field with one value that was sent twice is refused with 400 (Malformed)."""

    use_required_attribute = False  # the page says what is missing, in its own words and language
    required_message = gettext_lazy("“%(label)s” is still empty")

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            if field.error_messages.get("required") == type(field).default_error_messages.get(
                "required", forms.Field.default_error_messages["required"]
            ):
                label = field.label if field.label is not None else name
                field.error_messages["required"] = self.required_message % {"label": label}

    def full_clean(self):
        if self.is_bound:
            self.must_send_each_once()
        super().full_clean()

    def must_send_each_once(self):
        for name, field in self.fields.items():
            if len(_sent(self.data, self.add_prefix(name))) > 1 and not _takes_many(field.widget):
                raise Malformed(_("“%(name)s” was sent twice.") % {"name": name})

    def refuse(self, refused: Refused) -> None:
        """Shows what a service refused: at the fields it names, the rest on top."""
        for name, sentence in refused.fields.items():
            self.add_error(name if name in self.fields else None, str(sentence))
        if not refused.fields:
            self.add_error(None, str(refused.message))


def _sent(data, name: str) -> list:
    return data.getlist(name) if hasattr(data, "getlist") else []


def _takes_many(widget) -> bool:
    return getattr(widget, "allow_multiple_selected", False) or isinstance(widget, forms.MultipleHiddenInput)


# --- fields -----------------------------------------------------------------------------------------------
class Text(forms.CharField):
    """What a person types. Invisible characters alone count as empty; control characters are refused."""

    def __init__(self, *, max_length: int = 2000, multiline: bool = False, rows: int = 3, **kwargs):
        if multiline:
            kwargs.setdefault("widget", forms.Textarea(attrs={"rows": rows}))
        self.multiline, self.most = multiline, max_length
        super().__init__(strip=False, **kwargs)

    def to_python(self, value):
        text = super().to_python(value)
        try:
            return texts.clean(text, max=self.most, multiline=self.multiline) if text else self.empty_value
        except Refused as refused:
            raise ValidationError(str(refused.message), code=refused.code) from None


class Whole(forms.Field):
    """A whole number of plain digits; full-width digits are read as plain ones."""

    widget = forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"})

    def __init__(self, *, min_value: int = 1, max_value: int, **kwargs):
        self.min_value, self.max_value = min_value, max_value
        super().__init__(**kwargs)

    def to_python(self, value):
        typed = _narrow(value)
        if not typed:
            return None
        if not WHOLE_NUMBER.fullmatch(typed) or not self.min_value <= int(typed) <= self.max_value:
            limits = {"least": self.min_value, "most": self.max_value}
            raise ValidationError(_("Enter a whole number from %(least)s to %(most)s") % limits, code="invalid")
        return int(typed)


class Money(forms.Field):
    """A sum as people write it ("33.3"), as minor units. Never rounded: more decimals are refused."""

    widget = forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"})

    def __init__(self, *, currency: str, max_value: int, min_value: int = 0, **kwargs):
        self.currency, self.min_value, self.max_value = currency, min_value, max_value
        super().__init__(**kwargs)

    def to_python(self, value):
        typed = _narrow(value)
        if not typed:
            return None
        minor = self.minor_units(typed)
        if not self.min_value <= minor <= self.max_value:
            limits = {
                "least": ui.money(self.min_value, self.currency),
                "most": ui.money(self.max_value, self.currency),
            }
            raise ValidationError(_("Enter %(least)s to %(most)s") % limits, code="out_of_range")
        return minor

    def minor_units(self, typed: str) -> int:
        digits = money.minor_digits(self.currency)
        found = SUM_OF_MONEY.fullmatch(typed)
        if not found:
            raise ValidationError(_("Enter a sum such as 33.30"), code="invalid")
        whole, part = found[1], found[2] or ""
        if len(part) > digits:
            raise ValidationError(_("Use at most %(digits)s decimals") % {"digits": digits}, code="invalid")
        return int(whole + part.ljust(digits, "0"))

    def prepare_value(self, value):
        if not isinstance(value, int):
            return _narrow(value) if value else value
        digits = money.minor_digits(self.currency)
        text = f"{value:0{digits + 1}d}"
        return f"{text[:-digits]}.{text[-digits:]}" if digits else text


def _narrow(value) -> str:
    """Full-width digits, as Chinese keyboards give them, in plain ones: １２．５ is 12.5."""
    return "" if value is None else str(value).strip().translate(FULL_WIDTH)


class Radios(forms.RadioSelect):
    """Radio buttons as rows of a `choice` part."""

    template_name = "parts/_radios.html"
    option_template_name = "parts/_radio.html"


class Boxes(forms.CheckboxSelectMultiple):
    """Boxes to tick as rows of a `choice` part."""

    template_name = Radios.template_name
    option_template_name = Radios.option_template_name
