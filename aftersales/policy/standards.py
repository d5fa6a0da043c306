"""What "intact" means for each kind of goods, and what counts as damage by the user (S23, S48).

Shown to customers before they buy and file, and to reviewers beside the photos: the same words for both.
"""

from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True, slots=True)
class Standard:
    """intact: what goods returned without a reason look like. damaged: what the user would have caused."""

    intact: str
    damaged: tuple[str, ...]


_ANY = Standard(
    _("Complete and working, with all parts and labels. Opening the box and trying it as in a shop is fine."),
    (
        _("Traces of use that go beyond trying it"),
        _("Parts, labels or the serial number removed or changed"),
        _("Broken, wet or dirty without a fault of the goods"),
    ),
)
_WORN = Standard(
    _("Tags on, not washed, not worn outside, clean and whole. Trying it on is fine."),
    (
        _("The tag was cut off or removed"),
        _("Stains, smell, washed or ironed"),
        _("Worn soles, cuts, pulled threads or holes that are no fault of the making"),
    ),
)
_SEALED = Standard(
    _("The inner seal is unbroken. An opened outer box is fine."),
    (
        _("The seal that keeps it safe was broken"),
        _("Used or tasted in part"),
        _("Kept in a wrong place"),
    ),
)
STANDARDS = {
    "apparel": _WORN,
    "shoes_bags": _WORN,
    "packaged_food": _SEALED,
    "cosmetics": _SEALED,
    "electronics": Standard(
        _("Works as new, complete, no account left on it, marks and serial number untouched. Trying it is fine."),
        (
            _("Dropped, wet, scratched, or opened by somebody who is no repairer of the brand"),
            _("The serial number or a mark was removed or changed"),
            _("Activated, or with personal data or an account on it"),
        ),
    ),
    "furniture": Standard(
        _("Not mounted, or taken apart without traces; all parts are there. Looking at it is fine."),
        (
            _("Scratches, stains or holes from use or mounting"),
            _("Missing parts"),
            _("Cut, drilled or glued"),
        ),
    ),
    "digital": Standard(
        _("Not used: the code was not redeemed and nothing was downloaded."),
        (_("The code was redeemed"), _("It was downloaded or started")),
    ),
    "fresh": Standard(
        _("Fresh goods are not sent back. Keep them until the shop has answered, so that it can ask for a photo."),
        (
            _("Left in the heat, frozen or cut after delivery"),
            _("Kept longer than the label says"),
            _("Bruised or crushed after delivery"),
        ),
    ),
    "custom": Standard(
        _("As it was delivered, with all parts."),
        (_("Changed or worked on by the customer"), _("Traces of use"), _("Broken by a fall or by force")),
    ),
}


def standard(category: str) -> Standard:
    return STANDARDS.get(category, _ANY)
