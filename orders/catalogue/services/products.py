"""Articles as a shop tells them: price, kind, the sizes and colours they come in, and how many there are."""

from datetime import datetime
from uuid import uuid4

from django.db import transaction

from orders.catalogue.forms import ProductIn
from orders.catalogue.models import Product
from orders.catalogue.services.stock import count_stock
from orders.merchants.models import Merchant
from returns_platform.kernel.actors import Actor


@transaction.atomic
def put_product(merchant: Merchant, body: ProductIn, *, sku: str, by: Actor, now: datetime) -> tuple[Product, bool]:
    """Create or update one article; (article, True when it was created). Orders keep what they have frozen.

    `body.stock`: units free to promise, where the shop lets us count them; None leaves the count alone.
    """
    facts = body.model_dump(exclude={"stock"}, exclude_unset=True)
    product, created = Product.objects.update_or_create(merchant=merchant, sku=sku, defaults=facts)
    if body.stock is not None:
        count_stock(merchant.pk, sku, available=body.stock, reference=f"count:{uuid4().hex}", by=by, now=now)
    return product, created
