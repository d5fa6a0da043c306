import pytest

from refunds.documents.rules import in_capitals, voucher_number


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
