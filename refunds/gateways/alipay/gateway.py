"""Refunds over Alipay."""

import re
from datetime import date, datetime, time, timedelta
from typing import Any

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from refunds.gateways.alipay import reading
from refunds.gateways.alipay.client import Client
from refunds.gateways.alipay.keys import account
from refunds.gateways.interface import (
    GatewayDown,
    GatewayRefused,
    Limits,
    RefundAnswer,
    RefundOrder,
    StatementNotReady,
)

REFUND = "alipay.trade.refund"
QUERY = "alipay.trade.fastpay.refund.query"
BILL = "alipay.data.dataservice.bill.downloadurl.query"

CURRENCY = "CNY"
OTHER_AMOUNT = "ACQ.DISCORDANT_REPEAT_REQUEST"  # this number has paid already, another amount
NO_SUCH_TRADE = "ACQ.TRADE_NOT_EXIST"
NO_SUCH_BILL = "isp.bill_not_exist"
BILLS_READY_AT = time(12)  # of the next day; Alipay says nine o'clock

LONGEST_REASON = 256

TO_THE_CARD, TO_THE_BALANCE = "BANKCARD", "ALIPAYACCOUNT"  # Alipay's names of funds
A_FUND = re.compile(r"[A-Z_]{1,32}")


class AlipayGateway:
    code = "alipay"
    limits = Limits(
        parts=99,
        spacing=timedelta(seconds=3),
        age=timedelta(days=settings.ALIPAY_REFUND_DAYS),
        working_days=3,
        arrives=_("at once to Alipay, 1 to 3 working days to a bank card"),
        silence=timedelta(seconds=10),
        forgets=True,
    )

    def __init__(self) -> None:
        self.client = Client(account())

    def refund(self, order: RefundOrder) -> RefundAnswer:
        """Where this number has paid before, and another amount, Alipay is asked which: the two are for a person."""
        if order.currency != CURRENCY:  # sums go out without a currency, and would be taken for yuan
            raise GatewayRefused("currency", f"{order.currency} is not {CURRENCY}", retry=False, hurdle="rule")
        try:
            data = self.client.call(REFUND, _body(order))
        except GatewayRefused as error:
            told = self.query(order) if error.code == OTHER_AMOUNT else None
            if told is None:
                raise
            return told
        return _read(_taken, data, order)

    def query(self, order: RefundOrder) -> RefundAnswer | None:
        asked = {
            "trade_no": order.transaction_id,
            "out_request_no": order.number,
            "query_options": ["gmt_refund_pay", "refund_detail_item_list", "deposit_back_info"],
        }
        try:
            data = self.client.call(QUERY, asked)
        except GatewayRefused as error:
            if error.code == NO_SUCH_TRADE:
                return None
            raise
        return _read(_found, data, order)

    def statement(self, day: date) -> bytes:
        """The bill of the trades of a Beijing day, a ZIP; empty where Alipay has none, because nothing happened."""
        try:
            data = self.client.call(BILL, {"bill_type": "trade", "bill_date": day.isoformat()})
        except GatewayRefused as error:
            if error.code != NO_SUCH_BILL:
                raise
            ready_at = datetime.combine(day + timedelta(days=1), BILLS_READY_AT, reading.BEIJING)
            if datetime.now(reading.BEIJING) < ready_at:
                raise StatementNotReady(error.message) from None
            return b""
        try:
            return self.client.download(reading.text(data, "bill_download_url", longest=2048))
        except reading.Unreadable as error:
            raise GatewayDown(f"answer: {error}") from None


def _body(order: RefundOrder) -> dict[str, Any]:
    return {
        "trade_no": order.transaction_id,
        "refund_amount": reading.yuan(order.amount),
        "out_request_no": order.number,
        "refund_reason": order.reason[:LONGEST_REASON],
        "query_options": ["refund_detail_item_list", "deposit_back_info"],
    }


def _read(read, data: dict[str, Any], order: RefundOrder) -> RefundAnswer | None:
    """An answer that does not say what became of the refund leaves the outcome unknown."""
    try:
        return read(data, order)
    except reading.Unreadable as error:
        raise GatewayDown(f"answer: {error}") from None


