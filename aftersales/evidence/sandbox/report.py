"""A report as PDF made safe: each page drawn into a picture. Nothing of the file is kept, nothing in it runs."""

PAGES = 20
SIDE = 2000  # pixels of a page's longer side: small print can be read


def make_safe(source: str, target: str) -> dict:
    """{"pages": [{"width", "height"}]}, written to TARGET.1, TARGET.2 …; {"wrong": "too_many_pages"}."""
    import pypdfium2

    document = pypdfium2.PdfDocument(source)
    if len(document) > PAGES:
        return {"wrong": "too_many_pages"}
    return {"pages": [_drawn(document[nth], f"{target}.{nth + 1}") for nth in range(len(document))]}


def _drawn(page, target: str) -> dict:
    picture = page.render(scale=SIDE / max(*page.get_size(), 1), may_draw_forms=False).to_pil().convert("RGB")
    picture.save(target, "JPEG", quality=86, optimize=True)
    return {"width": picture.width, "height": picture.height}
