"""Stripe: refunds of card payments. Facts from its documentation as of API version 2026-10-28."""

from refunds.gateways.stripe.keys import Account, account

__all__ = ["Account", "account"]
