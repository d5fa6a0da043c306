"""SF's protocol, against its stand-in over real HTTP and against answers that nobody should believe."""

import json
import threading
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from logistics import couriers
from logistics.couriers import stages
from logistics.couriers.interface import BookingOrder, Contact, CourierDown, CourierRefused, Goods
from logistics.couriers.sf import stages as sf_stages
from logistics.couriers.sf.client import msg_digest
from logistics.couriers.sf.courier import read_time

AT = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)
CUSTOMER = Contact("安小雨", "+8613800138000", "上海市", "上海市", "浦东新区", "世纪大道 100 号")
SHOP = Contact("退货组", "+8613900139000", "浙江省", "杭州市", "余杭区", "文一西路 1 号")


def order(number="RT1", **more) -> BookingOrder:
    told = {"sender": CUSTOMER, "receiver": SHOP, "goods": (Goods("大衣", 1),), "slot_from": AT,
            "slot_to": AT + timedelta(hours=2)}  # fmt: skip
    return BookingOrder(number=number, **told | more)


def test_the_digest_is_sfs_own_example():
    text = '{"language":"zh-CN","orderId":"QIAO-20200618-004"}'
    assert msg_digest(text, "12312334453453", "fjcg5PGKaNpPSHFAZ4QsCOkV71R3zVci") == "IIKJtuLVzoFTu4kHI8M8vA=="


def test_the_digest_encodes_as_java_does():
    assert msg_digest("a ~*-._中", "1", "k") == msg_digest("a ~*-._中", "1", "k")
    assert msg_digest("a ~*", "1", "k") != msg_digest("a ~%", "1", "k")


def test_booked_found_and_called_off(sf):
    courier = couriers.of("sf")
    booking = courier.book(order())
    assert courier.find("RT1") == booking
    courier.cancel("RT1")
    courier.cancel("RT1")
    assert courier.find("RT1").live is False
    assert sf.vans == [("RT1", "cancelled")]


def test_the_same_number_again_is_the_same_van(sf):
    courier = couriers.of("sf")
    assert courier.book(order()) == courier.book(order())
    assert sf.vans == [("RT1", "booked")]


def test_a_number_sf_never_heard_of(sf):
    courier = couriers.of("sf")
    assert courier.find("RT1") is None
    with pytest.raises(CourierRefused) as refused:
        courier.cancel("RT1")
    assert refused.value.code == "no_such_booking"


def test_too_late_to_call_off(sf):
    courier = couriers.of("sf")
    sf.push(courier.book(order()).waybill, "collected")
    with pytest.raises(CourierRefused) as refused:
        courier.cancel("RT1")
    assert refused.value.code == "collected"


def test_the_route_in_the_order_of_its_times(sf):
    courier = couriers.of("sf")
    waybill = courier.book(order()).waybill
    sf.push(waybill, "delivered", AT + timedelta(hours=2))
    sf.push(waybill, "collected", AT)
    scans = courier.route(waybill)
    assert [(scan.op_code, scan.stage, scan.at) for scan in scans] == [
        ("50", stages.PICKED_UP, AT), ("80", stages.DELIVERED, AT + timedelta(hours=2)),
    ]  # fmt: skip
    assert scans[0].place == "上海市"


def test_of_a_strangers_waybill_only_with_the_end_of_a_phone_number(sf):
    sf.push("SF1234567890123", "collected", AT)
    courier = couriers.of("sf")
    assert courier.route("SF1234567890123") == []
    assert len(courier.route("SF1234567890123", phone="+8613800138000")) == 1


@pytest.mark.parametrize(
    ("missing", "code"),
    [({"sender": Contact("", "+8613800138000", "", "", "", "x")}, "address"),
     ({"receiver": Contact("退货组", "", "", "", "", "x")}, "phone"), ({"goods": ()}, "goods")],
)  # fmt: skip
def test_what_sf_cannot_do_without(sf, missing, code):
    with pytest.raises(CourierRefused) as refused:
        couriers.of("sf").book(order(**missing))
    assert (refused.value.code, refused.value.retry) == (code, False)


@pytest.mark.parametrize(
    ("behaviour", "code", "retry"),
    [("pickup_time_refused", "pickup_time", True), ("capacity", "no_capacity", True),
     ("account_abnormal", "account", False)],
)  # fmt: skip
def test_refusals_in_our_words(sf, behaviour, code, retry):
    sf.next(behaviour)
    with pytest.raises(CourierRefused) as refused:
        couriers.of("sf").book(order())
    assert (refused.value.code, refused.value.retry) == (code, retry)
    assert sf.vans == []


def test_without_a_contract_nothing_is_asked_and_no_key_is_made_up(settings, tmp_path):
    settings.DEMO, settings.DATA_DIR, settings.SF_BASE_URL = False, tmp_path, "https://sf.example"
    with pytest.raises(CourierRefused) as refused:
        couriers.of("sf")
    assert "SF_PARTNER_ID, SF_MONTHLY_CARD, SF_CHECKWORD" in refused.value.message
    assert not list(tmp_path.iterdir())


