"""Facts turned into the parts that pages are made of: the ways out, the money rail, the pictures.

Reads no database beyond what it is given and decides nothing; the same for customer, shop and staff.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from django.templatetags.static import static
from django.urls import reverse
from django.utils.translation import gettext as _

from aftersales.bills.models import Bill
from aftersales.evidence.models import Evidence
from aftersales.policy import grounds, reasons, texts, tracing
from aftersales.policy import queries as policies
from aftersales.policy.law import SENTENCES
from aftersales.policy.reasons import EVIDENCE, REJECTIONS
from aftersales.returns.models import ReturnRequest
from aftersales.returns.names import channel_as_party, channel_name, sentences
from refunds.payouts import queries as payouts
from refunds.payouts import states as money
from refunds.payouts import texts as refund_texts
from refunds.payouts.models import Refund
from returns_platform.kernel import ui

# --- where the money is -----------------------------------------------------------------------------------


def truths(
    bill: Bill | None, refunds: list[Refund], *, zone: str, sent_on: date, by: datetime | None, now: datetime
) -> list[ui.Truth]:
    """Each refund in its three truths; before there are any, what is planned: sent on a day, there by a time."""
    if refunds:
        return [_truth(refund, zone=zone, now=now) for refund in refunds]
    day = ui.in_zone(by, zone).date() if by else None
    return [_planned(part, bill, by=day, sent_on=sent_on) for part in bill.tenders] if bill else []


def other_ways(refund: Refund, *, bonus: int, zone: str, now: datetime) -> dict:
    """The ways that are open for money that could not go back, and why it could not."""
    sums = {"sum": ui.money(refund.amount, refund.currency), "bonus": ui.money(bonus, refund.currency)}
    at_bank = payouts.arrives_by("bank_transfer", at=now, zone=zone)
    balance = _("Your balance: %(sum)s and %(bonus)s on top") if bonus else _("Your balance: %(sum)s")
    return {
        "sum": sums["sum"],
        "why": refund_texts.why_another_way(state=refund.state, problem=refund.problem),
        "from": refund_texts.where(refund.channel, refund.account),
        "balance": balance % sums,
        "bank": _("A bank account: %(sum)s") % sums,
        "at_channel": refund.state == money.MANUAL and refund.problem == "account_abnormal",
        "bank_by": ui.day(at_bank, now=now, zone=zone, sense="about"),
    }


def _planned(part: dict, bill: Bill, *, by: date | None, sent_on: date) -> ui.Truth:
    channel = part["channel"] if bill.body["refund_to"] == "original" else bill.body["refund_to"]
    at_once = channel in ("balance", "coupon")
    stages = (
        ui.Stage(_("We ask"), at=sent_on, sense="about"),
        ui.Stage(_accepts(channel), when=_("the same day")),
        ui.Stage(_("Arrives"), when=_("the same day")) if at_once else ui.Stage(_("Arrives"), at=by, sense="by"),
    )
    return ui.Truth(channel_name(channel), part["amount"], bill.currency, stages)


def _truth(refund: Refund, *, zone: str, now: datetime) -> ui.Truth:
    stages = (_asked(refund, now=now), _accepted(refund), _arrived(refund, zone=zone))
    where = refund_texts.where(refund.channel, refund.account)
    return ui.Truth(where, refund.amount, refund.currency, stages, note=_about(refund))


def _asked(refund: Refund, *, now: datetime) -> ui.Stage:
    if refund.state == money.CANCELLED:
        return ui.Stage(_("Not sent"), "stopped", when=_("taken back"))
    if refund.state == money.HELD:
        return ui.Stage(_("We ask"), "wait", when=_("once a second person agrees"))
    if refund.state == money.PROMISED:
        return ui.Stage(_("We ask"), "wait", at=max(refund.hold_until or now, now))
    if refund.is_paid_by_hand:
        return ui.Stage(_("We transfer"), "wait" if refund.asked_at is None else "done", at=refund.asked_at)
    if refund.asked_at is None:
        return ui.Stage(_("We ask"), "stopped" if refund.state == money.MANUAL else "wait")
    return ui.Stage(_("We asked"), "done", at=refund.asked_at)


def _accepted(refund: Refund) -> ui.Stage:
    accepts, accepted = _accepts(refund.channel), _has_accepted(refund.channel)
    if refund.accepted_at:
        return ui.Stage(accepted, "done", at=refund.accepted_at)
    if refund.state == money.UNKNOWN:
        return ui.Stage(accepts, "wait", when=_("no answer yet"))
    if refund.state == money.SENDING:
        return ui.Stage(accepts, "wait")
    if refund.state == money.MANUAL and refund.is_paid_by_hand:
        return ui.Stage(accepts, "wait")
    if refund.state == money.MANUAL:
        return ui.Stage(accepts, "stopped", when=_("not paid") if refund.way_is_closed else _("a person looks"))
    if refund.state == money.CLOSED:
        return ui.Stage(accepts, "stopped", when=_("not paid"))
    return ui.Stage(accepts)


def _arrived(refund: Refund, *, zone: str) -> ui.Stage:
    if refund.state == money.ARRIVED:
        return ui.Stage(_("Arrived"), "done", at=refund.arrived_at)
    if refund.state == money.RETURNED_BY_BANK and refund.channel == "balance":
        return ui.Stage(_("Arrived"), "stopped", when=_("moved to the way you paid"))
    if refund.state == money.RETURNED_BY_BANK:
        return ui.Stage(_("Arrived"), "stopped", when=_("the bank sent it back"))
    if refund.state in (money.CLOSED, money.CANCELLED) or refund.way_is_closed:
        return ui.Stage(_("Arrives"))
    state = "wait" if refund.state == money.ACCEPTED else ""
    return ui.Stage(_("Arrives"), state, at=ui.in_zone(refund.promised_by, zone).date(), sense="by")


def _accepts(channel: str) -> str:
    return _("%(channel)s accepts") % {"channel": channel_as_party(channel)}


def _has_accepted(channel: str) -> str:
    return _("%(channel)s accepted") % {"channel": channel_as_party(channel)}


def _about(refund: Refund) -> str:
    said = [refund_texts.problem(refund.problem)]
    if refund.channel_ref:
        said.append(
            _("Refund number %(ours)s, at the channel %(theirs)s. Either one finds it.")
            % {"ours": refund.number, "theirs": refund.channel_ref}
        )
    else:
        said.append(_("Refund number %(ours)s.") % {"ours": refund.number})
    return sentences(*said)


# --- why: the rule and what was checked -------------------------------------------------------------------


def quoted_rule(request: ReturnRequest) -> dict:
    """{"text", "source"}: the rule that decided, in plain words, and which version of it."""
    if request.was_refused and request.refusal_code:
        return _quoted_person(request)
    told = texts.explain_all(request.verdict.get("reasons", []))
    first = told[0] if told else {"rule": "", "version": request.policy_version}
    behind = _rules_behind(request) if request.was_refused else []
    said = behind or [*(reason["text"] for reason in told), *_what_the_policy_says(request)]
    return {
        "text": sentences(*said),
        "source": sentences(source_of(request, first), _("It was in force when you ordered.")),
    }


def _quoted_person(request: ReturnRequest) -> dict:
    rejection = REJECTIONS.get(request.refusal_code)
    ground = request.refusal_text if rejection is None or rejection.internal else _ended(str(rejection.text))
    lines = request.facts.get("lines") or [{}]
    behind = grounds.rule_behind_a_person(policies.of_case(request), request.refusal_code, lines[0])
    source = _("Decided by a person, under version %(version)s of the platform's policy.")
    return {"text": sentences(ground, *behind), "source": source % {"version": request.policy_version}}


def _ended(ground: str) -> str:
    return _("%(sentence)s.") % {"sentence": ground}


def _rules_behind(request: ReturnRequest) -> list[str]:
    """The rules that refused, each once."""
    policy = policies.of_case(request)
    refused = [fired for fired in request.verdict.get("reasons", []) if fired["code"] in SENTENCES["refuse"]]
    return list(dict.fromkeys(told for fired in refused for told in grounds.rule_behind(policy, fired)))


def source_of(request: ReturnRequest, reason: Mapping) -> str:
    """Rule and version of a told reason; a clause of the shop names the shop's version too."""
    named = {"rule": reason["rule"], "version": reason["version"]}
    if not reason["rule"].startswith("shop.") or request.clauses is None:
        return _("Rule %(rule)s, version %(version)s.") % named
    named |= {"clauses": request.clauses.number, "shop": request.merchant.local_name}
    return _("Rule %(rule)s of %(shop)s, version %(clauses)s, beside version %(version)s of the platform.") % named


