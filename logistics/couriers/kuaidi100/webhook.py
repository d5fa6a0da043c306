"""Where Kuaidi100 tells us its news, signed with our salt: a weak proof of what is a hint, see tracking.services.

Kuaidi100 signs nothing where no salt was given, and calls over plain HTTP where it is told to: both are refused here.
"""

import secrets
from urllib.parse import parse_qs

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from logistics.couriers import doors, services
from logistics.couriers.kuaidi100 import pushes
from logistics.couriers.kuaidi100.account import proof_of, salt
from logistics.couriers.kuaidi100.client import md5
from logistics.couriers.models import CourierPush
from returns_platform.kernel.errors import Malformed


@csrf_exempt
@require_POST
def routes(request: HttpRequest) -> HttpResponse:
    """The route of a waybill that we subscribed. Kept, then answered, then understood."""
    return _take(request, CourierPush.Kind.ROUTES, lambda form: form["param"], pushes.read_routes)


@csrf_exempt
@require_POST
def orders(request: HttpRequest, number: str, proof: str) -> HttpResponse:
    """What became of a pickup: `number` is ours. Its task is noted at once, in case the order's answer was lost."""
    if not salt() or not secrets.compare_digest(proof.encode(), proof_of(number).encode()):
        raise Http404

    def content(form: dict[str, str]) -> str:
        kept = pushes.content_of_order(number=number, task=form.get("taskId", ""), param=form["param"])
        _number, task, order = pushes.order_ids(kept)
        services.keep_task(courier="kuaidi100", number=number, task=task, order=order)
        return kept

    return _take(request, CourierPush.Kind.ORDERS, content, pushes.read_orders)


def _take(request: HttpRequest, kind: str, content, read) -> HttpResponse:
    try:
        form = _form(doors.body_of(request))
        if not _is_signed(form):
            return _answer(401, "签名无效")
        doors.take(content(form).encode(), courier="kuaidi100", kind=kind, unwrap=bytes.decode, read=read)
    except doors.TooLarge:
        return _answer(413, "报文过大")
    except (Malformed, UnicodeEncodeError):
        return _answer(400, "报文格式错误")
    return _answer(200, "成功")


def _form(body: bytes) -> dict[str, str]:
    """Its fields, each of them once."""
    try:
        fields = parse_qs(body.decode(), keep_blank_values=True, errors="strict", max_num_fields=10)
        return {name: text for name, (text,) in fields.items()} | {"param": fields["param"][0]}
    except (ValueError, KeyError) as error:
        raise Malformed from error


def _is_signed(form: dict[str, str]) -> bool:
    ours = salt()
    if not ours or not form.get("sign"):
        return False
    try:
        return secrets.compare_digest(md5(form["param"] + ours).encode(), form["sign"].encode())
    except UnicodeEncodeError:
        return False


def _answer(status: int, message: str) -> HttpResponse:
    told = {"result": status == 200, "returnCode": str(status), "message": message}
    return JsonResponse(told, status=status, json_dumps_params={"ensure_ascii": False})
