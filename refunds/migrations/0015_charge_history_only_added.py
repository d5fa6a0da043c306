"""A history that could be edited proves nothing: its rows are only ever added."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("refunds", "0014_charges"), ("orders", "0002_guards")]

    operations = [
        migrations.RunSQL(
            "CREATE TRIGGER only_added BEFORE UPDATE OR DELETE ON refunds_chargemove "
            "FOR EACH ROW EXECUTE FUNCTION orders_only_added();",
            "DROP TRIGGER only_added ON refunds_chargemove;",
        )
    ]
