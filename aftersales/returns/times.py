"""How long each wait lasts where no policy says it, and when who is waited for hears of it once more.

What each wait leads to stands in `clocks`, which publishes these figures.
"""

from datetime import timedelta

VAN_LATE = timedelta(hours=24)  # after the pickup's window; then the customer takes another way
ON_THE_ROAD = timedelta(days=10)  # without having arrived; then a person asks the courier, as often as it passes
SUPPORT_ANSWERS = timedelta(hours=24)

# Before the time of whoever acts is over.
REMIND_SENDER = timedelta(days=2)
REMIND_CUSTOMER = timedelta(hours=24)  # of photos, of a payment
REMIND_SHOP = timedelta(hours=6)  # of an answer
REMIND_BENCH = timedelta(days=2)
REMIND_SENDING = timedelta(hours=24)  # of what replaces the goods, of what a point has to send on
COUNT_PATIENCE = timedelta(hours=24)  # between the reminder of a count and a person of the platform
