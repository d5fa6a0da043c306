"""`manage.py texts`: the Chinese catalogue, from the sources, without the gettext binaries.

English is written in the code; `locale/zh_Hans` holds the Chinese of every text. Babel (a tool of development
only) reads and writes the files.
"""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils.translation.template import templatize

try:
    from babel.messages.catalog import Catalog, Message
    from babel.messages.extract import extract
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po, write_po
except ImportError as missing:  # pragma: no cover
    raise CommandError("This needs Babel: pip install -r requirements-dev.txt") from missing

SOURCES = ("returns_platform", "orders", "aftersales", "refunds", "logistics", "templates")
SKIPPED = {"tests", "migrations", "__pycache__"}
KEYWORDS = {
    "_": None,
    **{f"gettext{kind}": None for kind in ("", "_lazy", "_noop")},
    **{f"ngettext{kind}": (1, 2) for kind in ("", "_lazy")},
    **{f"pgettext{kind}": ((1, "c"), 2) for kind in ("", "_lazy")},
    **{f"npgettext{kind}": ((1, "c"), 2, 3) for kind in ("", "_lazy")},
}
LOCALE = "zh_Hans"
PLACEHOLDER = re.compile(r"%\(\w+\)[a-z]|%[sd]|(?<!\{)\{\w*\}")
# A fixed date: the files change when a text changes, and only then.
UNDATED = datetime(2000, 1, 1, tzinfo=UTC)
HEADER = f"""\
msgid ""
msgstr ""
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"Language: {LOCALE}\\n"
"Plural-Forms: nplurals=1; plural=0;\\n"

"""


class Command(BaseCommand):
    help = "Collects every text of the product, keeps the Chinese catalogue in step and compiles it."
    requires_system_checks: list = []

    def add_arguments(self, parser):
        parser.add_argument("--check", action="store_true", help="change nothing; fail when something is missing")
        parser.add_argument("--merge", metavar="FOLDER", help="take Chinese from the .po files in FOLDER first")

    def handle(self, *, check, merge, **options):
        if check:
            return self.check_catalogue()
        wanted = collected(settings.BASE_DIR)
        kept = [read(po_file())] if po_file().exists() else []
        merged = [read(path) for path in sorted(Path(merge).glob("*.po"))] if merge else []
        self.tell_conflicts(merged)
        done = filled(wanted, merged + kept)
        write(done)
        missing = [message for message in done if message.id and not is_translated(message)]
        self.stderr.write(f"{len(done)} texts, {len(missing)} without Chinese.")

    def check_catalogue(self):
        faults = list(catalogue_faults(settings.BASE_DIR))
        for fault in faults:
            self.stderr.write(fault)
        if faults:
            raise CommandError(f"{len(faults)} faults in the catalogue; see above.")

    def tell_conflicts(self, catalogues):
        first = {}
        for catalogue in catalogues:
            for message in filter(is_translated, catalogue):
                known = first.setdefault(key(message), message.string)
                if message.id and as_text(known) != as_text(message.string):
                    self.stderr.write(f"Two translations of {message.id!r}; the first is kept.")


def catalogue_faults(root: Path) -> Iterator[str]:
    """One sentence for each thing that makes the committed catalogue wrong or incomplete."""
    if not po_file().exists():
        yield f"{po_file()} is missing."
        return
    wanted, have = collected(root), read(po_file())
    translated = {key(message): message for message in have if message.id}
    for message in filter(lambda message: message.id, wanted):
        found = translated.pop(key(message), None)
        if found is None or not is_translated(found):
            yield f"No Chinese: {message.id!r} ({message.locations[0][0]})"
        elif differs := placeholder_difference(found):
            yield f"Placeholders differ: {message.id!r}: {differs}"
    yield from (f"No longer used: {message.id!r}" for message in translated.values())
    if not mo_file().exists() or mo_file().read_bytes() != compiled(have):
        yield f"{mo_file().name} is older than {po_file().name}."


def collected(root: Path) -> Catalog:
    """Every text of the Python files and templates below the source folders."""
    catalogue = Catalog(locale=LOCALE)
    for path in source_files(root):
        name = path.relative_to(root).as_posix()
        for line, ids, comments, context in extracted(path):
            catalogue.add(ids, locations=[(name, line)], auto_comments=comments, context=context)
    return catalogue


def source_files(root: Path) -> Iterator[Path]:
    for folder in SOURCES:
        for path in sorted((root / folder).rglob("*")):
            if path.suffix in (".py", ".html", ".txt") and not SKIPPED & set(path.parts):
                yield path


def extracted(path: Path):
    source = path.read_text(encoding="utf-8")
    if path.suffix != ".py":
        # What remains is calls between blanks; without the indentation it reads as Python.
        source = "\n".join(line.lstrip() for line in templatize(source, origin=str(path)).splitlines())
    # Babel looks for the comment that translators should read: "Translators: …" above the call.
    return extract("python", BytesIO(source.encode()), KEYWORDS, ["Translators:"], {"encoding": "utf-8"})


def filled(wanted: Catalog, sources: list[Catalog]) -> Catalog:
    """`wanted` with the first translation that one of `sources` has."""
    known = {}
    for message in (message for source in sources for message in source if is_translated(message)):
        known.setdefault(key(message), message.string)
    for message in wanted:
        if message.id and (string := known.get(key(message))):
            message.string = (as_text(string),) if message.pluralizable else as_text(string)
    return wanted


def read(path: Path) -> Catalog:
    with path.open("rb") as file:
        return read_po(file, locale=LOCALE)


def write(catalogue: Catalog) -> None:
    body = BytesIO()
    write_po(body, catalogue, width=110, sort_output=True, omit_header=True, include_lineno=False)
    po_file().parent.mkdir(parents=True, exist_ok=True)
    po_file().write_bytes(HEADER.encode() + body.getvalue())
    mo_file().write_bytes(compiled(read(po_file())))


def compiled(catalogue: Catalog) -> bytes:
    catalogue.creation_date = catalogue.revision_date = UNDATED
    body = BytesIO()
    write_mo(body, catalogue)
    return body.getvalue()


def placeholder_difference(message: Message) -> str:
    """What the Chinese has too much or too little of, against the (plural) English. Empty when alike."""
    english = message.id[-1] if message.pluralizable else message.id
    theirs, ours = set(PLACEHOLDER.findall(english)), set(PLACEHOLDER.findall(as_text(message.string)))
    return ", ".join(sorted(theirs ^ ours))


def key(message: Message) -> tuple:
    singular = message.id[0] if message.pluralizable else message.id
    return message.context, singular


def is_translated(message: Message) -> bool:
    return bool(message.id and as_text(message.string) and not message.fuzzy)


def as_text(string) -> str:
    """Chinese has one form for every count."""
    return next(filter(None, string), "") if isinstance(string, (tuple, list)) else string or ""


def po_file() -> Path:
    return Path(settings.LOCALE_PATHS[0]) / LOCALE / "LC_MESSAGES" / "django.po"


def mo_file() -> Path:
    return po_file().with_suffix(".mo")
