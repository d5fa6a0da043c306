"""manage.py set_up: the first shop, its owner's account, an administrator and a token, on a real server."""

import getpass
import os
import sys

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.urls import NoReverseMatch, reverse

from orders.accounts.models import User
from orders.merchants.models import Merchant
from orders.merchants.services import add_member, create_merchant, issue_token
from returns_platform.kernel import clock
from returns_platform.kernel.actors import SYSTEM


class Command(BaseCommand):
    help = (
        "Create the first shop, the administrator (who also owns the shop until somebody else does) and a "
        "token. The password comes from ADMIN_PASSWORD or is asked for. What exists is left as it is."
    )

    def add_arguments(self, parser):
        parser.add_argument("--merchant-code", required=True)
        parser.add_argument("--merchant-name", required=True)
        parser.add_argument("--admin-username", required=True)
        parser.add_argument("--admin-email", required=True)

    @transaction.atomic
    def handle(self, *, merchant_code, merchant_name, admin_username, admin_email, **options):
        merchant = Merchant.objects.filter(code=merchant_code).first()
        merchant = merchant or create_merchant(merchant_code, name=merchant_name, by=SYSTEM)
        admin = User.objects.filter(username=admin_username).first()
        admin = admin or self._create_admin(admin_username, admin_email)
        if not merchant.members.exists():
            add_member(merchant, user=admin, role="owner", also=("warehouse",))
        self._tell(merchant, admin)
        if not merchant.tokens.filter(revoked_at=None).exists():
            self.stderr.write("The token of the shop's programs, shown this once:")
            self.stdout.write(issue_token(merchant, now=clock.now(), label="set_up"))

    def _create_admin(self, username: str, email: str) -> User:
        admin = User(username=username, email=email, is_staff=True, is_superuser=True)
        password = self._password()
        try:
            validate_password(password, admin)
        except ValidationError as weak:
            raise CommandError(" ".join(weak.messages)) from None
        admin.set_password(password)
        admin.save()
        return admin

    def _password(self) -> str:
        if password := os.environ.get("ADMIN_PASSWORD"):
            return password
        if not sys.stdin.isatty():
            raise CommandError("Set ADMIN_PASSWORD, or run this where it can be typed.")
        password = getpass.getpass("Password of the administrator: ")
        if password != getpass.getpass("Once more: "):
            raise CommandError("The two passwords differ.")
        return password

    def _tell(self, merchant: Merchant, admin: User) -> None:
        self.stderr.write(f"Shop {merchant.code} ({merchant.name}), administrator {admin.username}.")
        try:
            page = reverse("merchant:settings", args=[merchant.code])
        except NoReverseMatch:
            return
        self.stderr.write(f"Next: sign in, then fill in the checklist at {page}")
