"""Advice on a photo that is hard to judge. Nothing is ever held back for it.

The browser gives it before a photo is sent (`static/look/photos.js`, with these limits), the server afterwards.
"""

from django.utils.translation import gettext_lazy as _

TINY = 480  # pixels of the shorter side
DARK = 40  # mean of the grey, of 255
BLURRED = 10  # variance of the Laplacian at 512 pixels: a blur of about a four-hundredth of the width
LIMITS = {"tiny": TINY, "dark": DARK, "blurred": BLURRED}

WORDS = {
    "tiny": _("This picture is very small. Send the original photo, if you have it."),
    "dark": _("This photo is very dark. Take it again with more light, if you can."),
    "blurred": _("This photo looks blurred. Hold still and take it again, if you can."),
}
FOUND = {  # the same, to those who judge
    "tiny": _("Is very small"),
    "dark": _("Is very dark"),
    "blurred": _("Looks blurred"),
}


def advice(facts: dict) -> str:
    """Which of WORDS a photo needs, the first that fits; "" for none, and for what was never measured."""
    if "sharp" not in facts:
        return ""
    seen = {"tiny": min(facts.get("pixels", [TINY])), "dark": facts["light"], "blurred": facts["sharp"]}
    return next((code for code, limit in LIMITS.items() if seen[code] < limit), "")
