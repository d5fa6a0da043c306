"""Who each address of the product is for. One table: a test compares it with the resolver and knocks at every door.

A shop's rights stand in orders.merchants.rules, a centre's in orders.centres.rules, the staff's in
aftersales.desk.groups, a token's scopes in
orders.merchants.rules.SCOPES. What an address further asks for each thing done there stands at its view.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class For:
    """who: one of the names below. right: what they must hold to open it at all."""

    who: str
    right: str = ""


ANYBODY = For("anybody")
BUYER = For("buyer")  # signed in, or a guest with the code of one order: sees what is theirs, else 404
ACCOUNT = For("account")  # whoever is signed in, about themselves
MACHINE = For("machine")  # a channel or courier: believed once its signature or secret is proven
DEMO = For("demo")  # there only where DEMO is set
DEMO_STAFF = For("demo", "staff")  # and there only for the platform's people


def member(right: str) -> For:
    """Somebody of the shop in the address whose role has the right; 404 for everybody of another shop."""
    return For("member", right)


def centre(right: str) -> For:
    """Somebody of the return centre in the address whose role has the right; 404 for everybody else."""
    return For("centre", right)


def staff(right: str) -> For:
    """The platform's people whose groups have the permission, in the admin."""
    return For("staff", right)


def token(scope: str) -> For:
    return For("token", scope)


_CASE = "admin:aftersales_returnrequest_"
_EXCEPTION = "admin:refunds_refundexception_"
_BREAK_STEPS = ("assign", "close", "confirm", "refuse", "link", "place")
_BATCH = "admin:refunds_transferbatch_"
_POLICY = "admin:aftersales_policyversion_"
_TRIAL = "admin:aftersales_trial_"
_MEASURE = "admin:aftersales_measure_"
_STANDING = "admin:aftersales_standing_"
_BREAK = "admin:refunds_break_"
_QUEUES = (
    "platformreview", "doubtfulinspection", "secondperson", "appeal", "goodstask", "parceltask", "latetask",
    "replacementtask", "othertask",
)  # fmt: skip

