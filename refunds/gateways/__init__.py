"""The payment channels. `of("wechat")` is the gateway that `settings.GATEWAYS` names for that channel."""

from importlib import import_module
from types import ModuleType

from django.conf import settings
from django.utils.module_loading import import_string

from refunds.gateways.interface import Checkout, Door, Gateway


def of(channel: str) -> Gateway:
    """A new gateway, reading its keys and address now. Raises LookupError for a channel without one."""
    if channel not in settings.GATEWAYS:
        raise LookupError(f"no gateway for channel {channel!r}")
    return import_string(settings.GATEWAYS[channel])()


def door(channel: str) -> Door:
    """How the channel's messages are read and answered. Raises LookupError for a channel without a gateway."""
    return _module(channel, "webhook")


def statements(channel: str) -> ModuleType:
    """The module that reads the channel's bills. Raises LookupError for a channel without a gateway."""
    return _module(channel, "statement")


def checkout(channel: str) -> Checkout:
    """How customers pay by the channel. Raises LookupError for a channel without a gateway."""
    return _module(channel, "checkout").Checkout()


def _module(channel: str, name: str) -> ModuleType:
    if channel not in settings.GATEWAYS:
        raise LookupError(f"no gateway for channel {channel!r}")
    folder = settings.GATEWAYS[channel].rsplit(".", 2)[0]
    return import_module(f"{folder}.{name}")
