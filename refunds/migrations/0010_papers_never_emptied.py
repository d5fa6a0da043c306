"""What is only ever added is not emptied either: vouchers, red-letter histories, who read them."""

from django.db import migrations

PAPERS = ("refunds_voucher", "refunds_vouchercancellation", "refunds_redlettermove", "refunds_paperread")
GUARD = "CREATE TRIGGER never_emptied BEFORE TRUNCATE ON {} FOR EACH STATEMENT EXECUTE FUNCTION refunds_never_emptied();"


class Migration(migrations.Migration):
    dependencies = [("refunds", "0009_matching")]

    operations = [
        migrations.RunSQL(GUARD.format(paper), f"DROP TRIGGER never_emptied ON {paper};") for paper in PAPERS
    ]
