"""The courier's label of a parcel, to print: of what a shop sends out, and of what a van brings back."""

import logging

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from logistics import couriers
from logistics.couriers.interface import CourierDown, CourierRefused
from logistics.parcels.labels import has_label, label_of
from logistics.parcels.models import Parcel
from orders.merchants.queries import membership, must_be_able
from returns_platform.kernel.errors import NotThere

log = logging.getLogger(__name__)


@login_required
@require_safe
def label(request: HttpRequest, code: str, reference: str) -> HttpResponse:
    member = membership(request.user, code)
    must_be_able(member, "ship")
    parcel = Parcel.objects.filter(merchant=member.merchant, reference=reference).first()
    if parcel is None:
        raise NotThere
    if not has_label(parcel):
        return _back(request, code, parcel, _("There is no label for this parcel now."))
    try:
        pdf = label_of(parcel)
    except (CourierDown, CourierRefused, LookupError) as error:
        log.warning("no label of parcel %s: %s", parcel.pk, error)
        told = _("%(courier)s gives no label at the moment. Please try again in a minute.")
        return _back(request, code, parcel, told % {"courier": couriers.name(parcel.asked_courier)})
    name = f'inline; filename="label-{parcel.waybill}.pdf"'
    return HttpResponse(pdf, content_type="application/pdf", headers={"Content-Disposition": name})


def _back(request: HttpRequest, code: str, parcel: Parcel, told: str) -> HttpResponse:
    messages.error(request, told)
    if parcel.kind == Parcel.Kind.OUTBOUND:
        return redirect("merchant:sending", code, parcel.leg)
    return redirect("merchant:case", code, parcel.leg.partition(".")[0])