def _taken(data: dict[str, Any], order: RefundOrder) -> RefundAnswer:
    """The call was taken. `fund_change` Y: money moved because of it. Else it did not, or had done so before.

    `refund_fee` is the sum over all refunds of the payment. It is no sum of ours to compare; only where it is below
    this refund the two cannot both be true, and then it is what is reported.
    """
    moved = data.get("fund_change") == "Y"
    amount = min(order.amount, reading.fen(data, "refund_fee")) if moved else order.amount
    to_a_card = data.get("has_deposit_back") == "true"
    return _answer(
        data, order, amount=amount, state="succeeded" if moved and not to_a_card else "processing",
        account=_account(data), paid_at="gmt_refund_pay",
    )  # fmt: skip


def _found(data: dict[str, Any], order: RefundOrder) -> RefundAnswer | None:
    """What Alipay knows of this number. An answer without facts: no such refund has succeeded, it may go again."""
    if not any(data.get(name) for name in ("refund_status", "refund_amount", "error_code")):
        return None
    if data.get("error_code") and not data.get("refund_status"):
        return _answer(data, order, amount=order.amount, state="closed")
    if data.get("refund_status", "REFUND_SUCCESS") != "REFUND_SUCCESS":  # older accounts leave it out
        raise reading.Unreadable("unknown refund_status")
    number, amount = reading.text(data, "out_request_no"), reading.fen(data, "refund_amount")
    bank = _bank_leg(data)
    return _answer(
        data, order, number=number, amount=amount, account=_card(bank) or _account(data),
        state="processing" if _is_on_its_way(bank) else "succeeded", paid_at="gmt_refund_pay",
    )  # fmt: skip


def _answer(
    data: dict[str, Any], order: RefundOrder, *, amount: int, state: str, account: str = "", paid_at: str = "",
    number: str = "",
) -> RefundAnswer:  # fmt: skip
    paid = state == "succeeded" and data.get(paid_at)
    return RefundAnswer(
        number=number or order.number, channel_ref="", state=state, amount=amount, total=None, currency=CURRENCY,
        transaction_id=reading.text(data, "trade_no"), account=account,
        succeeded_at=reading.moment(data, paid_at) if paid else None,
    )  # fmt: skip


# --- where the money goes ---------------------------------------------------------------------------------


def _bank_leg(data: dict[str, Any]) -> dict[str, Any]:
    """What became of money that goes to a bank card; empty where none does."""
    told = data.get("deposit_back_info") or {}
    if not isinstance(told, dict):
        raise reading.Unreadable("deposit_back_info is no object")
    return told if told.get("has_deposit_back") == "true" else {}


def _is_on_its_way(bank: dict[str, Any]) -> bool:
    """Alipay has paid, the bank has not said so yet: for the customer it has not arrived."""
    status = bank.get("dback_status", "P") if bank else "S"
    if status not in ("S", "F", "P"):
        raise reading.Unreadable("unknown dback_status")
    return status == "P"


def _card(bank: dict[str, Any]) -> str:
    """Where it goes by way of a bank. What a card does not take is in the payer's Alipay balance instead."""
    if not bank:
        return ""
    if bank.get("dback_status") == "F":
        return TO_THE_BALANCE
    if bank.get("est_bank_receipt_time") and _is_on_its_way(bank):
        by = reading.moment(bank, "est_bank_receipt_time").astimezone(reading.BEIJING)
        return f"{TO_THE_CARD} by:{by:%Y-%m-%d}"
    return TO_THE_CARD


def _account(data: dict[str, Any]) -> str:
    """The funds it goes back to, by their codes, and the masked account: ALIPAYACCOUNT 159****5620."""
    items = data.get("refund_detail_item_list", [])
    if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
        raise reading.Unreadable("refund_detail_item_list is no list")
    funds = [item["fund_channel"] for item in items if A_FUND.fullmatch(str(item.get("fund_channel")))]
    logon_id = [reading.text(data, "buyer_logon_id")] if data.get("buyer_logon_id") else []
    return " ".join([*dict.fromkeys(funds), *logon_id])
