"""What somebody independent found about the goods of a case: on the page of the customer, the shop and the desk."""

from django import template

from aftersales.examination.presenting import Told, told_of
from aftersales.examination.queries import lines_to_examine
from aftersales.returns.models import ReturnRequest
from returns_platform.kernel import clock

register = template.Library()


@register.simple_tag
def examinations_of(row: ReturnRequest) -> list[Told]:
    """No query where nothing was counted."""
    return told_of(row, now=clock.now())


@register.simple_tag
def can_be_examined(row: ReturnRequest) -> bool:
    return bool(lines_to_examine(row))
