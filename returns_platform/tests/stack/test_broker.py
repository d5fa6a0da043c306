import socket
import time

import pytest
from kombu import pools

from returns_platform.kernel import nudge


@pytest.fixture
def frozen(tmp_path, monkeypatch, settings):
    """A broker that takes connections and never answers."""
    monkeypatch.setenv("STACK_SOCKETS", str(tmp_path))
    monkeypatch.setattr(nudge, "_quiet_until", 0.0)
    settings.NUDGE_WORKERS = True
    pools.reset()
    with socket.socket(socket.AF_UNIX) as broker:
        broker.bind(str(tmp_path / "valkey.sock"))
        broker.listen()
        yield
    pools.reset()


@pytest.mark.django_db
def test_a_frozen_broker_holds_up_a_request_for_a_second_at_most(frozen, django_capture_on_commit_callbacks):
    begun = time.monotonic()
    with django_capture_on_commit_callbacks(execute=True):
        for _ in range(3):
            nudge.after_commit("refunds.pay_due_refunds")
    assert 0.5 < time.monotonic() - begun < 2
