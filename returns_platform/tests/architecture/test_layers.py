"""The house's own rules, as far as an import contract cannot say them."""

import ast
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings

from returns_platform.kernel.work import Work

ROOT = Path(settings.BASE_DIR)
FLOORS = {"orders": 0, "logistics": 1, "refunds": 1, "aftersales": 2}
OURS = [*FLOORS, "returns_platform"]


def our_models():
    return [model for app in FLOORS for model in apps.get_app_config(app).get_models(include_auto_created=True)]


def our_files() -> list[Path]:
    found = [path for app in OURS for path in (ROOT / app).rglob("*.py")]
    return [path for path in found if not {"tests", "migrations"} & set(path.parts)]


def test_foreign_keys_never_point_up():
    for model in our_models():
        for field in model._meta.get_fields():
            target = getattr(field, "related_model", None)
            if field.concrete and field.is_relation and target is not None and target._meta.app_label in FLOORS:
                mine, theirs = FLOORS[model._meta.app_label], FLOORS[target._meta.app_label]
                same = model._meta.app_label == target._meta.app_label
                assert theirs < mine or same, f"{model.__name__}.{field.name} points up to {target.__name__}"


# Where rows may be written: services, and the few kernel pieces and doors that are writing by nature.
WRITERS = ("services", "demo", "management")
WRITING_FILES = {
    "returns_platform/kernel/fsm.py",
    "returns_platform/kernel/work.py",
    "returns_platform/kernel/choices.py",  # a person's language, chosen on any page
    "orders/accounts/outbox.py",  # the demo's sender writes down what it would send
    "orders/merchants/doors.py",  # an answer is kept in the transaction of its effect
    "aftersales/desk/groups.py",  # rights follow the code, at every migration
    "aftersales/notifications/sending.py",  # the worker's half of its services
}
WRITES = {"save", "create", "bulk_create", "update", "bulk_update", "delete", "get_or_create", "update_or_create"}


def writes_rows(path: Path) -> list[str]:
    """Calls like `Model.objects….update(…)` or `row.save()` in a file; dicts and sets are told apart by their use."""
    found = []
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in WRITES:
            text = ast.unparse(node.func.value)
            if "objects" in text or node.func.attr in ("save", "bulk_create", "bulk_update"):
                found.append(f"{path.relative_to(ROOT)}:{node.lineno}: {text}.{node.func.attr}")
    return found


def test_rows_are_written_by_services_only():
    strays = []
    for path in our_files():
        inside = path.relative_to(ROOT)
        in_services = path.stem == "services" or bool(set(WRITERS) & set(inside.parts))
        if (
            not in_services
            and str(inside) not in WRITING_FILES
            and path.stem not in ("models", "admin", "photo", "photos", "report", "media", "synthetic")
        ):
            strays += writes_rows(path)
    assert not strays, "\n".join(strays)


SWEEPS = {
    "Refund": "refunds.pay_due_refunds",
    "WebhookDelivery": "refunds.take_in_channel_news",
    "StatementDay": "refunds.match_statements",
    "Parcel": "logistics.book_due_parcels",
    "CourierPush": "logistics.take_in_courier_news",
    "ReturnRequest": "aftersales.follow_cases",
    "Evidence": "aftersales.media.look_at_evidence",
    "WaybillPhoto": "aftersales.media.read_waybill_photos",
    "Standing": "aftersales.look_at_credit",
    "Notice": "aftersales.mail.send_due_notices",
    "OneTimeCode": "orders.send_due_codes",
    "Trial": "aftersales.media.try_drafts",
    "Charge": "refunds.follow_charges",
    "Replacement": "aftersales.follow_replacements",
}


def test_every_row_that_is_work_has_a_sweep():
    scheduled = {entry["task"] for entry in settings.CELERY_BEAT_SCHEDULE.values()}
    work = {model.__name__ for model in our_models() if issubclass(model, Work) and not model._meta.proxy}
    assert work == set(SWEEPS)
    assert set(SWEEPS.values()) <= scheduled


def test_every_scheduled_task_exists():
    from returns_platform.celery import app

    app.loader.import_default_modules()
    missing = {entry["task"] for entry in settings.CELERY_BEAT_SCHEDULE.values()} - set(app.tasks)
    assert not missing


def test_nothing_is_called_by_a_word_that_attracts_everything():
    vague = {"utils", "common", "helpers", "manager", "handler", "handlers", "misc"}
    assert not [str(path) for path in our_files() if path.stem in vague or vague & set(path.parts[len(ROOT.parts) :])]


@pytest.mark.parametrize("folder", OURS)
def test_every_source_folder_is_a_package(folder):
    empty = [path.parent for path in (ROOT / folder).rglob("*.py") if not (path.parent / "__init__.py").exists()]
    assert not empty


def test_the_kept_up_state_machine_library_is_installed_alone():
    assert distribution("django-fsm-2")
    with pytest.raises(PackageNotFoundError):
        distribution("django-fsm")


def test_no_top_level_folder_attracts_a_ninth_subject():
    allowed = {
        "returns_platform", "orders", "aftersales", "refunds", "logistics", "templates", "static", "docs",
        "locale", ".ci",
    }  # fmt: skip
    tracked = {
        path.name for path in ROOT.iterdir() if path.is_dir() and not path.name.startswith((".git", ".venv", ".data"))
    }
    ours = {name for name in tracked if (ROOT / name).is_dir() and any((ROOT / name).rglob("*.py"))}
    assert ours <= allowed
