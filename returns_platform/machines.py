"""The state machines as the code has them, written out for people: `manage.py states` prints docs/states.md."""

from django.apps import apps
from django_fsm import FSMField

from returns_platform.kernel.fsm import Machine

HEAD = """# States

Every machine as the code has it. This page is printed by `python manage.py states`; a test compares the two.
The names are used outside (API, statements, reports) and are frozen.
"""


def page() -> str:
    return "\n".join([HEAD, *(_section(model) for model in machines())])


def machines() -> list[type[Machine]]:
    found = [model for model in apps.get_models() if issubclass(model, Machine) and not model._meta.proxy]
    return sorted(found, key=lambda model: model._meta.label)


def edges(model: type[Machine]) -> list[tuple[str, str, str]]:
    """(from, to, by which transition), each once."""
    field = next(field for field in model._meta.fields if isinstance(field, FSMField))
    steps = {(str(t.source), str(t.target), t.name) for t in field.get_all_transitions(model)}
    return sorted(steps)


def _section(model: type[Machine]) -> str:
    rows = "\n".join(f"| {source} | {target} | `{name}` |" for source, target, name in edges(model))
    about = (model.__doc__ or "").strip().splitlines()[0]
    if about.startswith(f"{model.__name__}("):  # Django's own listing of fields says nothing
        about = ""
    return f"## {model.__name__} (`{model.__module__}`)\n\n{about}\n\n| from | to | by |\n|---|---|---|\n{rows}\n"
