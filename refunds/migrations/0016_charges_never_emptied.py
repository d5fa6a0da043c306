from django.db import migrations

TABLE = "refunds_chargemove"


class Migration(migrations.Migration):
    """The history of charges is never emptied, as no other history is."""

    dependencies = [("refunds", "0015_charge_history_only_added")]
    operations = [
        migrations.RunSQL(
            f"CREATE TRIGGER never_emptied BEFORE TRUNCATE ON {TABLE} "
            "FOR EACH STATEMENT EXECUTE FUNCTION refunds_never_emptied();",
            f"DROP TRIGGER never_emptied ON {TABLE};",
        )
    ]
