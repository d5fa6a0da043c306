"""Asks where the embedded server is when it connects, and starts it if nobody has; no session waits for ever.

A statement may take `DB_STATEMENT_TIMEOUT_S` seconds: `up` sets it for web and workers, wsgi.py for any other web
server; a command run by a person has no such limit.
"""

import os
from pathlib import Path

from django.db.backends.postgresql import base
from django.db.utils import OperationalError

from returns_platform.stack import servers
from returns_platform.stack.folders import StackError

LOCK_TIMEOUT_S = 4
IDLE_IN_TRANSACTION_TIMEOUT_S = 15


class DatabaseWrapper(base.DatabaseWrapper):
    def get_connection_params(self):
        params = super().get_connection_params()
        params["options"] = f"{_timeouts()} {params.get('options', '')}".strip()
        if data := self.settings_dict.get("EMBEDDED_IN"):
            params["host"] = self._embedded(Path(data))
        return params

    def _embedded(self, data: Path) -> str:
        try:
            return servers.postgres_sockets(data)
        except StackError as error:
            raise OperationalError(str(error)) from None


def _timeouts() -> str:
    statement = int(os.environ.get("DB_STATEMENT_TIMEOUT_S", "0"))
    seconds = {
        "statement_timeout": statement,
        "lock_timeout": LOCK_TIMEOUT_S,
        "idle_in_transaction_session_timeout": IDLE_IN_TRANSACTION_TIMEOUT_S,
    }
    return " ".join(f"-c {name}={value}s" for name, value in seconds.items())
