"""Shops, the people who work for them, and the tokens of their programs."""

import logging
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from orders.accounts.models import User
from orders.accounts.services import colleague_account
from orders.merchants.models import ApiToken, KeptAnswer, Member, Merchant
from orders.merchants.queries import token_digest
from orders.merchants.rules import KEPT_FOR, SCOPES
from returns_platform.kernel import references
from returns_platform.kernel.actors import Actor
from returns_platform.kernel.errors import Conflict, Invalid, NotAllowed

log = logging.getLogger(__name__)
SETTINGS = (
    "name", "name_en", "return_name", "return_phone", "return_province", "return_city", "return_district",
    "return_street", "opening_hours", "contact",
)  # fmt: skip


def create_merchant(code: str, *, name: str, by: Actor, is_demo: bool = False, **details) -> Merchant:
    """A new shop; `details` are fields of Merchant. Raises Conflict when the code is taken."""
    if Merchant.objects.filter(code=code).exists():
        raise Conflict(_("A shop with this code exists already."), code="merchant_exists")
    merchant = Merchant(code=code, name=name, is_demo=is_demo, **details)
    return keep_merchant(merchant, by=by, reason="created")


def set_up_shop(merchant: Merchant, *, by: Actor, **settings) -> Merchant:
    """Change what the shop itself may change (SETTINGS); each change is kept with who made it."""
    if unknown := settings.keys() - set(SETTINGS):
        raise ValueError(f"not a setting of a shop: {sorted(unknown)}")
    for name, value in settings.items():
        setattr(merchant, name, value)
    return keep_merchant(merchant, by=by, reason="set up", update_fields=list(settings))


def keep_merchant(merchant: Merchant, *, by: Actor, reason: str, **how) -> Merchant:
    """Save a shop with who changed it and why; `how` as for Model.save."""
    if by.kind in ("merchant", "support") and by.id:
        merchant._history_user = User.objects.filter(pk=by.id).first()
    merchant._change_reason = reason if by.kind != "token" else f"{reason} by token {by.id}"
    merchant.save(**how)
    return merchant


@transaction.atomic
def add_member(merchant: Merchant, *, user: User, role: str, also: tuple[str, ...] = ()) -> Member:
    """Let a person work for a shop, or change as what. `also`: further roles, as in a small shop."""
    for each in (role, *also):
        if each not in Member.Role.values:
            raise Invalid(_("There is no such role."), fields={"role": _("There is no such role.")})
    member, _created = Member.objects.update_or_create(
        merchant=merchant, user=user, defaults={"role": role, "also": list(also)}
    )
    return member


@transaction.atomic
def invite_member(
    merchant: Merchant, *, sign_in_name: str, name: str, role: str, also: tuple[str, ...] = (), by: User
) -> Member:
    """A new account for a colleague, named after the shop, without a password until they have chosen one.

    Who worked here before comes back under the old account. Raises Conflict when the name is at work here now.
    """
    username = f"{merchant.code}.{sign_in_name}"
    if merchant.members.filter(user__username=username).exists():
        taken = _("Somebody here signs in with this name already.")
        raise Conflict(taken, code="member_exists", fields={"sign_in_name": taken})
    user = colleague_account(username, name=name, language=by.language)
    log.info("%s joins %s as %s, invited by %s", username, merchant.code, role, by.username)
    return add_member(merchant, user=user, role=role, also=also)


@transaction.atomic
def change_role(member: Member, *, role: str, also: tuple[str, ...] = (), by: User) -> Member:
    """An owner changes a colleague's roles; nobody changes their own, and a shop keeps an owner."""
    if member.user_id == by.pk:
        raise NotAllowed(_("You cannot change your own role. Ask another owner."))
    return add_member(member.merchant, user=member.user, role=role, also=also)


@transaction.atomic
def remove_member(member: Member, *, by: User, now: datetime) -> None:
    """A person stops working for a shop: from the next request on they are a stranger there."""
    if member.user_id == by.pk:
        raise NotAllowed(_("You cannot remove yourself. Ask another owner."))
    tokens = ApiToken.objects.filter(merchant=member.merchant, created_by=member.user, revoked_at=None)
    tokens.update(revoked_at=now)
    log.info("%s leaves %s, removed by %s", member.user.username, member.merchant.code, by.username)
    member.delete()


def issue_token(
    merchant: Merchant,
    *,
    now: datetime,
    scopes: tuple[str, ...] = SCOPES,
    label: str = "",
    by: User | None = None,
) -> str:
    """A new token for a shop's program. Shown once: only its digest is kept. Earlier ones stay valid."""
    token = f"rt_{references.token(32)}"
    ApiToken.objects.create(
        merchant=merchant, digest=token_digest(token), scopes=list(scopes), label=label, created_at=now,
        created_by=by,
    )  # fmt: skip
    return token


def revoke_token(token: ApiToken, *, now: datetime) -> None:
    """The program is refused from its next call on; revoking twice keeps the first time."""
    ApiToken.objects.filter(pk=token.pk, revoked_at=None).update(revoked_at=now)


def forget_kept_answers(*, now: datetime) -> None:
    """Past their time a key means a new call."""
    KeptAnswer.objects.filter(created_at__lt=now - KEPT_FOR).delete()
