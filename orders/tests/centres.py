"""A return centre with people, for tests."""

from orders.accounts.models import User
from orders.centres.models import Centre, Joining
from orders.centres.services import add_to_centre, join_centre
from orders.merchants.models import Merchant
from returns_platform.kernel import clock
from returns_platform.kernel.actors import Actor

OWNER = Actor("merchant", "", "店主")


def open_centre(code: str = "east", **fields) -> Centre:
    about = {
        "name": "东区退货中心", "name_en": "East Return Centre", "receiver": "收货组", "phone": "+8613800138222",
        "province": "江苏省", "city": "昆山市", "district": "", "street": "中心路 9 号", "fee_parcel": 200,
        "fee_unit": 150,
    }  # fmt: skip
    return Centre.objects.create(code=code, **about | fields)


def person_in(centre: Centre, role: str, username: str = "") -> User:
    user = User.objects.create_user(username or f"{role}+{centre.code}", password="demo-pass-2026")
    add_to_centre(centre, user=user, role=role)
    return user


def join(merchant: Merchant, centre: Centre) -> Joining:
    fees = {"fee_parcel": centre.fee_parcel, "fee_unit": centre.fee_unit}
    return join_centre(merchant.pk, centre.pk, **fees, by=OWNER, now=clock.now())
