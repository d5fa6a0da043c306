from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('aftersales', '0020_recovered'),
        ('orders', '0009_codes'),
    ]

    operations = [
        migrations.AddField(
            model_name='returnrequest',
            name='paid_ahead_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddIndex(
            model_name='returnrequest',
            index=models.Index(condition=models.Q(('paid_ahead_at__isnull', False)), fields=['paid_ahead_at'], name='paid_ahead'),
        ),
    ]