def _what_the_policy_says(request: ReturnRequest) -> list[str]:
    """The figures behind it: the shop's clause, or the length of the time that is over."""
    policy, told = policies.of_case(request), {}
    for fired in request.verdict.get("reasons", []):
        if clause := tracing.clause_of(fired, policy):
            told[_("This shop is kinder than the platform: %(clause)s") % {"clause": clause}] = None
    return list(told)


def checks(request: ReturnRequest, *, zone: str, photos: int = 0) -> list[ui.Check]:
    """The facts that the rule looked at, as they were when the request was filed.

    Facts are kept for life in the shape of their day: what an older one does not have is left out.
    """
    found = []
    for line in request.facts.get("lines", []):
        found += [check for check in _line_checks(line, request, zone) if check not in found]
    for missing in request.verdict.get("missing", []):
        asked = EVIDENCE.get(missing.get("params", {}).get("class"))
        if missing.get("code") == "evidence" and asked and asked.asks:
            found.append(ui.Check(str(asked.asks[0]), "bad", _number_of_photos(photos)))
    return found


def what_to_show(request: ReturnRequest) -> list[str]:
    """A checklist for photos: what a person asked for, else what the rules miss and the reasons ask for here."""
    missed = (missing for missing in request.verdict.get("missing", []) if missing.get("code") == "evidence")
    classes = request.asked_classes or [
        *(missing["params"]["class"] for missing in missed),
        *sorted(_classes_of(request)),
    ]
    return list(dict.fromkeys(str(ask) for name in classes for ask in EVIDENCE[name].asks))


