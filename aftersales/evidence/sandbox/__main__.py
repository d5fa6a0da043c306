"""Where files of strangers are opened: `python -I sandbox WHAT IN [OUT]`, under limits that it sets itself.

Nothing else of the product decodes media, and nothing here imports the product, so that a hostile file meets as
little as possible. Prints one JSON object on its last line; {"wrong": CODE} when the file cannot be used.
"""

import json
import resource
import sys
import time
from contextlib import suppress

MEMORY = 1_500_000_000  # of address space; what is really used is told with every answer
CPU_S = 20


def limit(what: str) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_S, CPU_S))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if what != "words":  # what reads print needs a thread beside it
        resource.setrlimit(resource.RLIMIT_NPROC, (0, 0))


def photo(source: str, target: str) -> dict:
    from photo import make_safe

    return make_safe(source, target)


def video(source: str, target: str) -> dict:
    from video import make_safe

    return make_safe(source, target)


def report(source: str, target: str) -> dict:
    from report import make_safe

    return make_safe(source, target)


def look(source: str) -> dict:
    from look import look_at

    return look_at(source)


def read(source: str) -> dict:
    from waybill import read_numbers

    return read_numbers(source)


def words(source: str) -> dict:
    from words import read_words

    return read_words(source)


DOES = {"photo": photo, "video": video, "report": report, "look": look, "read": read, "words": words}


def main(what: str, *paths: str) -> dict:
    limit(what)
    try:
        found = DOES[what](*paths)
    except MemoryError:
        found = {"wrong": "too_many_pixels"}
    except Exception as wrong:  # whatever a decoder raises
        found = {"wrong": "too_many_pixels" if type(wrong).__name__ == "TooManyPixels" else "damaged"}
    return found | {"cost": {"ms": round(1000 * time.process_time()), "mb": most_memory()}}


def most_memory() -> int:
    """In MB, of this process alone: what getrusage tells has its parent's in it. 0 where Linux does not tell."""
    with suppress(OSError), open("/proc/self/status") as status:
        return next((int(line.split()[1]) // 1024 for line in status if line.startswith("VmHWM")), 0)
    return 0


if __name__ == "__main__":
    print(json.dumps(main(*sys.argv[1:])))
