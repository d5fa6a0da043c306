"""Entries of what customers have stored are only ever added; what a compensation says stays as it was decided."""

from django.db import migrations

GUARDED = ("refunds_pointsentry", "refunds_giftcardentry", "refunds_returnedcoupon")

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

CHANGEABLE = """
DROP TRIGGER never_removed ON refunds_compensation;
DROP TRIGGER as_decided ON refunds_compensation;
DROP FUNCTION refunds_as_decided();
"""

# Which order an entry is about stood in its posting only.
FILL_IN = """
ALTER TABLE refunds_walletentry DISABLE TRIGGER only_added;
UPDATE refunds_walletentry e SET order_id = t.order_id FROM refunds_ledgertransaction t
WHERE e.order_id IS NULL AND t.reference = CASE e.kind WHEN 'refund' THEN 'arrived' ELSE e.kind END || ':' || e.reference;
SET CONSTRAINTS ALL IMMEDIATE; -- a table with checks still to come cannot be altered
ALTER TABLE refunds_walletentry ENABLE TRIGGER only_added;
UPDATE refunds_storecoupon e SET order_id = t.order_id FROM refunds_ledgertransaction t
WHERE e.order_id IS NULL AND t.reference = CASE e.kind WHEN 'refund' THEN 'arrived' ELSE e.kind END || ':' || e.reference;
"""


class Migration(migrations.Migration):
    dependencies = [("refunds", "0004_stored")]

    operations = [
        migrations.RunSQL(GUARDS, UNGUARD),
        migrations.RunSQL(DECIDED, CHANGEABLE),
        migrations.RunSQL(FILL_IN, migrations.RunSQL.noop),
    ]
