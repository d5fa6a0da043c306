"""Whose bench it is, and who stands at it: the people of a shop, or of a return centre over all its shops."""

from dataclasses import dataclass, field

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from aftersales.returns.models import ReturnRequest
from aftersales.returns.shop_case import actor_of
from orders.centres import queries as centres
from orders.centres.models import Centre, CentreMember, Joining
from orders.merchants.models import Member, Merchant
from orders.merchants.queries import may
from returns_platform.kernel.actors import Actor
from returns_platform.kernel.errors import NotAllowed, NotThere


@dataclass(frozen=True, slots=True)
class Bench:
    """cases: which requests are its own, as lookups; parcels: where their parcels are found, the same way.

    frame: the page around it. prices, evidence, opens: whether the reader sees sums, photos of the customer, and the
    page of the request.
    """

    house: Merchant | Centre
    by: Actor
    frame: str
    home: str
    cases: dict
    parcels: dict
    may_count: bool
    may_inspect: bool
    prices: bool = False
    evidence: bool = True
    opens: bool = False
    context: dict = field(default_factory=dict)

    @property
    def is_centre(self) -> bool:
        return isinstance(self.house, Centre)

    def requests(self) -> QuerySet[ReturnRequest]:
        found = ReturnRequest.objects.filter(**self.cases)
        return found.select_related("order", "customer", "bill", "merchant", "joining__centre")

    def case(self, return_no: str) -> ReturnRequest:
        """One of its own by the number; NotThere for anybody else's or none."""
        found = self.requests().filter(return_no=return_no).first()
        if found is None:
            raise NotThere
        return found

    def address(self, return_no: str) -> str:
        return f"{self.home}?{urlencode({'code': return_no})}"

    def must(self, may_do: bool) -> None:
        if not may_do:
            raise NotAllowed(_("Your role does not include this."))


def bench_of_shop(member: Member) -> Bench:
    shop, inspects = member.merchant, may(member, "inspect")
    return Bench(
        house=shop, by=actor_of(member), frame="base_merchant.html", home=reverse("merchant:bench", args=[shop.code]),
        cases={"merchant": shop}, parcels={"merchant": shop}, may_count=inspects, may_inspect=inspects,
        prices=may(member, "see_prices"), evidence=may(member, "see_evidence"), opens=True,
        context={"merchant": shop},
    )  # fmt: skip


def bench_of_centre(member: CentreMember) -> Bench:
    """Every case whose goods go there, of whichever shop; no sums, no customer."""
    centre = member.centre
    shops = Joining.objects.filter(centre=centre).values("merchant")
    return Bench(
        house=centre, by=actor_in_centre(member), frame="base_centre.html",
        home=reverse("centre:bench", args=[centre.code]), cases={"joining__centre": centre},
        parcels={"merchant__in": shops}, may_count=centres.may(member, "count"),
        may_inspect=centres.may(member, "inspect"), context={"centre": centre, "member": member},
    )  # fmt: skip


def actor_in_centre(member: CentreMember) -> Actor:
    """By the name that the shops read: who, and of which centre."""
    user = member.user
    name = _("%(name)s of %(shop)s") % {
        "name": user.get_full_name() or user.get_username(), "shop": member.centre.name,
    }  # fmt: skip
    return Actor("centre", str(user.pk), name[:150])
