import pytest

from refunds.documents.rules import in_capitals, red_letter_number, rest_of, voucher_number


@pytest.mark.parametrize(
    ("amount", "said"),
    [
        (0, "零元整"),
        (5, "伍分"),
        (10, "壹角整"),
        (105, "壹元零伍分"),
        (1234, "壹拾贰元叁角肆分"),
        (3333, "叁拾叁元叁角叁分"),
        (10000, "壹佰元整"),
        (10001, "壹佰元零壹分"),
        (100500, "壹仟零伍元整"),
        (1000000, "壹万元整"),
        (10050000, "壹拾万零伍佰元整"),
        (168032, "壹仟陆佰捌拾元叁角贰分"),
        (10700053, "壹拾万柒仟元伍角叁分"),
        (600001400, "陆佰万零壹拾肆元整"),
        (30000000005, "叁亿元零伍分"),
        (-567, "负伍元陆角柒分"),
    ],
)
def test_sums_in_chinese_capitals(amount, said):
    assert in_capitals(amount, "CNY") == f"人民币{said}"


def test_other_currencies_have_no_capitals():
    assert in_capitals(100, "USD") == ""


def test_a_number_names_its_shop_and_place():
    assert voucher_number("fresh", 1) == "FRESH-RV00000001"


def line(amount, tax, *, line_no="1", code="", quantity=1):
    return {"line_no": line_no, "code": code, "title": "T", "quantity": quantity, "amount": amount, "tax": tax}


def test_what_was_asked_for_already_is_not_asked_again():
    assert rest_of([], [line(3766, 433)]) == [line(3766, 433)]
    assert rest_of([[line(3766, 433)]], [line(3766, 433)]) == []
    assert rest_of([[line(3766, 433)]], [line(7533, 866, quantity=2)]) == [line(3767, 433)]


def test_a_line_that_is_no_longer_there_comes_back():
    delivery = line(1200, None, line_no="", code="freight", quantity=0)
    assert rest_of([[line(3766, 433), delivery]], [line(3766, 433)]) == [delivery | {"amount": -1200}]


def test_the_number_of_a_red_letter_request_names_its_return():
    assert red_letter_number("RT26111000000145", 2) == "RL26111000000145-2"
