"""Telling the parties of a request what happened to it, with the facts that a text is made of."""

from datetime import datetime

from aftersales.notifications.services import tell_customer, tell_shop
from aftersales.returns.models import ReturnRequest
from aftersales.returns.queries import notice_params


def tell(request: ReturnRequest, event: str, *, now: datetime, occasion: str = "", **facts) -> None:
    """Tell the customer. occasion: tells repeats of one event apart."""
    tell_customer(
        request.customer, case_ref=request.return_no, event=event, params=notice_params(request) | facts,
        occasion=occasion, now=now,
    )  # fmt: skip


def tell_the_shop(request: ReturnRequest, event: str, *, now: datetime, occasion: str = "", **facts) -> None:
    tell_shop(
        request.merchant, case_ref=request.return_no, event=event, params=notice_params(request) | facts,
        occasion=occasion, now=now,
    )  # fmt: skip
