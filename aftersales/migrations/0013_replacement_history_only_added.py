"""A history that could be edited proves nothing: its rows are only ever added."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("aftersales", "0012_replacements"), ("orders", "0002_guards")]

    operations = [
        migrations.AlterModelOptions(
            name="replacementtask",
            options={
                "default_permissions": ("view",),
                "verbose_name": "Exchanges and repairs that do not move",
                "verbose_name_plural": "Exchanges and repairs that do not move",
            },
        ),
        migrations.RunSQL(
            "CREATE TRIGGER only_added BEFORE UPDATE OR DELETE ON aftersales_replacementmove "
            "FOR EACH ROW EXECUTE FUNCTION orders_only_added();",
            "DROP TRIGGER only_added ON aftersales_replacementmove;",
        )
    ]
