import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "returns_platform.settings")
os.environ.setdefault("DB_STATEMENT_TIMEOUT_S", "5")  # no visitor waits longer for the database
application = get_wsgi_application()
