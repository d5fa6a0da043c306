"""Celery's transport to the embedded Valkey: where the socket is, it asks when it connects, not before."""

from django.conf import settings
from kombu.transport import redis

from returns_platform.stack import servers


class Channel(redis.Channel):
    def _connparams(self, asynchronous=False):
        self.connection.client.hostname = f"socket://{servers.valkey_socket(settings.DATA_DIR)}"
        return super()._connparams(asynchronous)


class Transport(redis.Transport):
    Channel = Channel
