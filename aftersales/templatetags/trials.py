"""What the last replay of a draft found, for the page that publishes it."""

from django import template
from django.urls import reverse

from aftersales.replay import presenting, queries

register = template.Library()


@register.inclusion_tag("admin/replay/_last.html", takes_context=True)
def last_replay(context, version) -> dict:
    found = last_trial(version)
    told = {name: context.get(name) for name in ("now", "zone")}
    return told | {"found": found, "href": reverse("admin:aftersales_trial_draft", args=[version.pk])}


@register.simple_tag
def last_trial(version) -> presenting.Found | None:
    trial = queries.last_replay(version)
    return trial and presenting.found(trial, content=queries.digest(version))
