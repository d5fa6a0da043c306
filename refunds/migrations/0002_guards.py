"""What no service may do by mistake: change or remove a posting, post what does not balance, change a refund's facts."""

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

GUARDED = ("refunds_ledgertransaction", "refunds_ledgerentry", "refunds_walletentry", "refunds_refundmove")

GUARDS = "".join(
    f"""
CREATE TRIGGER only_added BEFORE UPDATE OR DELETE ON {table}
    FOR EACH ROW EXECUTE FUNCTION refunds_only_added();
CREATE TRIGGER never_emptied BEFORE TRUNCATE ON {table}
    FOR EACH STATEMENT EXECUTE FUNCTION refunds_never_emptied();
"""
    for table in GUARDED
)

UNGUARD = "".join(
    f"DROP TRIGGER only_added ON {table}; DROP TRIGGER never_emptied ON {table};" for table in GUARDED
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

UNBALANCED = """
DROP TRIGGER ledger_balances ON refunds_ledgerentry;
DROP TRIGGER ledger_balances ON refunds_ledgertransaction;
DROP FUNCTION refunds_ledger_balances();
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

CHANGEABLE = """
DROP TRIGGER never_removed ON refunds_refund;
DROP TRIGGER same_for_life ON refunds_refund;
DROP FUNCTION refunds_same_for_life();
"""


class Migration(migrations.Migration):
    dependencies = [("refunds", "0001_initial")]

    operations = [
        migrations.RunSQL(
            APPEND_ONLY, "DROP FUNCTION refunds_only_added(); DROP FUNCTION refunds_never_emptied();"
        ),
        migrations.RunSQL(GUARDS, UNGUARD),
        migrations.RunSQL(BALANCED, UNBALANCED),
        migrations.RunSQL(SAME_FOR_LIFE, CHANGEABLE),
    ]
