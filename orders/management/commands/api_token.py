"""manage.py api_token MERCHANT_CODE: a new token for a shop's program, on standard output only."""

from django.core.management.base import BaseCommand, CommandError

from orders.merchants.models import Merchant
from orders.merchants.services import issue_token
from returns_platform.kernel import clock


class Command(BaseCommand):
    help = "Print a new API token of a shop, with all scopes. Earlier tokens stay valid."

    def add_arguments(self, parser):
        parser.add_argument("merchant_code")
        parser.add_argument("--label", default="", help="what the token is for")

    def handle(self, *, merchant_code: str, label: str, **options):
        merchant = Merchant.objects.filter(code=merchant_code).first()
        if merchant is None:
            raise CommandError(f"There is no shop with the code {merchant_code}.")
        self.stdout.write(issue_token(merchant, now=clock.now(), label=label[:100]))
