"""Alipay's bill of the trades of one day: two CSV files in GBK inside a ZIP, the rows and the totals.

Lines of comment begin with #; long numbers have a tab behind them, so that spreadsheets leave them alone.
"""

import io
import zipfile
from collections.abc import Sequence
from datetime import date, datetime, timedelta

from refunds.gateways.alipay import reading
from returns_platform.kernel.stand_in.book import Payment, Row

TITLES = (
    "支付宝交易号,商户订单号,业务类型,商品名称,创建时间,完成时间,门店编号,门店名称,操作员,终端号,对方账户,订单金额（元）,商家实收（元）,"
    "支付宝红包（元）,集分宝（元）,支付宝优惠（元）,商家优惠（元）,券核销金额（元）,券名称,商家红包消费金额（元）,卡消费金额（元）,"
    "退款批次号/请求号,服务费（元）,分润（元）,备注"
)
SUMMARY_TITLES = (
    "门店编号,门店名称,交易订单总笔数,退款订单总笔数,订单金额（元）,商家实收（元）,支付宝优惠（元）,商家优惠（元）,卡消费金额（元）,服务费（元）,"
    "分润（元）,实收净额（元）"
)


def trade_bill(rows: Sequence[tuple[Row, Payment]], *, day: date, seller_id: str) -> bytes:
    stem = f"{seller_id}0156_{day:%Y%m%d}_业务明细"
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as files:
        for name, lines in ((stem, _details(rows, day, seller_id)), (f"{stem}(汇总)", _totals(rows, day, seller_id))):
            file = zipfile.ZipInfo(f"{name}.csv", date_time=(day.year, day.month, day.day, 0, 0, 0))
            files.writestr(file, "".join(f"{line}\r\n" for line in lines).encode("gbk"))
    return packed.getvalue()


def _details(rows: Sequence[tuple[Row, Payment]], day: date, seller_id: str) -> list[str]:
    return [
        "#支付宝业务明细查询",
        *_head(day, seller_id),
        "#-----------------------------------------业务明细列表----------------------------------------",
        TITLES,
        *(_detail(row, payment) for row, payment in rows),
        "#-----------------------------------------业务明细列表结束------------------------------------",
        "#交易合计：0笔，商家实收共0.00元，商家优惠共0.00元",
        f"#退款合计：{len(rows)}笔，商家实收退款共{_minus(_sum(rows))}元，商家优惠退款共0.00元",
        f"#导出时间：[{_chinese(day + timedelta(days=1))} 08:30:00]",
    ]


def _totals(rows: Sequence[tuple[Row, Payment]], day: date, seller_id: str) -> list[str]:
    refunded = _minus(_sum(rows))
    values = ["合计", "", "0", str(len(rows)), refunded, refunded, "0.00", "0.00", "0.00", "0.00", "0.00", refunded]
    return [
        "#支付宝业务汇总查询",
        *_head(day, seller_id),
        "#-----------------------------------------业务汇总列表----------------------------------------",
        SUMMARY_TITLES,
        ",".join(values),
        "#----------------------------------------业务汇总列表结束-------------------------------------",
    ]


def _head(day: date, seller_id: str) -> list[str]:
    until = f"{_chinese(day + timedelta(days=1))} 00:00:00"
    return [f"#账号：[{seller_id}0156]", f"#起始日期：[{_chinese(day)} 00:00:00]   终止日期：[{until}]"]


def _detail(row: Row, payment: Payment) -> str:
    amount = _minus(row["amount"])
    trade = [f"{payment.id}\t", f"{payment.id}\t", "退款", "商品", reading.written(payment.paid_at)]
    done = [reading.written(datetime.fromisoformat(row["success_time"])), "", "", "", "", "*雨(159****5620)"]
    sums = [amount, amount, "0.00", "0.00", "0.00", "0.00", "0.00", "", "0.00", "0.00"]
    return ",".join([*trade, *done, *sums, f"{row.number}\t", "0.00", "0.00", "退货退款"])


def _sum(rows: Sequence[tuple[Row, Payment]]) -> int:
    return sum(row["amount"] for row, _ in rows)


def _minus(fen: int) -> str:
    return f"-{reading.yuan(fen)}" if fen else "0.00"


def _chinese(day: date) -> str:
    return f"{day:%Y年%m月%d日}"
