"""A history that could be edited proves nothing: its rows are only ever added."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("orders", "0007_replacements")]

    operations = [
        migrations.RunSQL(
            "CREATE TRIGGER only_added BEFORE UPDATE OR DELETE ON orders_stockmovement "
            "FOR EACH ROW EXECUTE FUNCTION orders_only_added();",
            "DROP TRIGGER only_added ON orders_stockmovement;",
        )
    ]
