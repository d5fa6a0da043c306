"""The demo's exchanges, repairs, drop-offs and sheets end where the story says, and the books hold."""

from datetime import timedelta

import pytest

from aftersales.demo import loading, story
from aftersales.replacements.models import Replacement
from aftersales.returns.models import ReturnRequest
from logistics.parcels.models import Parcel
from refunds.charges.models import Charge
from refunds.payouts.models import BatchedTransfer
from returns_platform.kernel import clock
from returns_platform.tests.journeys.test_main_job import must_balance


@pytest.mark.django_db(transaction=True)
def test_every_other_ending_is_reached_and_loading_again_changes_nothing(monkeypatch, tmp_path, settings):
    settings.DATA_DIR, settings.DEMO = tmp_path, True
    (tmp_path / "stand_ins").mkdir()
    monkeypatch.setattr(story, "SCENES", ())
    monkeypatch.setattr(story, "ORDERS", 0)
    now = clock.now()
    assert loading.load(now, say=lambda _text: None)
    assert not loading.load(now + timedelta(days=1), say=lambda _text: None)
    found = {row.case_ref: row for row in Replacement.objects.all()}
    states = sorted((row.kind, row.state) for row in found.values())
    assert states == [
        ("exchange", "awaiting_payment"), ("exchange", "delivered"), ("exchange", "out_of_stock"),
        ("exchange", "sent"), ("repair", "awaiting_payment"), ("repair", "sent"), ("resend", "sent"),
    ]  # fmt: skip
    assert ReturnRequest.objects.count() == len(story.OTHERS)
    assert Charge.objects.get().made_for == "difference"
    points = Parcel.objects.exclude(point=None)
    assert sorted(points.values_list("state", flat=True)) == ["collected", "delivered"]
    assert Parcel.objects.filter(courier="jd", kind="return", state="in_transit").count() == 1
    assert BatchedTransfer.objects.get().refund.state == "manual"
    must_balance()
