"""A shop's page of fairness: how it answered under each policy, beside all shops together."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from aftersales.fairness import presenting, queries
from orders.merchants.queries import member_who_may
from returns_platform.kernel import clock, pages


@login_required
@require_safe
def fairness(request: HttpRequest, code: str) -> HttpResponse:
    member, now = member_who_may(request, code, "see_figures"), clock.now()
    span = pages.one_of(request.GET, "days", presenting.SPANS, presenting.DEFAULT_SPAN)
    counted = queries.answers_of(member.merchant, since=presenting.since(span, now), until=now)
    context = {
        "merchant": member.merchant,
        "zone": member.merchant.zone,
        "here": "policy",
        "heads": presenting.heads(),
        "rows": presenting.rows(counted, own=True) if counted.groups else [],
        "few_note": presenting.few_note(),
        "spans": presenting.spans(),
        "span": span,
    }
    return pages.render(request, "aftersales/merchant/fairness.html", context)
