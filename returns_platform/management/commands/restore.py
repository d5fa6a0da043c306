from pathlib import Path

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import connection

from orders.accounts.services import beat
from returns_platform.kernel import clock
from returns_platform.stack import backups, runfile
from returns_platform.stack.folders import Folders, StackError


class Command(BaseCommand):
    help = "Puts the archive of `backup` back and brings its tables up to this release."
    requires_system_checks = []

    def add_arguments(self, parser):
        parser.add_argument("file", type=Path)
        parser.add_argument("--replace", action="store_true", help="also when the database is not empty")

    def handle(self, *, file, replace, **options):
        try:
            self.must_be_stopped()
            Folders(settings.DATA_DIR).make()
            at = backups.restore(file, connection=connection, data=settings.DATA_DIR, replace=replace)
        except (StackError, OSError) as error:
            raise CommandError(str(error)) from None
        call_command("migrate", interactive=False, verbosity=0)
        beat("restored", now=clock.now())  # since then refunds may be known outside that are unknown here
        self.stderr.write(f"Restored as of {at:%Y-%m-%d %H:%M} UTC. Start with: python manage.py up")

    def must_be_stopped(self):
        if address := runfile.read(settings.DATA_DIR).address:
            raise StackError(f"It runs at {address}: stop it first.")
