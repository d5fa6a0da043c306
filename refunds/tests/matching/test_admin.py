"""The staff's pages of differences and bills."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from orders.accounts.models import User
from refunds.matching import texts
from refunds.matching.models import StatementDay, StatementFile
from refunds.payouts import texts as payouts
from refunds.payouts.models import Break
from refunds.tests.matching import statement
from refunds.tests.matching.conftest import DAY, breaks
from returns_platform.kernel import clock

pytestmark = pytest.mark.django_db

FINANCE = ("view_break", "change_break", "view_statementday", "import_statement", "view_externalrefund")


@pytest.fixture
def sign_in(client):
    def sign_in(name: str = "fay", *rights: str) -> User:
        user = User.objects.create_user(name, is_staff=True, language="en")
        wanted = rights or FINANCE
        user.user_permissions.set(Permission.objects.filter(content_type__app_label="refunds", codename__in=wanted))
        client.force_login(user)
        return user

    return sign_in


def page(found: Break) -> str:
    return reverse("admin:refunds_break_change", args=[found.pk])


def post(client, found: Break, step: str, **data):
    return client.post(reverse(f"admin:refunds_break_{step}", args=[found.pk]), data)


def test_the_list_and_a_difference_open_with_ours_and_theirs(client, desk, sign_in):
    sign_in()
    desk.bill(desk.row(desk.arrived(), amount=3334))
    shown = client.get(reverse("admin:refunds_break_changelist"), {"closed_at__isempty": "1", "owner": "me"})
    assert "0.01" in shown.content.decode()
    told = client.get(page(Break.objects.get())).content.decode()

    assert "33.33" in told and "33.34" in told


def test_every_kind_of_difference_has_a_page(client, desk, till, sign_in):
    sign_in()
    assert set(payouts.BREAKS) <= set(texts.KINDS)
    for nth, kind in enumerate([*texts.KINDS, "of_another_version"]):
        found = Break.objects.create(kind=kind, source="wechat", reference=str(nth), opened_at=till.at)
        assert client.get(page(found)).status_code == 200, kind
        found.delete()


def test_a_difference_is_closed_here_with_a_proof(client, desk, sign_in):
    sign_in()
    desk.bill(desk.row())
    found = Break.objects.get()
    answer = post(client, found, "close", reason="by_hand", proof="")
    assert answer.status_code == 422 and 'value="by_hand" selected' in answer.content.decode()
    assert post(client, found, "close", reason="by_hand", proof="fay did it").status_code == 302
    assert post(client, found, "close", reason="by_hand", proof="fay did it").status_code == 409
    assert breaks() == []


def test_two_people_above_the_limit(client, desk, sign_in, settings):
    settings.BREAK_SECOND_PERSON_ABOVE = 1
    sign_in()
    desk.bill(desk.row())
    found = Break.objects.get()
    post(client, found, "close", reason="loss", proof="decided by the board")
    assert post(client, found, "confirm").status_code == 403
    sign_in("fox")
    assert post(client, found, "refuse", why="").status_code == 422
    assert post(client, found, "confirm").status_code == 302
    assert breaks() == []


def test_who_may_only_look_changes_nothing(client, desk, sign_in):
    sign_in("aud", "view_break")
    desk.bill(desk.row())
    found = Break.objects.get()

    assert client.get(page(found)).status_code == 200
    for step in ("assign", "close", "confirm", "refuse", "link"):
        assert post(client, found, step).status_code == 403
    assert client.get(reverse("admin:refunds_statementday_import")).status_code == 403


@pytest.mark.parametrize("to", ["", "x", "²", "999999999999", "0"])
def test_an_owner_that_is_nobody_is_refused(client, desk, sign_in, to):
    sign_in()
    desk.bill(desk.row())

    assert post(client, Break.objects.get(), "assign", owner=to).status_code == 422


def test_the_other_method_and_an_unknown_key(client, sign_in, desk):
    sign_in()
    desk.bill(desk.row())
    assert client.get(reverse("admin:refunds_break_close", args=[Break.objects.get().pk])).status_code == 405
    assert client.post(reverse("admin:refunds_break_close", args=[999_999])).status_code == 404


# --- bills ----------------------------------------------------------------------------------------------------


def upload(client, raw: bytes, day=DAY, channel="wechat", name="bill.csv"):
    file = SimpleUploadedFile(name, raw)
    return client.post(
        reverse("admin:refunds_statementday_import"), {"channel": channel, "day": day.isoformat(), "file": file}
    )


def looked_at(answer) -> str:
    return answer.context["preview"]["looked_at"]


@pytest.fixture
def today(monkeypatch, till):
    monkeypatch.setattr(clock, "now", lambda: till.at + timedelta(days=1))


def test_a_bill_is_looked_at_first_and_then_imported(client, desk, sign_in, today):
    sign_in()
    raw = statement.write([desk.row(desk.arrived(), line=1), desk.row(line=2)])
    first = upload(client, raw)
    assert first.status_code == 200 and not StatementFile.objects.exists()
    assert first.context["preview"]["kinds"] == [{"name": "Refunded by hand at the channel", "count": 1}]
    done = client.post(reverse("admin:refunds_statementday_import"), {"looked_at": looked_at(first)})
    desk.match(now=clock.now())
    kept = StatementFile.objects.get()

    assert done.url == reverse("admin:refunds_statementday_change", args=[kept.day_id])
    assert (kept.source, kept.by_name, breaks()) == ("by_hand", "fay", ["external"])
    assert client.get(done.url).status_code == 200
    assert client.get(reverse("admin:refunds_statementday_changelist")).status_code == 200
    assert client.get(reverse("admin:refunds_externalrefund_changelist")).status_code == 200
    assert (
        client.post(reverse("admin:refunds_statementday_import"), {"looked_at": looked_at(first)}).status_code == 422
    )


def test_nobody_imports_what_somebody_else_looked_at(client, desk, sign_in, today):
    sign_in()
    first = upload(client, statement.write([desk.row(line=1)]))
    sign_in("fox")
    answer = client.post(reverse("admin:refunds_statementday_import"), {"looked_at": looked_at(first)})

    assert answer.status_code == 422 and not StatementFile.objects.exists()


@pytest.mark.parametrize(
    ("raw", "told"),
    [
        (b"", "empty"),
        (b"\x89PNG\r\n\x1a\n", "no bill"),
        (b"MZ\x90", "no bill"),
        (b'{"line": 1}\nnonsense', "Line 1"),
    ],
)
def test_a_file_that_is_no_bill_is_told_with_its_line(client, desk, sign_in, today, raw, told):
    sign_in()
    answer = upload(client, raw)

    assert answer.status_code == 422
    assert told in answer.content.decode()


def test_a_day_that_is_not_over_and_an_unknown_channel_are_refused(client, desk, sign_in, today):
    sign_in()
    for days in (1, 5):  # today there, and later
        assert upload(client, b"x", day=DAY + timedelta(days=days)).status_code == 422
    assert upload(client, b"x", channel="barter").status_code == 422
    assert not StatementDay.objects.exists()


def test_the_months_list_asks_as_often_for_one_day_as_for_many(client, desk, sign_in, django_assert_max_num_queries):
    sign_in()
    for nth in range(12):
        desk.bill(day=DAY - timedelta(days=nth))
    with django_assert_max_num_queries(24):
        client.get(reverse("admin:refunds_statementday_changelist"))
