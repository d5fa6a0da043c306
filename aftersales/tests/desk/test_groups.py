import pytest
from django.contrib.auth.models import Group, Permission

from aftersales.desk import groups

pytestmark = pytest.mark.django_db


def rights_of(name: str) -> set[str]:
    held = Group.objects.get(name=name).permissions.select_related("content_type")
    return {f"{right.content_type.app_label}.{right.codename}" for right in held}


def test_groups_are_there_from_the_first_migration_on():
    assert {name: rights_of(name) >= set(rights) for name, rights in groups.RIGHTS.items()} == dict.fromkeys(
        groups.RIGHTS, True
    )


def test_rights_follow_the_table_and_nothing_else_stays():
    support = Group.objects.get(name=groups.SUPPORT)
    support.permissions.add(Permission.objects.get(codename="agree_as_second"))
    groups.ensure_groups()
    assert rights_of(groups.SUPPORT) == set(groups.RIGHTS[groups.SUPPORT])


def test_the_auditor_sees_everything_and_does_nothing():
    doing = {
        right for right in rights_of(groups.AUDITOR) if not right.partition(".")[2].startswith(("view_", "see_"))
    }
    assert not doing


def test_no_group_both_decides_and_lets_large_sums_go():
    for name in groups.RIGHTS:
        assert not {"aftersales.decide_request", "refunds.agree_as_second"} <= rights_of(name)
        assert not {"refunds.propose_settlement", "refunds.confirm_settlement"} <= rights_of(name)


def test_nobody_may_delete():
    assert not {right for name in groups.RIGHTS for right in rights_of(name) if ".delete_" in right}
