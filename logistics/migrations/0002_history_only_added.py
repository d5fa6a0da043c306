"""A history that could be edited proves nothing: its rows are only ever added."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("logistics", "0001_initial"), ("orders", "0002_guards")]

    operations = [
        migrations.RunSQL(
            "CREATE TRIGGER only_added BEFORE UPDATE OR DELETE ON logistics_parcelmove "
            "FOR EACH ROW EXECUTE FUNCTION orders_only_added();",
            "DROP TRIGGER only_added ON logistics_parcelmove;",
        )
    ]
