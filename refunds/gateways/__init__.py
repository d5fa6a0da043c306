"""The payment channels. `of("wechat")` is the gateway that `settings.GATEWAYS` names for that channel."""

from django.conf import settings
from django.utils.module_loading import import_string

from refunds.gateways.interface import Gateway


def of(channel: str) -> Gateway:
    """A new gateway, reading its keys and address now. Raises LookupError for a channel without one."""
    if channel not in settings.GATEWAYS:
        raise LookupError(f"no gateway for channel {channel!r}")
    return import_string(settings.GATEWAYS[channel])()
