"""The panel that tells a customer of new rules, until it is put away."""

from django import template

from aftersales.notifications.policy_news import unread_news
from aftersales.notifications.queries import Line, lines_for_customer
from orders.visitors.queries import viewer
from returns_platform.kernel import clock

MOST = 2  # of several shops; the rest stand in the inbox

register = template.Library()


@register.simple_tag(takes_context=True)
def new_rules(context) -> list[Line]:
    """One query; none for a stranger."""
    request = context.get("request")
    return lines_for_customer(list(unread_news(viewer(request))[:MOST]), now=clock.now()) if request else []
