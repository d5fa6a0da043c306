"""What the parties of a case say to each other."""

from datetime import datetime, timedelta

from django.utils.translation import gettext_lazy as _

from aftersales.returns.models import Message, ReturnRequest
from aftersales.returns.services.telling import tell, tell_the_shop
from returns_platform.kernel.actors import Actor
from returns_platform.kernel.errors import Invalid, WrongState
from returns_platform.kernel.fsm import moving

OPEN_AFTER_THE_END = timedelta(days=15)


def write_message(pk: int, *, text: str, by: Actor, now: datetime, audience: str = Message.Audience.ALL) -> Message:
    """Say something about a case; the other party hears of it, unless it is a note of the house.

    Raises Invalid for nothing said, WrongState when the case ended too long ago.
    """
    if not text.strip():
        raise Invalid(fields={"text": _("Write what you want to say.")})
    with moving(ReturnRequest, pk, by=by, now=now) as request:
        if not takes_messages(request, now=now):
            raise WrongState(_("This request ended too long ago for messages."), state=request.state)
        message = Message.objects.create(
            request=request, audience=audience, by_kind=by.kind, by_id=by.id, by_name=by.name, text=text, at=now
        )
        if audience == Message.Audience.ALL:
            _tell_the_other_party(request, message, now=now)
    return message


def takes_messages(request: ReturnRequest, *, now: datetime) -> bool:
    return request.ended_at is None or now < request.ended_at + OPEN_AFTER_THE_END


def _tell_the_other_party(request: ReturnRequest, message: Message, *, now: datetime) -> None:
    told = tell_the_shop if message.by_kind == "customer" else tell
    told(request, "message", occasion=str(message.pk), by=message.by_name, now=now)
