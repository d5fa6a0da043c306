"""Asks where the embedded server is when it connects, and starts it if nobody has."""

from pathlib import Path

from django.db.backends.postgresql import base
from django.db.utils import OperationalError

from returns_platform.stack import servers
from returns_platform.stack.folders import StackError


class DatabaseWrapper(base.DatabaseWrapper):
    def get_connection_params(self):
        params = super().get_connection_params()
        if data := self.settings_dict.get("EMBEDDED_IN"):
            params["host"] = self._embedded(Path(data))
        return params

    def _embedded(self, data: Path) -> str:
        try:
            return servers.postgres_sockets(data)
        except StackError as error:
            raise OperationalError(str(error)) from None
