from django.db import migrations


class Migration(migrations.Migration):
    """A sequence for numbers of requests: gaps are fine, doubles are not. Bills are never edited."""

    dependencies = [("aftersales", "0001_initial")]
    operations = [
        migrations.RunSQL("CREATE SEQUENCE return_serial INCREMENT BY 50", "DROP SEQUENCE return_serial"),
        migrations.RunSQL(
            """
            CREATE FUNCTION keep_bill() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN RAISE EXCEPTION 'bills are never edited or deleted'; END $$;
            CREATE TRIGGER keep_bill BEFORE UPDATE OR DELETE ON aftersales_bill
            FOR EACH ROW EXECUTE FUNCTION keep_bill();
            """,
            "DROP TRIGGER keep_bill ON aftersales_bill; DROP FUNCTION keep_bill();",
        ),
    ]
