"""The product's own processes. Each function runs one in the present process until it is told to stop."""

import os
import socket
import threading
import warnings
from importlib import import_module
from pathlib import Path

from django.conf import settings
from django.core.management import call_command
from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver
from gunicorn.app.base import BaseApplication
from setproctitle import setproctitle

from returns_platform.celery import app
from returns_platform.kernel import stand_in

WEB_PROCESSES = 2
WEB_THREADS = 4


class Web(BaseApplication):
    """gunicorn. The application is loaded once, before it forks its workers."""

    def __init__(self, options: dict):
        self.options = options
        super().__init__()

    def load_config(self):
        for name, value in self.options.items():
            self.cfg.set(name, value)

    def load(self):
        return get_wsgi_application()


def import_web() -> None:
    """Before forking: what a page needs."""
    _import("gunicorn.arbiter", "gunicorn.workers.gthread")
    assert get_resolver().url_patterns


def import_workers() -> None:
    """Before forking: what workers and beat need."""
    _import("celery.bin.celery", "celery.apps.worker", "celery.apps.beat", "celery.concurrency.prefork")
    _import("kombu.transport.redis")
    app.loader.import_default_modules()
    app.finalize()


def web(listener: socket.socket) -> None:
    """The listening socket stays with `up`: while the web process is started again, callers wait, none is refused."""
    options = {
        "bind": f"fd://{listener.fileno()}",
        "workers": WEB_PROCESSES,
        "threads": WEB_THREADS,
        "preload_app": True,
        "timeout": 30,
        "graceful_timeout": 5,
        "control_socket_disable": True,
        "loglevel": "warning",
        "proc_name": "returns",
    }
    Web(options).run()


def worker(name: str, queues: list[str], *, pool: str, processes: int) -> None:
    # Celery warns at length when it is root. Its messages are JSON, which is what that warning is about.
    warnings.filterwarnings("ignore", message="You're running the worker with superuser privileges")
    _celery(
        "worker",
        f"--hostname={name}@%h",
        f"--queues={','.join(queues)}",
        f"--pool={pool}",
        f"--concurrency={processes}",
        "--without-gossip",
        "--without-mingle",
        "--without-heartbeat",
    )


def beat(schedule: Path) -> None:
    _celery("beat", f"--schedule={schedule}", "--pidfile=")


def stand_ins(ports: dict[str, int]) -> None:
    setproctitle("stand-ins: " + " ".join(ports))
    installed = stand_in.installed(settings.DATA_DIR)
    for name, port in ports.items():
        stand_in.serve(installed[name], port=port)
    threading.Event().wait()


def demo() -> None:
    setproctitle("demo data")
    os.nice(10)  # whoever looks at a page already comes first
    call_command("demo")


def _celery(what: str, *options: str) -> None:
    from celery.bin.celery import celery

    celery.main(["--quiet", "--app=returns_platform", what, "--loglevel=WARNING", *options], standalone_mode=False)


def _import(*modules: str) -> None:
    for module in modules:
        import_module(module)
