"""Reading articles and their stock."""

from orders.catalogue.models import Product, Stock


def product_as_kept(product: Product) -> dict:
    """In the shape of PUT /products/{sku}. stock: units free to promise, reserved: kept; None where not counted."""
    stock = Stock.objects.filter(merchant_id=product.merchant_id, sku=product.sku).first()
    return {
        "sku": product.sku, "title": product.title, "category": product.category, "price": product.price,
        "style": product.style, "option": product.option, "stock": stock and stock.available,
        "reserved": stock and stock.reserved,
    }  # fmt: skip
