"""Prints docs/states.md from the code."""

from django.core.management.base import BaseCommand

from returns_platform.machines import page


class Command(BaseCommand):
    help = "Print the states page: python manage.py states > docs/states.md"
    requires_system_checks = ()

    def handle(self, *args, **options):
        self.stdout.write(page(), ending="")
