"""Photos and videos for the parties of a case only. The address alone opens nothing, and every look is logged."""

from uuid import UUID

from django.db.models import Q
from django.http import FileResponse, HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.views.decorators.http import require_safe

from aftersales.evidence import media
from aftersales.evidence.models import REPORT, TRANSFER, Evidence
from aftersales.evidence.services import note_read
from aftersales.returns.models import ReturnRequest
from orders.centres.queries import centres_of
from orders.merchants.models import Member
from orders.merchants.queries import may
from orders.visitors.queries import Viewer, viewer
from returns_platform.kernel import clock
from returns_platform.kernel.actors import Actor
from returns_platform.kernel.errors import NotSignedIn, NotThere

HEADERS = {
    "Cache-Control": "private, no-store",
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; sandbox",
    "Cross-Origin-Resource-Policy": "same-origin",
}


@require_safe
def evidence(request: HttpRequest, public_id: UUID) -> HttpResponse:
    seen_by = viewer(request)
    if not seen_by.known:
        raise NotSignedIn
    kept = Evidence.objects.select_related("merchant").filter(public_id=public_id).first()
    by = kept and party_to(kept, seen_by)
    if not by:
        raise NotThere
    try:
        file = media.open_kept(kept.path)
    except FileNotFoundError:
        return _gone()
    note_read(kept, by=by, now=clock.now())
    return _send(kept, file)


def party_to(kept: Evidence, seen_by: Viewer) -> Actor | None:
    """As whom somebody may look: buyer, member of the shop, platform; None for anybody else."""
    user = seen_by.user
    if kept.case_ref.startswith(TRANSFER):
        may_see = user is not None and user.is_staff and user.has_perm("refunds.view_refundexception")
        return Actor("support", str(user.pk), user.get_username()) if may_see else None
    if _is_buyers(kept, seen_by):
        return seen_by.actor
    if user is None:
        return None
    member = Member.objects.filter(merchant=kept.merchant, user=user).first()
    if member and may(member, "see_evidence"):
        return Actor("merchant", str(user.pk), kept.merchant.name)
    if _is_at_a_centre(kept, user):
        return Actor("centre", str(user.pk), user.get_username())
    if user.is_staff and user.has_perm("aftersales.view_evidence"):
        return Actor("support", str(user.pk), user.get_username())
    return None


def _is_at_a_centre(kept: Evidence, user) -> bool:
    """Of a case whose goods go to a centre where they work, or just taken by them at its bench."""
    if (kept.by_kind, kept.by_id, kept.case_ref) == ("centre", str(user.pk), ""):
        return True
    goes = ReturnRequest.objects.filter(joining__centre__in=centres_of(user), return_no=kept.case_ref)
    return bool(kept.case_ref) and goes.exists()


def _is_buyers(kept: Evidence, seen_by: Viewer) -> bool:
    """Of an order of theirs: uploaded for it, or part of a case about it."""
    number = kept.case_ref.removesuffix(REPORT)
    cases = ReturnRequest.objects.filter(return_no=number).exclude(return_no="").values("order")
    return seen_by.orders().order_by().filter(Q(pk=kept.order_id) | Q(pk__in=cases)).exists()


def _send(kept: Evidence, file) -> HttpResponse:
    video = kept.kind == Evidence.Kind.VIDEO
    return FileResponse(
        file, content_type="video/mp4" if video else "image/jpeg", as_attachment=video,
        filename=f"{kept.public_id}.{'mp4' if video else 'jpg'}", headers=HEADERS,
    )  # fmt: skip


def _gone() -> HttpResponse:
    """The row is there and its file is not: a picture that says so, for the place where the photo was."""
    picture = render_to_string("aftersales/returns/gone.svg")
    return HttpResponse(picture, content_type="image/svg+xml", status=404, headers=HEADERS)
