from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from returns_platform.stack.folders import StackError
from returns_platform.stack.up import Up


class Command(BaseCommand):
    help = "Starts everything: database, broker, web, workers, beat and, under DEMO, the stand-ins. Ctrl-C stops it."
    requires_system_checks = []

    def handle(self, **options):
        try:
            Up(settings, greet=self.greet).run()
        except StackError as error:
            raise CommandError(str(error)) from None

    def greet(self, text):
        self.stdout.write(text)
        self.stdout.flush()
