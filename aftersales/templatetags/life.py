"""The life of an order on the three pages that show it: the customer's, the shop's, the desk's."""

from django import template

from aftersales.life import readers
from aftersales.life.presenting import life_of
from orders.merchants.models import Member
from orders.purchases.models import Order
from orders.visitors.queries import viewer

register = template.Library()


@register.inclusion_tag("aftersales/life/_life.html", takes_context=True)
def life_for_customer(context, order: Order) -> dict:
    """For whoever looks, who may see this order."""
    return _told(context, readers.Customer(order, viewer(context["request"]), now=context["now"]))


@register.inclusion_tag("aftersales/life/_life.html", takes_context=True)
def life_for_shop(context, order: Order, member: Member) -> dict:
    return _told(context, readers.Shop(order, member, now=context["now"]))


@register.inclusion_tag("aftersales/life/_life.html", takes_context=True)
def life_for_desk(context, order: Order) -> dict:
    return _told(context, readers.Desk(order, context["request"].user, now=context["now"]))


def _told(context, reader: readers.Reader) -> dict:
    return {"life": life_of(reader), "now": context["now"], "zone": reader.zone}
