"""What the couriers' stand-ins have in common: vans, parcels handed in over the counter, messages that come again.

Each speaks the protocol of its courier as far as the product uses it. `POST /_push` moves a parcel; a waybill never
booked here is taken as handed in over the counter. How a pickup's messages go is set with its booking:
`callback_never`, `callback_twice`, `callback_late`, `callback_reordered` (every other one is late),
`callback_bad_signature` and `callback_wrong_amount` (they speak of a delivery that the courier's own route does not
know).
"""

import re
import secrets
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.error import URLError
from urllib.request import Request as Call
from urllib.request import urlopen

from returns_platform.kernel.stand_in import BEHAVIOURS, BadInput, CourierStandIn, Reply, Request, Row

OF_VANS = ("callback_late", "callback_reordered", "pickup_time_refused", "capacity", "not_served")
LATE_S = 3
PUSH_AGAIN_AFTER_S = (60, 300, 600, 1800, 3600, 7200)


class VanStandIn(CourierStandIn):
    """waybills: what may be handed in. Books carry `waybill`, `pushes` (how its messages go) and `routes`."""

    waybills: re.Pattern
    new_waybill_prefix: str
    push_again_after_s: tuple[int, ...] = PUSH_AGAIN_AFTER_S
    behaviours = (*BEHAVIOURS, *OF_VANS)
    not_of_bookings: tuple[str, ...] = ()  # behaviours of other calls

    def answer_book(self, request: Request) -> Reply:
        """Only vans: a parcel handed in over the counter was not booked."""
        return Reply.json(200, {"pickups": [self.public_row(row) for row in self.book.rows() if row.number]})

    def behaviour_for(self, number: str) -> str:
        """Asked for by our order's number, or by the case it belongs to: the number up to its first dash."""
        take, others = self.book.take_behaviour, self.not_of_bookings
        found = (take({"order": order}, except_for=others) for order in (number, number.partition("-")[0]))
        return next(filter(None, found), "ok")

    def by_waybill(self, waybill: str) -> Row | None:
        rows = self.book.rows(waybill=waybill)
        return rows[-1] if rows else None

    def handed_in(self, waybill: str, **facts: Any) -> Row:
        if not self.waybills.fullmatch(waybill):
            raise BadInput(f"That is no waybill that {self.name} carries.", status=404)
        return self.book.add("", state="handed_in", waybill=waybill, pushes="ok", routes=[], **facts)

    def new_waybill(self) -> str:
        return f"{self.new_waybill_prefix}{secrets.randbelow(9 * 10**12) + 10**12}"

    # What happens to a parcel

    def push(self, *, waybill: str, event: str, at: datetime) -> None:
        with self.book.writing():
            row = self.by_waybill(waybill) or self.handed_in(waybill, **self.unknown_facts())
            row = self.book.change(row, state=event, routes=[*row["routes"], self.scan(row, event, at)])
        self.announce_route(row)

    def unknown_facts(self) -> dict[str, Any]:
        """Of a parcel handed in: what a booking would have told."""
        return {"cities": {}}

    def scan(self, row: Row, event: str, at: datetime) -> dict[str, Any]:
        """One line of the route in the courier's own words."""
        raise NotImplementedError

    def announce_route(self, row: Row) -> None:
        """Tells what happened last."""
        raise NotImplementedError

    def call_off(self, *, number: str) -> None:
        """The sender calls the courier and cancels: we only hear of it."""
        row = self.book.find(number)
        if row["routes"] or row.data.get("cancelled"):
            return
        self.announce_called_off(self.book.change(row, state="cancelled", cancelled=True))

    def announce_called_off(self, row: Row) -> None:
        raise NotImplementedError

    # Its messages to us

    def announce(self, row: Row, *, wait_s: float = 0, **message: Any) -> None:
        if row["pushes"] == "callback_never":
            return
        late = row["pushes"] == "callback_late" or (row["pushes"] == "callback_reordered" and len(row["routes"]) % 2)
        for _ in range(2 if row["pushes"] == "callback_twice" else 1):
            self.later(wait_s + (LATE_S if late else 0), "tell", times=0, badly=self.badly(row), **message)

    def badly(self, row: Row) -> bool:
        """Its messages are not proven to be its own."""
        return row["pushes"] == "callback_bad_signature"

    def tell(self, *, times: int, badly: bool, **message: Any) -> None:
        """One attempt; what is not taken comes again, ever later."""
        if not self.told(badly=badly, **message) and times < len(self.push_again_after_s):
            wait_s = self.push_again_after_s[times]
            self.later(wait_s, "tell", scaled=True, times=times + 1, badly=badly, **message)

    def told(self, *, badly: bool, **message: Any) -> bool:
        """Whether the product took the message."""
        raise NotImplementedError


def label_pdf(courier: str, waybill: str, *lines: str) -> bytes:
    """10 × 15 cm with the waybill as bars and as text, as a stand-in prints it."""
    from reportlab.graphics.barcode.code128 import Code128
    from reportlab.lib.units import mm
    from reportlab.pdfgen.canvas import Canvas

    canvas = Canvas("", pagesize=(100 * mm, 150 * mm), invariant=1, pageCompression=0)
    canvas.setTitle(f"{courier} {waybill}")
    canvas.setFont("Helvetica-Bold", 22)
    canvas.drawString(8 * mm, 132 * mm, courier)
    Code128(waybill, barWidth=0.38 * mm, barHeight=24 * mm).drawOn(canvas, 4 * mm, 98 * mm)
    canvas.setFont("Helvetica", 14)
    canvas.drawCentredString(50 * mm, 90 * mm, waybill)
    canvas.setFont("Helvetica", 10)
    for nth, line in enumerate(lines):
        canvas.drawString(8 * mm, (76 - 6 * nth) * mm, line)
    canvas.setFont("Helvetica", 8)
    canvas.drawString(8 * mm, 8 * mm, "STAND-IN, NOT A REAL LABEL")
    canvas.showPage()
    return canvas.getpdfdata()


def post(url: str, body: bytes, *, kind: str, headers: Mapping[str, str] | None = None) -> bytes:
    """The answer's body, empty for anything but a good one."""
    call = Call(url, data=body, headers={"Content-Type": kind, **(headers or {})})
    try:
        with urlopen(call, timeout=5) as answer:
            return answer.read(65_536)
    except (URLError, OSError, ValueError):
        return b""
