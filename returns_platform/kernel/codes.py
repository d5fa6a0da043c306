"""QR codes as drawings: what a counter or a bench scans from paper or from a phone."""

from django.utils.html import format_html
from django.utils.safestring import SafeString
from reportlab.graphics.barcode.qrencoder import QRCode, QRErrorCorrectLevel

SVG = (
    '<svg class="code" width="{size}" height="{size}" viewBox="0 0 {side} {side}" shape-rendering="crispEdges" '
    'role="img" aria-label="{name}"><rect width="{side}" height="{side}" fill="#fff"/>'
    '<path d="{path}" fill="#000"/></svg>'
)
QUIET = 4  # modules of white around it, as the standard asks


def modules(text: str) -> list[list[bool]]:
    """The square of dark and light fields. A quarter of it may be dirty (level Q) and it is still read."""
    code = QRCode(None, QRErrorCorrectLevel.Q)
    code.addData(text)
    code.make()
    return [[bool(code.isDark(row, column)) for column in range(code.getModuleCount())]
            for row in range(code.getModuleCount())]  # fmt: skip


def runs(text: str) -> list[tuple[int, int, int]]:
    """The dark fields as bars: (row, first column, how many), without the quiet zone."""
    found = []
    for row, fields in enumerate(modules(text)):
        start = None
        for column, dark in enumerate([*fields, False]):
            if dark and start is None:
                start = column
            elif not dark and start is not None:
                found.append((row, start, column - start))
                start = None
    return found


def as_svg(text: str, *, name: str, size: int = 136) -> SafeString:
    """Black on white also on a dark page, or no scanner reads it. size: CSS pixels. name: read out instead."""
    side = len(modules(text)) + 2 * QUIET
    path = "".join(f"M{column + QUIET} {row + QUIET}h{width}v1h-{width}z" for row, column, width in runs(text))
    return format_html(SVG, size=size, side=side, name=name, path=path)
