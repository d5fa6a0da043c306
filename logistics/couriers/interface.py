"""What the product asks of a courier, the same for each of them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Contact:
    """Somebody at an address. `phone` as E.164 or as it was given."""

    name: str
    phone: str
    province: str
    city: str
    district: str
    street: str


@dataclass(frozen=True, slots=True)
class Goods:
    name: str
    count: int


@dataclass(frozen=True, slots=True)
class BookingOrder:
    """A van to send. `number` is ours and makes the order one, however often it is sent; the slot in UTC."""

    number: str
    sender: Contact
    receiver: Contact
    goods: tuple[Goods, ...]
    slot_from: datetime
    slot_to: datetime


@dataclass(frozen=True, slots=True)
class Booking:
    """What the courier has under our number. `live` is False once it was cancelled, by whomever.

    waybill: empty while the courier has not given one yet. carrier: who brings it, where that is somebody else than
    the courier that was asked.
    """

    number: str
    waybill: str
    live: bool = True
    carrier: str = ""


@dataclass(frozen=True, slots=True)
class Quote:
    """What a pickup would cost the shop, in minor units of `currency`, and about how many days it takes."""

    amount: int
    days: int | None = None
    currency: str = "CNY"


@dataclass(frozen=True, slots=True)
class Scan:
    """One line of a parcel's route. stage, incident: couriers.stages. text: as the courier words it. at: UTC."""

    waybill: str
    op_code: str
    at: datetime
    stage: str
    incident: str = ""
    place: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True)
class News:
    """A hint from a courier's message: which parcel to ask after. Only who comes and a weight are taken from it as
    they stand.

    op_code, at: the scan it speaks of, if one. problem: a code of Parcel.Problem. carrier: who is said to carry it
    instead of the one we know. ask: something changed that has no scan of its own. given_up: it is not looked for any
    more. grams: what the courier weighed, rounded up.
    """

    waybill: str = ""
    number: str = ""
    op_code: str = ""
    at: datetime | None = None
    agent_name: str = ""
    agent_phone: str = ""
    problem: str = ""
    called_off: bool = False
    carrier: str = ""
    ask: bool = False
    given_up: bool = False
    grams: int | None = None


class CourierDown(Exception):
    """No answer that can be believed: whether the call took effect is unknown. Ask before repeating it."""


class CourierRefused(Exception):
    """The courier said no, and nothing happened.

    code: ours, stable (`REFUSALS`). message: the courier's words. retry: the same call may succeed later.
    """

    def __init__(self, code: str, message: str = "", *, retry: bool = False):
        super().__init__(f"{code}: {message}" if message else code)
        self.code, self.message, self.retry = code, message, retry


REFUSALS = (
    "pickup_time",  # no van at that time: another slot may do
    "no_capacity",
    "address",
    "phone",
    "not_served",
    "goods",
    "account",  # our contract with the courier, or our keys
    "no_such_booking",
    "collected",  # too late to cancel
    "other",
)


class Courier(Protocol):
    code: str

    def book(self, order: BookingOrder) -> Booking:
        """Send a van. The same number again gives the same booking. Raises CourierDown, CourierRefused."""

    def find(self, number: str) -> Booking | None:
        """What the courier has under our number; None when it never heard of it. Raises CourierDown."""

    def cancel(self, number: str) -> None:
        """Call the van off; once it is off, again changes nothing.

        Raises CourierDown, and CourierRefused with `collected` or `no_such_booking`.
        """

    def route(self, waybill: str, *, phone: str = "") -> list[Scan]:
        """All scans so far, oldest first. `phone`: of sender or receiver, for waybills that we did not book."""

    def quote(self, sender: Contact, receiver: Contact, *, grams: int) -> Quote:
        """What a pickup would cost. Raises CourierDown, and CourierRefused with `not_served` where nobody comes."""


class Printer(Protocol):
    """Who gives the label of a van that is booked (电子面单), so that the sender prints it. `couriers.PRINTERS`."""

    code: str

    def label(self, number: str, waybill: str) -> bytes:
        """A PDF of the one page that goes onto the parcel; asked for again it comes again, and nothing changes.

        Raises CourierDown, and CourierRefused with `no_such_booking` where nothing is booked under this number.
        """


class Tracker(Protocol):
    """Who can be asked about waybills of any carrier. Carriers by our codes, as in `logistics.couriers.NAMES`."""

    code: str

    def carriers(self, waybill: str) -> list[str]:
        """Whose number it may be, the likeliest first. Raises CourierDown."""

    def subscribe(self, waybill: str, *, carrier: str, phone: str = "") -> None:
        """From now on its news are told; again changes nothing. Raises CourierDown, CourierRefused."""

    def route_of(self, waybill: str, *, carrier: str, phone: str = "") -> list[Scan]:
        """As Courier.route."""
