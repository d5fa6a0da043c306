"""A case keeps the versions it is judged by, from its first moment on (I22)."""

from django.db import migrations

KEEP = """
CREATE FUNCTION aftersales_case_keeps_policy() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a case keeps its policy, clauses and order' USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER keeps_policy BEFORE UPDATE ON aftersales_returnrequest FOR EACH ROW
    WHEN ((OLD.policy_version, OLD.clauses_id, OLD.order_id) IS DISTINCT FROM
          (NEW.policy_version, NEW.clauses_id, NEW.order_id))
    EXECUTE FUNCTION aftersales_case_keeps_policy();
"""
FREE = "DROP TRIGGER keeps_policy ON aftersales_returnrequest; DROP FUNCTION aftersales_case_keeps_policy();"


class Migration(migrations.Migration):
    dependencies = [("aftersales", "0022_announcements")]

    operations = [migrations.RunSQL(KEEP, FREE)]
