"""Where SF tells us its news. The token in the address is not proof enough: see tracking.services."""

import json
import secrets

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from logistics.couriers import doors
from logistics.couriers.models import CourierPush
from logistics.couriers.sf import pushes
from logistics.couriers.sf.account import push_token
from returns_platform.kernel.errors import Malformed

FORM = "application/x-www-form-urlencoded"

TAKEN = {"return_code": "0000", "return_msg": "成功"}
NOT_TAKEN = {"return_code": "1000", "return_msg": "格式错误"}
TAKEN_XML = '<Response service="RoutePushService"><Head>OK</Head></Response>'


@csrf_exempt
@require_POST
def routes(request: HttpRequest, token: str) -> HttpResponse:
    """Scans. Kept, then answered, then understood; `0000` or the XML's OK means only that we have them."""
    if request.content_type == FORM:
        return _take(request, token, CourierPush.Kind.ROUTES, pushes.content_of_form, pushes.read_routes, TAKEN_XML)
    return _take(request, token, CourierPush.Kind.ROUTES, bytes.decode, pushes.read_routes, json.dumps(TAKEN))


@csrf_exempt
@require_POST
def orders(request: HttpRequest, token: str) -> HttpResponse:
    """What became of a pickup before it was collected."""
    taken = json.dumps({"success": "true", "code": "0", "msg": "", **TAKEN})
    return _take(request, token, CourierPush.Kind.ORDERS, bytes.decode, pushes.read_orders, taken)


def _take(request: HttpRequest, token: str, kind: str, unwrap, read, taken: str) -> HttpResponse:
    ours = push_token()
    if not ours or not secrets.compare_digest(token.encode(), ours.encode()):
        raise Http404
    try:
        doors.take(doors.body_of(request), courier="sf", kind=kind, unwrap=unwrap, read=read)
    except doors.TooLarge:
        return _answer(json.dumps(NOT_TAKEN), status=413)
    except Malformed:
        return _answer(json.dumps(NOT_TAKEN), status=400)
    return _answer(taken)


def _answer(text: str, status: int = 200) -> HttpResponse:
    kind = "text/xml" if text.startswith("<") else "application/json"
    return HttpResponse(text, content_type=f"{kind}; charset=utf-8", status=status)
