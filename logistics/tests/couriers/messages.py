"""Messages as SF sends them."""

import json
from datetime import datetime
from xml.sax.saxutils import quoteattr

from logistics.couriers.sf.courier import SF_TIME, SF_ZONE


def route(waybill: str, op_code: str, at: datetime, *, number: str = "", id: str = "158920001") -> dict:
    told_at = at.astimezone(SF_ZONE).strftime(SF_TIME)
    return {
        "mailno": waybill, "orderid": number, "acceptTime": told_at, "acceptAddress": "杭州市", "remark": "已签收",
        "opCode": op_code, "id": id, "reasonCode": "", "reasonName": "",
    }  # fmt: skip


def route_message(waybill: str, op_code: str, at: datetime, **more) -> str:
    return json.dumps({"Body": {"WaybillRoute": [route(waybill, op_code, at, **more)]}}, ensure_ascii=False)


def route_xml(waybill: str, op_code: str, at: datetime) -> str:
    attributes = " ".join(f"{name}={quoteattr(text)}" for name, text in route(waybill, op_code, at).items())
    return f'<Request service="RoutePushService" lang="zh-CN"><Body><WaybillRoute {attributes}/></Body></Request>'


def order_message(parcel, code: str, *, request: str = "r-1") -> str:
    state = {"orderNo": parcel.number, "waybillNo": parcel.waybill, "orderStateCode": code, "orderStateDesc": "…",
             "empCode": "顺丰小哥", "empPhone": "13900139000"}  # fmt: skip
    return json.dumps({"requestId": request, "timestamp": "1", "orderState": [state]}, ensure_ascii=False)
