"""Whether the process lives, and whether the product can do its work."""

from collections.abc import Callable
from datetime import timedelta
from functools import cache

from celery.exceptions import CeleryError
from django.conf import settings
from django.db import DatabaseError, InterfaceError, connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from kombu.exceptions import KombuError
from redis.exceptions import RedisError

from orders.models import Heartbeat
from returns_platform.celery import app
from returns_platform.kernel import clock
from returns_platform.stack.doors import NO_SWEEP

DEMO_DATA = "demo_loaded"  # the heartbeat that the `demo` command leaves when it is done
FREQUENT_S = 15
LATE_AFTER = timedelta(seconds=60)
RETRY_AFTER_S = 5
BROKER_TIMEOUT_S = 1

FAILURES = (DatabaseError, InterfaceError, RedisError, KombuError, CeleryError, OSError)


class NotReady(Exception):
    """The message says what is missing, to an operator."""


@never_cache
@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """200 as long as this process answers; asks neither database nor broker."""
    return HttpResponse("ok\n", content_type="text/plain")


@never_cache
@require_safe
def readyz(request: HttpRequest) -> JsonResponse:
    """200 when everything works, else 503; says of each part either "ok" or what is wrong."""
    found = {name: _outcome(check) for name, check in checks().items()}
    ready = set(found.values()) == {"ok"}
    response = JsonResponse({"ready": ready, **found}, status=200 if ready else 503)
    if not ready:
        response["Retry-After"] = str(RETRY_AFTER_S)
    return response


def checks() -> dict[str, Callable[[], None]]:
    """By name, in the order in which one needs the other. Each raises when it fails."""
    found = {"database": database, "broker": broker, "migrations": migrations, "sweeps": sweeps}
    return {**found, "demo_data": demo_data} if settings.DEMO else found


def database() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")


def broker() -> None:
    with app.connection_for_write(transport_options=_impatient()) as connected:
        connected.default_channel.client.ping()


def migrations() -> None:
    if pending := _pending_migrations():
        raise NotReady(f"not applied: {', '.join(pending)}")


def sweeps() -> None:
    """The frequent ones prove that beat, broker and workers work together."""
    beats = {name.rpartition(".")[2]: at for name, at in Heartbeat.objects.values_list("name", "at")}
    oldest = clock.now() - LATE_AFTER
    frequent = _frequent_sweeps()
    late = [name for name in frequent if name not in beats or beats[name] < oldest]
    if late == frequent:
        raise NotReady(NO_SWEEP)
    if late:
        raise NotReady(f"not seen for {LATE_AFTER.seconds} s: {', '.join(late)}")


def demo_data() -> None:
    if not Heartbeat.objects.filter(name=DEMO_DATA).exists():
        raise NotReady("is being loaded")


def _outcome(check: Callable[[], None]) -> str:
    try:
        check()
    except NotReady as missing:
        return str(missing)
    except FAILURES as error:
        return type(error).__name__
    return "ok"


def _impatient() -> dict:
    limits = {"socket_timeout": BROKER_TIMEOUT_S, "socket_connect_timeout": BROKER_TIMEOUT_S}
    return {**app.conf.broker_transport_options, **limits}


def _pending_migrations() -> list[str]:
    applied = MigrationRecorder(connection).applied_migrations()
    return [f"{app}.{name}" for app, name in _newest_migrations() if (app, name) not in applied]


@cache
def _newest_migrations() -> list[tuple[str, str]]:
    """Of each app, as this process knows them: files that came later belong to the next start."""
    return MigrationLoader(None).graph.leaf_nodes()


def _frequent_sweeps() -> list[str]:
    """Their names without the app."""
    entries = app.conf.beat_schedule.values()
    return sorted(entry["task"].rpartition(".")[2] for entry in entries if float(entry["schedule"]) <= FREQUENT_S)
