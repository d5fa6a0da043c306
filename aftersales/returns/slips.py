"""The return slip: where the parcel goes, and a code for the request and for each unit in it (N8)."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas

from aftersales.policy import reasons
from aftersales.returns.models import ReturnRequest
from aftersales.returns.names import place
from aftersales.returns.queries import parcel_of
from logistics.parcels.models import Parcel
from refunds.documents import glyphs
from returns_platform.kernel import codes, ui

MOST_LABELS = 200  # beyond that the code of the request is enough: nobody sticks on a thousand labels


@dataclass(frozen=True, slots=True)
class Unit:
    """One unit with its label. code: what its label says when it is scanned."""

    code: str
    place: str
    title: str
    about: str

    @property
    def drawing(self) -> SafeString:
        return codes.as_svg(self.code, name=_("Code of %(number)s") % {"number": self.code}, size=104)


@dataclass(frozen=True, slots=True)
class Slip:
    """facts: (name, [lines])."""

    number: str
    facts: tuple[tuple[str, tuple[str, ...]], ...]
    units: tuple[Unit, ...]
    checks: tuple[str, ...]

    @property
    def drawing(self) -> SafeString:
        return codes.as_svg(self.number, name=_("Code of %(number)s") % {"number": self.number})


def slip_of(row: ReturnRequest, *, now: datetime) -> Slip:
    lines = list(row.lines.select_related("order_line"))
    announced = sum(line.announced for line in lines)
    labelled = [line for line in lines for _nth in range(min(line.announced, MOST_LABELS))][:MOST_LABELS]
    return Slip(
        number=row.return_no,
        facts=tuple((name, tuple(filter(None, said))) for name, said in _facts(row, announced, now=now) if any(said)),
        units=tuple(_unit(row, line, nth, of=announced) for nth, line in enumerate(labelled, 1)),
        checks=_checks(announced),
    )


def _facts(row: ReturnRequest, units: int, *, now: datetime):
    to, parcel = row.goes_to.return_address, parcel_of(row)
    sender = row.order.ship_to
    yield _("Goes to"), (f"{row.goes_to.local_name} {to['name']}", place(to), to["phone"])
    yield _("Sent by"), (f"{sender.get('name', '')} {ui.mask_phone(sender.get('phone', ''))}".strip(),)
    if parcel is not None and parcel.way == Parcel.Way.PICKUP:
        when = ui.window(row.slot_from, row.slot_to, now=now, zone=row.merchant.zone) if row.slot_from else ""
        yield _("Pickup"), (f"{parcel.courier_name} {parcel.waybill}".strip(), when)
    elif parcel is not None and parcel.waybill:
        yield _("Waybill"), (f"{parcel.courier_name} {parcel.waybill}",)
    if row.bill and row.bill.freight_return_payer == "merchant" and row.send_back == "pickup":
        yield _("Freight"), (_("The shop pays. Please do not charge the sender."),)
    yield _("Units"), (ngettext("%(n)s unit", "%(n)s units", units) % {"n": units},)


def _unit(row: ReturnRequest, line, nth: int, *, of: int) -> Unit:
    bought = line.order_line
    return Unit(
        code=f"{row.return_no}-{nth}",
        place=_("Unit %(nth)s of %(of)s") % {"nth": nth, "of": of},
        title=bought.title,
        about=f"{bought.sku} · {reasons.get(line.reason).text}",
    )


def _checks(units: int) -> tuple[str, ...]:
    everything = ngettext(
        "The unit is in it, and nothing else", "All %(n)s units are in it, and nothing else", units
    )  # fmt: skip
    return (
        _("Tags and everything that belongs to it are with it"),
        everything % {"n": units},
        _("Each unit carries its own code"),
    )


# --- as PDF -----------------------------------------------------------------------------------------------

WIDE, HIGH = A4
EDGE = 18 * mm
BIG, LABEL_CODE = 36 * mm, 26 * mm
LABEL_HIGH = 32 * mm
INK, QUIET = 0.0, 0.35


def as_pdf(slip: Slip) -> bytes:
    """A4, labels two abreast, as many pages as they need. The same slip gives the same bytes."""
    glyphs.glyph_widths()
    canvas = Canvas("", pagesize=A4, invariant=1, pageCompression=1)
    canvas.setTitle(slip.number)
    sheet = _Sheet(canvas)
    sheet.code(slip.number, WIDE - EDGE - BIG, HIGH - EDGE - BIG, BIG)
    sheet.line(_("Return slip %(number)s") % {"number": slip.number}, 16, after=6)
    for name, said in slip.facts:
        sheet.fact(name, said)
    sheet.y = min(sheet.y, HIGH - EDGE - BIG - 4 * mm)
    sheet.line(_("Cut out, one on each unit"), 12, after=4)
    for start in range(0, len(slip.units), 2):
        sheet.labels(slip.units[start : start + 2])
    sheet.room_for(len(slip.checks) * 14 + 24)
    sheet.line(_("A last look before it goes"), 12, after=4)
    for check in slip.checks:
        sheet.line(f"- {check}", 10)
    return canvas.getpdfdata()


class _Sheet:
    """The page under way; `y` is where the next line goes."""

    def __init__(self, canvas: Canvas):
        self.canvas, self.y, self.lacking = canvas, HIGH - EDGE, set()

    def line(self, text: str, size: float, *, after: float = 0) -> None:
        self.y -= size
        self._put(EDGE, text, size)
        self.y -= size * 0.5 + after

    def fact(self, name: str, said: tuple[str, ...]) -> None:
        for nth, text in enumerate(said):
            for wrapped in glyphs.wrapped(glyphs.fit(text, self.lacking), 10, WIDE - 2 * EDGE - BIG - 30 * mm):
                self.y -= 10
                if nth == 0 and wrapped:
                    self._put(EDGE, name, 10, QUIET)
                    name = ""
                self._put(EDGE + 24 * mm, wrapped, 10)
                self.y -= 5

    def labels(self, units: tuple[Unit, ...]) -> None:
        self.room_for(LABEL_HIGH)
        width = (WIDE - 2 * EDGE) / 2
        for nth, unit in enumerate(units):
            left, bottom = EDGE + nth * width, self.y - LABEL_HIGH
            self.canvas.setDash(2, 2)
            self.canvas.rect(left, bottom, width, LABEL_HIGH)
            self.canvas.setDash()
            self.code(unit.code, left + 3 * mm, bottom + 3 * mm, LABEL_CODE)
            self._label_text(unit, left + LABEL_CODE + 6 * mm, bottom, width - LABEL_CODE - 9 * mm)
        self.y -= LABEL_HIGH

    def _label_text(self, unit: Unit, left: float, bottom: float, width: float) -> None:
        y = bottom + LABEL_HIGH - 14
        for text, size in ((unit.place, 9), (unit.title, 9), (unit.about, 7.5), (unit.code, 7.5)):
            for wrapped in glyphs.wrapped(glyphs.fit(text, self.lacking), size, width)[:2]:
                self._put_at(left, y, wrapped, size)
                y -= size * 1.4

    def code(self, text: str, left: float, bottom: float, side: float) -> None:
        fields = len(codes.modules(text)) + 2 * codes.QUIET
        one = side / fields
        self.canvas.setFillGray(0)
        for row, column, width in codes.runs(text):
            top = bottom + side - (row + codes.QUIET) * one
            self.canvas.rect(left + (column + codes.QUIET) * one, top - one, width * one, one, stroke=0, fill=1)

    def room_for(self, height: float) -> None:
        if self.y - height < EDGE:
            self.canvas.showPage()
            self.y = HIGH - EDGE

    def _put(self, left: float, text: str, size: float, grey: float = INK) -> None:
        self._put_at(left, self.y, glyphs.fit(text, self.lacking), size, grey)

    def _put_at(self, left: float, y: float, text: str, size: float, grey: float = INK) -> None:
        self.canvas.setFillGray(grey)
        self.canvas.setFont(glyphs.FONT, size)
        self.canvas.drawString(left, y, text)
