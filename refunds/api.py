"""API v1 for gift cards: what a shop says of a card of its own, and what the platform knows of it."""

from typing import Annotated, Literal

from ninja import Path, Router, Schema

from orders.merchants.doors import needs
from refunds.wallet.queries import card_as_known
from refunds.wallet.services import keep_card
from returns_platform.kernel import clock
from returns_platform.kernel.api import ERRORS, Amount, Body, answer, text

router = Router()
Code = text(64)


class CardIn(Body):
    """state: deleted takes the card away. left: what it holds, in minor units; left out where it is not told."""

    state: Literal["active", "deleted"] = "active"
    left: Amount | None = None


class CardOut(Schema):
    """state: active, deleted, or disabled because the card itself was returned. left: minor units."""

    code: str
    state: str
    currency: str
    left: int


@router.put("/gift_cards/{code}", response={200: CardOut, 201: CardOut, **ERRORS}, operation_id="put_gift_card")
@needs("orders")
def put(request, code: Annotated[Code, Path()], body: CardIn):
    """Say what is left on a gift card, or that it was deleted. The same content twice changes nothing."""
    shop = request.merchant
    _card, new = keep_card(
        shop, code, currency=shop.currency, deleted=body.state == "deleted", left=body.left, now=clock.now()
    )
    return answer(card_as_known(shop, code), status=201 if new else 200)


@router.get("/gift_cards/{code}", response={200: CardOut, **ERRORS}, operation_id="get_gift_card")
@needs("orders")
def get(request, code: Annotated[Code, Path()]):
    """The card as known: from the orders that sold it or were paid with it, and from what the shop said."""
    return answer(card_as_known(request.merchant, code))
