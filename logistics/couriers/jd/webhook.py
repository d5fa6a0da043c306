"""Where JD tells us its news, signed as our calls are, over the body as it was sent.

A message older than five minutes, or one from the future, is refused: JD signs a repetition anew. What is told is a
hint all the same: see tracking.services.
"""

import secrets
from datetime import timedelta

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from logistics.couriers import doors
from logistics.couriers.jd import client, pushes
from logistics.couriers.jd.account import app_key, app_secret
from logistics.couriers.models import CourierPush
from returns_platform.kernel import clock
from returns_platform.kernel.errors import Malformed

CLOCKS_APART = timedelta(minutes=5)


@csrf_exempt
@require_POST
def routes(request: HttpRequest) -> HttpResponse:
    """Traces. Kept, then answered, then understood; code 0 means only that we have them."""
    return _take(request, CourierPush.Kind.ROUTES, pushes.read_routes)


@csrf_exempt
@require_POST
def orders(request: HttpRequest) -> HttpResponse:
    """What became of a pickup before it was collected."""
    return _take(request, CourierPush.Kind.ORDERS, pushes.read_orders)


def _take(request: HttpRequest, kind: str, read) -> HttpResponse:
    try:
        body = doors.body_of(request)
        if not _is_signed(request, body):
            return _answer(401, "签名无效")
        doors.take(body, courier="jd", kind=kind, unwrap=bytes.decode, read=read)
    except doors.TooLarge:
        return _answer(413, "报文过大")
    except Malformed:
        return _answer(400, "报文格式错误")
    return _answer(200, "成功")


def _is_signed(request: HttpRequest, body: bytes) -> bool:
    """By our own key, over these bytes and this address, within some minutes."""
    secret, given = app_secret(), request.GET
    if not secret or given.get("app_key") != app_key() or given.get("algorithm") != client.ALGORITHM:
        return False
    try:
        at, text = client.read_time(given.get("timestamp", "")), body.decode()
    except (ValueError, OverflowError):
        return False
    if abs(clock.now() - at) > CLOCKS_APART:
        return False
    ours = client.sign(
        secret=secret, token="", key=app_key(), path=request.path, body=text, timestamp=given["timestamp"]
    )
    return secrets.compare_digest(ours.encode(), given.get("sign", "").encode())


def _answer(status: int, message: str) -> HttpResponse:
    return JsonResponse({"code": 0 if status == 200 else status, "msg": message}, status=status)
