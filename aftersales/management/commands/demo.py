"""Loads the demo data: deterministic, relative to the day of the first load; again changes nothing."""

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from aftersales.demo.loading import load
from returns_platform.kernel import clock


class Command(BaseCommand):
    help = "Load the demo data. Again changes nothing."

    def handle(self, *args, **options):
        if not settings.DEMO:
            raise CommandError("Demo data is for DEMO=1 only.")
        loaded = load(clock.now(), say=self.stderr.write)
        self.stderr.write("The demo data is loaded." if loaded else "The demo data is there already.")
