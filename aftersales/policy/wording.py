"""What a policy says, as a customer reads it: a shop's clauses one by one, and the whole for each kind of goods.

Every sentence is made from the rows that judge, so that what is told is what holds.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from orders.catalogue.models import Category, Product
from returns_platform.kernel import ui

from . import summary
from .clauses import NO_CLAUSES, TIMES, Clause
from .facts import basis_window
from .limits import Shown, at_once, to_show
from .reasons import EVIDENCE, REASONS, offered
from .rules import Policy
from .standards import standard


@dataclass(frozen=True, slots=True)
class Section:
    """What holds for some kinds of goods, or for one product. intact: its standard, where it is told here.

    mine: a clause of the shop makes it say something else than the platform's alone.
    """

    title: str
    notes: tuple[str, ...]
    intact: str = ""
    mine: bool = False


# --- one clause -------------------------------------------------------------------------------------------


def scope(row: Clause, names: Mapping[str, str] | None = None) -> str:
    """For which goods and which reason a clause is. names: {sku: title} of the products that are known."""
    goods = (names or {}).get(row.sku, row.sku) or category_name(row.category) or _("All goods")
    told = goods[0].upper() + goods[1:]
    if row.reason in REASONS:
        return _("%(goods)s, for “%(reason)s”") % {"goods": told, "reason": REASONS[row.reason].text}
    return told


def sentence(row: Clause, *, currency: str) -> str:
    """What a clause gives, in one sentence to the customer."""
    if row.gives in ("window", "open"):
        return _window(row)
    if row.gives in ("keep", "send_back", "courier"):
        return _sum(row) % {"sum": ui.money(row.limit, currency)}
    if row.gives == "time":
        return _time(row)
    return _plain(row)


def _window(row: Clause) -> str:
    told = {"length": summary.length(row.length, row.unit)}
    if row.gives == "open":
        return _("No-reason returns too: %(length)s.") % told
    if row.basis == "quality":
        return _("Quality problems: %(length)s.") % told
    if row.basis == "fulfilment":
        return _("Wrong, missing or damaged goods: %(length)s.") % told
    return _("No-reason returns: %(length)s.") % told


def _sum(row: Clause) -> str:
    if row.gives == "courier":
        return _("Where the shop pays the way back and you paid a courier yourself, up to %(sum)s is repaid.")
    faults = {
        "quality": (
            _("Quality problems up to %(sum)s: your money comes back at once and you keep the goods."),
            _("Quality problems up to %(sum)s: approved at once when the goods come back."),
        ),
        "fulfilment": (
            _("Wrong, missing or damaged goods up to %(sum)s: your money comes back at once and you keep the goods."),
            _("Wrong or damaged goods up to %(sum)s: approved at once when the goods come back."),
        ),
    }
    either = (
        _("Faulty, wrong or damaged goods up to %(sum)s: your money comes back at once and you keep the goods."),
        _("Faulty, wrong or damaged goods up to %(sum)s: approved at once when the goods come back."),
    )
    return faults.get(row.basis, either)[row.gives == "send_back"]


def _time(row: Clause) -> str:
    count = row.length
    words = {
        "evidence": ngettext("You have %(n)s hour to add photos.", "You have %(n)s hours to add photos.", count),
        "sending": ngettext(
            "You have %(n)s day to hand the goods over.", "You have %(n)s days to hand the goods over.", count
        ),
        "answer": ngettext("The shop answers within %(n)s hour.", "The shop answers within %(n)s hours.", count),
        "count": ngettext(
            "The shop counts the goods within %(n)s hour of their arrival.",
            "The shop counts the goods within %(n)s hours of their arrival.",
            count,
        ),
        "inspection": ngettext(
            "The shop checks the goods within %(n)s day of their arrival.",
            "The shop checks the goods within %(n)s days of their arrival.",
            count,
        ),
    }
    return words[row.term] % {"n": count}


def _plain(row: Clause) -> str:
    return {
        "freight": _("Changed your mind? The shop pays for sending it back."),
        "evidence.E0": _("No photos are needed."),
        "evidence.E1": _("One to three photos are enough."),
        "evidence.E2": _("Four photos are enough."),
        "no_deduction.pickup": _("The pickup is not taken off your refund."),
        "no_deduction.waived_freight": _("Freight that was free stays free."),
        "no_deduction.points": _("Points you have spent are not taken off your refund."),
        "no_deduction.promotion": _("What you keep keeps its promotion."),
    }[".".join(filter(None, [row.gives, row.evidence, row.term]))]


# --- the whole --------------------------------------------------------------------------------------------


def sections(
    policy: Policy, products: Mapping[str, Product] | None = None, *, currency: str = "CNY"
) -> list[Section]:
    """Everything a policy says about goods: kinds with the same rules stand together, then single products.

    products: {sku: product} of those that a clause names, as far as the shop's catalogue knows them.
    """
    told = {code: tuple(notes(policy, category=code, currency=currency)) for code in Category.values}
    alone = replace(policy, clauses=NO_CLAUSES)
    kinder = {code for code, said in told.items() if list(said) != notes(alone, category=code, currency=currency)}
    found = [Section(_named(codes), said, mine=not kinder.isdisjoint(codes)) for said, codes in _alike(told).items()]
    return [*found, *_products(policy, products or {}, currency)]


def intact() -> list[Section]:
    """In which state goods come back, kinds with the same standard together."""
    told = {code: (str(standard(code).intact),) for code in Category.values}
    return [Section(_named(codes), said) for said, codes in _alike(told).items()]


def _alike(told: Mapping[str, tuple[str, ...]]) -> dict[tuple[str, ...], list[str]]:
    together: dict[tuple[str, ...], list[str]] = {}
    for code, said in told.items():
        together.setdefault(said, []).append(code)
    return together


def _named(codes: list[str]) -> str:
    return _first_up(pgettext("between things", ", ").join(category_name(code) for code in codes))


def notes(
    policy: Policy,
    *,
    category: str,
    sku: str = "",
    confirmed_at: datetime | None = None,
    currency: str = "CNY",
) -> list[str]:
    """What holds for a kind of goods or one product: time, freight, what is refunded at once.

    confirmed_at: when the buyer agreed that it cannot be returned without a reason; before a purchase nobody has.
    """
    about = {"category": category, "sku": sku}
    found = summary.category_notes(policy, confirmed_at=confirmed_at, **about)
    found += summary.single_reasons(policy, confirmed_at=confirmed_at, **about)
    window, _excluded = basis_window(policy, basis="no_reason", confirmed=confirmed_at is not None, **about)
    if window and policy.clauses.bears_freight(basis="no_reason", reason="", **about):
        found.append(_("Changed your mind? The shop pays for sending it back."))
    elif window:
        found.append(_("Changed your mind? You pay for sending it back."))
    found += [sentence(row, currency=currency) for row in at_once(policy, **about)]
    found += [_shown(asked, category=category, currency=currency) for asked in to_show(policy, **about)]
    for row in policy.clauses.rows:
        if row.gives in ("keep", "send_back", "evidence") and _is_about(row, **about):
            told = sentence(row, currency=currency)
            found.append(_for_reason(row, told))
    return found


def _shown(asked: Shown, *, category: str, currency: str) -> str:
    """What has to be shown, for which reasons; all that are about quality are named together."""
    between, things = pgettext("between things", ", "), [str(one) for one in EVIDENCE[asked.evidence].asks]
    quality = tuple(code for code in offered(category, "signed") if REASONS[code].basis == "quality")
    named = between.join(_("“%(word)s”") % {"word": REASONS[code].text} for code in asked.reasons)
    told = {
        "reasons": _("Quality problems") if asked.reasons == quality else named,
        "things": between.join(one[0].lower() + one[1:] for one in things),
    }
    if not asked.above:
        return _("%(reasons)s: please add %(things)s.") % told
    told["sum"] = ui.money(asked.above, currency)
    return _("%(reasons)s, goods of more than %(sum)s each: please add %(things)s.") % told


def time_of(policy: Policy, params: Mapping) -> str:
    """How long the basis of a judged line is open, in a sentence; "" where it has no limit. params: of its trace."""
    window, _excluded = basis_window(
        policy,
        basis=params["basis"],
        category=params["category"],
        sku=params.get("sku", ""),
        reason=params["reason"],
    )
    if window is None:
        return ""
    counted = window.told
    if counted.reason:
        return summary.single_reason(counted.reason, counted)
    return _window(Clause("window", params["basis"], length=counted.length, unit=counted.unit))


def in_short(policy: Policy) -> list[str]:
    """Returns without a reason in two sentences, for the agreement of every user."""
    window, _excluded = basis_window(policy, basis="no_reason", category="")
    closed = [code for code in Category.values if basis_window(policy, basis="no_reason", category=code)[1] == "law"]
    said = _("Most goods can be returned without a reason at any time.")
    if window:
        length = {"length": summary.length(window.length, window.unit)}
        said = _("Most goods can be returned without a reason, %(length)s.") % length
    if not closed:
        return [said]
    goods = pgettext("between things", ", ").join(category_name(code) for code in closed)
    return [said, _("Not without a reason, unless the shop says so: %(goods)s.") % {"goods": goods}]


def general(policy: Policy, *, currency: str = "CNY") -> list[str]:
    """What a shop gives for all requests alike. A time that the platform has bettered meanwhile is not told."""
    kept = asdict(policy.terms)
    rows = [row for row in policy.clauses.rows if row.gives in ("no_deduction", "time", "courier")]
    return [
        sentence(row, currency=currency)
        for row in rows
        if row.gives != "time" or kept[TIMES[row.term][0]] == row.length
    ]


def _products(policy: Policy, known: Mapping[str, Product], currency: str) -> list[Section]:
    skus = dict.fromkeys(row.sku for row in policy.clauses.rows if row.sku)
    return [_product(policy, sku, known.get(sku), currency) for sku in skus]


def _product(policy: Policy, sku: str, known: Product | None, currency: str) -> Section:
    """What holds for a product that a clause names; of goods of an unknown kind no more than the clauses say."""
    rows = [row for row in policy.clauses.rows if row.sku == sku]
    category = known.category if known else next((row.category for row in rows if row.category), "")
    if category:
        said = notes(policy, category=category, sku=sku, currency=currency)
    else:
        said = [_for_reason(row, sentence(row, currency=currency)) for row in rows]
    return Section(known.title if known else sku, tuple(said), str(standard(category).intact), True)


def _is_about(row: Clause, *, category: str, sku: str) -> bool:
    return row.category in ("", category) and row.sku in ("", sku)


def _for_reason(row: Clause, told: str) -> str:
    if row.reason not in REASONS:
        return told
    return _("For “%(reason)s”: %(sentence)s") % {"reason": REASONS[row.reason].text, "sentence": told}


def category_name(code: str) -> str:
    return str(dict(Category.choices).get(code, code))


def _first_up(text: str) -> str:
    return text[0].upper() + text[1:]
