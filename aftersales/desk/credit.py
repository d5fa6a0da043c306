"""A customer's credit and the measures about them, for the platform's people. The score is for who may see it."""

from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from aftersales.credit import rules as credit
from aftersales.credit import texts as credit_texts
from aftersales.credit.models import Standing
from aftersales.desk.readers import Reader
from aftersales.returns.models import ReturnRequest
from aftersales.returns.names import shop_name
from aftersales.risk import queries, rules, texts
from aftersales.risk.models import Measure, Signal
from orders.customers.models import Customer
from returns_platform.kernel import ui

ANYWHERE = 8  # shops of an account, and linked customers, that are listed


def credit_page(standing: Standing, reader: Reader) -> dict:
    """Everything `templates/admin/desk/credit.html` shows of one customer."""
    customer = standing.customer
    signals = list(customer.signals.all())
    return {
        "standing": standing,
        "title": _("Credit of %(name)s") % {"name": customer.name},
        "zone": customer.merchant.zone,
        "figures": _figures(standing),
        "why": credit_texts.why(standing.reasons, now=reader.now, zone=customer.merchant.zone),
        "history": history_facts(standing.history, customer.merchant.currency),
        "anywhere": _anywhere(customer, reader),
        "signals": [_signal(one, reader) for one in signals],
        "measures": [_measure_row(one) for one in queries.measures_of(customer)],
        "linked": _linked(customer) if reader.may("aftersales.see_risk") else [],
        "may": reader.may("aftersales.decide_measure"),
        "kinds": kinds(),
        "currency": customer.merchant.currency,
    }


def _figures(standing: Standing) -> list[ui.Figure]:
    return [
        ui.Figure(_("Score"), str(standing.score), _("of 100; 60 only by a person")),
        ui.Figure(_("Level"), str(credit_texts.LEVELS[standing.level])),
    ]


def history_facts(history: dict, currency: str) -> list[ui.Fact]:
    """The figures that the score was made of."""
    if not history:
        return []
    said = {name: history[name] for name in ("units_returned", "units_bought")}
    value = {name: ui.money(history[name], currency) for name in ("value_returned", "value_bought")}
    days = ngettext("%(n)s day", "%(n)s days", history["days_known"]) % {"n": history["days_known"]}
    return [
        ui.Fact(_("Known here for"), days),
        ui.Fact(_("Orders in a year"), str(history["orders"])),
        ui.Fact(
            _("Came back"),
            _("%(units_returned)s of %(units_bought)s units") % said,
            note=_("%(value_returned)s of %(value_bought)s") % value,
        ),
        ui.Fact(_("Requests in 30 days"), str(history["requests"])),
        ui.Fact(_("Borne out by the bench"), str(history["confirmed"])),
        ui.Fact(_("Not borne out"), str(history["contradicted"])),
    ]


def _anywhere(customer: Customer, reader: Reader) -> dict:
    """The same account at every shop, as one history: for the platform's eyes, and for no decision by itself."""
    same = queries.same_account(customer)
    if len(same) < 2:
        return {}
    history = queries.history_of(same, signals=queries.marked(same, now=reader.now), now=reader.now)
    scored = credit.score(history)
    return {
        "score": scored.score,
        "shops": [shop_name(one.merchant) for one in same[:ANYWHERE]],
        "facts": [
            ui.Fact(_("Orders in a year"), str(history.orders)),
            ui.Fact(_("Requests in 30 days"), str(history.requests)),
            ui.Fact(_("Not borne out"), str(history.contradicted)),
        ],
    }


def _signal(one: Signal, reader: Reader) -> dict:
    stands = one.dismissed_at is None and one.expires_at > reader.now
    return {
        "pk": one.pk,
        "name": one.get_code_display(),
        "weight": one.weight,
        "stands": stands,
        "found_at": one.found_at,
        "expires_at": one.expires_at,
        "evidence": evidence_rows(one.evidence),
        "dismissed": one.dismissed_note and f"{one.dismissed_by}: {one.dismissed_note}",
        "may": stands and reader.may("aftersales.decide_measure"),
    }


def evidence_rows(evidence: list[dict]) -> list[dict]:
    """Cases with what was seen there, each leading to its page."""
    numbers = [about["case"] for about in evidence if about.get("case")]
    keys = dict(ReturnRequest.objects.filter(return_no__in=numbers).values_list("return_no", "pk"))
    return [
        {
            "number": about.get("case", ""),
            "href": _case(keys.get(about.get("case"))),
            "said": texts.evidence(about),
        }
        for about in evidence
    ]


