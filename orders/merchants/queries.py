"""Reading about shops: who works for them, what they may do, what is still missing to take returns."""

import hashlib
from dataclasses import dataclass

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from orders.merchants.models import ApiToken, Member, Merchant
from orders.merchants.rules import allowed
from returns_platform.kernel.errors import NotAllowed, NotThere


def shops_of(user) -> QuerySet[Merchant]:
    """The shops a person works for; none for a stranger or a disabled account."""
    if not user.is_authenticated or not user.is_active:
        return Merchant.objects.none()
    return Merchant.objects.filter(members__user=user).order_by("name")


def membership(user, code: str) -> Member:
    """The person's place in the shop with this code; raises NotThere for anybody else."""
    if not user.is_authenticated or not user.is_active:
        raise NotThere
    member = Member.objects.select_related("merchant", "user").filter(user=user, merchant__code=code).first()
    if member is None:
        raise NotThere
    return member


def member_who_may(request, code: str, right: str) -> Member:
    """The signed-in person's place in the shop. Raises NotThere for a stranger, NotAllowed without the right."""
    member = membership(request.user, code)
    must_be_able(member, right)
    return member


def colleague(member: Member, pk: int) -> Member:
    """Somebody else, or the same person, of the member's own shop."""
    found = Member.objects.select_related("merchant", "user").filter(merchant=member.merchant, pk=pk).first()
    if found is None:
        raise NotThere
    return found


def may(member: Member, right: str) -> bool:
    return allowed(member.roles, right)


def must_be_able(member: Member, right: str) -> None:
    """Raises NotAllowed: the thing can be seen, and doing it is somebody else's."""
    if not may(member, right):
        raise NotAllowed(_("Your role in this shop does not include this. Ask the owner."))


def token_digest(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogateescape")).hexdigest()


def authenticate(token: str) -> ApiToken | None:
    """The token if it is known, not revoked, and whoever made it (nobody: a command) is still active."""
    alive = Q(created_by=None) | Q(created_by__is_active=True)
    known = ApiToken.objects.select_related("merchant").filter(alive, revoked_at=None)
    return known.filter(digest=token_digest(token)).first()


# --- the checklist of a new shop --------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Task:
    """One thing a shop needs before it can take returns. needed: without it nothing works."""

    code: str
    text: str
    done: bool
    needed: bool = True


def checklist(merchant: Merchant) -> list[Task]:
    roles = set(merchant.members.values_list("role", flat=True))
    has_address = merchant.returns_go_to.can_take_returns
    return [
        Task("address", _("A return address with a name and a phone for couriers"), has_address),
        Task("hours", _("Opening hours, so that parcels find somebody"), bool(merchant.opening_hours)),
        Task("contact", _("How customers reach you"), bool(merchant.contact)),
        Task("owner", _("An owner"), "owner" in roles),
        Task("colleagues", _("Colleagues who decide, inspect or pay"), len(roles) > 1, needed=False),
        Task("token", _("A token for your shop system"), merchant.tokens.filter(revoked_at=None).exists()),
        Task("order", _("The first order from your shop system or a file"), merchant.orders.exists()),
    ]


def is_ready(merchant: Merchant) -> bool:
    return all(task.done for task in checklist(merchant) if task.needed)
