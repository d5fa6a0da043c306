"""Stand-ins: the payment channels and couriers of the outside world, on this machine.

A stand-in speaks the real protocol (signatures, error codes, callbacks and their retries) over HTTP on
loopback, and keeps what it did in a SQLite file of its own under the data folder, never in the product's
database. The book, the payments, the behaviours asked for and everything promised for later survive a restart
and `kill -9`.

    class SFExpress(CourierStandIn):                    # or ChannelStandIn for a payment channel
        name = "sf"

        def routes(self):
            return [*super().routes(), Route("POST", "/std/service", self.service)]

        def service(self, request: Request) -> Reply:
            behaviour = self.next_behaviour(order=order_no)     # "ok" when nothing was asked for
            with self.book.writing():                           # one transaction; nests
                self.book.add(order_no, state="booked", waybill=waybill)
                self.later(2, "announce", number=order_no)      # a method by its name; survives kill -9
            return self.in_the_manner_of(behaviour, Reply.json(200, {...}))

        def announce(self, *, number):                          # in a thread of its own, at least once
            ...

        def push(self, *, waybill, event, at):                  # POST /_push, checked before it comes here
            ...

Run one: `with serve(SFExpress(data_dir), port=0) as served: served.url`. The stand-ins of this installation
are the classes named in `settings.STAND_INS`; `installed(data_dir)` builds them, `ensure_keys(data_dir)`
makes the demo keys both sides share (a class overrides it and keeps them with `secret(…)`).

Every stand-in answers, besides its protocol, `GET /_book`, `POST /_next`, `GET /_next` (what waits),
`DELETE /_next`; channels also
`POST /_payments` and `GET /_statement?date=`; couriers also `POST /_push`. Bad input there is 400 with JSON.
"""

from returns_platform.kernel.stand_in.base import (
    BEHAVIOURS,
    ChannelStandIn,
    CourierStandIn,
    StandIn,
    ensure_keys,
    installed,
)
from returns_platform.kernel.stand_in.book import Book, Row
from returns_platform.kernel.stand_in.http import BadInput, Reply, Request, Route
from returns_platform.kernel.stand_in.keys import rsa_key_pem, secret
from returns_platform.kernel.stand_in.serving import Served, serve

__all__ = [
    "BEHAVIOURS",
    "BadInput",
    "Book",
    "ChannelStandIn",
    "CourierStandIn",
    "Reply",
    "Request",
    "Route",
    "Row",
    "Served",
    "StandIn",
    "ensure_keys",
    "installed",
    "rsa_key_pem",
    "secret",
    "serve",
]
