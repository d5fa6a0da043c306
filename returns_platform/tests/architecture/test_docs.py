"""What the pages for people name exists: files, functions, links, settings, commands."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import get_commands

ROOT = Path(settings.BASE_DIR)
PAGES = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").rglob("*.md"))]
SOURCES = ["returns_platform", "orders", "logistics", "refunds", "aftersales"]
# Set by our own processes for each other, or by Django's; nobody who runs the product sets them.
NOT_FOR_PEOPLE = {"DB_STATEMENT_TIMEOUT_S", "DJANGO_SETTINGS_MODULE", "PATH"}

names_a_file = re.compile(r"`((?:[\w.-]+/)+[\w.-]*\.(?:py|html|css|js|po|toml|md))(?::([\w.]+))?`")
names_a_folder = re.compile(r"`((?:[\w.-]+/)+)`")
links = re.compile(r"(?:\]\(|src=\")(?!https?:|#)([^)#\s\"]+)")


def page_names(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


@pytest.fixture(params=PAGES, ids=page_names)
def page(request) -> Path:
    return request.param


def test_files_and_functions_named_on_a_page_exist(page):
    wrong = [
        f"{path}:{name}" if (ROOT / path).exists() else path
        for path, name in names_a_file.findall(page.read_text())
        if not exists(path, name)
    ]
    assert not wrong


def exists(path: str, name: str) -> bool:
    return (ROOT / path).is_file() and (not name or name in defined(path))


@cache
def defined(path: str) -> set[str]:
    """Functions, classes, their methods and constants of a module, as `name` or `Class.name`."""
    found = set()
    for node in ast.parse((ROOT / path).read_text()).body:
        names = names_in(node)
        found |= names
        if isinstance(node, ast.ClassDef):
            found |= {f"{node.name}.{inner}" for part in node.body for inner in names_in(part)}
    return found


def names_in(node: ast.stmt) -> set[str]:
    if isinstance(node, ast.FunctionDef | ast.ClassDef):
        return {node.name}
    targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
    return {target.id for target in targets if isinstance(target, ast.Name)}


def test_folders_named_on_a_page_exist(page):
    folders = names_a_folder.findall(page.read_text())
    ours = [
        folder for folder in folders if folder.split("/")[0] in {*SOURCES, "templates", "static", "locale", "docs"}
    ]
    assert not [folder for folder in ours if not (ROOT / folder).is_dir()]


def test_links_on_a_page_lead_somewhere(page):
    assert not [link for link in links.findall(page.read_text()) if not (page.parent / link).exists()]


def test_commands_named_on_a_page_exist(page):
    text = page.read_text()
    commands = set(re.findall(r"(?:python )?manage\.py ([a-z_]+)", text))
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert commands <= set(get_commands())
    assert set(re.findall(r"`?\bmake (run|test|bench|[a-z]+)`", text)) <= targets


def test_every_setting_is_told_and_every_told_setting_is_read():
    table = (ROOT / "docs" / "running.md").read_text().partition("## Settings")[2].partition("\n## ")[0]
    told = set(re.findall(r"^\| `([A-Z0-9_]+)` \|", table, re.MULTILINE))
    read = {name for path in our_files() for name in settings_read_in(path)} - NOT_FOR_PEOPLE
    assert told == read


def test_the_example_of_an_environment_names_settings_that_exist():
    read = {name for path in our_files() for name in settings_read_in(path)}
    assert set(re.findall(r"^#? ?([A-Z_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE)) <= read


def our_files() -> list[Path]:
    found = [path for folder in SOURCES for path in sorted((ROOT / folder).rglob("*.py"))]
    return [path for path in found if "tests" not in path.parts]


def settings_read_in(path: Path) -> set[str]:
    """Names asked of the environment: env.str("NAME"), os.environ.get("NAME"), os.environ["NAME"]."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Call) and node.args and asks_environment(node.func):
            found |= {node.args[0].value} if isinstance(node.args[0], ast.Constant) else set()
        elif isinstance(node, ast.Subscript) and ast.unparse(node.value) == "os.environ":
            found |= {node.slice.value} if isinstance(node.slice, ast.Constant) else set()
    return found


def asks_environment(function: ast.expr) -> bool:
    if not isinstance(function, ast.Attribute):
        return False
    owner = ast.unparse(function.value)
    return (owner == "env" and function.attr != "read_env") or owner == "os.environ"
