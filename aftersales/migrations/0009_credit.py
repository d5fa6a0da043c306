import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('aftersales', '0008_policies_stand_still'),
        ('orders', '0006_external'),
    ]

    operations = [
        migrations.CreateModel(
            name='Standing',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('next_try_at', models.DateTimeField(blank=True, null=True)),
                ('claimed_until', models.DateTimeField(blank=True, null=True)),
                ('claim', models.PositiveIntegerField(default=0)),
                ('tries', models.PositiveSmallIntegerField(default=0)),
                ('last_error', models.CharField(blank=True, max_length=300)),
                ('score', models.PositiveSmallIntegerField(default=0, verbose_name='score')),
                ('level', models.CharField(choices=[('new', 'new'), ('known', 'known'), ('trusted', 'trusted')], default='new', max_length=7, verbose_name='level')),
                ('reasons', models.JSONField(blank=True, default=list)),
                ('history', models.JSONField(blank=True, default=dict)),
                ('rules_version', models.PositiveIntegerField(default=0)),
                ('scored_at', models.DateTimeField(blank=True, null=True)),
                ('reviewed_until', models.DateTimeField(blank=True, null=True)),
                ('limited_until', models.DateTimeField(blank=True, null=True)),
                ('limit', models.BigIntegerField(blank=True, null=True)),
                ('limit_currency', models.CharField(blank=True, max_length=3)),
                ('blocked_until', models.DateTimeField(blank=True, null=True)),
                ('deposit_until', models.DateTimeField(blank=True, null=True)),
            ],
            options={
                'verbose_name': "customer's credit",
                'verbose_name_plural': "customers' credit",
            },
        ),
        migrations.AddField(
            model_name='returnrequest',
            name='credit',
            field=models.JSONField(blank=True, default=dict),
        ),
        migrations.AddField(
            model_name='returnrequest',
            name='kept',
            field=models.BigIntegerField(default=0),
        ),
        migrations.AddField(
            model_name='returnrequest',
            name='nth',
            field=models.PositiveIntegerField(blank=True, null=True),
        ),
        migrations.RunSQL(  # requests from before stand in the order in which they were filed
            """
            UPDATE aftersales_returnrequest r SET nth = n.nth FROM (
                SELECT id, row_number() OVER (PARTITION BY customer_id ORDER BY filed_at, id) AS nth
                FROM aftersales_returnrequest
            ) n WHERE n.id = r.id
            """,
            "",
        ),
        migrations.AddConstraint(
            model_name='returnrequest',
            constraint=models.UniqueConstraint(fields=('customer', 'nth'), name='one_case_after_the_other'),
        ),
        migrations.AddIndex(
            model_name='returnmove',
            index=models.Index(fields=['at'], name='return_moves_lately'),
        ),
        migrations.AddField(
            model_name='standing',
            name='customer',
            field=models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='standing', to='orders.customer'),
        ),
        migrations.AddIndex(
            model_name='standing',
            index=models.Index(condition=models.Q(('next_try_at__isnull', False)), fields=['next_try_at'], name='credit_due'),
        ),
        migrations.AddIndex(
            model_name='standing',
            index=models.Index(condition=models.Q(('score__gt', 0)), fields=['-score'], name='credit_by_score'),
        ),
        migrations.AddConstraint(
            model_name='standing',
            constraint=models.CheckConstraint(condition=models.Q(('score__lte', 59)), name='score_without_a_person'),
        ),
        migrations.AddConstraint(
            model_name='standing',
            constraint=models.CheckConstraint(condition=models.Q(('level__in', ('new', 'known', 'trusted'))), name='level_known'),
        ),
        migrations.AddConstraint(
            model_name='standing',
            constraint=models.CheckConstraint(condition=models.Q(('limited_until', None), ('limit__gte', 0), _connector='OR'), name='limit_says_how_much'),
        ),
    ]
