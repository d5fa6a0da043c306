"""What must always hold about money, each as one query that returns no row. The numbers are those of the docs."""

from refunds.charges import books as charges
from refunds.matching import books as matching
from refunds.payouts import states
from refunds.wallet.queries import EVERYBODYS_USES
from returns_platform.kernel.books import Invariant


def _in(names) -> str:
    return "(" + ", ".join(f"'{name}'" for name in sorted(names)) + ")"


LIVE = _in(states.LIVE)
EDGES = ", ".join(f"('{source}', '{target}')" for source, target in sorted({*states.EDGES, ("", states.PROMISED)}))
STUCK_AFTER = "interval '15 minutes'"
# A database that was down with everything else has work from before: it counts from its start.
DUE = "greatest(next_try_at, claimed_until, pg_postmaster_start_time())"
NOTHING = _in(states.CAME_TO_NOTHING)
LOOKED = "(SELECT max(at) FROM orders_heartbeat WHERE name = 'refunds.look_after_exceptions')"
BALANCES = "(SELECT max(at) FROM orders_heartbeat WHERE name = 'refunds.take_in_balances')"
SWEPT = "(SELECT max(at) FROM orders_heartbeat WHERE name = 'refunds.pay_due_refunds')"

INVARIANTS = [
    Invariant(
        "I1 refunds of an order are within what was paid for it",
        f"""SELECT o.order_no, sum(r.amount) FROM refunds_refund r JOIN orders_order o ON o.id = r.order_id
            WHERE r.state IN {LIVE} GROUP BY o.id
            HAVING sum(r.amount) > (SELECT sum(p.amount) FROM orders_payment p WHERE p.order_id = o.id)""",
    ),
    Invariant(
        "I2 what a payment has reserved is its live refunds, what went back past us and what an exchange carried "
        "along, within what was paid",
        f"""SELECT p.id, p.amount, p.reserved, p.external, coalesce(sum(r.amount), 0) FROM orders_payment p
            LEFT JOIN refunds_refund r ON r.payment_id = p.id AND r.state IN {LIVE}
            GROUP BY p.id HAVING p.reserved <> coalesce(sum(r.amount), 0) + p.external + p.carried
              OR p.reserved > p.amount""",
    ),
    Invariant(
        "I3 a refund is above zero, in its order's currency, of a payment of its order, to the order's customer",
        """SELECT r.number FROM refunds_refund r JOIN orders_order o ON o.id = r.order_id
           JOIN orders_payment p ON p.id = r.payment_id
           WHERE r.amount <= 0 OR r.currency <> o.currency OR p.order_id <> o.id
              OR r.customer_id <> o.customer_id OR r.merchant_id <> o.merchant_id""",
    ),
    Invariant(
        "I3 what is posted about an order is in its currency",
        """SELECT t.reference, e.currency FROM refunds_ledgerentry e
           JOIN refunds_ledgertransaction t ON t.id = e.transaction_id JOIN orders_order o ON o.id = t.order_id
           WHERE e.currency <> o.currency""",
    ),
    Invariant(
        "I4 the live refunds of a decision are within what was decided",
        f"""SELECT a.case_ref, a.amount, sum(r.amount) FROM refunds_authorisation a
            JOIN refunds_refund r ON r.authorisation_id = a.id AND r.state IN {LIVE}
            GROUP BY a.id HAVING sum(r.amount) > a.amount""",
    ),
    Invariant(
        "I5 a refund's number is derived from its case and never changes",
        """SELECT number FROM refunds_refund
           WHERE number <> 'RF' || regexp_replace(case_ref, '[^0-9]', '', 'g') || '-' || serial""",
    ),
    Invariant(
        "I6 every call about a refund names the same number, amount, currency and payment",
        """SELECT r.number, a.seq FROM refunds_refundattempt a JOIN refunds_refund r ON r.id = a.refund_id
           JOIN orders_payment p ON p.id = r.payment_id JOIN orders_transaction t ON t.id = p.transaction_id
           WHERE (a.number, a.amount, a.currency, a.channel, a.transaction_id)
              <> (r.number, r.amount, r.currency, r.channel, t.transaction_id)""",
    ),
    Invariant(
        "I7 every refund is authorised for its case by a rule or a person",
        """SELECT r.number FROM refunds_refund r JOIN refunds_authorisation a ON a.id = r.authorisation_id
           WHERE a.case_ref <> r.case_ref OR a.currency <> r.currency
              OR (a.rule = '' AND a.by_kind IN ('rule', 'system', 'channel', 'courier'))
              OR (a.rule <> '' AND a.rule_version IS NULL)""",
    ),
    Invariant(
        "I7 a refund that needs a second person was not sent without one, and the two are different people",
        """SELECT r.number FROM refunds_refund r JOIN refunds_authorisation a ON a.id = r.authorisation_id
           WHERE r.needs_second AND r.asked_at IS NOT NULL
             AND (a.second_at IS NULL OR (a.by_kind, a.by_id) = (a.second_kind, a.second_id)
                  OR (a.by_id = a.second_id AND a.by_kind IN ('merchant', 'support')
                      AND a.second_kind IN ('merchant', 'support')))""",
    ),
    Invariant(
        "I7 nobody decided, or agreed, about money of their own",
        """SELECT r.number FROM refunds_refund r JOIN refunds_authorisation a ON a.id = r.authorisation_id
           JOIN orders_customer c ON c.id = r.customer_id
           WHERE (a.by_kind IN ('merchant', 'support') AND a.by_id = c.user_id::text)
              OR (a.second_kind IN ('merchant', 'support') AND a.second_id = c.user_id::text)""",
    ),
    Invariant(
        "I8 unknown is left only by the channel's word or by two people, arrived only by the bank's return",
        """SELECT r.number, m.seq, m.to_state FROM refunds_refundmove m JOIN refunds_refund r ON r.id = m.row_id
           WHERE (m.from_state = 'unknown' AND m.by_kind <> 'channel' AND m.note <> 'two_people')
              OR (m.from_state = 'arrived' AND m.to_state <> 'returned_by_bank')""",
    ),
    Invariant(
        "I8 what two people settled was confirmed by another one",
        """SELECT r.number FROM refunds_refundmove m JOIN refunds_refund r ON r.id = m.row_id
           WHERE m.note = 'two_people' AND NOT EXISTS (
             SELECT 1 FROM refunds_settlement s WHERE s.refund_id = r.id AND s.id = (m.data->>'settlement')::bigint
                AND s.confirmed_at IS NOT NULL AND (s.by_kind, s.by_id) <> (s.second_kind, s.second_id))""",
    ),
    Invariant(
        "I8 an arrival was undone only with proof, by the channel's own word, or by taking it off the balance again",
        """SELECT r.number, m.seq FROM refunds_refundmove m JOIN refunds_refund r ON r.id = m.row_id
           WHERE m.to_state = 'returned_by_bank'
             AND (r.channel IN ('balance', 'coupon', 'gift_card')
                  OR (m.by_kind <> 'channel' AND m.note <> 'two_people' AND coalesce(m.data->>'proof', '') = ''))
             AND NOT EXISTS (
               SELECT 1 FROM refunds_walletentry w WHERE w.kind = 'moved' AND w.reference = r.number)""",
    ),
    Invariant(
        "I9 every posting balances to zero in each currency and has entries",
        """SELECT t.reference, e.currency FROM refunds_ledgertransaction t
           LEFT JOIN refunds_ledgerentry e ON e.transaction_id = t.id
           GROUP BY t.id, e.currency HAVING count(e.id) < 2 OR sum(e.amount) <> 0""",
    ),
    Invariant(
        "I10 every refund's promise is posted once, with its amounts",
        """SELECT r.number FROM refunds_refund r
           LEFT JOIN refunds_ledgertransaction t ON t.reference = 'promised:' || r.number AND t.kind = 'promised'
           LEFT JOIN refunds_ledgerentry e ON e.transaction_id = t.id
           GROUP BY r.id HAVING
             coalesce(sum(e.amount) FILTER (WHERE e.account = 'refunds_payable'), 0) <> r.amount
             OR coalesce(sum(e.amount) FILTER (WHERE e.account = 'merchant'), 0) <> -r.amount - r.platform_share""",
    ),
    Invariant(
        "I10 arrived: exactly one payout of the same amount is posted, and for nothing else",
        """SELECT coalesce(r.number, t.reference) FROM
             (SELECT * FROM refunds_refund WHERE state IN ('arrived', 'returned_by_bank')) r
           FULL OUTER JOIN
             (SELECT t.reference, t.currency, t.paid FROM (
                SELECT t.id, t.reference, min(e.currency) AS currency,
                       -sum(e.amount) FILTER (WHERE e.account = 'refunds_payable') AS paid
                FROM refunds_ledgertransaction t JOIN refunds_ledgerentry e ON e.transaction_id = t.id
                WHERE t.kind = 'arrived' GROUP BY t.id) t) t ON t.reference = 'arrived:' || r.number
           WHERE r.id IS NULL OR t.reference IS NULL OR t.paid <> r.amount OR t.currency <> r.currency""",
    ),
    Invariant(
        "I10 cancelled, closed or returned: the promise is reversed once, and for nothing else",
        """SELECT coalesce(r.number, t.reference) FROM
             (SELECT *,
                     CASE state WHEN 'returned_by_bank' THEN 'returned:' ELSE 'cancelled:' END || number AS reference
              FROM refunds_refund WHERE state IN ('cancelled', 'closed', 'returned_by_bank')) r
           FULL OUTER JOIN
             (SELECT t.reference, sum(e.amount) FILTER (WHERE e.account = 'merchant') AS back
              FROM refunds_ledgertransaction t JOIN refunds_ledgerentry e ON e.transaction_id = t.id
              WHERE t.kind IN ('cancelled', 'returned') GROUP BY t.id) t ON t.reference = r.reference
           WHERE r.id IS NULL OR t.reference IS NULL OR t.back <> r.amount + r.platform_share""",
    ),
    Invariant(
        "I10 what is still owed to customers is what is promised and not arrived",
        """SELECT 'refunds_payable', currency, sum(amount) FROM (
             SELECT currency, amount FROM refunds_ledgerentry WHERE account = 'refunds_payable'
             UNION ALL
             SELECT currency, -amount FROM refunds_refund
             WHERE state IN ('promised', 'held', 'sending', 'accepted', 'unknown', 'manual')) both_sides
           GROUP BY currency HAVING sum(amount) <> 0""",
    ),
    Invariant(
        "I11 every success told by the channel is of an arrived refund or has a break",
        """SELECT d.event_id FROM refunds_webhookdelivery d LEFT JOIN refunds_refund r ON r.id = d.refund_id
           WHERE d.processed_at IS NOT NULL AND d.news->>'state' = 'succeeded'
             AND coalesce(r.state, '') NOT IN ('arrived', 'returned_by_bank')
             AND d.outcome <> 'frozen'
             AND NOT EXISTS (SELECT 1 FROM refunds_break b WHERE b.source = d.source AND b.reference = d.event_id)""",
    ),
    Invariant(
        "I13 a balance is the sum of its entries",
        """SELECT w.id, w.balance FROM refunds_wallet w LEFT JOIN refunds_walletentry e ON e.wallet_id = w.id
           GROUP BY w.id HAVING w.balance <> coalesce(sum(e.amount), 0) OR w.balance < 0""",
    ),
    Invariant(
        "I13 what shops say was paid with a balance is off it once, and given back where it was not",
        f"""SELECT customer_id, payment_id, amount, spent FROM ({EVERYBODYS_USES}) uses
            WHERE told_at < {BALANCES} - {STUCK_AFTER} AND (spent < amount OR (is_open AND spent <> amount))""",
    ),
    Invariant(
        "I13 what a shop brought in for a payment is within what was paid",
        f"SELECT customer_id, payment_id, had, spent FROM ({EVERYBODYS_USES}) uses WHERE had < 0 OR had > spent",
    ),
    Invariant(
        "I13 the ledger owes customers what their balances say",
        """SELECT currency, sum(amount) FROM (
             SELECT currency, balance AS amount FROM refunds_wallet
             UNION ALL
             SELECT currency, -amount FROM refunds_ledgerentry WHERE account = 'customer_wallet') both_sides
           GROUP BY currency HAVING sum(amount) <> 0""",
    ),
    Invariant(
        "I13 what a gift card holds is the sum of its entries, and nothing once it was returned",
        """SELECT c.id, c.balance FROM refunds_giftcard c LEFT JOIN refunds_giftcardentry e ON e.card_id = c.id
           GROUP BY c.id HAVING c.balance <> coalesce(sum(e.amount), 0) OR c.balance < 0
              OR (c.disabled_at IS NOT NULL AND c.balance <> 0)""",
    ),
    Invariant(
        "I13 the ledger owes holders of gift cards what the cards hold",
        """SELECT currency, sum(amount) FROM (
             SELECT currency, balance AS amount FROM refunds_giftcard
             UNION ALL
             SELECT currency, -amount FROM refunds_ledgerentry WHERE account = 'gift_cards') both_sides
           GROUP BY currency HAVING sum(amount) <> 0""",
    ),
    Invariant(
        "I13 the ledger owes holders of store credit what was issued",
        """SELECT currency, sum(amount) FROM (
             SELECT currency, amount FROM refunds_storecoupon
             UNION ALL
             SELECT currency, -amount FROM refunds_ledgerentry WHERE account = 'store_coupons') both_sides
           GROUP BY currency HAVING sum(amount) <> 0""",
    ),
    Invariant(
        "I13 points are the sum of their entries",
        """SELECT a.id, a.balance FROM refunds_pointsaccount a LEFT JOIN refunds_pointsentry e ON e.account_id = a.id
           GROUP BY a.id HAVING a.balance <> coalesce(sum(e.amount), 0) OR a.balance < 0""",
    ),
    Invariant(
        "I13 each balance after an entry is the one before and the entry",
        " UNION ALL ".join(
            f"""SELECT '{table}', id FROM (
                  SELECT id, amount, balance_after, lag(balance_after, 1, 0::bigint) OVER (
                           PARTITION BY {owner} ORDER BY id) AS before FROM {table}) e
                WHERE balance_after <> before + amount OR balance_after < 0"""
            for table, owner in (
                ("refunds_walletentry", "wallet_id"),
                ("refunds_giftcardentry", "card_id"),
                ("refunds_pointsentry", "account_id"),
            )
        ),
    ),
    Invariant(
        "I12 what a case did to points is the sum of its entries",
        """SELECT c.case_ref FROM refunds_pointsofcase c LEFT JOIN refunds_pointsentry e
             ON e.case_ref = c.case_ref AND e.account_id = c.account_id
           GROUP BY c.id HAVING c.back <> coalesce(sum(e.amount) FILTER (WHERE e.kind = 'back'), 0)
              OR c.taken <> -coalesce(sum(e.amount) FILTER (WHERE e.kind = 'taken'), 0)""",
    ),
    Invariant(
        "I12 no more points come back than were used, and none are taken that were not earned",
        """SELECT o.order_no FROM refunds_pointsofcase c JOIN orders_order o ON o.id = c.order_id
           GROUP BY o.id HAVING sum(c.back) > o.points_used OR sum(c.taken + c.shortfall) > o.points_earned""",
    ),
    Invariant(
        "I12 a coupon that came back was one of its order, of its amount",
        """SELECT c.id FROM refunds_returnedcoupon c LEFT JOIN orders_discount d
             ON d.order_id = c.order_id AND d.position = c.position
           WHERE d.id IS NULL OR d.amount <> c.amount OR d.source <> c.source""",
    ),
    Invariant(
        "I13 a balance goes back to the bank once, and the bonus on it with it",
        """SELECT r.number FROM refunds_refund r
           LEFT JOIN refunds_walletentry e ON e.reference = r.number AND e.kind IN ('moved', 'bonus_back')
           WHERE r.channel = 'balance' GROUP BY r.id
           HAVING coalesce(sum(e.amount) FILTER (WHERE e.kind = 'moved'), 0)
                    <> CASE r.state WHEN 'returned_by_bank' THEN -r.amount ELSE 0 END
              OR coalesce(sum(e.amount) FILTER (WHERE e.kind = 'bonus_back'), 0)
                    <> CASE r.state WHEN 'returned_by_bank' THEN -r.bonus ELSE 0 END""",
    ),
    Invariant(
        "I13 a gift card was paid back what its refunds say, or store credit was given for it (T64)",
        """SELECT r.number FROM refunds_refund r
           LEFT JOIN refunds_giftcardentry e ON e.about = r.number AND e.kind = 'refund'
           LEFT JOIN refunds_storecoupon s ON s.reference = r.number AND s.kind = 'refund'
           WHERE r.channel = 'gift_card' AND r.state = 'arrived'
             AND NOT EXISTS (
               SELECT 1 FROM refunds_settlement t WHERE t.refund_id = r.id AND t.confirmed_at IS NOT NULL)
           GROUP BY r.id HAVING coalesce(sum(e.amount), 0) + coalesce(sum(s.amount), 0) <> r.amount""",
    ),
    Invariant(
        "I15 a compensation was given once, in full, apart from refunds, and above the limit by two people",
        """SELECT c.case_ref, c.ground FROM refunds_compensation c
           LEFT JOIN refunds_walletentry w ON w.kind = 'compensation' AND w.reference = c.case_ref || ':' || c.ground
           LEFT JOIN refunds_storecoupon s ON s.kind = 'compensation' AND s.reference = c.case_ref || ':' || c.ground
           LEFT JOIN refunds_pointsentry p ON p.kind = 'compensation' AND p.reference = c.case_ref || ':' || c.ground
           WHERE c.given_at IS NOT NULL AND
             ((c.what = 'balance' AND w.amount IS DISTINCT FROM c.amount)
              OR (c.what = 'coupon' AND s.amount IS DISTINCT FROM c.amount)
              OR (c.what = 'points' AND p.amount IS DISTINCT FROM c.amount)
              OR (c.needs_second AND c.second_id = ''))
           UNION ALL
           SELECT 'posted', t.reference FROM refunds_ledgertransaction t
           LEFT JOIN refunds_compensation c
             ON t.reference = 'compensation:' || c.case_ref || ':' || c.ground AND c.given_at IS NOT NULL
           WHERE t.kind = 'compensation' AND c.id IS NULL""",
    ),
    Invariant(
        "I16 a refund's moves are numbered without gaps, each begins where the last ended, the last is its state",
        """SELECT r.number, m.seq FROM refunds_refund r LEFT JOIN (
             SELECT row_id, seq, from_state, to_state,
                    row_number() OVER w AS nth, lag(to_state, 1, '') OVER w AS before, lead(seq) OVER w AS later
             FROM refunds_refundmove WINDOW w AS (PARTITION BY row_id ORDER BY seq)) m ON m.row_id = r.id
           WHERE m.seq IS NULL OR m.seq <> m.nth OR m.from_state <> m.before
              OR (m.later IS NULL AND m.to_state <> r.state)""",
    ),
    Invariant(
        "I17 refunds move only along declared edges",
        f"""SELECT r.number, m.seq, m.from_state, m.to_state FROM refunds_refundmove m
            JOIN refunds_refund r ON r.id = m.row_id WHERE (m.from_state, m.to_state) NOT IN ({EDGES})""",
    ),
    Invariant(
        "I18 a refund's version is the number of its moves",
        """SELECT r.number FROM refunds_refund r LEFT JOIN refunds_refundmove m ON m.row_id = r.id
           GROUP BY r.id HAVING r.version <> count(m.id)""",
    ),
    Invariant(
        "I19 every live refund is due, arrived, or with a person",
        """SELECT number, state FROM refunds_refund
           WHERE state IN ('promised', 'sending', 'accepted', 'unknown') AND next_try_at IS NULL
             AND NOT (state = 'accepted' AND channel = 'bank_transfer')""",
    ),
    Invariant(
        "I19 a transfer that one person entered waits for another one",
        """SELECT r.number FROM refunds_refund r WHERE r.state = 'accepted' AND r.channel = 'bank_transfer'
             AND (SELECT count(*) FROM refunds_transfer t WHERE t.refund_id = r.id
                    AND t.confirmed_at IS NULL AND t.dropped_at IS NULL) <> 1""",
    ),
    Invariant(
        "I19 no refund is overdue for a quarter of an hour while the sweeps run",
        f"""SELECT number, next_try_at FROM refunds_refund
            WHERE {DUE} < {SWEPT} - {STUCK_AFTER}
              AND next_try_at IS NOT NULL AND state IN ('promised', 'sending', 'accepted', 'unknown')""",
    ),
    Invariant(
        "N7 a refund that does not move by itself has exactly one open exception",
        """SELECT r.number, r.state, r.problem FROM refunds_refund r
           WHERE (r.state = 'manual' OR (r.problem <> '' AND r.state IN ('sending', 'accepted', 'unknown')))
             AND (SELECT count(*) FROM refunds_refundexception e
                  WHERE e.refund_id = r.id AND e.closed_at IS NULL) <> 1""",
    ),
    Invariant(
        "N7 money that was not paid, or came back, has a later number or exactly one open exception",
        f"""SELECT r.number, r.state FROM refunds_refund r WHERE r.state IN {NOTHING}
              AND NOT EXISTS (SELECT 1 FROM refunds_refund n WHERE n.replaces_id = r.id)
              AND (SELECT count(*) FROM refunds_refundexception e
                   WHERE e.refund_id = r.id AND e.closed_at IS NULL) <> 1""",
    ),
    Invariant(
        "N7 an exception is closed only with proof: arrived, replaced by a number that arrived, or never sent",
        """SELECT r.number, e.closed_how FROM refunds_refundexception e JOIN refunds_refund r ON r.id = e.refund_id
           WHERE e.closed_at IS NOT NULL AND NOT (
             (e.closed_how IN ('arrived', 'settled') AND r.arrived_at IS NOT NULL)
             OR (e.closed_how = 'cancelled' AND r.state = 'cancelled')
             OR (e.closed_how = 'replaced' AND EXISTS (
               SELECT 1 FROM refunds_refund n WHERE n.number = e.proof AND n.arrived_at IS NOT NULL)))""",
    ),
    Invariant(
        "N7 every open exception has an owner, as soon as there is anybody to own it",
        """SELECT r.number FROM refunds_refundexception e JOIN refunds_refund r ON r.id = e.refund_id
           WHERE e.closed_at IS NULL AND e.owner_id IS NULL AND e.opened_at < now() - interval '15 minutes'
             AND EXISTS (SELECT 1 FROM orders_user u JOIN orders_user_groups g ON g.user_id = u.id
               JOIN auth_group_permissions p ON p.group_id = g.group_id
               JOIN auth_permission a ON a.id = p.permission_id
               WHERE u.is_active AND u.is_staff AND a.codename = 'own_exception'
                 AND u.id IS DISTINCT FROM (SELECT user_id FROM orders_customer c WHERE c.id = r.customer_id))""",
    ),
    Invariant(
        "S99 a promise that passed has an exception, as the sweep last looked",
        f"""SELECT number, promised_by FROM refunds_refund r
            WHERE state IN {_in(states.ON_ITS_WAY)} AND promised_by < {LOOKED} - {STUCK_AFTER}
              AND NOT EXISTS (SELECT 1 FROM refunds_refundexception e
                              WHERE e.refund_id = r.id AND e.closed_at IS NULL)""",
    ),
    Invariant(
        "N7 another way was the customer's own choice of her balance, or three people's of a bank account",
        """SELECT r.number, c.way FROM refunds_routechange c JOIN refunds_refund r ON r.id = c.refund_id
           JOIN refunds_refund n ON n.id = c.replacement_id
           WHERE c.done_at IS NOT NULL AND (
             n.replaces_id IS DISTINCT FROM r.id OR n.amount <> r.amount OR n.customer_id <> r.customer_id
             OR r.state NOT IN ('closed', 'returned_by_bank') OR n.channel <> c.way
             OR (c.way = 'bank_transfer' AND c.done_at < c.not_before))""",
    ),
    Invariant(
        "a refund paid by hand arrived by a transfer that one person made and another one saw",
        """SELECT r.number FROM refunds_refund r WHERE r.channel = 'bank_transfer' AND r.arrived_at IS NOT NULL
             AND NOT EXISTS (SELECT 1 FROM refunds_transfer t WHERE t.refund_id = r.id
               AND t.confirmed_at IS NOT NULL AND (t.by_kind, t.by_id) <> (t.second_kind, t.second_id))
             AND NOT EXISTS (SELECT 1 FROM refunds_settlement s WHERE s.refund_id = r.id
               AND s.confirmed_at IS NOT NULL AND s.outcome = 'paid')""",
    ),
    Invariant(
        "I25 every callback is taken in, due, or set aside with an open break",
        """SELECT event_id FROM refunds_webhookdelivery d
           WHERE processed_at IS NULL AND next_try_at IS NULL AND NOT EXISTS (
             SELECT 1 FROM refunds_break b WHERE b.source = d.source AND b.reference = d.event_id)""",
    ),
    Invariant(
        "I25 no callback waits for a quarter of an hour while the sweeps run",
        f"""SELECT event_id, next_try_at FROM refunds_webhookdelivery
            WHERE {DUE} < {SWEPT} - {STUCK_AFTER} AND next_try_at IS NOT NULL""",
    ),
    Invariant(
        "I27 what was taken in says what became of it",
        "SELECT event_id FROM refunds_webhookdelivery WHERE processed_at IS NOT NULL AND outcome = ''",
    ),
    Invariant(
        "T53 a shop's vouchers are numbered from 1 without a gap, as far as its book has counted",
        """SELECT coalesce(v.merchant_id, b.merchant_id), b.last, v.count FROM refunds_voucherbook b
           FULL OUTER JOIN (SELECT merchant_id, count(*) AS count, min(serial) AS first, max(serial) AS last
                            FROM refunds_voucher GROUP BY merchant_id) v ON v.merchant_id = b.merchant_id
           WHERE b.id IS NULL OR b.last <> coalesce(v.count, 0) OR v.first <> 1 OR v.last <> v.count""",
    ),
    Invariant(
        "T53 a voucher is of a refund that arrived, of the same shop, case and amount",
        """SELECT v.number FROM refunds_voucher v JOIN refunds_refund r ON r.id = v.refund_id
           WHERE r.state NOT IN ('arrived', 'returned_by_bank')
              OR (v.merchant_id, v.case_ref, v.amount, v.currency, v.arrived_at)
                 IS DISTINCT FROM (r.merchant_id, r.case_ref, r.amount, r.currency, r.arrived_at)""",
    ),
    Invariant(
        "T53 a voucher is cancelled only where the bank sent the money back",
        """SELECT v.number FROM refunds_voucher v JOIN refunds_refund r ON r.id = v.refund_id
           JOIN refunds_vouchercancellation c ON c.voucher_id = v.id WHERE r.state <> 'returned_by_bank'""",
    ),
    Invariant(
        "T53 what arrived has its voucher within a quarter of an hour while the sweeps run",
        """SELECT r.number FROM refunds_refund r LEFT JOIN refunds_voucher v ON v.refund_id = r.id
           WHERE r.state IN ('arrived', 'returned_by_bank') AND v.id IS NULL
             AND greatest((SELECT max(m.at) FROM refunds_refundmove m WHERE m.row_id = r.id),
                          pg_postmaster_start_time())
                 < (SELECT max(at) FROM orders_heartbeat WHERE name = 'refunds.write_due_vouchers')
                   - interval '15 minutes'""",
    ),
    Invariant(
        "T52 a red-letter request is the sum of its lines, and confirmed only with a number",
        """SELECT number FROM refunds_redletterrequest r
           WHERE amount <> (SELECT sum((line->>'amount')::bigint) FROM jsonb_array_elements(r.lines) line)
              OR (state = 'confirmed') <> (red_number <> '')""",
    ),
    Invariant(
        "T52 a red-letter request's moves are numbered without gaps and the last is its state",
        """SELECT r.number FROM refunds_redletterrequest r LEFT JOIN refunds_redlettermove m ON m.row_id = r.id
           GROUP BY r.id HAVING r.version <> count(m.id)
             OR (array_agg(m.to_state ORDER BY m.seq DESC))[1] IS DISTINCT FROM r.state""",
    ),
    *matching.INVARIANTS,
    *charges.INVARIANTS,
]
