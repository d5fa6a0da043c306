"""What happens in a walk besides money that goes back: goods replaced or mended, and what customers pay for it."""

from django.db.models import Q

from aftersales.inspection.models import Disposition
from aftersales.inspection.services import Arrived, Graded, count_goods, inspect_goods
from aftersales.replacements import queries
from aftersales.replacements import services as replacements
from aftersales.replacements import states as sending
from aftersales.replacements.models import Replacement
from aftersales.returns import states
from aftersales.returns.models import ReturnRequest
from aftersales.returns.services import choosing, mending, missing, parts, paying
from orders.purchases.models import Order
from refunds.charges import states as charging
from refunds.charges.models import CHANNELS, Charge
from returns_platform.drill import town
from returns_platform.drill.people import NothingThere, People


class Swaps(People):
    """Steps of a walk; `Walk` has the rest."""

    # --- the customer pays, and chooses -------------------------------------------------------------------

    def ask_to_pay(self) -> None:
        case = self._case_of(self._replacement(state=sending.AWAITING_PAYMENT))
        paying.start_payment(case.pk, channel=self.chance.choice(CHANNELS), by=town.ANN, now=self.clock.now)

    def pay_at_the_till(self) -> None:
        """On the channel's own page, now and then twice, or when its time is over."""
        charge = self._one_of(self._likely(self._charges().exclude(pay_url=""), {"state": charging.OPEN}))
        for _ in range(self.chance.choice((1, 1, 2))):
            self.outside.pay(charge.channel, charge.number, page=charge.pay_url)

    def change_mind(self) -> None:
        case = self._case_of(self._replacement(state__in=sending.NOT_SENT))
        choosing.money_instead(case.pk, by=self.chance.choice((town.ANN, town.MIA)), now=self.clock.now)

    def want_another(self) -> None:
        case = self._case_of(self._replacement(state__in=sending.WAITS_FOR_CUSTOMER))
        wanted = {line.order_line.line_no: self.chance.choice(tuple(town.GOODS)) for line in case.lines.all()}
        choosing.want_another(case.pk, wanted, by=town.ANN, now=self.clock.now)

    def confirm_receipt(self) -> None:
        replacements.confirm_receipt(self._replacement(state=sending.SENT).pk, by=town.ANN, now=self.clock.now)

    # --- the shop mends and sends -------------------------------------------------------------------------

    def mend(self) -> None:
        case, now = self._case_of(self._replacement(kind="repair", state__in=sending.NOT_SENT)), self.clock.now
        step = self.chance.choice(("quote", "quote", "refuse", "done", "beyond"))
        if step == "quote":
            fee = self.chance.choice((1, 500, 8000))
            mending.quote_repair(case.pk, fee=fee, text="A new part.", by=town.MIA, now=now)
        elif step == "refuse":
            mending.refuse_fee(case.pk, by=town.ANN, now=now)
        elif step == "done":
            mending.is_mended(case.pk, by=town.MIA, now=now)
        else:
            mending.cannot_be_mended(case.pk, by=town.MIA, now=now)

    def send_new(self) -> None:
        found, now = self._replacement(state=sending.TO_SEND), self.clock.now
        if self.chance.random() < 0.5:
            replacements.book_courier(found.pk, by=town.MIA, now=now)
        else:
            waybill = f"SF{self.chance.randint(10**12, 10**13 - 1)}"
            replacements.enter_waybill(found.pk, courier="sf", waybill=waybill, by=town.MIA, now=now)

    def send_once_more(self) -> None:
        replacements.send_once_more(self._replacement(state=sending.SENT).pk, by=town.MIA, now=self.clock.now)

    def new_one_goes_astray(self) -> None:
        """The parcel that brings it is lost, or turned back at the door; of one that was said to be, it turns up."""
        parcel = queries.outbound_parcel(self._replacement(state=sending.SENT))
        if parcel is None or not parcel.waybill:
            raise NothingThere
        event = self.chance.choice(("lost", "lost", "refused", "returned", "delivered"))
        moved = {"waybill": parcel.waybill, "event": event, "at": self.clock.now.isoformat()}
        self.outside.post("sf", "/_push", moved)

    # --- fewer old ones come, and the rest late ------------------------------------------------------------

    def count_fewer(self) -> None:
        """Of goods that are to be replaced a part comes, and is put on the shelf; what replaces it can go."""
        case = self._case(kind__in=("exchange", "repair"), state__in=states.COUNTABLE, counted_at=None)
        lines = list(case.lines.select_related("order_line"))
        came = {line.order_line.line_no: self.chance.randint(0, line.quantity) for line in lines}
        arrived = [Arrived(line_no, units) for line_no, units in came.items()]
        count_goods(case.pk, arrived, by=town.MIA, now=self.clock.now)
        graded = [Graded(line_no, units, "A", Disposition.RESTOCK) for line_no, units in came.items() if units]
        inspect_goods(case.pk, graded, by=town.MIA, now=self.clock.now)

    def find_late(self) -> None:
        """The units that lacked are found, or are the customer's again, whatever became of the others meanwhile."""
        likely = {"counted_at__isnull": False, "lines__missing__gt": 0}
        found = ReturnRequest.objects.filter(order__in=self.order_ids, facts__kind__in=("exchange", "repair"))
        case = self._one_of(self._likely(found.order_by("-pk"), likely)[:3])
        settle = self.chance.choice((missing.pay_missing, missing.release_missing))
        settle(case.pk, by=town.SAM, now=self.clock.now)

    def say_it_is_gone(self) -> None:
        case = self._case_of(self._replacement(state__in=sending.HOLDS_STOCK))
        choosing.say_it_is_gone(case.pk, by=town.MIA, now=self.clock.now)

    # --- a part of the price, and the goods stay ----------------------------------------------------------

    def pay_a_part(self) -> None:
        order = self.chance.choice(self.orders).order
        line = self.chance.choice(list(order.lines.all()))
        token = f"{self.name}{self.seed}-p{self.chance.randint(1, 3)}"
        parts.pay_part(
            order.pk, line_no=line.line_no, amount=self._some_of(line.net), reason="SV.PRICE_DIFF", text="It fell.",
            form_token=token, by=self.chance.choice(town.STAFF), now=self.clock.now,
        )  # fmt: skip

    def grant_a_part(self) -> None:
        case = self._case(kind="refund_only", state=states.IN_REVIEW)
        line = self.chance.choice(list(case.lines.select_related("order_line")))
        parts.grant_part(
            case.pk, line_no=line.order_line.line_no, amount=self._some_of(line.order_line.net),
            by=self.chance.choice(town.STAFF), now=self.clock.now,
        )  # fmt: skip

    def _some_of(self, amount: int) -> int:
        return self.chance.choice((1, max(1, amount // 3), amount, amount + 1))

    # --- whom a step is about ------------------------------------------------------------------------------

    @property
    def order_ids(self) -> list[int]:
        """What was bought, and what was made of it: orders of new goods, and of what was paid on top."""
        bought = super().order_ids
        made = Q(made_of__in=bought) | Q(made_of__made_of__in=bought)
        return [*bought, *Order.objects.filter(made).order_by("pk").values_list("pk", flat=True)]

    def _replacement(self, **likely) -> Replacement:
        found = Replacement.objects.filter(order__in=self.order_ids).order_by("-pk")
        return self._one_of(self._likely(found, likely)[:3])

    def _case_of(self, replacement: Replacement) -> ReturnRequest:
        return ReturnRequest.objects.get(return_no=replacement.case_ref)

    def _charges(self):
        return Charge.objects.filter(order__in=self.order_ids).order_by("-pk")
