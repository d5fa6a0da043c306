from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('refunds', '0017_centres_act'),
    ]

    operations = [
        migrations.AlterField(
            model_name='settlement',
            name='outcome',
            field=models.CharField(choices=[('paid', 'it was paid'), ('not_paid', 'it was not paid, and will not be'), ('returned', 'it had arrived, and the bank sent it back')], max_length=8),
        ),
    ]
