"""Which reader understands which courier's messages."""

from logistics.couriers.interface import News
from logistics.couriers.jd import pushes as jd
from logistics.couriers.kuaidi100 import pushes as kuaidi100
from logistics.couriers.models import CourierPush
from logistics.couriers.sf import pushes as sf

_PUSHES = {"sf": sf, "jd": jd, "kuaidi100": kuaidi100}


def read_push(push: CourierPush) -> list[News]:
    pushes = _PUSHES[push.courier]
    return {CourierPush.Kind.ROUTES: pushes.read_routes, CourierPush.Kind.ORDERS: pushes.read_orders}[push.kind](
        push.content
    )
