"""What counts as intact and as damage by the user, for the goods of a case: beside the photos it is judged by."""

from dataclasses import dataclass

from django import template

from aftersales.policy.standards import standard
from aftersales.policy.wording import category_name
from aftersales.returns.models import ReturnRequest

register = template.Library()


@dataclass(frozen=True, slots=True)
class Measure:
    """The words that customers read before they buy and file."""

    goods: str
    intact: str
    damaged: list[str]


@register.simple_tag
def measures_of(case: ReturnRequest) -> list[Measure]:
    """One for each kind of goods in the case, from its stored facts: no query."""
    lines = case.facts.get("lines") or []
    categories = dict.fromkeys(line["category"] for line in lines if isinstance(line, dict) and line.get("category"))
    return [_measure(category) for category in categories]


def _measure(category: str) -> Measure:
    about = standard(category)
    return Measure(category_name(category), str(about.intact), [str(one) for one in about.damaged])
