"""One judgement for quote and filing alike: the wish, the bill it gives, the verdict on it. Writes nothing."""

import json
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta

from django.utils.translation import gettext_lazy as _

from aftersales.bills.bill import Bill
from aftersales.bills.facts import RESEND
from aftersales.credit import queries as credits
from aftersales.credit.rules import LATELY_DAYS, WITHOUT_RETURN_DAYS, Asked, Weighed, weigh
from aftersales.policy import facts
from aftersales.policy import queries as policies
from aftersales.policy import rules as policy_rules
from aftersales.returns import rules
from aftersales.returns.queries import Purchase, arrivals_of
from aftersales.returns.services.bills import body_of, calculate, insured_by
from aftersales.returns.services.wishes import Taking, Wish, takings
from logistics.parcels import queries as parcels
from logistics.parcels import slots
from orders.merchants.models import Merchant
from refunds.payouts import queries as payouts
from refunds.wallet import queries as stored_here
from returns_platform.kernel.errors import Invalid

AS_OF_AHEAD = timedelta(days=366)
IN_TRANSIT_DAYS = 3


@dataclass(frozen=True, slots=True)
class Judged:
    """takings: what the request takes. bill: None only when refused.

    facts, verdict, credit: as stored with the case. back_by: when the shop should have counted the goods; now where
    nothing travels.
    """

    takings: list[Taking]
    bill: Bill
    facts: policy_rules.Facts
    verdict: policy_rules.Verdict
    policy: policy_rules.Policy
    arrives_by: datetime
    back_by: datetime
    body: dict
    credit: Weighed

    @property
    def refused(self) -> bool:
        return self.verdict.outcome == "refuse"

    @property
    def kept(self) -> int:
        """What a rule gives at once although the goods stay, or would with evidence: money, or the same goods again
        at what was paid for them. Counted for 90 days."""
        by_rule = self.verdict.outcome in ("approve", "needs_evidence")
        return self.facts.amount if by_rule and _goods_stay(self.takings, self.facts.sent_back) else 0


def judge(bought: Purchase, wish: Wish, *, photos: int, videos: int, now: datetime) -> Judged:
    """Judge a wish about an order as it stands; raises Invalid for what cannot be judged at all."""
    policy = policies.in_force(bought.order.placed_at, bought.order.merchant_id)
    taken = takings(bought, wish)
    bill, off_days = calculate(bought, taken, wish, policy), policies.off_days()
    sent_back = rules.goods_come_back(wish.kind, wish.send_back)
    amount = _at_stake(bill, taken)
    without_return = _goods_stay(taken, sent_back)
    asked = Asked(amount, bought.order.currency, _is_statutory(taken), without_return)
    credit = weigh(credits.known(bought.order.customer, elsewhere=bought.elsewhere, now=now), asked)
    found = policy_rules.Facts(
        kind=wish.kind,
        sent_back=sent_back,
        amount=amount,
        currency=bought.order.currency,
        filed_at=now,
        zone=bought.order.merchant.zone,
        risk=credit.risk,
        level=credit.level,
        returns_lately=len(bought.lately(timedelta(days=LATELY_DAYS), now=now)) + 1,
        kept_lately=_kept(bought, now=now) + (amount if without_return else 0),
        resettle=bill.resettled,
        lines=tuple(
            _line_facts(bought, entry, taken, policy, off_days, photos=photos, videos=videos, now=now)
            for entry in taken
        ),
    )  # fmt: skip
    verdict = policy_rules.judge(found, policy)
    back_by = counted_by(wish, policy.terms, now=now)
    due = arrives_by(wish, bought, sent=back_by)
    others = {entry.request for entry in bought.all_taken}
    body = body_of(bill, bought) | insured_by(bill, bought.order, others)
    return Judged(taken, bill, found, verdict, policy, due, back_by, body, credit)


