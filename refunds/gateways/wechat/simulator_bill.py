"""WeChat's trade bill of one day, the rows of refunds.

Titles, rows, summary titles, summary; amounts in yuan. Every value has a backtick before it, so that
spreadsheets leave long numbers alone.
"""

import hmac
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal

from refunds.gateways.wechat.simulator_messages import BEIJING, Trouble
from returns_platform.kernel.stand_in.book import Payment, Row

TITLES = (
    "交易时间,公众账号ID,商户号,特约商户号,设备号,微信订单号,商户订单号,用户标识,交易类型,交易状态,付款银行,货币种类,应结订单金额,代金券金额,"
    "退款申请时间,退款成功时间,微信退款单号,商户退款单号,退款金额,充值券退款金额,退款类型,退款状态,商品名称,商户数据包,手续费,费率,"
    "订单金额,申请退款金额,费率备注"
)
SUMMARY_TITLES = "总交易单数,应结订单总金额,退款总金额,充值券退款总金额,手续费总金额,订单总金额,申请退款总金额"

KEPT = timedelta(days=92)
ADDRESS_LIVES_S = 300


def asked_day(query: Mapping[str, str]) -> date:
    """The day of a request for the bill of refunds, or 400 PARAM_ERROR."""
    if query.get("bill_type", "ALL") != "REFUND" or query.get("tar_type"):
        raise Trouble(400, "PARAM_ERROR", "bill_type")
    try:
        return date.fromisoformat(query.get("bill_date", ""))
    except ValueError:
        raise Trouble(400, "PARAM_ERROR", "bill_date") from None


def token(day: date, *, until: int, key: bytes) -> str:
    """Opens the bill of that day until then, and needs to be kept nowhere."""
    return f"{day}.{until}.{_seal(f'{day}.{until}', key)}"


def day_of(token: str, *, now: float, key: bytes) -> date:
    said, _, seal = token.rpartition(".")
    if not hmac.compare_digest(seal.encode(), _seal(said, key).encode()):
        raise Trouble(403, "NO_AUTH", "下载地址无效")
    day, _, until = said.partition(".")
    if now > int(until):
        raise Trouble(400, "INVALID_REQUEST", "下载地址已过期，请重新申请账单")
    return date.fromisoformat(day)


def _seal(said: str, key: bytes) -> str:
    return hmac.new(key, said.encode(), "sha256").hexdigest()


def refund_bill(rows: Sequence[tuple[Row, Payment]], *, mchid: str) -> str:
    refunded = sum(row["amount"] for row, _ in rows)
    summary = [len(rows), "0.00", _yuan(refunded), "0.00", "0.00000", "0.00", _yuan(refunded)]
    lines = [TITLES, *(_line(_values(row, payment, mchid)) for row, payment in rows)]
    return "\n".join([*lines, SUMMARY_TITLES, _line(summary), ""])


def _values(row: Row, payment: Payment, mchid: str) -> list[str]:
    paid = f"{payment.paid_at.astimezone(BEIJING):%Y-%m-%d %H:%M:%S}"
    trade = [
        paid,
        "wxd678efh567hg6787",
        mchid,
        "0",
        "",
        payment.id,
        payment.id,
        "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o",
    ]
    kind = ["JSAPI", "REFUND", "OTHERS", payment.currency, "0.00", "0.00"]
    times = [_time(row["create_time"]), _time(row["success_time"])]
    refund = [row["refund_id"], row.number, _yuan(row["amount"]), "0.00", "ORIGINAL", "SUCCESS"]
    fees = ["", "", "0.00000", "0.60%", "0.00", _yuan(row["amount"]), ""]
    return trade + kind + times + refund + fees


def _line(values: Sequence[object]) -> str:
    return ",".join(f"`{value}" for value in values)


def _yuan(fen: int) -> str:
    return f"{Decimal(fen) / 100:.2f}"


def _time(text: str) -> str:
    return f"{datetime.fromisoformat(text):%Y-%m-%d %H:%M:%S}"
