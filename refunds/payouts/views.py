"""The door for callbacks of payment channels: who sent it, keep it, answer. Nothing is applied here."""

from datetime import datetime

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from refunds.gateways.interface import NotAuthentic, NotUnderstood
from refunds.gateways.wechat import keys, reading, webhook
from refunds.payouts.services import keep_delivery
from returns_platform.kernel.clock import now

LARGEST = 256_000  # bytes; a real one has about two thousand


@csrf_exempt
@require_POST
def channel_news(request: HttpRequest, channel: str) -> HttpResponse:
    """Each channel has its own way to say that it was heard."""
    if channel not in DOORS:
        return JsonResponse({"code": "FAIL", "message": "no such channel"}, status=404)
    body = _read(request)
    if body is None:
        return JsonResponse({"code": "FAIL", "message": "too large"}, status=413)
    return DOORS[channel](request, body, now())


def _read(request: HttpRequest) -> bytes | None:
    """The raw bytes, which are what is signed; None when there are too many of them."""
    body = request.read(LARGEST + 1)
    return body if len(body) <= LARGEST else None


def _from_wechat(request: HttpRequest, body: bytes, at: datetime) -> HttpResponse:
    """WeChat Pay stops repeating after 200 or 204, and repeats after everything else."""
    try:
        reading.json_object(body)
        news, event_id = webhook.read(request.headers, body, at), ""
    except reading.Unreadable as error:
        return JsonResponse({"code": "FAIL", "message": str(error)}, status=400)
    except NotAuthentic as error:
        return JsonResponse({"code": "FAIL", "message": str(error)}, status=401)
    except NotUnderstood as unread:
        news, event_id = None, unread.event_id
    keep_delivery("wechat", body=body, news=news, event_id=event_id, our_merchant_id=keys.account().mchid, now=at)
    return HttpResponse(status=204)


DOORS = {"wechat": _from_wechat}
