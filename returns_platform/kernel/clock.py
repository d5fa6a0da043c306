"""The one place where the time of day is read; everything else is given `now`."""

from datetime import datetime

from django.utils import timezone


def now() -> datetime:
    return timezone.now()
