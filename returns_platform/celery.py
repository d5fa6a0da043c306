"""The Celery app. Messages only say "look at what is due"; the rows are the work."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "returns_platform.settings")

app = Celery("returns_platform")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
