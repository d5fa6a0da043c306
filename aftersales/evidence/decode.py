"""Makes one uploaded file safe. Runs alone, as `python -I decode.py KIND IN OUT`, under limits it sets itself.

Nothing else of the product decodes media. Prints one JSON object: {"width", "height", "taken_at"} or {"wrong": CODE}.
Imports nothing of the product, so that a hostile file meets as little as possible.
"""

import json
import resource
import sys

PIXELS = 50_000_000
SIDE = 2400  # the kept copy's longer side: enough to judge a seam, small enough for a phone
MEMORY = 1_500_000_000
CPU_S = 20


def limit() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_S, CPU_S))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NPROC, (0, 0))


def photo(source: str, target: str) -> dict:
    """A JPEG copy: first frame, upright, at most SIDE, no metadata."""
    import pillow_heif
    from PIL import Image, ImageOps

    pillow_heif.register_heif_opener()
    Image.MAX_IMAGE_PIXELS = None  # the header's size is checked by us, before anything is decoded
    with Image.open(source) as image:
        width, height = image.size
        if width * height > PIXELS:
            return {"wrong": "too_many_pixels"}
        taken_at = str(image.getexif().get_ifd(0x8769).get(0x9003, ""))[:19]
        image.seek(0) if getattr(image, "n_frames", 1) > 1 else None
        image.draft("RGB", (SIDE, SIDE))
        upright = ImageOps.exif_transpose(image)
        upright.thumbnail((SIDE, SIDE))
        plain = Image.new("RGB", upright.size, "white")
        rgba = upright.convert("RGBA")
        plain.paste(rgba, mask=rgba.getchannel("A"))
        plain.save(target, "JPEG", quality=86, optimize=True)
        return {"width": plain.width, "height": plain.height, "taken_at": taken_at}


def video(source: str, target: str) -> dict:
    """A copy of an MP4 or MOV in which the boxes that hold place and device are blanked."""
    with open(source, "rb") as file:
        data = bytearray(file.read())
    if not blank_metadata(data, 0, len(data)):
        return {"wrong": "damaged"}
    with open(target, "wb") as file:
        file.write(data)
    return {"width": None, "height": None, "taken_at": ""}


def blank_metadata(data: bytearray, start: int, end: int, depth: int = 0) -> bool:
    """Walk the boxes; turn `udta`, `meta` and `uuid` into `free` and zero them. False when a box does not fit."""
    while start + 8 <= end:
        size, kind, head = int.from_bytes(data[start : start + 4], "big"), bytes(data[start + 4 : start + 8]), 8
        if size == 1:
            size, head = int.from_bytes(data[start + 8 : start + 16], "big"), 16
        elif size == 0:
            size = end - start
        if size < head or start + size > end:
            return False
        if kind in (b"udta", b"meta", b"uuid"):
            data[start + 4 : start + 8] = b"free"
            data[start + head : start + size] = bytes(size - head)
        elif kind in (b"moov", b"trak") and depth < 3:
            if not blank_metadata(data, start + head, start + size, depth + 1):
                return False
        start += size
    return start == end


def main(kind: str, source: str, target: str) -> dict:
    limit()
    try:
        return {"photo": photo, "video": video}[kind](source, target)
    except MemoryError:
        return {"wrong": "too_many_pixels"}
    except Exception:
        return {"wrong": "damaged"}


if __name__ == "__main__":
    print(json.dumps(main(*sys.argv[1:4])))
