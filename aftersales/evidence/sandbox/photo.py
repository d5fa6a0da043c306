"""A photo made safe: a JPEG copy without metadata, and what the metadata said, for those who judge the case."""

import re

PIXELS = 50_000_000
SIDE = 2400  # the kept copy's longer side: enough to judge a seam, small enough for a phone
MEASURED = 512
EXIF = 0x8769
XMP_BYTES = 100_000
MADE_BY_PROGRAM = b"trainedAlgorithmicMedia"  # IPTC's word for a picture that nobody took


class TooManyPixels(Exception):
    """More than PIXELS, as the head of the file says."""


def make_safe(source: str, target: str) -> dict:
    """{"width", "height", "facts"}; raises TooManyPixels, and whatever a decoder does."""
    with opened(source) as image:
        facts = _facts(image)
        plain = upright(image)
    plain.save(target, "JPEG", quality=86, optimize=True)
    return {"width": plain.width, "height": plain.height, "facts": facts | seen(plain)}


def opened(source: str):
    """The image, of which only the head was read: its size is checked before anything is decoded."""
    import pillow_heif
    from PIL import Image

    pillow_heif.register_heif_opener()
    Image.MAX_IMAGE_PIXELS = None
    image = Image.open(source)
    if image.width * image.height > PIXELS:
        raise TooManyPixels
    return image


def upright(image):
    """First frame, as it was held, at most SIDE, without transparency."""
    from PIL import Image, ImageOps

    image.seek(0) if getattr(image, "n_frames", 1) > 1 else None
    image.draft("RGB", (SIDE, SIDE))
    held = ImageOps.exif_transpose(image)
    held.thumbnail((SIDE, SIDE))
    plain = Image.new("RGB", held.size, "white")
    rgba = held.convert("RGBA")
    plain.paste(rgba, mask=rgba.getchannel("A"))
    return plain


def seen(plain) -> dict:
    """light: the mean of its grey, 0 to 255. sharp: how much neighbours differ (variance of the Laplacian), seen at
    MEASURED pixels. `static/look/photos.js` measures the same before a photo is sent."""
    from PIL import Image, ImageFilter, ImageStat

    grey = plain.convert("L")
    grey.thumbnail((MEASURED, MEASURED), Image.Resampling.BOX)
    light = ImageStat.Stat(grey).mean[0]
    if min(grey.size) < 3:
        return {"light": round(light, 1), "sharp": 0.0}
    edges = grey.filter(ImageFilter.Kernel((3, 3), (0, 1, 0, 1, -4, 1, 0, 1, 0), scale=1, offset=128))
    inside = edges.crop((1, 1, grey.width - 1, grey.height - 1))
    return {"light": round(light, 1), "sharp": round(ImageStat.Stat(inside).var[0], 1)}


def _facts(image) -> dict:
    """What the file says of itself, as short texts; never a place. Broken metadata says nothing."""
    found = {"format": image.format or "", "pixels": list(image.size)}
    try:
        found |= _exif_facts(image.getexif())
    except Exception:
        found["exif"] = False
    try:
        found |= _xmp_facts(image.info.get("xmp") or image.info.get("XML:com.adobe.xmp") or b"")
    except Exception:
        found.setdefault("software", "")
    if quality := jpeg_quality(getattr(image, "quantization", None)):
        found["quality"] = quality
    return found


def _exif_facts(exif) -> dict:
    shot = exif.get_ifd(EXIF)
    camera = " ".join(filter(None, (_text(exif.get(0x010F)), _text(exif.get(0x0110)))))
    told = {
        "taken": _text(shot.get(0x9003)), "taken_offset": _text(shot.get(0x9011)),
        "changed": _text(exif.get(0x0132)), "changed_offset": _text(shot.get(0x9010)),
        "camera": camera, "software": _text(exif.get(0x0131)),
    }  # fmt: skip
    return {"exif": bool(exif)} | {name: value for name, value in told.items() if value}


def _xmp_facts(xmp) -> dict:
    kept = (xmp.encode() if isinstance(xmp, str) else bytes(xmp))[:XMP_BYTES]
    found = {}
    if tool := re.search(rb"CreatorTool(?:>|\s*=\s*[\"'])([^<\"']{1,60})", kept):
        found["software"] = _text(tool[1])
    if MADE_BY_PROGRAM in kept:
        found["made_by_program"] = True
    return found


def _text(value) -> str:
    """Printable, at most 60 characters: it is shown to people, and whoever sent the file wrote it."""
    text = value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value or "")
    return "".join(char for char in text if char.isprintable()).strip()[:60]


# The sum of the standard's luminance table: at quality 50 a file's table is this one.
_STANDARD = 3688


def jpeg_quality(tables) -> int:
    """About which quality (1 to 100) a JPEG was saved with, by its first table; 0 when it is none."""
    if not tables or 0 not in tables:
        return 0
    scale = 100 * sum(tables[0]) / _STANDARD
    quality = (200 - scale) / 2 if scale <= 100 else 5000 / scale
    return max(1, min(100, round(quality)))
