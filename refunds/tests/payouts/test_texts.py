"""Where the money goes, in the reader's words."""

import pytest
from django.utils.translation import override

from refunds.payouts import texts


@pytest.mark.parametrize(
    ("code", "account", "english", "chinese"),
    [
        ("alipay", "", "Alipay", "支付宝"),
        ("alipay", "PCREDIT 159****5620", "Alipay: Huabei 159****5620", "支付宝：花呗 159****5620"),
        (
            "alipay", "BANKCARD by:2026-12-03",
            "Alipay: Bank card (expected by Dec. 3, 2026)", "支付宝：银行卡（预计2026年12月3日前到账）",
        ),
        ("alipay", "SOMETHING_NEW", "Alipay: SOMETHING_NEW", "支付宝：SOMETHING_NEW"),
        ("wechat", "招商银行信用卡0403", "WeChat Pay: 招商银行信用卡0403", "微信支付：招商银行信用卡0403"),
    ],
)  # fmt: skip
def test_an_account_is_named_as_the_reader_calls_it(code, account, english, chinese):
    for language, said in (("en", english), ("zh-hans", chinese)):
        with override(language):
            assert texts.where(code, account) == said
