# The Celery app must exist before the first task is named, or a nudge waits on a default broker.
from returns_platform.celery import app as celery_app

__all__ = ["celery_app"]
