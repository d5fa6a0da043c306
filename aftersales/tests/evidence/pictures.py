"""Files as people send them, for tests of evidence."""

import io
import random

from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from aftersales.evidence import synthetic
from aftersales.evidence.models import Evidence
from aftersales.evidence.services import keep_upload
from aftersales.returns.models import ReturnRequest
from aftersales.tests.returns.buyers import Buyer
from orders.purchases.models import Order
from returns_platform.kernel import clock


def goods(product: int, shot: int = 0) -> Image.Image:
    """A photo of a product; another shot is another photo of it."""
    return synthetic.goods(product, synthetic.a_view(random.Random(f"{product} {shot}"), table=product))


def a_file(picture: Image.Image, kind: str = "JPEG", name: str = "a.jpg", **how) -> SimpleUploadedFile:
    body = io.BytesIO()
    picture.save(body, kind, **({"quality": 90} if kind in ("JPEG", "WEBP") else {}) | how)
    return SimpleUploadedFile(name, body.getvalue())


def exif(**told) -> Image.Exif:
    """Of a camera; told by EXIF's names: make, model, software, taken, changed, offset, gps."""
    found = Image.Exif()
    for tag, name in ((0x010F, "make"), (0x0110, "model"), (0x0131, "software"), (0x0132, "changed")):
        if name in told:
            found[tag] = told[name]
    shot = found.get_ifd(0x8769)
    for tag, name in ((0x9003, "taken"), (0x9011, "offset")):
        if name in told:
            shot[tag] = told[name]
    if "gps" in told:
        found.get_ifd(0x8825).update({1: "N", 2: (31.0, 13.0, 49.0), 3: "E", 4: (121.0, 28.0, 26.0)})
    return found


def kept(buyer: Buyer, file: SimpleUploadedFile, order: Order | None = None) -> Evidence:
    order = order or buyer.order()
    return keep_upload(file, merchant=order.merchant, order=order, by=buyer.actor, now=clock.now())


def shown_in_a_case(buyer: Buyer, picture: Image.Image, **how) -> tuple[ReturnRequest, Evidence]:
    """A request that a person decides, with one photo."""
    order = buyer.order()
    one = kept(buyer, a_file(picture, **how), order)
    row = buyer.filed(order=order, reason="OT.OTHER", evidence=(one.public_id,))
    one.refresh_from_db()
    return row, one