def _at_stake(bill: Bill, taken: list[Taking]) -> int:
    """The refund, or what was paid for the units. A resend holds none of it (T76), and is worth as much again."""
    if bill.is_refund:
        return bill.refund
    if bill.kind == RESEND:
        return sum(entry.line.net * entry.quantity // entry.line.quantity for entry in taken)
    return bill.carried


def _is_statutory(taken: list[Taking]) -> bool:
    """Every line is one that the law grants without a reason, or cancels what was not sent."""
    return all(entry.reason.group in ("NR", "UN") for entry in taken)


def _goods_stay(taken: list[Taking], sent_back: bool) -> bool:
    """Said to be faulty or missing, and nothing comes back that could be looked at."""
    return not sent_back and any(entry.fault and entry.shipped for entry in taken)


def _kept(bought: Purchase, *, now: datetime) -> int:
    return sum(earlier.kept for earlier in bought.lately(timedelta(days=WITHOUT_RETURN_DAYS), now=now))


def _line_facts(
    bought: Purchase, entry: Taking, taken: list[Taking], policy, off_days, *, photos: int, videos: int, now: datetime
) -> policy_rules.Line:
    line = entry.line
    return facts.line_facts(
        policy,
        line_no=line.line_no,
        reason=entry.reason.code,
        category=line.category,
        quantity=entry.quantity,
        unit_price=line.unit_price,
        units=line.returnable if entry.shipped else line.cancellable,
        zone=bought.order.merchant.zone,
        filed_at=now,
        off_days=off_days,
        arrivals=_arrivals(bought, line, now=now) if entry.shipped else (),
        taken=_taken(bought, line) if entry.shipped else (),
        confirmed_at=line.no_reason_excluded_confirmed_at,
        part_of_kit=_breaks_kit(bought, line, taken),
        photos=photos,
        videos=videos,
        attempts=line.attempts - _paid_unasked(bought, line),
        card=_card(bought, entry),
        sku=line.sku,
        sent_again=_sent_again(bought, entry),
    )


def _sent_again(bought: Purchase, entry: Taking) -> int:
    """Of the units asked for, those for which others were sent already, or may still be. A unit that was sent again
    stays returnable (T76), so which one it was is only known by how many are left."""
    before = sum(line.quantity for line in bought.resent.get(entry.line.pk, ()))
    return min(entry.quantity, max(0, before + entry.quantity - entry.line.returnable)) if entry.shipped else 0


def _paid_unasked(bought: Purchase, line) -> int:
    """Parts of its price that the shop paid of its own accord: no request of the customer's."""
    return sum(taken.part and taken.request.nth is None for taken in bought.taken.get(line.pk, ()))


def _card(bought: Purchase, entry: Taking) -> str:
    """Whether so many of the line's gift cards hold all that they were sold for, beside those already asked back."""
    line, order = entry.line, bought.order
    if not line.gift_cards or line.codes:  # a used code is no refusal: a person looks when its money is promised
        return "none"
    cards = stored_here.cards_of(line, merchant_id=order.merchant_id, currency=order.currency)
    asked_back = line.shipped_in_use + line.unshipped_in_use - cards.returned
    return "unused" if cards.unspent - max(0, asked_back) >= entry.quantity else "spent"


def _arrivals(bought: Purchase, line, *, now: datetime) -> tuple[facts.Arrival, ...]:
    """A signature after `now` does not count yet: that matters for a quote as of another time."""
    return tuple(
        replace(arrival, signed_at=_signed(arrival.signed_at, now))
        for arrival in arrivals_of(bought.shipped.get(line.pk, []))
    )


def _signed(signed_at: datetime | None, now: datetime) -> datetime | None:
    return signed_at if signed_at and signed_at <= now else None


def _taken(bought: Purchase, line) -> tuple[facts.Taken, ...]:
    return tuple(
        facts.Taken(earlier.request.filed_at, earlier.quantity)
        for earlier in bought.taken.get(line.pk, [])
        if earlier.shipped
    )


def _breaks_kit(bought: Purchase, line, taken: list[Taking]) -> bool:
    """Some of a kit's parts or units, but not all of them."""
    if not line.kit:
        return False
    wanted = {entry.line.pk: entry.quantity for entry in taken}
    parts = [other for other in bought.lines.values() if other.kit == line.kit]
    return any(wanted.get(part.pk, 0) < part.quantity for part in parts)


def counted_by(wish: Wish, terms: policy_rules.Terms, *, now: datetime) -> datetime:
    """The way back, then the bench; now where nothing travels."""
    if not rules.goods_come_back(wish.kind, wish.send_back):
        return now
    handed_over = wish.slot_to or now + timedelta(days=1)
    return handed_over + timedelta(days=IN_TRANSIT_DAYS, hours=terms.merchant_count_hours)


def arrives_by(wish: Wish, bought: Purchase, *, sent: datetime) -> datetime:
    """When the money should be there at the latest: from when it is sent, by the slowest channel."""
    zone = bought.order.merchant.zone
    channels = ["balance"] if wish.refund_to != "original" else {payment.channel for payment in bought.payments}
    return max((payouts.arrives_by(channel, at=sent, zone=zone) for channel in channels), default=sent)


def must_be_a_sensible_time(bought: Purchase, as_of: datetime, *, now: datetime) -> None:
    if not bought.order.placed_at <= as_of <= now + AS_OF_AHEAD:
        raise Invalid(fields={"as_of": _("Between the purchase and a year from now.")})


def with_slot(wish: Wish, merchant: Merchant, *, now: datetime) -> Wish:
    """The slot asked for, if it is free; the next free one when none was asked for."""
    if wish.send_back != "pickup" or not rules.goods_come_back(wish.kind, wish.send_back):
        return wish
    if wish.slot_from and wish.slot_to:
        parcels.must_be_free(slots.Slot(wish.slot_from, wish.slot_to), merchant, now=now)
        return wish
    slot = parcels.next_slot_of(merchant, now=now)
    return replace(wish, slot_from=slot.start, slot_to=slot.end, slot_chosen=False)


def as_stored(found: policy_rules.Facts) -> dict:
    """The facts as they are kept with the case: JSON, times as RFC 3339."""
    return json.loads(json.dumps(asdict(found), default=datetime.isoformat))


def from_stored(kept: dict, **now_known) -> policy_rules.Facts:
    """The facts as filed; `now_known` (photos, videos) replaces what has become known of every line."""
    told = [_times(line, "deadline", "quality_until") | now_known for line in kept["lines"]]
    lines = tuple(policy_rules.Line(**line) for line in told)
    return policy_rules.Facts(**_times(kept, "filed_at") | {"lines": lines})


def _times(kept: dict, *names: str) -> dict:
    return kept | {name: datetime.fromisoformat(kept[name]) for name in names if kept.get(name)}
