"""What no service may do by mistake: change or remove a posting or a history, post what does not balance, change what a
refund or a compensation is about."""

from django.db import migrations

APPEND_ONLY = """
CREATE FUNCTION refunds_only_added() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% of % is refused: rows are only ever added', TG_OP, TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$;

-- The test runner empties its own databases between tests; no other database has such a name.
CREATE FUNCTION refunds_never_emptied() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF current_database() NOT LIKE 'test\\_%' THEN
        RAISE EXCEPTION 'TRUNCATE of % is refused: rows are only ever added', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NULL;
END $$;
"""

HISTORIES = (
    "refunds_ledgertransaction",
    "refunds_ledgerentry",
    "refunds_walletentry",
    "refunds_pointsentry",
    "refunds_giftcardentry",
    "refunds_returnedcoupon",
    "refunds_refundmove",
    "refunds_chargemove",
    "refunds_exceptionevent",
    "refunds_payeelook",
    "refunds_statementfile",
    "refunds_statementline",
    "refunds_breakevent",
    "refunds_voucher",
    "refunds_vouchercancellation",
    "refunds_redlettermove",
    "refunds_paperread",
)

GUARDS = "".join(
    f"""
CREATE TRIGGER only_added BEFORE UPDATE OR DELETE ON {table}
    FOR EACH ROW EXECUTE FUNCTION refunds_only_added();
CREATE TRIGGER never_emptied BEFORE TRUNCATE ON {table}
    FOR EACH STATEMENT EXECUTE FUNCTION refunds_never_emptied();
"""
    for table in HISTORIES
)

BALANCED = """
CREATE FUNCTION refunds_ledger_balances() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    posted bigint := CASE TG_TABLE_NAME WHEN 'refunds_ledgerentry' THEN (to_jsonb(NEW)->>'transaction_id')::bigint ELSE NEW.id END;
BEGIN
    IF NOT EXISTS (SELECT 1 FROM refunds_ledgerentry WHERE transaction_id = posted)
       OR EXISTS (SELECT 1 FROM refunds_ledgerentry WHERE transaction_id = posted
                  GROUP BY currency HAVING sum(amount) <> 0) THEN
        RAISE EXCEPTION 'ledger transaction % does not balance to zero', posted USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$;

CREATE CONSTRAINT TRIGGER ledger_balances AFTER INSERT ON refunds_ledgerentry
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION refunds_ledger_balances();
CREATE CONSTRAINT TRIGGER ledger_balances AFTER INSERT ON refunds_ledgertransaction
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION refunds_ledger_balances();
"""

SAME_FOR_LIFE = """
CREATE FUNCTION refunds_same_for_life() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'refund %: number, amount and payment are the same for life', OLD.number USING ERRCODE = 'restrict_violation';
END $$;

CREATE TRIGGER same_for_life BEFORE UPDATE ON refunds_refund FOR EACH ROW
    WHEN ((OLD.number, OLD.case_ref, OLD.amount, OLD.currency, OLD.payment_id, OLD.channel, OLD.authorisation_id,
           OLD.platform_share, OLD.bonus, OLD.needs_second)
       IS DISTINCT FROM
          (NEW.number, NEW.case_ref, NEW.amount, NEW.currency, NEW.payment_id, NEW.channel, NEW.authorisation_id,
           NEW.platform_share, NEW.bonus, NEW.needs_second))
    EXECUTE FUNCTION refunds_same_for_life();
CREATE TRIGGER never_removed BEFORE DELETE ON refunds_refund
    FOR EACH ROW EXECUTE FUNCTION refunds_only_added();
"""

DECIDED = """
CREATE FUNCTION refunds_as_decided() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'compensation %: what was decided stays as it is', OLD.id USING ERRCODE = 'restrict_violation';
END $$;

CREATE TRIGGER as_decided BEFORE UPDATE ON refunds_compensation FOR EACH ROW
    WHEN ((OLD.case_ref, OLD.ground, OLD.customer_id, OLD.what, OLD.amount, OLD.currency, OLD.payer, OLD.by_kind,
           OLD.by_id, OLD.needs_second)
       IS DISTINCT FROM
          (NEW.case_ref, NEW.ground, NEW.customer_id, NEW.what, NEW.amount, NEW.currency, NEW.payer, NEW.by_kind,
           NEW.by_id, NEW.needs_second)
       OR OLD.given_at IS NOT NULL OR OLD.declined_at IS NOT NULL)
    EXECUTE FUNCTION refunds_as_decided();
CREATE TRIGGER never_removed BEFORE DELETE ON refunds_compensation
    FOR EACH ROW EXECUTE FUNCTION refunds_only_added();
"""


class Migration(migrations.Migration):
    replaces = [
        ("refunds", "0002_guards"),
        ("refunds", "0005_stored_guards"),
        ("refunds", "0010_papers_never_emptied"),
        ("refunds", "0015_charge_history_only_added"),
        ("refunds", "0016_charges_never_emptied"),
    ]

    dependencies = [("refunds", "0001_schema")]

    operations = [
        migrations.RunSQL(
            APPEND_ONLY + GUARDS,
            "DROP FUNCTION refunds_only_added() CASCADE; DROP FUNCTION refunds_never_emptied() CASCADE;",
        ),
        migrations.RunSQL(BALANCED, "DROP FUNCTION refunds_ledger_balances() CASCADE"),
        migrations.RunSQL(SAME_FOR_LIFE, "DROP FUNCTION refunds_same_for_life() CASCADE"),
        migrations.RunSQL(DECIDED, "DROP FUNCTION refunds_as_decided() CASCADE"),
    ]
