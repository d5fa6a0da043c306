from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from returns_platform import stack


class Command(BaseCommand):
    help = "Prints one line NAME URL for each running stand-in of a payment channel or courier."
    requires_system_checks = []

    def handle(self, **options):
        running = stack.stand_in_urls(settings.DATA_DIR)
        if not running:
            raise CommandError("No stand-in runs: start them with `python manage.py up`.")
        for name, url in sorted(running.items()):
            self.stdout.write(f"{name} {url}")
