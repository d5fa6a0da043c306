"""What can be told of a kept photo without reading it: its prints, produce features, the codes printed in it."""

from PIL import Image

SIDE = 1024


def look_at(source: str) -> dict:
    """{"prints": […], "features": […], "codes": […]}; see the modules of these names."""
    from prints import prints
    from produce import features
    from waybill import codes

    with Image.open(source) as image:
        whole = image.convert("RGB")
    small = whole.copy()
    small.thumbnail((SIDE, SIDE))
    return {"prints": prints(small), "features": features(small), "codes": codes(whole)}
