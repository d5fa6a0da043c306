"""For each invariant a way to break it, by hand and past every guard. The first words of its name, and the damage.

`{…}` are keys of the small world in `test_books`. What begins with + is a whole row: `+table a=1, b='x'` gives every
other column that must not be empty something of its type.
"""

ONE_DRAFT = "version_id=(SELECT min(id) FROM aftersales_policyversion), clauses_id=NULL"

PLANTS: dict[str, tuple[str, ...]] = {
    # --- orders ---
    "a discount is shared out": ("UPDATE orders_discount SET amount = amount + 1",),
    "a line's shares by source": (
        "UPDATE orders_orderline SET share_shop = share_shop + 1, share_platform = share_platform - 1",
    ),
    "a line's net is its price": ("UPDATE orders_orderline SET net = net + 1",),
    "points and freight are shared out": ("UPDATE orders_orderline SET share_freight = share_freight + 1",),
    "what was paid for an order": ("UPDATE orders_payment SET amount = amount + 1",),
    "what lines were promised is within": ("UPDATE orders_orderline SET claimed = 10000000",),
    "a transaction's parts add up": ("UPDATE orders_transaction SET allotted = allotted + 1 WHERE total IS NULL",),
    "I21 units shipped are those": ("UPDATE orders_orderline SET shipped = 1 WHERE id = {unshipped_line}",),
    "a parcel holds lines of its own order": ("UPDATE orders_shipmentitem SET line_id = {unshipped_line}",),
    "a parcel's window counts": ("UPDATE orders_shipment SET window_from = window_from + interval '1 hour'",),
    "an order's customer is a customer": ("UPDATE orders_customer SET merchant_id = merchant_id + 1",),
    "I16 an order's moves": ("DELETE FROM orders_ordermove WHERE seq = 1",),
    "I17 orders move only": ("UPDATE orders_ordermove SET from_state = 'cancelled' WHERE seq = 2",),
    "I18 an order's version": ("UPDATE orders_order SET version = version + 1",),
    "I25 no one-time code waits": (
        "+orders_onetimecode next_try_at='{long_ago}', claimed_until=NULL",
        "+orders_heartbeat name='orders.send_due_codes', at='{far}'",
    ),
    "a shop's return centre is": ("+orders_joining merchant_id=(SELECT min(id) FROM orders_merchant), left_at=NULL",),
    "a return centre's fee is posted": (
        "INSERT INTO refunds_ledgertransaction (reference, kind, at) "
        "VALUES ('centre_fee:x:parcel', 'centre_fee', now())",
        "INSERT INTO refunds_ledgerentry (transaction_id, account, amount, currency) "
        "SELECT max(id), 'centre:x', 100, 'CNY' FROM refunds_ledgertransaction",
    ),
    "goods go to a return centre": ("UPDATE aftersales_returnrequest SET joining_id = 999999",),
    "an independent inspection is paid": (
        "INSERT INTO refunds_ledgertransaction (reference, kind, at) VALUES ('examination:0', 'examination', now())",
        "INSERT INTO refunds_ledgerentry (transaction_id, account, amount, currency) "
        "SELECT max(id), 'examiner:1', 100, 'CNY' FROM refunds_ledgertransaction",
    ),
    "an independent inspection is of a line": (
        "+aftersales_examination request_id={waiting}, finding='', payer='', "
        "line_id=(SELECT min(id) FROM aftersales_returnline)",
    ),
    # --- logistics ---
    "I16 a parcel's moves": ("DELETE FROM logistics_parcelmove WHERE seq = 1",),
    "I17 parcels move only": ("UPDATE logistics_parcelmove SET to_state = 'lost', from_state = 'cancelled'",),
    "I18 a parcel's version": ("UPDATE logistics_parcel SET version = version + 1",),
    "I19 every parcel that waits": (
        "UPDATE logistics_parcel SET state = 'requested', way = 'pickup', next_try_at = NULL",
    ),
    "I19 no booking is overdue": (
        "UPDATE logistics_parcel SET state = 'requested', next_try_at = '{long_ago}', claimed_until = NULL",
        "+orders_heartbeat name='logistics.book_due_parcels', at='{far}'",
    ),
    "I27 every courier message": (
        "+logistics_courierpush courier='sf', outcome='', next_try_at=NULL, ended_at=NULL",
    ),
    "I31 at most one live return": (
        "DROP INDEX one_live_return_per_leg",
        "UPDATE logistics_parcel SET leg = 'one', state = 'requested', kind = 'return'",
    ),
    "I31 a waybill belongs": (
        "DROP INDEX one_live_parcel_per_waybill",
        "UPDATE logistics_parcel SET courier = 'sf', waybill = 'SF1', state = 'booked'",
    ),
    "I31 a booked parcel has a waybill": (
        "UPDATE logistics_parcel SET state = 'booked', waybill = '', way = 'self_ship'",
    ),
    "I31 a pickup's number was given": (
        "UPDATE logistics_parcel SET way = 'pickup', asked_courier = 'sf'",
        "INSERT INTO logistics_courierorder (parcel_id, number, courier, why, currency, province, given_at, claim, "
        "outcome, problem, late) SELECT id, number, 'jd', '[]', 'CNY', '', now(), 0, '', '', false "
        "FROM logistics_parcel ON CONFLICT (number) DO UPDATE SET courier = 'jd'",
    ),
    "I31 nobody who refused": (
        "UPDATE logistics_parcel SET way = 'pickup', asked_courier = 'jd', state = 'booked'",
        "INSERT INTO logistics_courierorder (parcel_id, number, courier, why, currency, province, given_at, claim, "
        "outcome, problem, late) SELECT id, number, 'jd', '[]', 'CNY', '', now(), 0, 'refused', '', false "
        "FROM logistics_parcel ON CONFLICT (number) DO UPDATE SET outcome = 'refused', courier = 'jd'",
    ),
    "I31 who rides along": (
        "UPDATE logistics_parcel SET way = 'pickup', kind = 'return', state = 'booked', shares_with_id = "
        "(SELECT min(id) FROM logistics_parcel), slot_from = now() + id * interval '1 hour'",
    ),
    "one parcel for two returns": ("UPDATE logistics_parcel SET shares_with_id = id",),
    "a delivered parcel says when": ("UPDATE logistics_parcel SET by_word = false WHERE state = 'delivered'",),
    "a parcel is of its order's shop": ("UPDATE logistics_parcel SET merchant_id = merchant_id + 1",),
    # --- refunds ---
    "I1 refunds of an order": ("UPDATE refunds_refund SET amount = 10000000 WHERE id = {live}",),
    "I2 what a payment has reserved": ("UPDATE orders_payment SET reserved = 0",),
    "I3 a refund is above zero": ("UPDATE refunds_refund SET currency = 'USD' WHERE id = {live}",),
    "I3 what is posted about an order": ("UPDATE refunds_ledgerentry SET currency = 'USD'",),
    "I4 the live refunds of a decision": ("UPDATE refunds_authorisation SET amount = 1",),
    "I5 a refund's number": ("UPDATE refunds_refund SET number = 'RF9-9' WHERE id = {live}",),
    "I6 every call about a refund": ("UPDATE refunds_refundattempt SET amount = amount + 1",),
    "I7 every refund is authorised": ("UPDATE refunds_authorisation SET rule = '', by_kind = 'system'",),
    "I7 a refund that needs a second": ("UPDATE refunds_refund SET needs_second = true",),
    "I7 nobody decided, or agreed": (
        "UPDATE orders_customer SET user_id = 4711",
        "UPDATE refunds_authorisation SET by_kind = 'support', by_id = '4711'",
    ),
    "I8 unknown is left only": (
        "UPDATE refunds_refundmove SET from_state = 'unknown', by_kind = 'system', note = ''",
    ),
    "I8 what two people settled": ("UPDATE refunds_settlement SET confirmed_at = NULL",),
    "I8 an arrival was undone": (
        "UPDATE refunds_refundmove SET to_state = 'returned_by_bank', by_kind = 'support', data = '{{}}'",
    ),
    "I9 every posting balances": ("DELETE FROM refunds_ledgerentry WHERE account = 'merchant'",),
    "I10 every refund's promise": ("UPDATE refunds_ledgertransaction SET reference = reference || 'x'",),
    "I10 arrived: exactly one payout": ("UPDATE refunds_refund SET state = 'arrived' WHERE id = {live}",),
    "I10 cancelled, closed or returned": ("UPDATE refunds_refund SET state = 'closed' WHERE id = {live}",),
    "I10 what is still owed": ("UPDATE refunds_refund SET state = 'cancelled' WHERE id = {live}",),
    "I11 every success told": ("UPDATE refunds_refund SET state = 'accepted' WHERE id = {arrived}",),
    "I13 a balance is the sum": ("UPDATE refunds_wallet SET balance = balance + 1",),
    "I13 the ledger owes customers what": ("UPDATE refunds_wallet SET balance = balance + 1",),
    "I13 what a gift card holds": ("+refunds_giftcard balance=5",),
    "I13 the ledger owes holders of gift cards": ("+refunds_giftcard balance=5, currency='CNY'",),
    "I13 the ledger owes holders of store credit": ("UPDATE refunds_storecoupon SET amount = amount + 1",),
    "I13 points are the sum": ("+refunds_pointsaccount balance=5",),
    "I13 each balance after an entry": ("UPDATE refunds_walletentry SET balance_after = balance_after + 1",),
    "I12 what a case did to points": ("+refunds_pointsofcase case_ref='RT1', back=5",),
    "I12 no more points come back": ("+refunds_pointsofcase case_ref='RT1', order_id={order}, back=5000000",),
    "I12 a coupon that came back": ("+refunds_returnedcoupon order_id={order}, position=99, amount=5",),
    "I13 what shops say was paid": (
        "UPDATE orders_payment SET channel = 'balance'",
        "+orders_heartbeat name='refunds.take_in_balances', at='{far}'",
    ),
    "I13 what a shop brought in": (
        "+refunds_walletentry kind='had', about='payment 1', amount=-5, wallet_id="
        "(SELECT min(id) FROM refunds_wallet)",
    ),
    "I13 a balance goes back to the bank": (
        "UPDATE refunds_refund SET state = 'returned_by_bank' WHERE channel = 'balance'",
    ),
    "I13 a gift card was paid back": ("UPDATE refunds_refund SET channel = 'gift_card' WHERE id = {arrived}",),
    "I15 a compensation was given once": ("UPDATE refunds_ledgertransaction SET kind = 'compensation'",),
    "I16 a refund's moves": ("DELETE FROM refunds_refundmove WHERE seq = 1",),
    "I17 refunds move only": ("UPDATE refunds_refundmove SET from_state = 'cancelled' WHERE seq = 2",),
    "I18 a refund's version": ("UPDATE refunds_refund SET version = version + 1",),
    "I19 every live refund": ("UPDATE refunds_refund SET next_try_at = NULL WHERE id = {live}",),
    "I19 no refund is overdue": (
        "UPDATE refunds_refund SET next_try_at = '{long_ago}', claimed_until = NULL WHERE id = {live}",
        "+orders_heartbeat name='refunds.pay_due_refunds', at='{far}'",
    ),
    "I25 every callback is taken in": ("UPDATE refunds_webhookdelivery SET processed_at = NULL, next_try_at = NULL",),
    "I25 no callback waits": (
        "UPDATE refunds_webhookdelivery SET next_try_at = '{long_ago}', claimed_until = NULL",
        "+orders_heartbeat name='refunds.pay_due_refunds', at='{far}'",
    ),
    "I27 what was taken in says": ("UPDATE refunds_webhookdelivery SET outcome = ''",),
    "T53 a shop's vouchers are numbered": ("UPDATE refunds_voucherbook SET last = last + 1",),
    "T53 a voucher is of a refund": ("UPDATE refunds_voucher SET amount = amount + 1",),
    "T53 a voucher is cancelled only": ("+refunds_vouchercancellation voucher_id={voucher}",),
    "T53 what arrived has its voucher": (
        "DELETE FROM refunds_voucher",
        "+orders_heartbeat name='refunds.write_due_vouchers', at='{far}'",
    ),
    # --- bills and differences ---
    "I11 every row of a matched bill": (
        "+refunds_statementday id=1, channel='wechat', day='2026-11-09', file_id=1, matched_at=now()",
        "+refunds_statementline id=1, file_id=1, kind='refund', channel='wechat'",
    ),
    "I11 a matched row says": (
        "+refunds_statementday id=1, channel='wechat', day='2026-11-09', file_id=1, matched_at=now()",
        "+refunds_statementline id=1, file_id=1, kind='refund', channel='wechat'",
        "+refunds_match line_id=1, result='matched', refund_id={arrived}",
    ),
    "I11 every success older": (
        "UPDATE refunds_refund SET arrived_at = '2090-12-01' WHERE id = {arrived}",
        "+refunds_statementday id=1, channel='wechat', day='2090-11-30', file_id=1, matched_at=now()",
        "+refunds_statementday id=2, channel='wechat', day='2090-12-01', file_id=2, matched_at=now()",
        "+refunds_statementday id=3, channel='wechat', day='2090-12-02', file_id=3, matched_at=now()",
        "+orders_heartbeat name='refunds.follow_statements', at='{far}'",
    ),
    "I11 a bill's rows and sums": ("+refunds_statementfile id=1, rows=5",),
    "I19 no day of a channel waits": (
        "+refunds_statementday day='2026-11-09', next_try_at='{long_ago}', claimed_until=NULL",
        "+orders_heartbeat name='refunds.match_statements', at='{far}'",
    ),
    "every open break has an age": (
        "+refunds_break closed_at=NULL, owner_id=NULL, opened_at=now()",
        "+orders_user id=999999, is_active=true, is_staff=true, is_superuser=false",
        "INSERT INTO orders_user_groups (user_id, group_id) SELECT 999999, id FROM auth_group WHERE name = 'finance'",
        "+orders_heartbeat name='refunds.follow_statements', at='{far}'",
    ),
    "a closed break says why": ("+refunds_break closed_at=now(), reason=''",),
    "what was closed by two people": (
        "+refunds_break id=999999, proposed_at=now(), closed_at=now(), proposed_by_id='7'",
        "+refunds_breakevent found_id=999999, what='closed', by_id='7', at=now()",
    ),
    "what a payment has given back": ("UPDATE orders_payment SET external = 1 WHERE reserved > 0",),
    "every refund past this platform": ("+refunds_externalrefund undone_at=NULL",),
    "T52 a red-letter request is the sum": ("+refunds_redletterrequest lines='[]', amount=5",),
    "T52 a red-letter request's moves": ("+refunds_redletterrequest lines='[]', version=3",),
    "I19 a transfer that one person": (
        "UPDATE refunds_refund SET state = 'accepted', channel = 'bank_transfer' WHERE id = {live}",
    ),
    "N7 a refund that does not move": ("UPDATE refunds_refund SET state = 'manual' WHERE id = {live}",),
    "N7 money that was not paid": ("UPDATE refunds_refund SET state = 'closed' WHERE id = {live}",),
    "N7 an exception is closed only": (
        "+refunds_refundexception refund_id={live}, closed_at=now(), closed_how='arrived'",
    ),
    "N7 every open exception has an owner": (
        "+refunds_refundexception refund_id={live}, opened_at='2020-01-01', owner_id=NULL",
        "+orders_user id=4711, is_active=true, is_staff=true, username='somebody'",
        "+orders_user_groups user_id=4711, group_id=(SELECT min(p.group_id) FROM auth_group_permissions p"
        " JOIN auth_permission a ON a.id = p.permission_id WHERE a.codename = 'own_exception')",
    ),
    "S99 a promise that passed": (
        "UPDATE refunds_refund SET promised_by = '{long_ago}' WHERE id = {live}",
        "+orders_heartbeat name='refunds.look_after_exceptions', at='{far}'",
    ),
    "N7 another way was": (
        "+refunds_routechange refund_id={live}, replacement_id={arrived}, done_at=now(), way='balance',"
        " by_kind='customer'",
    ),
    "a refund paid by hand": ("UPDATE refunds_refund SET channel = 'bank_transfer' WHERE id = {arrived}",),
    # --- aftersales ---
    "a request's state is where": ("UPDATE aftersales_returnrequest SET version = version + 1",),
    "each move of a request starts": ("UPDATE aftersales_returnmove SET from_state = 'lapsed' WHERE seq = 2",),
    "requests move only along": ("UPDATE aftersales_returnmove SET from_state = 'lapsed' WHERE seq = 2",),
    "what was promised of an order line": ("UPDATE orders_orderline SET claimed = net + 1",),
    "what refunds carry of an order line": ("UPDATE orders_orderline SET refunded = 0",),
    "units in use on an order line": ("UPDATE orders_orderline SET unshipped_in_use = 0",),
    "what live and done requests promise": ("UPDATE orders_payment SET held = 0",),
    "a bill's tenders add up": ("UPDATE aftersales_bill SET refund = refund + 1",),
    "a bill's lines, freight": ("UPDATE aftersales_bill SET freight_out = freight_out + 1",),
    "refunds of a case never exceed": ("UPDATE refunds_refund SET amount = amount + 1 WHERE id = {live}",),
    "what a case takes of each payment": ("UPDATE refunds_refund SET payment_id = payment_id + 1000",),
    # --- what customers are asked for ---
    "a charge that is paid": ("+refunds_charge state='paid', paid_order_id=NULL",),
    "I16 a charge's moves": ("+refunds_charge state='open', version=0",),
    "I17 charges move only": (
        "+refunds_charge id=999999, state='open'",
        "+refunds_chargemove row_id=999999, seq=1, from_state='paid', to_state='open'",
    ),
    "I18 a charge's version": ("+refunds_charge state='open', version=3",),
    "I19 every charge that is not over": ("+refunds_charge state='open', next_try_at=NULL",),
    # --- what replaces goods ---
    "I14 a unit is refunded or replaced": (
        "+aftersales_replacement case_ref=(SELECT return_no FROM aftersales_returnrequest"
        " WHERE state = 'withdrawn' LIMIT 1), state='sent'",
    ),
    "I14 an exchange pays back": ("UPDATE aftersales_returnrequest SET kind = 'repair'",),
    "I14 the order of an exchange": (
        "+aftersales_replacement case_ref=(SELECT max(return_no) FROM aftersales_returnrequest), state='sent',"
        " new_order_id={order}, paid=7",
    ),
    "I14 a completed request": ("UPDATE aftersales_returnrequest SET kind = 'exchange'",),
    "stock reserved is what": ("+orders_stock sku='X', reserved=1",),
    "stock is the sum": ("+orders_stock sku='X', available=5",),
    "I16 a replacement's moves": ("+aftersales_replacement state='sent', version=0",),
    "I17 replacements move only": (
        "+aftersales_replacement id=999999, state='sent'",
        "+aftersales_replacementmove row_id=999999, seq=1, from_state='sent', to_state='reserved'",
    ),
    "I18 a replacement's version": ("+aftersales_replacement state='sent', version=3",),
    "I19 a replacement that waits": ("+aftersales_replacement state='out_of_stock', due_at=NULL",),
    "I25 no replacement is overdue": (
        "+aftersales_replacement state='out_of_stock', next_try_at='{long_ago}', claimed_until=NULL",
        "+orders_heartbeat name='follow_replacements', at='{far}'",
    ),
    "what a payment has carried along": ("UPDATE orders_payment SET carried = 1 WHERE reserved > 0",),
    "goods that had to come back": ("DELETE FROM aftersales_inspection",),
    "goods paid for without having arrived": (
        "UPDATE aftersales_returnmove SET note = 'parcel_lost', by_kind = 'system' WHERE to_state = 'settling'",
    ),
    "a granted case has what it leads to": ("DELETE FROM refunds_refund WHERE id = {live}",),
    "no step of a case is overdue": (
        "UPDATE aftersales_returnrequest SET next_try_at = '{long_ago}', claimed_until = NULL",
        "+orders_heartbeat name='follow_cases', at='{far}'",
    ),
    "a trial of a draft is due": (
        f"+aftersales_trial {ONE_DRAFT}, kind='live', ending='done', ended_at=now(), next_try_at=now()",
    ),
    "no trial of a draft is overdue": (
        f"+aftersales_trial {ONE_DRAFT}, kind='live', ending='', next_try_at='{{long_ago}}', claimed_until=NULL",
        "+orders_heartbeat name='try_drafts', at='{far}'",
    ),
    "a trial has counted each case": (f"+aftersales_trial {ONE_DRAFT}, kind='live', ending='', judged=5",),
    "no notice is overdue": (
        "UPDATE aftersales_notice SET next_try_at = '{long_ago}', claimed_until = NULL",
        "+orders_heartbeat name='send_due_notices', at='{far}'",
    ),
    "no photo waits to be looked at": (
        "+aftersales_evidence kind='photo', next_try_at='{long_ago}', claimed_until=NULL",
        "+orders_heartbeat name='look_at_evidence', at='{far}'",
    ),
    "no photo of a waybill waits to be read": (
        "+aftersales_waybillphoto next_try_at='{long_ago}', claimed_until=NULL",
        "+orders_heartbeat name='read_waybill_photos', at='{far}'",
    ),
    "a photo was looked at": ("+aftersales_evidence kind='photo', next_try_at=NULL, looked_at=NULL, last_error=''",),
    "what says of two photos": ("+aftersales_twin first_id=1, second_id=2, distance=0",),
    "a completed case has paid": ("UPDATE refunds_refund SET state = 'manual' WHERE id = {arrived}",),
    "points that a case moved": ("+refunds_pointsofcase case_ref='RT1', taken=5",),
    "a gift card is disabled by a case": (
        "+refunds_giftcardentry card_id=1, kind='disabled', about='RT1', reference='x', amount=-5",
    ),
    "a decision names who": ("UPDATE aftersales_returnrequest SET decided_by_kind = ''",),
    "every live request has somebody": (
        "UPDATE aftersales_returnrequest SET state = 'in_review', due_at = NULL, next_try_at = NULL",
    ),
    "freight insurance paid once": (
        "+refunds_walletentry kind='insurance', reference='RT1', amount=5, wallet_id="
        "(SELECT min(id) FROM refunds_wallet)",
    ),
    "an ended request waits": ("UPDATE aftersales_returnrequest SET due_at = now() WHERE state = 'completed'",),
    "filed before the deadline": (
        "UPDATE aftersales_returnrequest SET outcome = 'approve', deadline = filed_at - interval '1 day'",
    ),
    "counted and missing units": (
        "UPDATE aftersales_returnline SET missing = missing + 1 WHERE counted IS NOT NULL",
    ),
    "stock that came back is": ("UPDATE aftersales_inspection SET shelved = true",),
    "graded units that are sold again": (
        "UPDATE aftersales_inspection SET shelved = false",
        "+orders_stock id=999999, merchant_id=(SELECT merchant_id FROM aftersales_returnrequest LIMIT 1),"
        " sku=(SELECT o.sku FROM aftersales_inspection i JOIN aftersales_returnline l ON l.id = i.line_id"
        " JOIN orders_orderline o ON o.id = l.order_line_id LIMIT 1)",
        "+orders_stockmovement stock_id=999999, at='2020-01-01'",
    ),
    "graded units go on in order": (
        "+aftersales_movedon inspection_id=(SELECT min(id) FROM aftersales_inspection), seq=1, quantity=1,"
        " way_from='RESTOCK', disposition='SCRAP'",
    ),
    "what returned goods brought": (
        "+aftersales_recovery inspection_id=(SELECT min(id) FROM aftersales_inspection), seq=1, quantity=99,"
        " way='RESTOCK', currency='CNY'",
    ),
    "graded units never exceed": ("UPDATE aftersales_inspection SET quantity = quantity + 1",),
    "an offer that was accepted was granted": (
        "+aftersales_keepoffer request_id=(SELECT min(id) FROM aftersales_returnrequest),"
        " line_id=(SELECT min(id) FROM aftersales_returnline), amount=7, currency='CNY', answer='accepted',"
        " made_at='2026-12-01', due_at='2026-12-01', answered_at='2026-12-01'",
    ),
    "a case is judged by a published policy": ("UPDATE aftersales_returnrequest SET policy_version = 99",),
    "every notice was sent": ("UPDATE aftersales_notice SET sent_at = NULL, next_try_at = NULL, last_error = ''",),
    "a person is told of one occasion": (
        "ALTER TABLE aftersales_notice DROP CONSTRAINT aftersales_notice_key_key",
        "UPDATE aftersales_notice SET key = 'one'",
    ),
    "a notice was sent to the mailbox": ("UPDATE aftersales_notice SET address = 'nowhere' WHERE channel = 'email'",),
    "a measure's state is where": ("+aftersales_measure kind='watch', state='proposed', version=1",),
    "measures move only along": ("+aftersales_measuremove row_id=1, seq=1, from_state='ended', to_state='in_force'",),
    "a measure that is or was in force was": (
        "+aftersales_measure kind='review', state='ended', from_at='2026-12-01', decided_by_kind='support', "
        "decided_by_id='7', decided_at='2026-12-01', second_kind='support', second_id='7'",
    ),
    "what judging reads of measures": (
        "+aftersales_measure kind='limit', state='in_force', customer_id=1, until='{far}', from_at='2026-12-01', "
        "decided_by_kind='support', decided_by_id='7', amount=5, currency='CNY'",
        "UPDATE aftersales_standing SET reviewed_until = NULL",
    ),
    "a deposit lies here while": (
        "+aftersales_measure kind='deposit', state='ended', from_at='2026-12-01', amount=500, currency='CNY'",
    ),
    "the ledger owes customers the deposits": (
        "+aftersales_measure kind='deposit', state='in_force', amount=500, currency='CNY', until='{far}', "
        "from_at='2026-12-01', decided_by_kind='support', decided_by_id='7', second_kind='support', second_id='8'",
    ),
    "money ahead of the bench went": ("UPDATE aftersales_returnrequest SET paid_ahead_at = now()",),
    "each request has its place": ("UPDATE aftersales_returnrequest SET nth = nth + 1",),
    "no customer's credit is overdue": (
        "+aftersales_standing level='new', limited_until=NULL, next_try_at='{long_ago}', claimed_until=NULL",
        "+orders_heartbeat name='look_at_credit', at='{far}'",
    ),
}