def _classes_of(request: ReturnRequest) -> set[str]:
    asked = policies.of_case(request).clauses.asked
    return {
        asked(
            reasons.get(line["reason"]).evidence,
            **{name: line.get(name, "") for name in ("basis", "category", "sku", "reason")},
        )
        for line in request.facts.get("lines", [])
        if reasons.known(line.get("reason", ""))
    }


def _line_checks(line: dict, request: ReturnRequest, zone: str) -> Iterable[ui.Check]:
    asked, free = line.get("quantity"), line.get("units")
    if line.get("excluded", "none") != "none":
        yield ui.Check(_("Can be returned without a reason"), "bad")
    if line.get("deadline"):
        until = datetime.fromisoformat(line["deadline"])
        enough = asked is not None and line.get("open_units", 0) >= asked
        in_time = request.filed_at <= until or enough
        yield ui.Check(_("Asked in time"), "done" if in_time else "bad", _times(until, request.filed_at, zone))
    if asked is not None and free is not None:
        yield ui.Check(
            _("Units that can be asked for"), "bad" if free < asked else "done",
            _("%(asked)s asked, %(free)s free") % {"asked": asked, "free": free},
        )  # fmt: skip


def _times(until: datetime, filed_at: datetime, zone: str) -> str:
    year = ui.in_zone(filed_at, zone).year
    said = {"until": texts.moment(until, zone, this_year=year), "filed": texts.moment(filed_at, zone)}
    return _("until %(until)s; asked on %(filed)s") % said


def _number_of_photos(photos: int) -> str:
    return _("nothing was added") if not photos else _("%(number)s other added") % {"number": photos}


# --- what the bench found (T26) ---------------------------------------------------------------------------


@dataclass(frozen=True)
class Found:
    """Units that came back otherwise than sold. tone: of the grade's tag."""

    goods: str
    grade: str
    tone: str
    note: str
    photos: list[ui.Photo]


def found_at_the_bench(row: ReturnRequest) -> list[Found]:
    """Worn, damaged or other goods, and those asked for with another reason, in the words and photos of the bench."""
    if row.counted_at is None:
        return []
    lines = row.lines.select_related("order_line").prefetch_related("inspections__photos")
    return [
        Found(
            goods=f"{line.order_line.title} × {graded.quantity}", grade=graded.get_grade_display(),
            tone=_tone(graded.grade), note=graded.note, photos=own_photos(graded.photos.all()),
        )
        for line in lines
        for graded in line.inspections.all()
        if graded.grade not in "AB" or line.reason_filed
    ]  # fmt: skip


def _tone(grade: str) -> str:
    return "bad" if grade == "X" else "" if grade in "AB" else "late"


# --- pictures ---------------------------------------------------------------------------------------------


def own_photos(evidence: Iterable[Evidence]) -> list[ui.Photo]:
    return [_photo(kept, number) for number, kept in enumerate(evidence, start=1)]


def _photo(kept: Evidence, number: int) -> ui.Photo:
    url = reverse("aftersales:evidence", args=[kept.public_id])
    at_bench = _("seen at the bench") if kept.at_bench else ""
    if kept.kind == Evidence.Kind.VIDEO:
        name = _("Video %(number)s") % {"number": number}
        return ui.Photo(static("look/video.svg"), name, label=at_bench or _("video"), href=url)
    return ui.Photo(url, _("Photo %(number)s") % {"number": number}, label=at_bench, href=url)
