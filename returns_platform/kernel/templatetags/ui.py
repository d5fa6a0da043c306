"""Tags for pages: amounts, times, clocks and tags as markup. Words come from `kernel.ui`."""

from datetime import datetime

from django import template
from django.urls import NoReverseMatch, reverse
from django.utils.html import format_html, linebreaks
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _

from returns_platform.kernel import texts, ui

register = template.Library()


# --- money and people -------------------------------------------------------------------------------------
@register.filter
def money(amount, currency):
    """Text, for use inside a sentence. Nothing for no amount."""
    return "" if amount is None else ui.money(amount, currency)


@register.simple_tag
def amount(minor, currency, css=""):
    """`<data>`: the sum for people, minor units for programs."""
    if minor is None:
        return ""
    shape = '<data class="{css}" value="{minor}">{text}</data>' if css else '<data value="{minor}">{text}</data>'
    return format_html(shape, css=css, minor=minor, text=ui.money(minor, currency))


@register.filter
def mask_phone(phone):
    return ui.mask_phone(phone)


@register.filter
def mask_name(name):
    return ui.mask_name(name)


@register.filter
def mask_email(email):
    return ui.mask_email(email)


@register.filter
def lines(text):
    """What a person typed: escaped, its paragraphs and line breaks kept."""
    return mark_safe(linebreaks(texts.clipped(text or ""), autoescape=True))


# --- times ------------------------------------------------------------------------------------------------
@register.simple_tag(takes_context=True)
def moment(context, at, style="full", sense="at", zone=None):
    return _time(context, ui.moment, at, style, sense, zone)


@register.simple_tag(takes_context=True)
def day(context, at, style="full", sense="at", zone=None):
    return _time(context, ui.day, at, style, sense, zone)


@register.simple_tag(takes_context=True)
def window(context, start, end, style="full", zone=None):
    zone = zone or context.get("zone")
    text = ui.window(start, end, now=context["now"], zone=zone, style=style)
    return format_html('<time datetime="{}">{}</time>', ui.in_zone(start, zone).isoformat(timespec="minutes"), text)


@register.simple_tag(takes_context=True)
def clock(context, due_at, paused=False, css=""):
    """Time left in words; the exact time in the title."""
    if paused or due_at is None:
        return format_html('<span class="clock {}">{}</span>', css, _("paused") if paused else "")
    left = ui.clock(due_at, now=context["now"])
    return format_html(
        '<time class="clock{state} {css}" datetime="{exact}" title="{title}">{text}</time>',
        state=f" is-{left.state}" if left.state else "",
        css=css,
        exact=ui.in_zone(due_at, context.get("zone")).isoformat(timespec="minutes"),
        title=_exactly(due_at, context.get("zone")),
        text=left.text,
    )


@register.filter
def span(length):
    return ui.span(length)


@register.filter
def age(since, now):
    """How long something has waited."""
    return ui.span(now - since) if since else ""


def _time(context, tell, at, style, sense, zone):
    if at is None:
        return ""
    zone = zone or context.get("zone")
    text = tell(at, now=context["now"], zone=zone, style=style, sense=sense)
    if not isinstance(at, datetime):
        return format_html('<time datetime="{}">{}</time>', at.isoformat(), text)
    exact = ui.in_zone(at, zone).isoformat(timespec="minutes")
    return format_html('<time datetime="{}" title="{}">{}</time>', exact, _exactly(at, zone), text)


def _exactly(at, zone):
    return f"{ui.in_zone(at, zone):%Y-%m-%d %H:%M:%S %Z}"


# --- small parts ------------------------------------------------------------------------------------------
@register.simple_tag
def tag(tone, text):
    """A word with its shape. tone: "" (waiting), now, good, late, bad."""
    return format_html('<span class="tag{}">{}</span>', f" is-{tone}" if tone else "", text)


@register.inclusion_tag("parts/_nav_link.html", takes_context=True)
def nav_link(context, key, url_name, text):
    """An entry of the bar. Pages of a shop or a return centre are those of `merchant` or `centre` in the context.

    What is not there is left out.
    """
    namespace = url_name.partition(":")[0]
    house = context.get(namespace) if namespace in ("merchant", "centre") else None
    try:
        href = reverse(url_name, kwargs={"code": house.code} if house else {})
    except NoReverseMatch:
        return {"href": ""}
    return {"href": href, "text": text, "current": _is_here(context, key, href)}


def _is_here(context, key, href):
    if here := context.get("here"):
        return here == key
    request = context.get("request")
    return bool(request and href != "/" and request.path.startswith(href))


@register.filter
def beside(cells, heads):
    """Each cell with the head of its column."""
    return zip(cells, heads, strict=True)


@register.filter
def attributes(names):
    """A dict as attributes of an element: {"hx-get": "…"}."""
    return mark_safe("".join(format_html(' {}="{}"', name, value) for name, value in (names or {}).items()))


@register.filter
def slot_day(on, now):
    """A day of a list of slots: tomorrow, Monday 23 November."""
    return ui.slot_day(on, now=now)


# --- what to put right ------------------------------------------------------------------------------------
@register.simple_tag
def wrong_list(form, extra=None):
    """[{id, text}] of a form's errors: those of the form as a whole, then field by field; then extra (id, text)."""
    wrongs = []
    if form is not None and form != "":
        wrongs += [{"id": "", "text": text} for text in form.non_field_errors()]
        wrongs += [{"id": _first_control(field), "text": text} for field in form for text in field.errors]
    return wrongs + [{"id": id, "text": text} for id, text in extra or ()]


def _first_control(field):
    """The first of several radio buttons or boxes has the number 0 in its id."""
    return field.id_for_label or (f"{field.auto_id}_0" if field.auto_id else "")
