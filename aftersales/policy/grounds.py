"""What stands behind a refusal: the rule itself in plain words, and not the verdict over again."""

from collections.abc import Mapping

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from . import summary, wording
from .facts import basis_window
from .rules import Policy
from .standards import standard

_EXCLUDED = {
    "excluded_fresh": gettext_lazy("Fresh goods are no part of no-reason returns, by law: they do not keep."),
    "excluded_custom": gettext_lazy("Goods made for one buyer are no part of no-reason returns, by law."),
    "excluded_digital": gettext_lazy("Digital goods are no part of no-reason returns, by law."),
    "excluded_by_law": gettext_lazy("The law leaves these goods out of no-reason returns."),
    "excluded_by_confirmation": gettext_lazy(
        "Goods that lose their worth once opened or tried can be left out of no-reason returns, where the buyer "
        "agrees to it at the purchase."
    ),
}
_OTHERS = {
    "no_units": gettext_lazy("No more can come back than was delivered and stands in no other request."),
    "gift_card_spent": gettext_lazy("A gift card comes back as long as nothing of it is spent."),
    "kit_only": gettext_lazy("This set is sold and taken back as a whole."),
}


def rule_behind(policy: Policy, fired: Mapping) -> list[str]:
    """The rule that refused a line, as it would be told before a purchase; nothing for one of a later program."""
    code, params = fired["code"], fired["params"]
    if code == "out_of_window" and "basis" in params:
        return _time(policy, params)
    if code in _EXCLUDED:
        return [str(_EXCLUDED[code]), *_windows(policy, params)[1:]]
    if code == "too_many_attempts":
        return [_attempts(policy.terms.max_attempts)]
    return [str(_OTHERS[code])] if code in _OTHERS else []


def rule_behind_a_person(policy: Policy, code: str, line: Mapping) -> list[str]:
    """What the policy says about a ground that a person named. line: facts of the request's first line."""
    if code == "R_NOT_INTACT":
        return [_("Intact means: %(standard)s") % {"standard": standard(line.get("category", "")).intact}]
    if code == "R_EXCLUDED":
        return [str(_EXCLUDED["excluded_by_confirmation"]), *_windows(policy, line)[1:]]
    return _windows(policy, line) if code == "R_PERIOD" else []


def _time(policy: Policy, params: Mapping) -> list[str]:
    told = wording.time_of(policy, params)
    about = {name: params[name] for name in ("basis", "category", "reason")}
    window, _excluded = basis_window(policy, **about, sku=params.get("sku", ""))
    if told and window and window.told.unit == "days":
        return [told, _("The day of delivery is not counted.")]
    return [told] if told else []


def _windows(policy: Policy, about: Mapping) -> list[str]:
    """Returns without a reason first, then the windows that nothing closes."""
    return summary.category_notes(policy, category=about.get("category", ""), sku=about.get("sku", ""))


def _attempts(most: int) -> str:
    told = ngettext(
        "Each item takes %(count)s request; refused ones do not count.",
        "Each item takes %(count)s requests; refused ones do not count.",
        most,
    )
    return told % {"count": most}
