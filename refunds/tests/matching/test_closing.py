"""Who owns a difference, and who may close it with what."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission

from orders.accounts.models import User
from refunds.matching import queries, services
from refunds.payouts.models import Break
from refunds.tests.matching.conftest import DAY, breaks
from refunds.tests.payouts.test_news import hear, told
from returns_platform.kernel.actors import Actor
from returns_platform.kernel.errors import Invalid, NotAllowed, WrongState

pytestmark = pytest.mark.django_db

PROOF = "bank slip 7"


def person(name: str, **facts) -> User:
    user = User.objects.create_user(name, is_staff=True, **facts)
    user.user_permissions.set(Permission.objects.filter(codename="change_break"))
    return user


def actor(user: User) -> Actor:
    return Actor("support", str(user.pk), user.username)


@pytest.fixture
def fay(db) -> User:
    return person("fay")


def one(desk, amount: int = 700) -> Break:
    desk.bill(desk.row(amount=amount))
    return Break.objects.get()


def test_differences_are_given_out_evenly_among_those_who_may_close_them(desk, fay):
    fox, _gone = person("fox"), person("gone", is_active=False)
    person("root", is_superuser=True)
    User.objects.create_user("sam", is_staff=True)
    desk.bill(*(desk.row(amount=n, channel_ref=f"H{n}") for n in range(1, 6)))
    loads = sorted(Break.objects.filter(owner=user).count() for user in (fay, fox))

    assert loads == [2, 3]


def test_what_callbacks_found_gets_its_owner_and_its_sum_too(desk, till, fay):
    hear(told(till.promise(), number="RF9-1"))
    assert Break.objects.get().owner is None
    services.look_for_missing(now=till.at)
    found = Break.objects.get()

    assert (found.owner, found.amount, found.currency) == (fay, 3333, "CNY")


def test_wrong_sums_are_pressing_at_once_and_others_after_three_days(desk, till, fay):
    desk.bill(desk.row(desk.arrived(), amount=1), desk.row())
    assert queries.breaks_of(fay).urgent == 1
    services.look_for_missing(now=till.later(days=3, minutes=1))
    services.look_for_missing(now=till.at)
    mine = queries.breaks_of(fay)

    assert (mine.count, mine.urgent) == (2, 2)
    late = Break.objects.get(kind="external")
    assert [event.what for event in late.events.all()] == ["found", "hurry"]


def test_one_person_closes_a_small_one_with_a_reason_and_a_proof(desk, till, fay):
    found = one(desk)
    for reason, proof in (("", PROOF), ("agreed", PROOF), ("by_hand", "  "), ("nonsense", PROOF)):
        with pytest.raises(Invalid):
            services.close_break(found.pk, reason=reason, proof=proof, by=actor(fay), now=till.at)
    services.close_break(found.pk, reason="by_hand", proof=PROOF, by=actor(fay), now=till.at)
    with pytest.raises(WrongState):
        services.close_break(found.pk, reason="by_hand", proof=PROOF, by=actor(fay), now=till.at)
    found.refresh_from_db()

    assert (found.closed_by, found.reason, found.note, breaks()) == ("fay", "by_hand", PROOF, [])
    assert desk.payment.external == 700  # closing changes nothing in the books


def test_above_the_limit_a_second_person_agrees(desk, till, fay, settings):
    settings.BREAK_SECOND_PERSON_ABOVE = 699
    fox, found = person("fox"), one(desk)
    services.close_break(found.pk, reason="loss", proof=PROOF, by=actor(fay), now=till.at)
    assert breaks() == ["external"]
    with pytest.raises(NotAllowed):
        services.confirm_closing(found.pk, by=actor(fay), now=till.at)
    with pytest.raises(WrongState):
        services.close_break(found.pk, reason="loss", proof=PROOF, by=actor(fox), now=till.at)
    services.confirm_closing(found.pk, by=actor(fox), now=till.at)
    found.refresh_from_db()

    assert (found.closed_by, found.reason, breaks()) == ("fox", "loss", [])


def test_a_proof_that_does_not_convince_opens_it_again(desk, till, fay, settings):
    settings.BREAK_SECOND_PERSON_ABOVE = 0
    fox, found = person("fox"), one(desk)
    services.close_break(found.pk, reason="loss", proof=PROOF, by=actor(fay), now=till.at)
    with pytest.raises(Invalid):
        services.refuse_closing(found.pk, why=" ", by=actor(fox), now=till.at)
    services.refuse_closing(found.pk, why="which slip?", by=actor(fox), now=till.at)
    found.refresh_from_db()

    assert (found.awaits_second_person, found.reason, found.note) == (False, "", "")
    assert [event.what for event in found.events.all()] == ["found", "proposed", "refused"]
    with pytest.raises(WrongState):
        services.confirm_closing(found.pk, by=actor(fox), now=till.at)


def test_a_difference_is_given_to_somebody_who_may_close_it(desk, till, fay):
    found, fox, sam = one(desk), person("fox"), User.objects.create_user("sam", is_staff=True)
    services.assign_break(found.pk, to=fox.pk, by=actor(fay), now=till.at)
    with pytest.raises(Invalid):
        services.assign_break(found.pk, to=sam.pk, by=actor(fay), now=till.at)
    found.refresh_from_db()

    assert found.owner == fox
    assert found.events.last().note == "fox"


def test_what_is_gone_is_closed_although_somebody_proposed_something(desk, till, fay, settings):
    settings.BREAK_SECOND_PERSON_ABOVE = 0
    found = one(desk)
    services.close_break(found.pk, reason="loss", proof=PROOF, by=actor(fay), now=till.at)
    desk.bill(day=DAY, now=till.at + timedelta(minutes=1))
    found.refresh_from_db()

    assert (found.reason, found.awaits_second_person, breaks()) == ("agreed", False, [])
