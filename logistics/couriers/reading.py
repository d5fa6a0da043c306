"""Which reader understands which courier's messages."""

from logistics.couriers.interface import News
from logistics.couriers.models import CourierPush
from logistics.couriers.sf import pushes as sf

READERS = {
    ("sf", CourierPush.Kind.ROUTES): sf.read_routes,
    ("sf", CourierPush.Kind.ORDERS): sf.read_orders,
}


def read_push(push: CourierPush) -> list[News]:
    return READERS[push.courier, push.kind](push.content)
