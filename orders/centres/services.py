"""Return centres: shops join and leave, people work there."""

import logging
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from orders.accounts.models import User
from orders.accounts.services import colleague_account
from orders.centres.models import Centre, CentreMember, Joining
from orders.merchants.models import Merchant
from orders.merchants.services import keep_merchant
from returns_platform.kernel.actors import Actor
from returns_platform.kernel.errors import Conflict, Invalid, NotAllowed

log = logging.getLogger(__name__)


# --- shops ------------------------------------------------------------------------------------------------


@transaction.atomic
def join_centre(
    merchant_id: int, centre_id: int, *, fee_parcel: int, fee_unit: int, by: Actor, now: datetime
) -> Joining:
    """From now on the shop's newly approved returns go to the centre, for the fees that it was shown.

    There already, for whatever fees: nothing changes. Raises Conflict at another centre, or where the fees are others
    by now; Invalid for a centre that takes no shops or counts in another currency.
    """
    merchant = _locked(merchant_id)
    if merchant.joining_id is not None:
        if merchant.joining.centre_id == centre_id:
            return merchant.joining
        raise Conflict(_("This shop is at another return centre. Leave that one first."), code="joined_elsewhere")
    centre = Centre.objects.get(pk=centre_id)
    if not centre.takes_shops or centre.currency != merchant.currency:
        raise Invalid(_("This centre takes no new shops of your currency."))
    if (fee_parcel, fee_unit) != (centre.fee_parcel, centre.fee_unit):
        raise Conflict(_("The centre's fees have changed. Look at them again."), code="fees_changed")
    joining = Joining.objects.create(
        merchant=merchant, centre=centre, fee_parcel=fee_parcel, fee_unit=fee_unit, currency=centre.currency,
        joined_at=now, joined_by=by.name,
    )  # fmt: skip
    merchant.joining = joining
    keep_merchant(merchant, by=by, reason=f"joined {centre.code}", update_fields=["joining"])
    return joining


@transaction.atomic
def leave_centre(merchant_id: int, *, by: Actor, now: datetime) -> None:
    """Returns that are approved from now on go to the shop itself; those under way end at the centre."""
    merchant = _locked(merchant_id)
    if merchant.joining_id is None:
        return
    joining = merchant.joining
    joining.left_at, joining.left_by = now, by.name
    joining.save(update_fields=["left_at", "left_by"])
    merchant.joining = None
    keep_merchant(merchant, by=by, reason=f"left {joining.centre.code}", update_fields=["joining"])


def _locked(merchant_id: int) -> Merchant:
    return Merchant.objects.select_for_update(of=("self",), no_key=True).get(pk=merchant_id)


# --- people -----------------------------------------------------------------------------------------------


@transaction.atomic
def invite_to_centre(
    centre: Centre, *, sign_in_name: str, name: str, role: str, also: tuple[str, ...] = (), by: User
) -> CentreMember:
    """A new account for somebody who works there, without a password until they have chosen one.

    Its name carries a plus, which no shop's account does. Who worked there before comes back under the old account.
    """
    username = f"{centre.code}+{sign_in_name}"
    if centre.members.filter(user__username=username).exists():
        taken = _("Somebody here signs in with this name already.")
        raise Conflict(taken, code="member_exists", fields={"sign_in_name": taken})
    user = colleague_account(username, name=name, language=by.language)
    log.info("%s joins centre %s as %s, invited by %s", username, centre.code, role, by.username)
    return add_to_centre(centre, user=user, role=role, also=also)


@transaction.atomic
def add_to_centre(centre: Centre, *, user: User, role: str, also: tuple[str, ...] = ()) -> CentreMember:
    """Let a person work in a centre, or change as what."""
    for each in (role, *also):
        if each not in CentreMember.Role.values:
            raise Invalid(fields={"role": _("There is no such role.")})
    member, _created = CentreMember.objects.update_or_create(
        centre=centre, user=user, defaults={"role": role, "also": list(also)}
    )
    return member


@transaction.atomic
def change_centre_role(member: CentreMember, *, role: str, also: tuple[str, ...] = (), by: User) -> CentreMember:
    """Nobody changes their own, so a centre that has a manager keeps one."""
    if member.user_id == by.pk:
        raise NotAllowed(_("You cannot change your own role. Ask another manager."))
    return add_to_centre(member.centre, user=member.user, role=role, also=also)


@transaction.atomic
def remove_from_centre(member: CentreMember, *, by: User) -> None:
    """From the next request on they are a stranger there."""
    if member.user_id == by.pk:
        raise NotAllowed(_("You cannot remove yourself. Ask another manager."))
    log.info("%s leaves centre %s, removed by %s", member.user.username, member.centre.code, by.username)
    member.delete()
