"""A history that could be edited proves nothing: its rows are only ever added."""

from django.db import migrations

HISTORIES = ("logistics_parcelmove", "logistics_weighing")


class Migration(migrations.Migration):
    replaces = [
        ("logistics", "0002_history_only_added"),
    ]

    dependencies = [("logistics", "0001_schema"), ("orders", "0002_triggers")]

    operations = [
        migrations.RunSQL(
            f"CREATE TRIGGER only_added BEFORE UPDATE OR DELETE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION orders_only_added();",
            f"DROP TRIGGER only_added ON {table};",
        )
        for table in HISTORIES
    ]
