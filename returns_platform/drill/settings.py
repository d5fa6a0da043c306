"""Settings of a drill: those of the product, over the data folder that the command has made for it."""

from returns_platform.settings import *  # noqa: F403

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
NUDGE_WORKERS = False  # the lane of kills switches it on: only there somebody listens
API_RATE_PER_MINUTE = 0
ROUTE_COOLING_OFF_S = 60
