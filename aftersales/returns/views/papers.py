"""Documents for the parties of a case only, made on the spot; every look is logged."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from aftersales.returns import papers
from orders.merchants.models import Member, Merchant
from orders.merchants.queries import may
from orders.purchases.models import Order
from orders.visitors.queries import Viewer, viewer
from refunds.documents.drawing import as_pdf
from refunds.documents.models import Voucher
from refunds.documents.rules import Paper
from refunds.documents.services import note_read
from returns_platform.kernel import clock
from returns_platform.kernel.actors import Actor
from returns_platform.kernel.errors import NotSignedIn, NotThere

HEADERS = {
    "Cache-Control": "private, no-store",
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Cross-Origin-Resource-Policy": "same-origin",
}


@require_safe
def voucher(request: HttpRequest, number: str) -> HttpResponse:
    seen_by = viewer(request)
    if not seen_by.known:
        raise NotSignedIn
    written = Voucher.objects.filter(number=number)
    found = written.select_related(
        "merchant", "cancellation", "refund__authorisation", "refund__customer", "refund__order"
    ).first()
    by = found and party_to(found.refund.order, found.merchant, seen_by, right="refunds.view_voucher")
    if not by:
        raise NotThere
    note_read(found.number, by=by, now=clock.now())
    return send_pdf(papers.voucher_paper(found, language=papers.language_of(request.GET.get("in", ""))))


def party_to(order: Order, merchant: Merchant, seen_by: Viewer, *, right: str) -> Actor | None:
    """As whom somebody may read it: buyer, member who sees money, platform; None for anybody else."""
    if seen_by.orders().order_by().filter(pk=order.pk).exists():
        return seen_by.actor
    user = seen_by.user
    if user is None:
        return None
    member = Member.objects.filter(merchant=merchant, user=user).first()
    if member and may(member, "see_money"):
        return Actor("merchant", str(user.pk), merchant.name)
    if user.is_staff and user.has_perm(right):
        return Actor("support", str(user.pk), user.get_username())
    return None


def send_pdf(paper: Paper) -> HttpResponse:
    """As a file to keep; in no cache, and nothing in it can run."""
    name = f"{paper.number}-{paper.language[:2]}.pdf"
    headers = HEADERS | {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(as_pdf(paper), content_type="application/pdf", headers=headers)
