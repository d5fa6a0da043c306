from django.db import migrations, models

# A customer's row says what was decided about that customer; it used to repeat what was decided at other shops.
TOLD_ONCE = """
UPDATE aftersales_standing s SET
    reviewed_until = m.reviewed, blocked_until = m.blocked, deposit_until = m.deposit,
    limited_until = m.limited, "limit" = m.amount, limit_currency = coalesce(m.currency, '')
FROM (
    SELECT one.id,
           max(until) FILTER (WHERE kind = 'review') AS reviewed, max(until) FILTER (WHERE kind = 'block') AS blocked,
           max(until) FILTER (WHERE kind = 'deposit') AS deposit, max(until) FILTER (WHERE kind = 'limit') AS limited,
           max(amount) FILTER (WHERE kind = 'limit') AS amount, max(currency) FILTER (WHERE kind = 'limit') AS currency
    FROM aftersales_standing one
    LEFT JOIN aftersales_measure m ON m.customer_id = one.customer_id AND m.state = 'in_force'
    GROUP BY one.id
) m WHERE m.id = s.id
"""


class Migration(migrations.Migration):

    dependencies = [
        ('aftersales', '0005_reason_found'),
    ]

    operations = [
        migrations.RunSQL(TOLD_ONCE, migrations.RunSQL.noop),
        migrations.AlterField(
            model_name='signal',
            name='code',
            field=models.CharField(choices=[('often', 'Many requests in a short time'), ('worn', 'Clothes or shoes came back worn, again and again'), ('other_goods', 'The parcel was empty or held other goods'), ('other_serial', 'A serial number came back that was not sold'), ('lighter', 'The parcel came back lighter than it left'), ('missing_again', 'Goods reported missing again and again'), ('kept_again', 'Money or new goods without a return, again and again'), ('same_photo', "The same picture was shown in another customer's request"), ('same_waybill', 'The same waybill was used for another return'), ('linked', 'Linked with customers of whom something is known'), ('not_borne_out', 'The bench found no fault, more than once')], max_length=20, verbose_name='signal'),
        ),
    ]
