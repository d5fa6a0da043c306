"""The bar's entry for notices: how many are unread."""

from django import template

from aftersales.notifications.queries import unread_of
from orders.visitors.queries import viewer

register = template.Library()


@register.simple_tag(takes_context=True)
def unread_notices(context) -> int:
    """One query for a known viewer, none for a stranger or outside a request."""
    request = context.get("request")
    return unread_of(viewer(request)) if request is not None and hasattr(request, "user") else 0
