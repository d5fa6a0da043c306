import threading

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from returns_platform import stack
from returns_platform.kernel import stand_in


class Command(BaseCommand):
    help = "Prints one line NAME URL for each running stand-in of a payment channel or courier."
    requires_system_checks = []

    def add_arguments(self, parser):
        parser.add_argument(
            "--serve", nargs="+", metavar="NAME=PORT", help="run these stand-ins in this process (what `up` starts)"
        )

    def handle(self, *, serve, **options):
        if serve:
            return self.serve(dict(pair.split("=") for pair in serve))
        running = stack.stand_in_urls(settings.DATA_DIR)
        if not running:
            raise CommandError("No stand-in runs: start them with `python manage.py up`.")
        for name, url in sorted(running.items()):
            self.stdout.write(f"{name} {url}")

    def serve(self, ports):
        installed = stand_in.installed(settings.DATA_DIR)
        for name, port in ports.items():
            stand_in.serve(installed[name], port=int(port))
        threading.Event().wait()
