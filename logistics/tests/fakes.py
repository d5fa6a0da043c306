"""A courier in memory, for stories too many for HTTP. It does what SF does, and fails when told to."""

import random

from logistics.couriers.interface import Booking, BookingOrder, CourierDown, CourierRefused, Quote, Scan


class Vans:
    """number: waybill, and whether the van was called off or has collected."""

    def __init__(self, seed: int):
        self.random = random.Random(seed)
        self.waybills: dict[str, str] = {}
        self.called_off: set[str] = set()
        self.collected: set[str] = set()
        self.reliable = False
        self.meanwhile = lambda: None  # what others do while a worker waits for an answer

    @property
    def coming(self) -> set[str]:
        return set(self.waybills) - self.called_off - self.collected

    def maybe_fail(self) -> None:
        if not self.reliable and self.random.random() < 0.3:
            raise CourierDown("as the dice fell")


class FakeCourier:
    code = "sf"
    price = 1200
    refusals = [("no_capacity",)]
    vans: Vans

    def book(self, order: BookingOrder) -> Booking:
        self.vans.meanwhile()
        self.vans.maybe_fail()
        if not self.vans.reliable and self.vans.random.random() < 0.1:
            raise CourierRefused(*self.vans.random.choice(self.refusals), retry=True)
        assert order.number not in self.vans.called_off, "a number that was called off is used again"
        self.vans.waybills.setdefault(order.number, f"SF{len(self.vans.waybills):013d}")
        self.vans.meanwhile()
        self.vans.maybe_fail()
        return Booking(order.number, self.vans.waybills[order.number])

    def find(self, number: str) -> Booking | None:
        self.vans.maybe_fail()
        waybill = self.vans.waybills.get(number)
        return waybill and Booking(number, waybill, live=number not in self.vans.called_off)

    def cancel(self, number: str) -> None:
        self.vans.meanwhile()
        self.vans.maybe_fail()
        if number in self.vans.collected:
            raise CourierRefused("collected")
        if number not in self.vans.waybills:
            raise CourierRefused("no_such_booking")
        self.vans.called_off.add(number)
        self.vans.maybe_fail()

    def route(self, waybill: str, *, phone: str = "") -> list[Scan]:
        return []

    def quote(self, sender, receiver, *, grams: int) -> Quote:
        return Quote(self.price)


class FakeJD(FakeCourier):
    code = "jd"
    price = 1300
    refusals = [("no_capacity",), ("not_served",), ("account",)]


class FakeKuaidi100(FakeCourier):
    code = "kuaidi100"
    price = 1100
    refusals = [("no_capacity",), ("not_served",)]
