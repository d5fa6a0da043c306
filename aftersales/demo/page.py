"""What the demo page shows: messages that would have gone out, parcels on their way, accounts."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Q, QuerySet
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from aftersales.demo import people
from aftersales.notifications.models import Notice
from logistics.parcels import states
from logistics.parcels.models import Parcel
from orders.accounts.models import SentMessage, User

MOST_PARCELS = 20
GOES_WELL = {  # what a courier's stand-in can report
    "collected": pgettext_lazy("parcel", "collected"),
    "in_transit": pgettext_lazy("parcel", "on its way"),
    "delivered": pgettext_lazy("parcel", "delivered"),
}
GOES_WRONG = {
    "refused": pgettext_lazy("parcel", "refused at the door"),
    "lost": pgettext_lazy("parcel", "lost"),
    "returned": pgettext_lazy("parcel", "turned back"),
}
EVENTS = GOES_WELL | GOES_WRONG
STAGES = {
    states.BOOKED: pgettext_lazy("parcel", "booked"),
    states.COLLECTED: EVENTS["collected"],
    states.IN_TRANSIT: EVENTS["in_transit"],
}
GROUPS = {
    "support": _("support"),
    "senior": _("senior support"),
    "finance": _("finance"),
    "risk": _("risk"),
    "auditor": _("auditor"),
}


@dataclass(frozen=True, slots=True)
class Shown:
    """A message. letter: the notice whose letter can be looked at, if it was one."""

    message: SentMessage
    letter: int | None

    @property
    def is_sms(self) -> bool:
        return self.message.channel == SentMessage.Channel.SMS


@dataclass(frozen=True, slots=True)
class Carried:
    """A parcel on its way, and how far it is, in words."""

    parcel: Parcel
    stage: str


@dataclass(frozen=True, slots=True)
class Account:
    username: str
    name: str
    what: str


def messages(*, to: str, channel: str) -> QuerySet[SentMessage]:
    """Everything sent, or what one phone or mailbox got; for `pages.keyset(..., order=("-at", "-pk"))`."""
    found = SentMessage.objects.all()
    if to:
        found = found.filter(Q(to__icontains=to) | Q(text__icontains=to) | Q(subject__icontains=to))
    return found.filter(channel=channel) if channel else found


def shown(sent: Sequence[SentMessage]) -> list[Shown]:
    letters = Notice.objects.filter(channel=Notice.Channel.EMAIL, key__in=[message.reference for message in sent])
    by_key = dict(letters.values_list("key", "pk"))
    return [Shown(message, by_key.get(message.reference)) for message in sent]


def parcels() -> QuerySet[Parcel]:
    """Those that a stand-in carries, newest first."""
    numbered = Q(waybill__gt="") | Q(way=Parcel.Way.PICKUP, state=states.BOOKED)
    carried = Parcel.objects.filter(numbered, state__in=states.UNDER_WAY)
    return carried.select_related("merchant").order_by("-pk")


def carried() -> list[Carried]:
    """The newest of them."""
    return [Carried(parcel, str(STAGES[parcel.state])) for parcel in parcels()[:MOST_PARCELS]]


def accounts() -> list[Account]:
    """The demo's people that are there, in the order they are introduced."""
    names = {user.username: user for user in User.objects.filter(username__in=_roles(), is_active=True)}
    return [
        Account(username, names[username].get_full_name() or username, what)
        for username, what in _roles().items()
        if username in names
    ]


def _roles() -> dict[str, str]:
    shops = {plan.code: plan for plan in people.SHOPS}
    roles = dict.fromkeys(people.CUSTOMERS, gettext("customer"))
    for username, code in people.MEMBERS.items():
        roles[username] = gettext("shop: %(shop)s") % {"shop": shops[code].name}
    for username in people.CENTRE:
        roles[username] = gettext("return centre")
    for username, (_name, group) in people.STAFF.items():
        roles[username] = str(GROUPS[group])
    return roles | {people.ADMINISTRATOR[0]: gettext("administrator")}
