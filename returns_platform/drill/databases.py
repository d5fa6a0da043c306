"""Databases of the drill's own: one template with every table, copied for each piece of the drill."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.core.management import call_command
from django.db import connection, connections

TEMPLATE = "drill_template"


def make_template() -> None:
    """Every table, the policy and the groups; whoever copies it must not be connected to it."""
    create(TEMPLATE, template="template1")
    with using(TEMPLATE):
        call_command("migrate", interactive=False, verbosity=0)
        call_command("createcachetable", verbosity=0)


def create(name: str, *, template: str = TEMPLATE) -> None:
    with _outside_of_all() as cursor:
        cursor.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        cursor.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')


def drop(name: str) -> None:
    with _outside_of_all() as cursor:
        cursor.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


@contextmanager
def using(name: str) -> Iterator[None]:
    """Every connection that this process opens from now on goes to that database."""
    before = choose(name)
    try:
        yield
    finally:
        choose(before)


def choose(name: str) -> str:
    """The same for good; the name that was in use before."""
    connections.close_all()
    kept = connections.databases["default"]
    before, kept["NAME"] = kept["NAME"], name
    connection.settings_dict["NAME"] = name
    return before


@contextmanager
def _outside_of_all() -> Iterator:
    with using("postgres"):
        with connection.cursor() as cursor:
            yield cursor
        connection.close()
