"""The body of PUT /products/{sku}: an article as its shop tells it."""

from typing import Annotated

from pydantic import AfterValidator

from orders.catalogue.models import Category
from returns_platform.kernel.api import Amount, Body, text


def _category(value: str) -> str:
    if value not in Category.values:
        raise ValueError("category")
    return value


class ProductIn(Body):
    """price: of one unit, minor units. style: what its sizes and colours share; option: which of them this is.

    stock: units free to promise, as counted just now; left out where the shop looks after its stock itself.
    """

    title: text(200)
    category: Annotated[text(20), AfterValidator(_category)]
    price: Amount
    style: text(64, required=False) = ""
    option: text(60, required=False) = ""
    stock: Amount | None = None
