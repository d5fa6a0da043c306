"""The door for callbacks of payment channels: who sent it, keep it, answer. Nothing is applied here."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from refunds import gateways
from refunds.charges.services import take_hint
from refunds.gateways.interface import AboutPayment, Door, Malformed, NoNews, NotAuthentic, NotUnderstood
from refunds.payouts.services import keep_delivery
from returns_platform.kernel.clock import now

LARGEST = 256_000  # bytes; a real one has about two thousand
HEARD = 200


@csrf_exempt
@require_POST
def channel_news(request: HttpRequest, channel: str) -> HttpResponse:
    """Each channel has its own way to say that it was heard."""
    try:
        door = gateways.door(channel)
    except LookupError:
        return JsonResponse({"code": "FAIL", "message": "no such channel"}, status=404)
    body = request.read(LARGEST + 1)  # the raw bytes, which are what is signed
    if len(body) > LARGEST:
        return _answer(door, 413, "too large")
    return _take(door, channel, request, body)


def _take(door: Door, channel: str, request: HttpRequest, body: bytes) -> HttpResponse:
    at = now()
    try:
        facts: dict = {"news": door.read(request.headers, body, at)}
    except Malformed as error:
        return _answer(door, 400, str(error))
    except NotAuthentic as error:
        return _answer(door, 401, str(error))
    except NotUnderstood as unread:
        facts = {"news": None, "event_id": unread.event_id}
    except AboutPayment as hint:
        take_hint(hint.number, now=at)
        facts = {"news": None, "event_id": hint.event_id, "ignored": f"payment {hint.number}"}
    except NoNews as unneeded:
        facts = {"news": None, "event_id": unneeded.event_id, "ignored": str(unneeded)}
    keep_delivery(channel, body=body, our_merchant_id=door.our_merchant_id(), now=at, **facts)
    return _answer(door, HEARD)


def _answer(door: Door, status: int, message: str = "") -> HttpResponse:
    body, content_type = door.answer(status, message)
    return HttpResponse(body, status=status, content_type=content_type)
