"""News for the app above, sent after commit. A lost one costs a sweep's time, never money."""

from django.dispatch import Signal

refund_moved = Signal()  # refund_id: primary key of the Refund whose state changed
charge_moved = Signal()  # charge_id: primary key of the Charge that changed
exception_assigned = Signal()  # exception_id: primary key of the RefundException that somebody was given