PAGES: dict[str, For] = {
    "home": ANYBODY,
    "choose_language": ANYBODY,
    "choose_theme": ANYBODY,
    "healthz": ANYBODY,
    "readyz": ANYBODY,
    # customers
    "aftersales:help": ANYBODY,
    "aftersales:clocks": ANYBODY,
    "aftersales:policy": ANYBODY,
    "aftersales:shop_policy": ANYBODY,
    "aftersales:product_policy": ANYBODY,
    "aftersales:agreement": ANYBODY,
    "orders:find": ANYBODY,
    "orders:find_code": ANYBODY,
    "orders:find_shop": ANYBODY,
    "orders:sign_in_link": ANYBODY,
    "orders:sign_in_code": ANYBODY,
    "orders:link": ANYBODY,
    "aftersales:orders": BUYER,
    "aftersales:order": BUYER,
    "aftersales:file": BUYER,
    "aftersales:mine": BUYER,
    "aftersales:case": BUYER,
    "aftersales:withdraw": BUYER,
    "aftersales:add": BUYER,
    "aftersales:slot": BUYER,
    "aftersales:waybill": BUYER,
    "aftersales:waybill_read": BUYER,
    "aftersales:box": BUYER,
    "aftersales:points": BUYER,
    "aftersales:slip": BUYER,
    "aftersales:slip_pdf": BUYER,
    "aftersales:another_way": BUYER,
    "aftersales:message": BUYER,
    "aftersales:offer": BUYER,
    "aftersales:appeal": BUYER,
    "aftersales:courier_paid": BUYER,
    "aftersales:to_the_bank": BUYER,
    "aftersales:balance": BUYER,
    "aftersales:standing": BUYER,
    "aftersales:answer_measure": BUYER,
    "aftersales:evidence": BUYER,  # and the shop's and the platform's people who may see it
    "aftersales:swap": BUYER,
    "aftersales:pay": BUYER,
    "aftersales:another": BUYER,
    "aftersales:money": BUYER,
    "aftersales:received": BUYER,
    "aftersales:no_repair": BUYER,
    "aftersales:ahead": BUYER,
    "aftersales:voucher": BUYER,  # and the shop's and the platform's people who may see its money
    "aftersales:inbox": BUYER,
    "aftersales:read_all": BUYER,
    "aftersales:read_one": BUYER,
    "aftersales:rule_news": BUYER,
    # shops
    "merchant:inbox": member("see_cases"),
    "merchant:case": member("see_cases"),
    "merchant:bench": member("see_cases"),
    "merchant:counter": member("see_cases"),  # taking in and sending on also need inspect
    "merchant:recovered": member("see_money"),  # booking also needs book_recovery
    "merchant:couriers": member("set_up"),
    "merchant:points": member("set_up"),
    "merchant:point": member("set_up"),
    "merchant:orders": member("see_orders"),
    "merchant:to_send": member("see_cases"),
    "merchant:label": member("ship"),
    "merchant:sending": member("see_cases"),  # sending also needs ship, what a repair costs also approve
    "merchant:stock": member("see_orders"),  # counting also needs ship
    "merchant:order": member("see_orders"),
    "merchant:propose_way": member("propose_route"),
    "merchant:pay_part": member("set_amount"),
    "merchant:invoices": member("see_money"),  # settling one also needs settle_invoices
    "merchant:invoices_csv": member("see_money"),
    "merchant:red_letter": member("see_money"),
    "merchant:import": member("import_orders"),
    "merchant:guide": member("see_policy"),
    "merchant:policy": member("see_policy"),
    "merchant:policy_version": member("see_policy"),  # publishing also needs edit_policy
    "merchant:policy_draft": member("edit_policy"),
    "merchant:policy_new_clause": member("edit_policy"),
    "merchant:policy_clause": member("edit_policy"),
    "merchant:policy_remove": member("edit_policy"),
    "merchant:policy_discard": member("edit_policy"),
    "merchant:policy_withdraw": member("edit_policy"),
    **{f"merchant:{page}": member("edit_policy") for page in ("trial", "trial_shadow", "trial_stop", "trial_csv")},
    "merchant:fairness": member("see_figures"),
    "merchant:settings": member("set_up"),
    "merchant:new_token": member("manage_tokens"),
    "merchant:people": member("manage_staff"),
    "merchant:person": member("manage_staff"),
    "merchant:person_link": member("manage_staff"),
    "merchant:remove_person": member("manage_staff"),
    "merchant:centre": member("set_up"),
    "merchant:examination": member("dispute"),
    # return centres
    "centre:bench": centre("see_bench"),  # counting also needs count, grading inspect
    "centre:fees": centre("see_fees"),
    "centre:people": centre("manage_staff"),
    "centre:person": centre("manage_staff"),
    "centre:person_link": centre("manage_staff"),
    "centre:remove_person": centre("manage_staff"),
    # channels and couriers
    "channel_news": MACHINE,
    "logistics:sf_routes": MACHINE,
    "logistics:sf_orders": MACHINE,
    "logistics:jd_routes": MACHINE,
    "logistics:jd_orders": MACHINE,
    "logistics:kuaidi100_routes": MACHINE,
    "logistics:kuaidi100_orders": MACHINE,
    # the platform's people: pages of our own in the admin; its stock pages ask their ModelAdmin
    **{f"admin:aftersales_{queue}_changelist": staff(f"aftersales.view_{queue}") for queue in _QUEUES},
    **{f"admin:aftersales_{queue}_next": staff(f"aftersales.view_{queue}") for queue in _QUEUES},
    f"{_CASE}decide": staff("aftersales.ask_evidence"),
    f"{_CASE}pay_part": staff("aftersales.decide_any_request"),
    f"{_CASE}second": staff("refunds.agree_as_second"),
    f"{_CASE}missing": staff("aftersales.decide_request"),
    f"{_CASE}order": staff("aftersales.view_returnrequest"),
    f"{_CASE}road": staff("aftersales.decide_request"),
    f"{_CASE}reopen": staff("aftersales.decide_request"),
    f"{_CASE}grade": staff("aftersales.decide_request"),
    f"{_CASE}undo": staff("aftersales.decide_request"),
    f"{_CASE}compensate": staff("refunds.grant_compensation"),
    f"{_CASE}gift": staff("aftersales.view_returnrequest"),
    f"{_CASE}to_the_bank": staff("aftersales.decide_request"),
    f"{_CASE}say": staff("aftersales.add_message"),
    f"{_CASE}give_back": staff("aftersales.view_returnrequest"),
    **{
        f"{_BREAK}{step}": staff("refunds.change_break")
        for step in ("assign", "close", "confirm", "refuse", "link", "place")
    },
    "admin:refunds_statementday_import": staff("refunds.import_statement"),
    "admin:aftersales_supporttask_close": staff("aftersales.close_task"),
    f"{_EXCEPTION}changelist": staff("refunds.view_refundexception"),
    f"{_EXCEPTION}change": staff("refunds.view_refundexception"),
    f"{_EXCEPTION}take": staff("refunds.own_exception"),
    f"{_EXCEPTION}hand": staff("refunds.hand_exception"),
    f"{_EXCEPTION}ask": staff("refunds.retry_refund"),
    f"{_EXCEPTION}again": staff("refunds.retry_refund"),
    f"{_EXCEPTION}anew": staff("refunds.retry_refund"),
    f"{_EXCEPTION}propose": staff("refunds.propose_settlement"),
    f"{_EXCEPTION}confirm": staff("refunds.confirm_settlement"),
    f"{_EXCEPTION}route": staff("refunds.propose_route"),
    f"{_EXCEPTION}first": staff("refunds.confirm_route_first"),
    f"{_EXCEPTION}second": staff("refunds.confirm_route_second"),
    f"{_EXCEPTION}stop": staff("refunds.veto_route"),
    f"{_EXCEPTION}transfer": staff("refunds.pay_by_hand"),
    f"{_EXCEPTION}seen": staff("refunds.pay_by_hand"),
    f"{_EXCEPTION}unseen": staff("refunds.pay_by_hand"),
    f"{_EXCEPTION}reveal": staff("refunds.reveal_payee"),
    f"{_BATCH}changelist": staff("refunds.pay_by_hand"),
    f"{_BATCH}change": staff("refunds.pay_by_hand"),
    **{f"{_BATCH}{step}": staff("refunds.pay_by_hand") for step in ("make", "enter", "seen", "off")},
    f"{_BATCH}sheet": staff("refunds.reveal_payee"),
    f"{_STANDING}measure": staff("aftersales.decide_measure"),
    f"{_STANDING}dismiss": staff("aftersales.decide_measure"),
    **{f"{_MEASURE}{step}": staff("aftersales.decide_measure") for step in ("decide", "decline", "lift")},
    f"{_MEASURE}agree": staff("aftersales.agree_to_measure"),
    f"{_MEASURE}answer": staff("aftersales.answer_measure_appeal"),
    f"{_POLICY}draft": staff("aftersales.change_policyversion"),
    f"{_POLICY}publish": staff("aftersales.change_policyversion"),
    f"{_POLICY}withdraw": staff("aftersales.change_policyversion"),
    "admin:aftersales_examination_case": staff("aftersales.run_examination"),
    "admin:orders_centre_run": staff("orders.run_centre"),
    "admin:aftersales_fairness_changelist": staff("aftersales.view_fairness"),
    "admin:aftersales_fairness_csv": staff("aftersales.view_fairness"),
    f"{_TRIAL}draft": staff("aftersales.view_trial"),
    f"{_TRIAL}csv": staff("aftersales.view_trial"),
    **{
        f"{_TRIAL}{step}": staff("aftersales.change_policyversion")
        for step in ("replay", "shadow", "stop", "discard")
    },
    "admin:refunds_redletterrequest_pdf": staff("refunds.view_redletterrequest"),
    # the demo
    "demo:outbox": DEMO,
    "demo:move_parcel": DEMO,
    "demo:behaviours": DEMO_STAFF,
    "demo:behave_next": DEMO_STAFF,
    "demo:letter": DEMO,
    "demo:sign_in_as": DEMO,
    # the API's own description
    "api:openapi-json": ANYBODY,
    "api:openapi-view": ANYBODY,
    "api:api-root": ANYBODY,
    # accounts (allauth)
    "account_login": ANYBODY,
    "account_signup": ANYBODY,
    "account_logout": ANYBODY,
    "account_inactive": ANYBODY,
    "account_email_verification_sent": ANYBODY,
    "account_confirm_email": ANYBODY,
    "account_confirm_login_code": ANYBODY,
    "account_reset_password": ANYBODY,
    "account_reset_password_done": ANYBODY,
    "account_reset_password_from_key": ANYBODY,
    "account_reset_password_from_key_done": ANYBODY,
    "account_reauthenticate": ACCOUNT,
    "account_email": ACCOUNT,
    "account_change_password": ACCOUNT,
    "account_set_password": ACCOUNT,
    "mfa_authenticate": ANYBODY,  # the second half of signing in
    "mfa_index": ACCOUNT,
    "mfa_reauthenticate": ACCOUNT,
    "mfa_activate_totp": ACCOUNT,
    "mfa_deactivate_totp": ACCOUNT,
    "mfa_view_recovery_codes": ACCOUNT,
    "mfa_generate_recovery_codes": ACCOUNT,
    "mfa_download_recovery_codes": ACCOUNT,
}

API: dict[str, For] = {
    "PUT /orders/{order_no}": token("orders"),
    "GET /orders/{order_no}": token("orders"),
    "POST /insurance/quote": token("orders"),
    "PUT /products/{sku}": token("orders"),
    "PUT /gift_cards/{code}": token("orders"),
    "GET /gift_cards/{code}": token("orders"),
    "POST /returns/quote": token("file"),
    "POST /returns": token("file"),
    "POST /evidence": token("file"),
    "GET /returns": token(""),  # any token of the shop
    "GET /returns/{return_no}": token(""),
    "POST /returns/{return_no}/withdraw": token("file"),
    "POST /returns/{return_no}/shipped": token("file"),
    "POST /returns/{return_no}/box": token("file"),
    "POST /returns/{return_no}/freight": token("decide"),
    "POST /returns/{return_no}/approve": token("decide"),
    "POST /returns/{return_no}/refuse": token("decide"),
    "POST /returns/{return_no}/ask_evidence": token("decide"),
    "POST /returns/{return_no}/arrived": token("warehouse"),
    "POST /returns/{return_no}/inspected": token("warehouse"),
}
