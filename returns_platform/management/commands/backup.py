from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import connection

from returns_platform.kernel import clock
from returns_platform.stack import backups
from returns_platform.stack.folders import StackError


class Command(BaseCommand):
    help = "Writes the database, the photos and the keys into one archive, while everything goes on working."
    requires_system_checks = []

    def add_arguments(self, parser):
        parser.add_argument("file", type=Path)

    def handle(self, *, file, **options):
        try:
            backups.back_up(file, connection=connection, data=settings.DATA_DIR, now=clock.now())
        except (StackError, OSError) as error:
            raise CommandError(str(error)) from None
        self.stderr.write(f"Written to {file}. It holds personal data and keys: keep it where you keep those.")
