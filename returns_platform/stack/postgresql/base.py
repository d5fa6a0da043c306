"""Asks where the embedded server is when it connects, and starts it if nobody has; no session waits for ever.

A statement may take `DB_STATEMENT_TIMEOUT_S` seconds: `up` sets it for web and workers, wsgi.py for any other web
server; a command run by a person has no such limit.
"""

import contextlib
import os
from pathlib import Path

from django.db.backends.postgresql import base
from django.db.utils import OperationalError

from returns_platform.stack import servers
from returns_platform.stack.folders import StackError
from returns_platform.stack.postgresql.patience import Line

LOCK_TIMEOUT_S = 4
IDLE_IN_TRANSACTION_TIMEOUT_S = 15
PULSE_S = 1  # a living server says at once that a kept connection still works
GRACE_S = 1  # the server ends a statement first, with a better message


class DatabaseWrapper(base.DatabaseWrapper):
    def get_connection_params(self):
        params = super().get_connection_params()
        params["options"] = f"{_timeouts()} {params.get('options', '')}".strip()
        if data := self.settings_dict.get("EMBEDDED_IN"):
            params["host"] = self._embedded(Path(data))
        return params

    def get_new_connection(self, conn_params):
        connection = super().get_new_connection(conn_params)
        self._line = Line(connection)
        if self._limited_execute not in self.execute_wrappers:
            self.execute_wrappers.append(self._limited_execute)
        return connection

    def is_usable(self):
        with self._line.limited(PULSE_S):
            return super().is_usable()

    def _limited_execute(self, execute, sql, params, many, context):
        with self._limited():
            return execute(sql, params, many, context)

    def _commit(self):
        with self._limited():
            return super()._commit()

    def _rollback(self):
        with self._limited():
            return super()._rollback()

    def _limited(self):
        limit = statement_timeout()
        return self._line.limited(limit + GRACE_S) if limit else contextlib.nullcontext()

    def _embedded(self, data: Path) -> str:
        try:
            return servers.postgres_sockets(data)
        except StackError as error:
            raise OperationalError(str(error)) from None


def statement_timeout() -> int:
    """In seconds; 0 is no limit."""
    return int(os.environ.get("DB_STATEMENT_TIMEOUT_S", "0"))


def _timeouts() -> str:
    seconds = {
        "statement_timeout": statement_timeout(),
        "lock_timeout": LOCK_TIMEOUT_S,
        "idle_in_transaction_session_timeout": IDLE_IN_TRANSACTION_TIMEOUT_S,
    }
    return " ".join(f"-c {name}={value}s" for name, value in seconds.items())
