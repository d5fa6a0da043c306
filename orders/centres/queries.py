"""Reading about return centres: who works there, who has joined, which ones a shop can join."""

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from orders.centres.models import Centre, CentreMember, Joining
from orders.centres.rules import allowed
from returns_platform.kernel.errors import NotAllowed, NotThere


def centres_of(user) -> QuerySet[Centre]:
    """The centres a person works in; none for a stranger or a disabled account."""
    if not user.is_authenticated or not user.is_active:
        return Centre.objects.none()
    return Centre.objects.filter(members__user=user).order_by("name")


def centre_member_who_may(user, code: str, right: str) -> CentreMember:
    """The person's place in the centre. Raises NotThere for a stranger, NotAllowed without the right."""
    if not user.is_authenticated or not user.is_active:
        raise NotThere
    member = CentreMember.objects.select_related("centre", "user").filter(user=user, centre__code=code).first()
    if member is None:
        raise NotThere
    if not may(member, right):
        raise NotAllowed(_("Your role in this centre does not include this. Ask its manager."))
    return member


def may(member: CentreMember, right: str) -> bool:
    return allowed(member.roles, right)


def works_in(centre_id: int, user_id: str, right: str) -> bool:
    """Whether somebody may do something in a centre, read again at the moment of doing it."""
    member = CentreMember.objects.filter(centre=centre_id, user=user_id, user__is_active=True).first()
    return member is not None and may(member, right)


def colleague(member: CentreMember, pk: int) -> CentreMember:
    """Somebody of the member's own centre."""
    found = CentreMember.objects.select_related("centre", "user").filter(centre=member.centre, pk=pk).first()
    if found is None:
        raise NotThere
    return found


def to_join(currency: str) -> QuerySet[Centre]:
    """Centres that take shops of this currency."""
    return Centre.objects.filter(takes_shops=True, currency=currency).order_by("name")


def joined_to(centre: Centre) -> QuerySet[Joining]:
    """The shops that have joined it now."""
    return Joining.objects.select_related("merchant").filter(centre=centre, left_at=None).order_by("merchant__name")
