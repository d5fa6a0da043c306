"""What stands for good: histories, bills, published policies with their rows, and the policy that a case is judged by.

And the serial of requests: gaps are fine, doubles are not.
"""

from django.db import migrations

HISTORIES = (
    "aftersales_returnmove",
    "aftersales_replacementmove",
    "aftersales_measuremove",
    "aftersales_movedon",
    "aftersales_recovery",
)

KEEP_BILL = """
CREATE FUNCTION keep_bill() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'bills are never edited or deleted'; END $$;
CREATE TRIGGER keep_bill BEFORE UPDATE OR DELETE ON aftersales_bill
    FOR EACH ROW EXECUTE FUNCTION keep_bill();
"""

VERSIONS = ("policyversion", "clauseversion")
ROWS = {"windowrow": "policyversion", "rulerow": "policyversion", "clauserow": "clauseversion"}

STAND_STILL = """
CREATE FUNCTION aftersales_version_stands_still() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND OLD.state = 'published' AND NEW.state = 'withdrawn'
       AND to_jsonb(NEW) - 'state' = to_jsonb(OLD) - 'state' THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION '% of % is refused: it is published', TG_OP, TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$;
CREATE FUNCTION aftersales_row_stands_still() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    of_version bigint := CASE TG_OP WHEN 'INSERT' THEN NEW.version_id ELSE OLD.version_id END;
    its_state text;
BEGIN
    EXECUTE format('SELECT state FROM %I WHERE id = $1', TG_ARGV[0]) INTO its_state USING of_version;
    IF its_state <> 'draft' OR (TG_OP = 'UPDATE' AND NEW.version_id <> OLD.version_id) THEN
        RAISE EXCEPTION '% of % is refused: its version is published', TG_OP, TG_TABLE_NAME
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END $$;
""" + "".join(
    f"""
CREATE TRIGGER stands_still BEFORE UPDATE OR DELETE ON aftersales_{table} FOR EACH ROW
    WHEN (OLD.state <> 'draft') EXECUTE FUNCTION aftersales_version_stands_still();"""
    for table in VERSIONS
) + "".join(
    f"""
CREATE TRIGGER stands_still BEFORE INSERT OR UPDATE OR DELETE ON aftersales_{table} FOR EACH ROW
    EXECUTE FUNCTION aftersales_row_stands_still('aftersales_{version}');"""
    for table, version in ROWS.items()
)  # fmt: skip

# A case keeps the versions it is judged by, from its first moment on (I22).
KEEP_POLICY = """
CREATE FUNCTION aftersales_case_keeps_policy() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a case keeps its policy, clauses and order' USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER keeps_policy BEFORE UPDATE ON aftersales_returnrequest FOR EACH ROW
    WHEN ((OLD.policy_version, OLD.clauses_id, OLD.order_id) IS DISTINCT FROM
          (NEW.policy_version, NEW.clauses_id, NEW.order_id))
    EXECUTE FUNCTION aftersales_case_keeps_policy();
"""


class Migration(migrations.Migration):
    replaces = [
        ("aftersales", "0002_serial_and_policy"),
        ("aftersales", "0006_history_only_added"),
        ("aftersales", "0008_policies_stand_still"),
        ("aftersales", "0013_replacement_history_only_added"),
        ("aftersales", "0023_case_keeps_policy"),
    ]

    dependencies = [("aftersales", "0001_schema"), ("orders", "0002_triggers")]

    operations = [
        migrations.RunSQL("CREATE SEQUENCE return_serial INCREMENT BY 50", "DROP SEQUENCE return_serial"),
        migrations.RunSQL(KEEP_BILL, "DROP FUNCTION keep_bill() CASCADE"),
        migrations.RunSQL(
            STAND_STILL,
            "DROP FUNCTION aftersales_version_stands_still() CASCADE; "
            "DROP FUNCTION aftersales_row_stands_still() CASCADE;",
        ),
        migrations.RunSQL(KEEP_POLICY, "DROP FUNCTION aftersales_case_keeps_policy() CASCADE"),
        *[
            migrations.RunSQL(
                f"CREATE TRIGGER only_added BEFORE UPDATE OR DELETE ON {table} "
                "FOR EACH ROW EXECUTE FUNCTION orders_only_added();",
                f"DROP TRIGGER only_added ON {table};",
            )
            for table in HISTORIES
        ],
    ]
