"""The human way after a refusal: the customer asks a person of the platform to look."""

from datetime import datetime, timedelta

from django.utils.translation import gettext_lazy as _

from aftersales.policy import queries as policies
from aftersales.returns.models import Message, ReturnRequest
from aftersales.returns.services.tasks import open_task
from aftersales.returns.services.telling import tell_the_shop
from returns_platform.kernel.actors import Actor
from returns_platform.kernel.errors import WrongState
from returns_platform.kernel.fsm import moving

APPEAL = "appeal"


def ask_a_person(pk: int, *, text: str, by: Actor, now: datetime) -> ReturnRequest:
    """Call the platform in after a refusal, with words if the customer has any. Asked already: nothing changes.

    Raises WrongState when nothing was refused, or its time is over.
    """
    with moving(ReturnRequest, pk, by=by, now=now) as request:
        if request.has_open_task(APPEAL):
            return request
        if not can_be_appealed(request, now=now):
            raise WrongState(_("The platform cannot be called in for this request any more."), state=request.state)
        open_task(APPEAL, request.return_no, request=request, data={"by": by.name}, now=now)
        if text.strip():
            Message.objects.create(request=request, by_kind=by.kind, by_id=by.id, by_name=by.name, text=text, at=now)
        tell_the_shop(request, "appealed", now=now)
    return request


def can_be_appealed(request: ReturnRequest, *, now: datetime) -> bool:
    return request.was_refused and now <= appeal_until(request)


def appeal_until(request: ReturnRequest) -> datetime:
    """The last moment for it: some days after the refusal, by the policy of the purchase."""
    return request.ended_at + timedelta(days=policies.terms(request.policy_version).platform_call_days)
