"""Addresses of after-sales: the customers' pages, and each shop's."""

from django.urls import path

from aftersales.examination import views as examination
from aftersales.fairness import views as fairness
from aftersales.inspection import counter, fees, recovered
from aftersales.inspection import views as bench
from aftersales.notifications import views as inbox
from aftersales.policy.views import public as policy
from aftersales.policy.views import shop as clauses
from aftersales.replay import views as replay
from aftersales.returns.views import (
    acting,
    cases,
    evidence,
    filing,
    invoices,
    labels,
    papers,
    points,
    purchases,
    shop_case,
    shop_couriers,
    shop_inbox,
    shop_money,
    shop_orders,
    shop_points,
    shop_sending,
    start,
    stored,
    swapping,
)
from aftersales.risk import views as risk

app_name = "aftersales"
urlpatterns = [
    path("orders/", purchases.orders, name="orders"),
    path("orders/<int:order_id>/", purchases.order, name="order"),
    path("orders/<int:order_id>/return/", filing.file_return, name="file"),
    path("returns/", cases.mine, name="mine"),
    path("returns/<str:return_no>/", cases.case, name="case"),
    path("returns/<str:return_no>/withdraw/", acting.withdraw, name="withdraw"),
    path("returns/<str:return_no>/add/", acting.add, name="add"),
    path("returns/<str:return_no>/slot/", acting.slot, name="slot"),
    path("returns/<str:return_no>/waybill/", acting.waybill, name="waybill"),
    path("returns/<str:return_no>/waybill/<uuid:photo>/", acting.waybill_read, name="waybill_read"),
    path("returns/<str:return_no>/box/", acting.box, name="box"),
    path("returns/<str:return_no>/points/", points.near, name="points"),
    path("returns/<str:return_no>/slip/", points.slip, name="slip"),
    path("returns/<str:return_no>/slip.pdf", points.slip_pdf, name="slip_pdf"),
    path("returns/<str:return_no>/another-way/<int:serial>/", acting.another_way, name="another_way"),
    path("returns/<str:return_no>/message/", acting.message, name="message"),
    path("returns/<str:return_no>/offer/", acting.offer, name="offer"),
    path("returns/<str:return_no>/appeal/", acting.appeal, name="appeal"),
    path("returns/<str:return_no>/swap/", swapping.swap, name="swap"),
    path("returns/<str:return_no>/pay/", swapping.pay, name="pay"),
    path("returns/<str:return_no>/another/", swapping.another, name="another"),
    path("returns/<str:return_no>/money/", swapping.money, name="money"),
    path("returns/<str:return_no>/received/", swapping.received, name="received"),
    path("returns/<str:return_no>/ahead/", swapping.ahead, name="ahead"),
    path("returns/<str:return_no>/no-repair/", swapping.no_repair, name="no_repair"),
    path("vouchers/<str:number>/", papers.voucher, name="voucher"),
    path("returns/<str:return_no>/courier/", acting.courier_paid, name="courier_paid"),
    path("returns/<str:return_no>/to-the-bank/", acting.to_the_bank, name="to_the_bank"),
    path("balance/", stored.balance, name="balance"),
    path("standing/", risk.standing, name="standing"),
    path("standing/<int:pk>/", risk.answer_measure, name="answer_measure"),
    path("inbox/", inbox.inbox, name="inbox"),
    path("inbox/read/", inbox.read_all, name="read_all"),
    path("inbox/news/", inbox.rule_news, name="rule_news"),
    path("inbox/read/<int:pk>/", inbox.read_one, name="read_one"),
    path("evidence/<uuid:public_id>/", evidence.evidence, name="evidence"),
    path("help/", start.help_centre, name="help"),
    path("help/clocks/", start.clocks, name="clocks"),
    path("policy/", policy.platform, name="policy"),
    path("shops/<slug:code>/policy/", policy.shop, name="shop_policy"),
    path("shops/<slug:code>/policy/<path:sku>/", policy.product, name="product_policy"),
    path("agreement/", policy.agreement, name="agreement"),
]

# Part of the namespace "centre", below /centre/<code>/.
centre_urlpatterns: list = [
    path("bench/", bench.centre_bench, name="bench"),
    path("fees/", fees.centre_fees, name="fees"),
]

# Part of the namespace "merchant", below /merchant/<code>/.
merchant_urlpatterns: list = [
    path("returns/", shop_inbox.inbox, name="inbox"),
    path("returns/<str:return_no>/", shop_case.case, name="case"),
    path("returns/<str:return_no>/another-way/<int:serial>/", shop_money.propose_way, name="propose_way"),
    path("returns/<str:return_no>/brought/", recovered.recovered, name="recovered"),
    path("labels/<str:reference>.pdf", labels.label, name="label"),
    path("returns/<str:return_no>/examination/", examination.shop_examination, name="examination"),
    path("bench/", bench.bench, name="bench"),
    path("counter/", counter.counter, name="counter"),
    path("centre/", fees.shop_centre, name="centre"),
    path("couriers/", shop_couriers.shop_couriers, name="couriers"),
    path("points/", shop_points.shop_points, name="points"),
    path("points/<int:pk>/", shop_points.shop_point, name="point"),
    path("orders/", shop_orders.orders, name="orders"),
    path("orders/<str:order_no>/", shop_orders.order, name="order"),
    path("orders/<str:order_no>/part/", shop_orders.pay_part, name="pay_part"),
    path("invoices/", invoices.invoices, name="invoices"),
    path("invoices/list.csv", invoices.as_csv, name="invoices_csv"),
    path("invoices/<str:number>/pdf/", invoices.pdf, name="red_letter"),
    path("to-send/", shop_sending.to_send, name="to_send"),
    path("to-send/<str:reference>/", shop_sending.one, name="sending"),
    path("stock/", shop_sending.stock, name="stock"),
    path("import/", shop_orders.bring_in, name="import"),
    path("guide/", shop_orders.guide, name="guide"),
    path("policy/<int:number>/trial/", replay.trial, name="trial"),
    path("policy/<int:number>/trial/shadow/", replay.shadow, name="trial_shadow"),
    path("policy/<int:number>/trial/<int:pk>/stop/", replay.stop, name="trial_stop"),
    path("policy/<int:number>/trial/<int:pk>/cases.csv", replay.cases_csv, name="trial_csv"),
    path("fairness/", fairness.fairness, name="fairness"),
    path("policy/", clauses.policy, name="policy"),
    path("policy/draft/", clauses.draft, name="policy_draft"),
    path("policy/<int:number>/", clauses.version, name="policy_version"),
    path("policy/<int:number>/add/<slug:gives>/", clauses.new_clause, name="policy_new_clause"),
    path("policy/<int:number>/clauses/<int:pk>/", clauses.clause, name="policy_clause"),
    path("policy/<int:number>/clauses/<int:pk>/remove/", clauses.remove_clause, name="policy_remove"),
    path("policy/<int:number>/discard/", clauses.discard, name="policy_discard"),
    path("policy/<int:number>/withdraw/", clauses.withdraw, name="policy_withdraw"),
]
