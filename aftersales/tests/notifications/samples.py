"""Facts of notices as `aftersales.returns` stores them."""

from datetime import UTC, datetime

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)  # 20:00 in Shanghai, a Sunday

PARAMS = {
    "return_no": "RT26112200004217",
    "order_no": "A1",
    "kind": "return_refund",
    "shop": "素缕服饰",
    "shop_en": "Sulu Apparel",
    "goods": [{"title": "羊毛大衣", "quantity": 1}],
    "amount": 59500,
    "bonus": 0,
    "currency": "CNY",
    "refund_to": "original",
    "channels": ["wechat", "balance"],
    "arrives_by": "2026-11-28T15:59:59+00:00",
    "freight": {"payer": "merchant", "amount": 1200, "deducted": 0},
    "send_back": "pickup",
    "slot_from": "2026-11-23T06:00:00+00:00",
    "slot_to": "2026-11-23T08:00:00+00:00",
    "address": {"name": "退货组", "phone": "+8613800138111", "province": "上海市", "city": "上海市",
                "district": "浦东新区", "street": "张江路 1 号"},
    "waits_for": "courier",
    "due_at": "2026-11-29T12:14:00+00:00",
    "zone": "Asia/Shanghai",
    "outcome": "approve",
    "reasons": [{"rule": "platform.quality_with_return", "version": 1, "code": "quality_with_return",
                 "params": {"limit": 50000, "currency": "CNY"}}],
    "missing": [],
    "refusal_code": "",
    "refusal_text": "",
    "asked_text": "",
    "asked_classes": [],
    "contact": "400-123-4567",
    "courier": "sf",
    "waybill": "SF1234567890123",
    "refund_no": "RF26112200004217-1",
    "channel": "wechat",
    "account": "招商银行信用卡0403",
    "by": "2026-11-28T15:59:59+00:00",
    "at": "",
    "wanted": [{"title": "羊毛大衣 L", "quantity": 1}],
    "offered": 2000,
    "until": "2026-11-23T12:00:00+00:00",
    "due": 3000,
    "quote": "拉链换新，含运费。",
    "finding": "试机正常，没有发现故障。",
    "codes": ["NR.NO_LONGER_WANT"],
    "before": 60700,
}  # fmt: skip

MINIMAL = {"return_no": "RT26112200004217", "shop": "素缕服饰", "zone": "Asia/Shanghai"}


def params(**changes) -> dict:
    return PARAMS | changes
