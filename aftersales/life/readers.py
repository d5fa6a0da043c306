"""Who reads the life of an order: their words, what they may read, and the pages that they may open."""

from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _

from aftersales.desk.words import DeskTeller, task_name
from aftersales.life.entries import Link
from aftersales.replacements.models import Replacement
from aftersales.returns import stories
from aftersales.returns.models import Message, ReturnMove, ReturnRequest, SupportTask
from aftersales.returns.names import party, shop_name
from aftersales.returns.queries import Case
from aftersales.returns.shop_words import ShopTeller
from logistics.parcels.models import Parcel
from orders.merchants.models import Member
from orders.merchants.queries import may
from orders.purchases.models import Order
from orders.visitors.queries import Viewer
from refunds.documents.models import Voucher
from refunds.payouts.models import Refund
from returns_platform.kernel import ui
from returns_platform.kernel.actors import Actor

Audience = Message.Audience


class Reader:
    """prices: may read sums. house: reads what the house knows (grades, tasks). talk: whose messages."""

    prices, house, staff = True, False, False
    talk: tuple[str, ...] = (Audience.ALL,)

    def __init__(self, order: Order, *, now: datetime):
        self.order, self.merchant, self.now = order, order.merchant, now

    @property
    def zone(self) -> str:
        return self.merchant.zone

    @property
    def shop(self) -> str:
        return shop_name(self.merchant)

    def sum(self, amount: int) -> str:
        """For inside a sentence; a word for who may not see how much."""
        return ui.money(amount, self.order.currency) if self.prices else _("a sum")

    def moment(self, at: datetime) -> str:
        return ui.moment(at, now=self.now, zone=self.zone, style="plain")

    # --- the same question for each; told by who it is ---

    def who(self, actor: Actor) -> str:
        raise NotImplementedError

    def happened(self, request: ReturnRequest, move: ReturnMove) -> tuple[str, str]:
        """(sentence, who): one move of a case; who is empty where the sentence names them."""
        raise NotImplementedError

    def case(self, request: ReturnRequest) -> Link | None:
        raise NotImplementedError

    def other_order(self, order: Order) -> Link | None:
        raise NotImplementedError

    def parcel(self, parcel: Parcel) -> Link | None:
        return None

    def refund(self, refund: Refund) -> Link | None:
        return None

    def sending(self, replacement: Replacement) -> Link | None:
        return None

    def task(self, task: SupportTask) -> str:
        raise NotImplementedError

    def voucher(self, voucher: Voucher) -> Link | None:
        address = reverse("aftersales:voucher", args=[voucher.number])
        return Link(_("Voucher %(number)s") % {"number": voucher.number}, address)


class Customer(Reader):
    def __init__(self, order: Order, viewer: Viewer, *, now: datetime):
        super().__init__(order, now=now)
        self.viewer = viewer

    def who(self, actor: Actor) -> str:
        return party(actor, self.merchant)

    def happened(self, request: ReturnRequest, move: ReturnMove) -> tuple[str, str]:
        return stories.told(request, move), self.who(move.by)

    def case(self, request: ReturnRequest) -> Link:
        return Link(request.return_no, reverse("aftersales:case", args=[request.return_no]))

    def other_order(self, order: Order) -> Link | None:
        """A guest's code opens one order only."""
        if self.viewer.is_guest:
            return None
        return Link(order.order_no, reverse("aftersales:order", args=[order.pk]))


class Shop(Reader):
    house = True

    def __init__(self, order: Order, member: Member, *, now: datetime):
        super().__init__(order, now=now)
        self.prices = may(member, "see_prices")
        self.money = may(member, "see_money")
        shown = {"see_messages": Audience.ALL, "see_notes": Audience.SHOP}
        self.talk = tuple(audience for right, audience in shown.items() if may(member, right))

    def who(self, actor: Actor) -> str:
        if actor.kind == "customer":
            return self.order.customer.name
        if actor.kind == "merchant":
            return actor.name or _("A colleague")
        if actor.kind == "token":
            return _("Your shop system")
        return {"courier": _("The courier"), "rule": _("The rules")}.get(actor.kind, _("The platform"))

    def happened(self, request: ReturnRequest, move: ReturnMove) -> tuple[str, str]:
        return ShopTeller(_bare(request), now=self.now, prices=self.prices).happened(move), ""

    def case(self, request: ReturnRequest) -> Link:
        return Link(request.return_no, reverse("merchant:case", args=[self.merchant.code, request.return_no]))

    def other_order(self, order: Order) -> Link:
        return Link(order.order_no, reverse("merchant:order", args=[self.merchant.code, order.order_no]))

    def sending(self, replacement: Replacement) -> Link:
        return Link(
            replacement.reference, reverse("merchant:sending", args=[self.merchant.code, replacement.reference])
        )

    def voucher(self, voucher: Voucher) -> Link | None:
        return super().voucher(voucher) if self.money else None


class Desk(Reader):
    house, staff = True, True

    def __init__(self, order: Order, user, *, now: datetime):
        super().__init__(order, now=now)
        self.user = user
        notes = (Audience.PLATFORM,) if user.has_perm("aftersales.see_notes") else ()
        said = (Audience.ALL,) if user.has_perm("aftersales.view_message") else ()
        self.talk = (*said, *notes)

    def who(self, actor: Actor) -> str:
        if actor.kind == "customer":
            return self.order.customer.name
        if actor.kind == "merchant":
            named = {"name": actor.name, "shop": self.shop}
            return _("%(name)s of %(shop)s") % named if actor.name else self.shop
        if actor.kind == "token":
            return _("The system of %(shop)s") % {"shop": self.shop}
        if actor.kind == "support":
            return actor.name or _("The platform")
        return {"courier": _("The courier"), "rule": _("The rules")}.get(actor.kind, _("The platform"))

    def happened(self, request: ReturnRequest, move: ReturnMove) -> tuple[str, str]:
        return DeskTeller(_bare(request), now=self.now).happened(move), ""

    def task(self, task: SupportTask) -> str:
        return task_name(task)

    def case(self, request: ReturnRequest) -> Link | None:
        return self._page("aftersales", "returnrequest", request, request.return_no)

    def other_order(self, order: Order) -> Link | None:
        return self._page("orders", "order", order, order.order_no)

    def parcel(self, parcel: Parcel) -> Link | None:
        return self._page("logistics", "parcel", parcel, parcel.reference)

    def refund(self, refund: Refund) -> Link | None:
        return self._page("refunds", "refund", refund, refund.number)

    def sending(self, replacement: Replacement) -> Link | None:
        return self._page("aftersales", "replacement", replacement, replacement.reference)

    def voucher(self, voucher: Voucher) -> Link | None:
        return super().voucher(voucher) if self.user.has_perm("refunds.view_voucher") else None

    def _page(self, app: str, model: str, row, text: str) -> Link | None:
        if not self.user.has_perm(f"{app}.view_{model}"):
            return None
        return Link(text, reverse(f"admin:{app}_{model}_change", args=[row.pk]))


def _bare(request: ReturnRequest) -> Case:
    """For sentences about moves, which ask for nothing of the case but its request."""
    return Case(request, lines=[], parcel=None, refunds=[], picture="")
