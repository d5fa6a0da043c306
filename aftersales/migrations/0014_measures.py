import django.db.models.deletion
import django_fsm
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('aftersales', '0013_replacement_history_only_added'),
        ('orders', '0006_external'),
    ]

    operations = [
        migrations.AddField(
            model_name='returnrequest',
            name='device',
            field=models.CharField(blank=True, max_length=64),
        ),
        migrations.CreateModel(
            name='Measure',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('version', models.PositiveIntegerField(default=0)),
                ('kind', models.CharField(choices=[('watch', 'watch'), ('limit', 'limit what is decided at once'), ('review', 'a person looks first'), ('block', 'nothing at once without a return'), ('deposit', 'deposit')], max_length=7, verbose_name='measure')),
                ('state', django_fsm.FSMField(default='proposed', max_length=50, protected=True, verbose_name='state')),
                ('finding', models.CharField(blank=True, max_length=2000)),
                ('why', models.CharField(blank=True, max_length=2000)),
                ('signals', models.JSONField(blank=True, default=list)),
                ('amount', models.BigIntegerField(blank=True, null=True)),
                ('currency', models.CharField(blank=True, max_length=3)),
                ('days', models.PositiveSmallIntegerField(default=30)),
                ('proposed_at', models.DateTimeField()),
                ('decided_by_kind', models.CharField(blank=True, choices=[('customer', 'customer'), ('merchant', 'merchant'), ('support', 'support'), ('token', 'token'), ('rule', 'rule'), ('courier', 'courier'), ('channel', 'channel'), ('system', 'system')], max_length=10)),
                ('decided_by_id', models.CharField(blank=True, max_length=100)),
                ('decided_by_name', models.CharField(blank=True, max_length=150)),
                ('decided_at', models.DateTimeField(blank=True, null=True)),
                ('second_kind', models.CharField(blank=True, choices=[('customer', 'customer'), ('merchant', 'merchant'), ('support', 'support'), ('token', 'token'), ('rule', 'rule'), ('courier', 'courier'), ('channel', 'channel'), ('system', 'system')], max_length=10)),
                ('second_id', models.CharField(blank=True, max_length=100)),
                ('second_name', models.CharField(blank=True, max_length=150)),
                ('second_at', models.DateTimeField(blank=True, null=True)),
                ('from_at', models.DateTimeField(blank=True, null=True)),
                ('until', models.DateTimeField(blank=True, null=True, verbose_name='until')),
                ('ended_at', models.DateTimeField(blank=True, null=True)),
                ('customer', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='measures', to='orders.customer')),
            ],
            options={
                'verbose_name': 'measure',
                'verbose_name_plural': 'measures',
                'ordering': ('-proposed_at', '-pk'),
                'permissions': [('decide_measure', 'Can decide measures about a customer'), ('agree_to_measure', 'Can agree to a strong measure as the second person'), ('answer_measure_appeal', "Can answer a customer's appeal against a measure")],
            },
        ),
        migrations.CreateModel(
            name='MeasureAppeal',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('text', models.CharField(max_length=2000)),
                ('at', models.DateTimeField()),
                ('due_at', models.DateTimeField()),
                ('outcome', models.CharField(blank=True, choices=[('stands', 'it stands'), ('lifted', 'it is lifted')], max_length=6)),
                ('answer', models.CharField(blank=True, max_length=2000)),
                ('answered_at', models.DateTimeField(blank=True, null=True)),
                ('answered_by_id', models.CharField(blank=True, max_length=100)),
                ('answered_by_name', models.CharField(blank=True, max_length=150)),
                ('measure', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='appeals', to='aftersales.measure')),
            ],
            options={
                'ordering': ('at', 'pk'),
            },
        ),
        migrations.CreateModel(
            name='MeasureMove',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('seq', models.PositiveIntegerField()),
                ('from_state', models.CharField(blank=True, max_length=20)),
                ('to_state', models.CharField(max_length=20)),
                ('by_kind', models.CharField(choices=[('customer', 'customer'), ('merchant', 'merchant'), ('support', 'support'), ('token', 'token'), ('rule', 'rule'), ('courier', 'courier'), ('channel', 'channel'), ('system', 'system')], max_length=10)),
                ('by_id', models.CharField(blank=True, max_length=100)),
                ('by_name', models.CharField(blank=True, max_length=150)),
                ('note', models.CharField(blank=True, max_length=100)),
                ('data', models.JSONField(blank=True, default=dict)),
                ('at', models.DateTimeField()),
                ('row', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='moves', to='aftersales.measure')),
            ],
            options={
                'ordering': ('seq',),
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='Signal',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.CharField(choices=[('often', 'Many requests in a short time'), ('worn', 'Clothes or shoes came back worn, again and again'), ('other_goods', 'The parcel was empty or held other goods'), ('missing_again', 'Goods reported missing again and again'), ('kept_again', 'Money for goods that were not sent back, again and again'), ('same_photo', "The same picture was shown in another customer's request"), ('same_waybill', 'The same waybill was used for another return'), ('linked', 'Linked with customers of whom something is known'), ('not_borne_out', 'The bench found no fault, more than once')], max_length=20, verbose_name='signal')),
                ('weight', models.PositiveSmallIntegerField(verbose_name='weight')),
                ('evidence', models.JSONField(default=list)),
                ('found_at', models.DateTimeField(verbose_name='found at')),
                ('expires_at', models.DateTimeField(verbose_name='stands until')),
                ('dismissed_at', models.DateTimeField(blank=True, null=True)),
                ('dismissed_by', models.CharField(blank=True, max_length=150)),
                ('dismissed_note', models.CharField(blank=True, max_length=500)),
                ('customer', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='signals', to='orders.customer')),
            ],
            options={
                'verbose_name': 'signal',
                'verbose_name_plural': 'signals',
                'ordering': ('-found_at', '-pk'),
            },
        ),
        migrations.CreateModel(
            name='Trace',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('phone', 'phone'), ('address', 'address'), ('device', 'device')], max_length=7)),
                ('digest', models.CharField(max_length=64)),
                ('seen_at', models.DateTimeField()),
                ('customer', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='traces', to='orders.customer')),
            ],
        ),
        migrations.AddIndex(
            model_name='measure',
            index=models.Index(condition=models.Q(('state__in', ('in_force', 'offered'))), fields=['until'], name='measure_time_over'),
        ),
        migrations.AddIndex(
            model_name='measure',
            index=models.Index(fields=['state', 'proposed_at'], name='measure_queue'),
        ),
        migrations.AddConstraint(
            model_name='measure',
            constraint=models.UniqueConstraint(condition=models.Q(('state__in', ('proposed', 'awaiting_second', 'offered', 'in_force'))), fields=('customer', 'kind'), name='one_live_measure_of_a_kind'),
        ),
        migrations.AddConstraint(
            model_name='measure',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state', 'in_force'), _negated=True), models.Q(('decided_by_kind', 'support'), ('from_at__isnull', False), ('until__isnull', False), models.Q(('kind', 'watch'), models.Q(('finding', ''), _negated=True), _connector='OR')), _connector='OR'), name='measure_in_force_ends'),
        ),
        migrations.AddConstraint(
            model_name='measure',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state__in', ('in_force', 'offered')), _negated=True), models.Q(('kind__in', ['block', 'deposit', 'review']), _negated=True), models.Q(('second_kind', 'support'), models.Q(('second_id', models.F('decided_by_id')), _negated=True)), _connector='OR'), name='strong_measures_take_two'),
        ),
        migrations.AddConstraint(
            model_name='measure',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state__in', ('in_force', 'offered')), _negated=True), models.Q(('kind__in', ['deposit', 'limit']), _negated=True), models.Q(('amount__gt', 0), models.Q(('currency', ''), _negated=True)), _connector='OR'), name='measure_says_how_much'),
        ),
        migrations.AddConstraint(
            model_name='measureappeal',
            constraint=models.UniqueConstraint(condition=models.Q(('answered_at', None)), fields=('measure',), name='one_open_appeal'),
        ),
        migrations.AddConstraint(
            model_name='measureappeal',
            constraint=models.CheckConstraint(condition=models.Q(('answered_at', None), models.Q(models.Q(('answer', ''), _negated=True), models.Q(('outcome', ''), _negated=True)), _connector='OR'), name='appeal_answered_in_words'),
        ),
        migrations.AddConstraint(
            model_name='measuremove',
            constraint=models.UniqueConstraint(fields=('row', 'seq'), name='measure_move_once'),
        ),
        migrations.AddConstraint(
            model_name='signal',
            constraint=models.UniqueConstraint(condition=models.Q(('dismissed_at', None)), fields=('customer', 'code'), name='one_signal_of_a_kind'),
        ),
        migrations.AddConstraint(
            model_name='signal',
            constraint=models.CheckConstraint(condition=models.Q(('dismissed_at', None), models.Q(('dismissed_by', ''), ('dismissed_note', ''), _negated=True), _connector='OR'), name='dismissed_by_somebody'),
        ),
        migrations.AddIndex(
            model_name='trace',
            index=models.Index(fields=['kind', 'digest'], name='trace_shared'),
        ),
        migrations.AddIndex(
            model_name='trace',
            index=models.Index(fields=['seen_at'], name='trace_old'),
        ),
        migrations.AddConstraint(
            model_name='trace',
            constraint=models.UniqueConstraint(fields=('customer', 'kind', 'digest'), name='trace_once'),
        ),
        migrations.RunSQL(
            "CREATE TRIGGER only_added BEFORE UPDATE OR DELETE ON aftersales_measuremove "
            "FOR EACH ROW EXECUTE FUNCTION orders_only_added();",
            "DROP TRIGGER only_added ON aftersales_measuremove;",
        ),
    ]
