"""The demo's return centre, which one of its shops has joined, and the independent inspectors that may be asked."""

from datetime import datetime

from django.db import transaction

from aftersales.demo import people
from aftersales.examination.models import Examiner
from orders.accounts.models import User
from orders.centres.models import Centre, CentreMember
from orders.centres.services import add_to_centre, join_centre
from orders.merchants.models import Merchant
from returns_platform.kernel.actors import Actor

CODE, JOINED = "east", "style"
ABOUT = {
    "name": "东区退货中心", "name_en": "East Return Centre", "receiver": "收货组", "phone": "+8613800138150",
    "province": "江苏省", "city": "苏州市", "district": "昆山市", "street": "中心路 9 号 3 号库",
    "opening_hours": "每天 8:00–20:00", "fee_parcel": 200, "fee_unit": 150,
}  # fmt: skip
EXAMINERS = (  # name, in English, accreditation, where units are sent, fee, days
    ("华东产品质量检测中心", "East China Product Testing", "CMA 2026-0311",
     "收样室 021-5555-0101 上海市徐汇区桂林路 88 号", 12000, 7),
    ("南方电子检测所", "South Electronics Laboratory", "CNAS L0816",
     "收样处 0755-5555-0102 深圳市南山区科苑路 2 号", 20000, 10),
)  # fmt: skip


@transaction.atomic
def open_centre() -> Centre:
    """With everybody's work in one pair of hands, as in a small centre; again changes nothing."""
    centre, _new = Centre.objects.get_or_create(code=CODE, defaults=ABOUT)
    for username in people.CENTRE:
        user = User.objects.get(username=username)
        also = (CentreMember.Role.INSPECTOR, CentreMember.Role.RECEIVER)
        add_to_centre(centre, user=user, role=CentreMember.Role.MANAGER, also=also)
    for name, name_en, credentials, send_to, fee, days in EXAMINERS:
        about = {"name_en": name_en, "credentials": credentials, "send_to": send_to, "fee": fee, "days": days}
        Examiner.objects.get_or_create(name=name, defaults=about)
    return centre


@transaction.atomic
def let_join(centre: Centre, merchants: dict[str, Merchant], *, now: datetime) -> None:
    """What was returned before was counted by the shop itself."""
    owner = Actor("merchant", "", merchants[JOINED].name)
    fees = {"fee_parcel": centre.fee_parcel, "fee_unit": centre.fee_unit}
    join_centre(merchants[JOINED].pk, centre.pk, **fees, by=owner, now=now)
