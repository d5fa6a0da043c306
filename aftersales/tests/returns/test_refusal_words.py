"""An internal label of a refusal stays with the staff: the customer reads the finding."""

import pytest

from aftersales.returns.models import ReturnRequest
from aftersales.returns.presenting import quoted_rule
from aftersales.returns.services.decisions import refuse_return
from returns_platform.kernel import clock
from returns_platform.kernel.actors import Actor
from returns_platform.tests.journeys.shop import open_shop, order_body

pytestmark = pytest.mark.django_db


def test_suspicion_is_never_told_to_the_customer():
    shop = open_shop()
    shop.put("A1", order_body())
    line = {"line_no": "1", "quantity": 1, "reason": "OT.OTHER"}
    wish = {"order_no": "A1", "kind": "refund_only", "send_back": "none", "lines": [line]}
    number = shop.post("/returns", wish)[1]["return_no"]
    request = ReturnRequest.objects.get(return_no=number)
    finding = "包裹称重 0.1 kg，与商品不符。"
    refuse_return(request.pk, code="R_FRAUD", text=finding, by=Actor("support", "1", "山姆"), now=clock.now())
    assert quoted_rule(ReturnRequest.objects.get(pk=request.pk))["text"] == finding