def _case(key: int | None) -> str:
    return reverse("admin:aftersales_returnrequest_change", args=[key]) if key else ""


def _linked(customer: Customer) -> list[dict]:
    """Who shares something, by shop and masked name: a question, not an answer."""
    links = queries.linked_with(customer)
    found = Customer.objects.filter(pk__in=links).select_related("merchant", "standing").order_by("pk")[:ANYWHERE]
    return [
        {
            "name": ui.mask_name(one.name),
            "shop": shop_name(one.merchant),
            "by": _(", ").join(str(queries.kind_name(kind)) for kind in sorted(links[one.pk])),
            "href": _standing(one),
        }
        for one in found
    ]


def _standing(customer: Customer) -> str:
    known = getattr(customer, "standing", None)
    return reverse("admin:aftersales_standing_change", args=[known.pk]) if known else ""


def kinds() -> list[dict]:
    """The measures to choose from, with what each needs."""
    return [
        {
            "value": kind,
            "label": capfirst(Measure.Kind(kind).label),
            "two": kind in rules.STRONG,
            "most": rules.MOST_DAYS[kind],
        }
        for kind in rules.MEASURES
    ]


# --- one measure ------------------------------------------------------------------------------------------


def measure_page(measure: Measure, reader: Reader) -> dict:
    """Everything `templates/admin/desk/measure.html` shows."""
    customer, standing = measure.customer, getattr(measure.customer, "standing", None)
    sees = reader.may("aftersales.view_standing") and standing
    appeals = list(measure.appeals.all())
    return {
        "measure": measure,
        "title": f"{_number(measure)} · {capfirst(measure.get_kind_display())}",
        "number": _number(measure),
        "zone": customer.merchant.zone,
        "facts": _measure_facts(measure),
        "credit_url": _standing(customer) if sees else "",
        "signals": [
            {
                "name": credit_texts.SIGNALS.get(told["code"], told["code"]),
                "evidence": evidence_rows(told["evidence"]),
            }
            for told in measure.signals
        ],
        "appeals": appeals,
        "events": [ui.Event(move.at, _happened(move)) for move in measure.moves.all()][::-1],
        "can": _can(measure, appeals, reader),
        "kinds": kinds(),
    }


def _number(measure: Measure) -> str:
    return f"CR{measure.pk}"


def _measure_facts(measure: Measure) -> list[ui.Fact]:
    customer = measure.customer
    found = [
        ui.Fact(_("Customer"), customer.name, note=shop_name(customer.merchant)),
        ui.Fact(_("State"), str(texts.STATES[measure.state])),
    ]
    if measure.amount:
        found.append(ui.Fact(_("Sum"), ui.money(measure.amount, measure.currency)))
    if measure.decided_by:
        days = ngettext("%(n)s day", "%(n)s days", measure.days) % {"n": measure.days}
        found.append(ui.Fact(_("Decided by"), measure.decided_by.name, note=days))
    if measure.second_by:
        found.append(ui.Fact(_("Second person"), measure.second_by.name))
    return found


def _happened(move) -> str:
    return texts.happened(move.note, who=move.by.name or _("The signals"), why=move.data.get("why", ""))


def _can(measure: Measure, appeals: list, reader: Reader) -> dict:
    """Which buttons this reader has; nobody agrees to, lifts or answers about their own decision."""
    may, mine = reader.may, measure.was_decided_by(reader.actor)
    waits = any(one.answered_at is None for one in appeals)
    return {
        "decide": measure.is_proposed and may("aftersales.decide_measure"),
        "agree": measure.awaits_second and may("aftersales.agree_to_measure") and not mine,
        "decline": (measure.is_proposed or measure.awaits_second) and may("aftersales.decide_measure"),
        "lift": (measure.is_in_force or measure.is_offered)
        and may("aftersales.decide_measure")
        and not (measure.is_strong and mine),
        "answer": waits and may("aftersales.answer_measure_appeal") and not mine,
        "mine": mine,
    }


def _measure_row(measure: Measure) -> dict:
    return {
        "number": _number(measure),
        "href": reverse("admin:aftersales_measure_change", args=[measure.pk]),
        "kind": measure.get_kind_display(),
        "state": texts.STATES[measure.state],
        "until": measure.until,
    }
