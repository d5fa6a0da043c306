"""Signing in: what django-allauth is told about this product."""

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.forms import LoginForm
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _


class Accounts(DefaultAccountAdapter):
    """Accounts come from shops and the platform; nobody signs up here."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    error_messages = DefaultAccountAdapter.error_messages | {
        "username_email_password_mismatch": _("Name or password is not right. Check both and try again"),
        "too_many_login_attempts": _("Too many tries. Wait five minutes, or sign in with a code"),
        "enter_current_password": _("Enter the password you have now"),
        "incorrect_password": _("This is not your password"),
    }


class SignIn(LoginForm):
    """Name or e-mail, and password. Pasting and password managers work: nothing stands in their way."""

    use_required_attribute = False

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        name, password = self.fields["login"], self.fields["password"]
        name.label, password.label = _("Name or e-mail"), _("Password")
        name.error_messages["required"] = _("Enter your name or e-mail")
        password.error_messages["required"] = _("Enter your password")
        password.help_text = ""
        name.widget.attrs = {"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"}
        password.widget.attrs = {"autocomplete": "current-password"}
