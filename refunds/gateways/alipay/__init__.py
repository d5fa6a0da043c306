"""Alipay's open platform, refunds of domestic payments. Facts from its documentation as of 2025."""

from refunds.gateways.alipay.keys import Account, account

__all__ = ["Account", "account"]
