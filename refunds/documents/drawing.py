"""A paper drawn as PDF: A4, one font, pages as needed. The same paper gives the same bytes."""

from collections.abc import Iterator
from dataclasses import replace

from reportlab.lib.pagesizes import A4
from reportlab.pdfgen.canvas import Canvas

from refunds.documents import glyphs
from refunds.documents.rules import Paper, PaperRow
from returns_platform.kernel.money import yuan

WIDE, HIGH = A4
EDGE, FOOT = 56.0, 64.0
INK, QUIET, LINE = (0.08, 0.09, 0.12), (0.36, 0.39, 0.45), (0.85, 0.86, 0.89)
NORMAL, SMALL, LEAD, TITLE = 9.5, 8.0, 12.0, 18.0
LABEL = 118.0  # width of the facts' labels


def as_pdf(paper: Paper) -> bytes:
    """The bytes of a PDF. Two rounds: the first counts the pages that the second one numbers."""
    pages = _drawn(paper, pages=None)[1]
    return _drawn(paper, pages=pages)[0]


def _drawn(paper: Paper, *, pages: int | None) -> tuple[bytes, int]:
    glyphs.glyph_widths()
    lacking = set()
    paper = _fitted(paper, lacking)
    canvas = Canvas("", pagesize=A4, invariant=1, pageCompression=1, lang=paper.language)
    canvas.setTitle(f"{paper.title} {paper.number}")
    canvas.setAuthor(paper.shop)
    sheet = _Sheet(canvas, paper, pages)
    sheet.head()
    sheet.facts()
    sheet.rows()
    sheet.notes(lacking)
    sheet.close()
    return canvas.getpdfdata(), sheet.page


def _fitted(paper: Paper, lacking: set[str]) -> Paper:
    """Every text in characters that can be drawn."""

    def fit(text: str) -> str:
        return glyphs.fit(text, lacking)

    return replace(
        paper,
        title=fit(paper.title), number=fit(paper.number), shop=fit(paper.shop), stamp=fit(paper.stamp),
        facts=tuple((fit(label), fit(value)) for label, value in paper.facts),
        heads=tuple(fit(head) for head in paper.heads),
        rows=tuple(
            replace(row, name=fit(row.name), reason=fit(row.reason), text=fit(row.text)) for row in paper.rows
        ),
        notes=tuple(fit(note) for note in paper.notes),
        missing_glyphs=fit(paper.missing_glyphs),
    )  # fmt: skip


class _Sheet:
    """The pages under way; `y` is where the next line goes."""

    def __init__(self, canvas: Canvas, paper: Paper, pages: int | None):
        self.canvas, self.paper, self.pages = canvas, paper, pages
        self.page, self.y = 1, HIGH - EDGE

    # --- parts

    def head(self) -> None:
        self._text(self.paper.shop, SMALL, QUIET)
        self.y -= 10
        if self.paper.stamp:
            at = glyphs.width(self.paper.stamp, LEAD)
            self.canvas.setStrokeColorRGB(*INK)
            self.canvas.rect(WIDE - EDGE - at - 12, self.y - 6, at + 12, LEAD + 10)
            self._put(WIDE - EDGE - at - 6, self.paper.stamp, LEAD)
        self._text(self.paper.title, TITLE)
        self._text(self.paper.number, NORMAL, QUIET)
        self.y -= 8

    def facts(self) -> None:
        for label, value in self.paper.facts:
            lines = glyphs.wrapped(value, NORMAL, WIDE - 2 * EDGE - LABEL)
            self._keep(len(lines) * NORMAL * 1.5)
            self._put(EDGE, label, NORMAL, QUIET)
            for line in lines:
                self._put(EDGE + LABEL, line, NORMAL)
                self.y -= NORMAL * 1.55
        self.y -= 10

    def rows(self) -> None:
        if not self.paper.rows:
            return
        self._heads()
        for row in self.paper.rows:
            self._row(row)
        self.y -= 14

    def notes(self, lacking: set[str]) -> None:
        notes = list(self.paper.notes)
        if lacking:
            notes.append(f"{self.paper.missing_glyphs} {glyphs.named(lacking)}".strip())
        for note in notes:
            for line in glyphs.wrapped(note, SMALL, WIDE - 2 * EDGE):
                self._text(line, SMALL, QUIET)
            self.y -= 4

    def close(self) -> None:
        self._footer()
        self.canvas.showPage()

    # --- lines

    def _heads(self) -> None:
        left, right = self.paper.heads
        self._put(EDGE, left, SMALL, QUIET)
        self._put_right(right, SMALL, QUIET)
        self.y -= 6
        self._rule(INK)

    def _row(self, row: PaperRow) -> None:
        size = LEAD if row.total else NORMAL
        amount = row.text or ("" if row.amount is None else yuan(row.amount, self.paper.currency))
        room = WIDE - 2 * EDGE - max(glyphs.width(amount, size) + 18, 90)
        lines = [(line, size, INK) for line in glyphs.wrapped(row.name, size, room)]
        lines += [(line, SMALL, QUIET) for line in _reasons(row, room)]
        self._keep(sum(size * 1.45 for _, size, _ in lines) + 8)
        if row.total:
            self._rule(INK, width=1.2)
        self.y -= size + 3
        self._put_right(amount, size)
        for number, (line, size_, ink) in enumerate(lines):
            self.y -= size_ * 1.45 if number else 0
            self._put(EDGE, line, size_, ink)
        self.y -= 6
        self._rule(LINE)

    def _text(self, text: str, size: float, ink=INK) -> None:
        for line in glyphs.wrapped(text, size, WIDE - 2 * EDGE):
            self._keep(size * 1.4)
            self._put(EDGE, line, size, ink)
            self.y -= size * 1.5

    def _put(self, x: float, text: str, size: float, ink=INK) -> None:
        self.canvas.setFont(glyphs.FONT, size)
        self.canvas.setFillColorRGB(*ink)
        self.canvas.drawString(x, self.y, text)

    def _put_right(self, text: str, size: float, ink=INK) -> None:
        self._put(WIDE - EDGE - glyphs.width(text, size), text, size, ink)

    def _rule(self, ink, *, width: float = 0.5) -> None:
        self.canvas.setLineWidth(width)
        self.canvas.setStrokeColorRGB(*ink)
        self.canvas.line(EDGE, self.y, WIDE - EDGE, self.y)

    def _keep(self, high: float) -> None:
        """A new page where that much does not fit any more."""
        if self.y - high < FOOT:
            self._footer()
            self.canvas.showPage()
            self.page, self.y = self.page + 1, HIGH - EDGE

    def _footer(self) -> None:
        self.y = FOOT - 24
        self._put(EDGE, f"{self.paper.title} {self.paper.number}", SMALL, QUIET)
        if self.pages:
            self._put_right(f"{self.page} / {self.pages}", SMALL, QUIET)


def _reasons(row: PaperRow, room: float) -> Iterator[str]:
    if row.reason:
        yield from glyphs.wrapped(row.reason, SMALL, room)