def test_a_wrong_checkword_is_our_account(sf, settings):
    settings.SF_CHECKWORD = "x" * 32
    with pytest.raises(CourierRefused) as refused:
        couriers.of("sf").book(order())
    assert (refused.value.code, refused.value.retry) == ("account", True)
    assert "A1006" in refused.value.message


def gateway(result, code="A1000") -> bytes:
    return json.dumps({"apiResultCode": code, "apiErrorMsg": "", "apiResultData": result}).encode()


def booked(**more) -> bytes:
    data = {"orderId": "RT1", "filterResult": 2, "waybillNoInfoList": [{"waybillType": 1, "waybillNo": "SF1"}]}
    return gateway(json.dumps({"success": True, "errorCode": "S0000", "errorMsg": None, "msgData": data | more}))


@pytest.fixture
def answering(settings, tmp_path):
    """A server at SF's address that says the given bytes."""
    settings.DEMO, settings.DATA_DIR = True, tmp_path
    said = {}

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(said["status"])
            self.send_header("Content-Length", str(len(said["body"])))
            self.end_headers()
            self.wfile.write(said["body"])

        def log_message(self, *args):
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    settings.SF_BASE_URL = f"http://127.0.0.1:{server.server_port}"
    yield lambda body, status=200: said.update(body=body, status=status)
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 200), (b"{", 200), (b"[]", 200), (b"null", 200), (b"\xff\xfe", 200), (b"<html>", 200),
        (b"[" * 100_000, 200), (booked(), 502), (booked(), 302), (gateway(None), 200), (gateway("{"), 200),
        (gateway("[]"), 200), (gateway({"success": True}), 200), (gateway("", "A1009"), 200),
        (gateway("", "A1099"), 200), (booked(orderId="RT2"), 200),
        (gateway(json.dumps({"success": True, "errorCode": "S0000"})), 200),
        (booked(waybillNoInfoList=None), 200), (booked(waybillNoInfoList=[]), 200),
        (booked(waybillNoInfoList=[{"waybillType": 2, "waybillNo": "SF1"}]), 200),
        (booked(waybillNoInfoList=[{"waybillType": 1, "waybillNo": 7}]), 200),
        (booked(waybillNoInfoList=[{"waybillType": 1, "waybillNo": "SF1"}] * 2), 200),
    ],
)  # fmt: skip
def test_an_answer_that_cannot_be_believed_is_an_unknown_outcome(answering, body, status):
    answering(body, status)
    with pytest.raises(CourierDown):
        couriers.of("sf").book(order())


def test_an_answer_as_text_numbers_is_understood(answering):
    answering(booked(waybillNoInfoList=[{"waybillType": "1", "waybillNo": "SF1"}]))
    assert couriers.of("sf").book(order()).waybill == "SF1"


def test_an_address_sf_does_not_serve(answering):
    answering(booked(filterResult=3, remark="1"))
    with pytest.raises(CourierRefused) as refused:
        couriers.of("sf").book(order())
    assert refused.value.code == "not_served"


@pytest.mark.parametrize(
    "rows", [None, [{}], [{"opCode": "50"}], [{"opCode": "50", "acceptTime": "yesterday"}], ["50"]]
)
def test_a_route_that_cannot_be_read_is_none(answering, rows):
    data = {"routeResps": [{"mailNo": "SF1", "routes": rows}]}
    answering(gateway(json.dumps({"success": True, "errorCode": "S0000", "msgData": data})))
    with pytest.raises(CourierDown):
        couriers.of("sf").route("SF1")


def test_a_route_of_another_waybill_is_left_out(answering):
    rows = [{"opCode": "80", "acceptTime": "2026-11-23 10:00:00"}]
    data = {"routeResps": [{"mailNo": "SF2", "routes": rows}]}
    answering(gateway(json.dumps({"success": True, "errorCode": "S0000", "msgData": data})))
    assert couriers.of("sf").route("SF1") == []


def test_sfs_times_are_chinese():
    assert read_time("2026-11-23 08:00:00") == datetime(2026, 11, 23, 0, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("op_code", "remark", "stage", "incident"),
    [
        ("50", "", stages.PICKED_UP, ""), ("3036", "", stages.IN_TRANSIT, ""), ("8000", "", stages.DELIVERED, ""),
        ("44", "", stages.OUT_FOR_DELIVERY, ""), ("648", "", stages.RETURN_TO_SENDER, ""),
        ("70", "客户拒收", stages.DELIVERY_FAILED, stages.REFUSED), ("70", "无人在家", stages.DELIVERY_FAILED, ""),
        ("33", "快件遗失", stages.DELIVERY_FAILED, stages.LOST), ("50", "拒收", stages.PICKED_UP, ""),
        ("no such code", "", stages.UNKNOWN, ""), ("", "", stages.UNKNOWN, ""),
    ],
)  # fmt: skip
def test_operation_codes_in_our_vocabulary(op_code, remark, stage, incident):
    assert (sf_stages.stage(op_code), sf_stages.incident(op_code, remark)) == (stage, incident)
