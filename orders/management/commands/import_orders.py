"""manage.py import_orders FILE: orders from JSON lines or CSV."""

import sys
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from orders.importing.services import import_orders
from orders.merchants.models import Merchant
from returns_platform.kernel import clock
from returns_platform.kernel.actors import Actor
from returns_platform.kernel.errors import Refused


class Command(BaseCommand):
    help = "Take in orders from JSON lines or CSV. Errors name the row; the same file twice changes nothing."

    def add_arguments(self, parser):
        parser.add_argument("file", help="a path, or - for standard input")
        parser.add_argument("--merchant", help="code of the only shop the file may speak of")

    def handle(self, *, file: str, merchant: str | None, **options):
        shop = self._shop(merchant)
        try:
            by = Actor("system", name="import_orders")
            report = import_orders(self._read(file), merchant=shop, by=by, now=clock.now())
        except Refused as refused:
            raise CommandError(str(refused.message)) from None
        for error in report.errors:
            self.stderr.write(str(error))
        self.stderr.write(f"{report.created} created, {report.kept} known before, {len(report.errors)} refused")
        if report.errors:
            sys.exit(1)

    def _shop(self, code: str | None) -> Merchant | None:
        shop = code and Merchant.objects.filter(code=code).first()
        if code and not shop:
            raise CommandError(f"There is no shop with the code {code}.")
        return shop or None

    def _read(self, file: str) -> bytes:
        try:
            return sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
        except OSError as error:
            raise CommandError(f"The file cannot be read: {error.strerror}.") from None
