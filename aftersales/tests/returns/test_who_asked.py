"""Evidence that a person asked for brings the request back to whoever asked."""

import pytest

from aftersales.returns.services import deadlines
from aftersales.returns.services.decisions import ask_for_evidence
from aftersales.returns.services.evidence import add_evidence
from aftersales.tests.desk.cases import ANN, a_desk, again, must_balance
from returns_platform.kernel.actors import Actor

pytestmark = pytest.mark.django_db
MIA, SAM = Actor("merchant", "8", "Mia"), Actor("support", "901", "Sam")


@pytest.mark.parametrize(
    ("by", "waits_for", "granted_by_silence"), [(MIA, "merchant", True), (SAM, "support", False)]
)
def test_an_answer_goes_to_whoever_asked(by, waits_for, granted_by_silence):
    desk = a_desk()
    row = desk.filed("QL.DEFECT", kind="refund_only", send_back="none")
    assert row.state == "in_review"
    ask_for_evidence(row.pk, text="A photo of the seam, please.", classes=[], by=by, now=desk.at)
    add_evidence(row.pk, evidence=(), text="It is the left one.", by=ANN, now=desk.at)
    assert (again(row).state, again(row).waits_for) == ("in_review", waits_for)
    deadlines.sweep_deadlines(now=desk.later(hours=25))
    assert again(row).was_granted is granted_by_silence
    must_balance()
