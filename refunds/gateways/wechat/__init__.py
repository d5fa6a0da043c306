"""WeChat Pay, API v3, domestic refunds. Facts from its documentation as of 2025."""

from refunds.gateways.wechat.keys import Account, account

__all__ = ["Account", "account"]
