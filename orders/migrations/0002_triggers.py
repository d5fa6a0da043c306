"""What no service may do by mistake: change history, or the money of an order that has an after-sale."""

from django.db import migrations

HISTORIES = ("orders_ordermove", "orders_signature", "orders_stockmovement")

ONLY_ADDED = """
CREATE FUNCTION orders_only_added() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% of % is refused: rows are only ever added', TG_OP, TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$;
""" + "".join(
    f"""
CREATE TRIGGER only_added BEFORE UPDATE OR DELETE ON {table}
    FOR EACH ROW EXECUTE FUNCTION orders_only_added();"""
    for table in HISTORIES
)  # fmt: skip

FROZEN = """
CREATE FUNCTION orders_money_is_frozen() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM orders_orderline WHERE order_id = OLD.order_id AND attempts > 0) THEN
        RAISE EXCEPTION '% of % is refused: its order has an after-sale', TG_OP, TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END $$;

CREATE TRIGGER money_is_frozen BEFORE UPDATE ON orders_orderline FOR EACH ROW
    WHEN ((OLD.quantity, OLD.unit_price, OLD.line_discount, OLD.net, OLD.share_shop, OLD.share_platform,
           OLD.share_points, OLD.share_freight, OLD.discount_shares, OLD.points_used, OLD.points_earned, OLD.tax)
          IS DISTINCT FROM
          (NEW.quantity, NEW.unit_price, NEW.line_discount, NEW.net, NEW.share_shop, NEW.share_platform,
           NEW.share_points, NEW.share_freight, NEW.discount_shares, NEW.points_used, NEW.points_earned, NEW.tax))
    EXECUTE FUNCTION orders_money_is_frozen();
CREATE TRIGGER money_is_not_removed BEFORE DELETE ON orders_orderline
    FOR EACH ROW EXECUTE FUNCTION orders_money_is_frozen();

CREATE TRIGGER money_is_frozen BEFORE UPDATE ON orders_payment FOR EACH ROW
    WHEN ((OLD.amount, OLD.transaction_id, OLD.channel, OLD.paid_at)
          IS DISTINCT FROM (NEW.amount, NEW.transaction_id, NEW.channel, NEW.paid_at))
    EXECUTE FUNCTION orders_money_is_frozen();
CREATE TRIGGER money_is_not_removed BEFORE DELETE ON orders_payment
    FOR EACH ROW EXECUTE FUNCTION orders_money_is_frozen();

CREATE TRIGGER money_is_frozen BEFORE UPDATE OR DELETE ON orders_discount
    FOR EACH ROW EXECUTE FUNCTION orders_money_is_frozen();
"""


class Migration(migrations.Migration):
    replaces = [
        ("orders", "0002_guards"),
        ("orders", "0008_stock_only_added"),
    ]

    dependencies = [("orders", "0001_schema")]

    operations = [
        migrations.RunSQL(ONLY_ADDED, "DROP FUNCTION orders_only_added() CASCADE"),
        migrations.RunSQL(FROZEN, "DROP FUNCTION orders_money_is_frozen() CASCADE"),
    ]
