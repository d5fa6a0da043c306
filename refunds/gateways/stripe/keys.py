"""Who we are to Stripe, and the secrets that prove both sides."""

from dataclasses import dataclass, field
from pathlib import Path
from secrets import token_hex

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from returns_platform import stack
from returns_platform.kernel.stand_in import secret

SETTINGS = ("STRIPE_BASE_URL", "STRIPE_SECRET_KEY", "STRIPE_WEBHOOK_SECRETS")
LIVE, TEST = "live", "test"


@dataclass(frozen=True)
class Account:
    """Several webhook secrets are believed at once, so that they can be rolled while we run.

    `base_url` is empty where the stand-in does not run.
    """

    base_url: str
    secret_key: str = field(repr=False)
    webhook_secrets: tuple[str, ...] = field(repr=False)

    @property
    def mode(self) -> str:
        """Whose money the key moves: real money, or that of the sandbox."""
        return LIVE if "_live_" in self.secret_key[:8] else TEST


def account() -> Account:
    """The account of the settings; in the demo, what is not set comes from this data folder."""
    facts = {name: getattr(settings, name) for name in SETTINGS}
    if settings.DEMO:
        facts = {name: value or _demo(name) for name, value in facts.items()}
    if missing := [name for name in SETTINGS if not facts[name] and name != "STRIPE_BASE_URL"]:
        raise ImproperlyConfigured(f"Stripe needs {', '.join(missing)}.")
    return Account(
        base_url=facts["STRIPE_BASE_URL"].rstrip("/"),
        secret_key=facts["STRIPE_SECRET_KEY"],
        webhook_secrets=tuple(facts["STRIPE_WEBHOOK_SECRETS"]),
    )


def _demo(name: str) -> str | list[str]:
    demo = DemoKeys(settings.DATA_DIR)
    match name:
        case "STRIPE_BASE_URL":
            return stack.stand_in_urls(settings.DATA_DIR).get("stripe", "")
        case "STRIPE_SECRET_KEY":
            return demo.secret_key
        case "STRIPE_WEBHOOK_SECRETS":
            return [demo.webhook_secret]


@dataclass(frozen=True)
class DemoKeys:
    """The secrets that both sides share in this data folder, each made when it is first asked for."""

    data_dir: Path | str

    @property
    def secret_key(self) -> str:
        return secret(self.data_dir, "stripe_secret_key", lambda: f"sk_test_{token_hex(24)}")

    @property
    def webhook_secret(self) -> str:
        return secret(self.data_dir, "stripe_webhook_secret", lambda: f"whsec_{token_hex(24)}")
