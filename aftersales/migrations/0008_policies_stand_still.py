"""What orders stand on never changes: a published version and its rows, by the database's word."""

from django.db import migrations

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

FREE_AGAIN = "".join(f"DROP TRIGGER stands_still ON aftersales_{table};" for table in (*VERSIONS, *ROWS)) + """
DROP FUNCTION aftersales_version_stands_still(); DROP FUNCTION aftersales_row_stands_still();
"""  # fmt: skip


class Migration(migrations.Migration):
    dependencies = [("aftersales", "0007_clauses")]

    operations = [migrations.RunSQL(STAND_STILL, FREE_AGAIN)]
