"""Walks, races and kills over the real services and the real stand-ins, on databases that vanish afterwards."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile

from django.conf import settings
from django.core.management.base import BaseCommand

OF_THE_DRILL = "returns_platform.drill.settings"
# All that it takes along: an address or a key of a real channel must not come near it.
SURROUNDINGS = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "VIRTUAL_ENV", "PYTHONPATH")


class Command(BaseCommand):
    help = "Drill the money: random walks, races, killed workers. Exit 0 only when nothing was violated."
    requires_system_checks = []

    def add_arguments(self, parser):
        parser.add_argument("--seed", type=int, default=1, help="all chance comes from it")
        parser.add_argument("--walks", type=int, default=200, help="ten live in a street, at the same time")
        parser.add_argument("--twins", type=int, default=10, help="walks lived twice, once with an empty broker")
        parser.add_argument("--races", type=int, default=100)
        parser.add_argument("--kills", type=int, default=40)
        parser.add_argument("--processes", type=int, default=len(os.sched_getaffinity(0)))
        parser.add_argument("--street", type=int, help="only the street of this own seed, step by step")
        parser.add_argument("--twin", type=int, help="only the two lives of this own seed, step by step")
        parser.add_argument("--short", action="store_true", help="a taste of each, in half a minute")

    def handle(self, **options):
        if settings.SETTINGS_MODULE != OF_THE_DRILL:
            raise SystemExit(in_a_folder_of_its_own())
        for stop in (signal.SIGINT, signal.SIGTERM):
            signal.signal(stop, signal.default_int_handler)
        from returns_platform.drill import running

        if options["street"] is not None:
            raise SystemExit(running.replay(options["street"], say=self.say))
        if options["twin"] is not None:
            raise SystemExit(running.replay_twins(options["twin"], say=self.say))
        names = ("seed", "walks", "twins", "races", "kills", "processes")
        raise SystemExit(running.run(**{name: options[name] for name in names} | short(options), say=self.say))

    def say(self, text):
        self.stdout.write(text)
        self.stdout.flush()


def short(options: dict) -> dict:
    return {"walks": 10, "twins": 1, "races": 8, "kills": 3} if options["short"] else {}


def in_a_folder_of_its_own() -> int:
    """The same command once more, where neither the user's data nor their settings can be reached."""
    folder = tempfile.mkdtemp(prefix="returns-drill-")
    os.chmod(folder, 0o711)  # as root the servers run as somebody else
    kept = {name: os.environ[name] for name in SURROUNDINGS if name in os.environ}
    ours = {"DJANGO_SETTINGS_MODULE": OF_THE_DRILL, "DATA_DIR": folder, "DEMO": "1", "ENV_FILE": os.devnull}
    try:
        child = subprocess.Popen([sys.executable, *sys.argv], env=kept | ours)
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the child by itself: it sums up and leaves
        signal.signal(signal.SIGTERM, lambda *_: child.send_signal(signal.SIGINT))
        return child.wait()
    finally:
        shutil.rmtree(folder, ignore_errors=True)
