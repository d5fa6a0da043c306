"""Settings, all from the environment. What each means stands in docs/running.md."""

from pathlib import Path

import environ
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

from returns_platform import stack

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()
env.read_env(env.str("ENV_FILE", str(BASE_DIR / ".env")))  # the environment itself wins

DATA_DIR = (BASE_DIR / env.str("DATA_DIR", ".data")).resolve()
DATABASE_URL = env.str("DATABASE_URL", "")
REDIS_URL = env.str("REDIS_URL", "")
DEMO = env.bool("DEMO", not DATABASE_URL)
DEBUG = env.bool("DEBUG", False)
PORT = env.int("PORT", 8000)

# --- who we are -------------------------------------------------------------------------------------------
SECRET_KEY = env.str("SECRET_KEY", "")
SECRET_KEY_FALLBACKS = env.list("SECRET_KEY_FALLBACKS", default=[])
if not SECRET_KEY:
    if not DEMO:
        raise ImproperlyConfigured("SECRET_KEY must be set when DEMO is off: at least 50 random characters.")
    SECRET_KEY = stack.demo_secret_key(DATA_DIR)
SITE_URL = env.str("SITE_URL", f"http://127.0.0.1:{PORT}")
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["127.0.0.1", "localhost", "[::1]"] if DEMO else [])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])
TRUSTED_PROXIES = env.int("TRUSTED_PROXIES", 0)

# --- apps -------------------------------------------------------------------------------------------------
INSTALLED_APPS = [
    "returns_platform",
    "aftersales",
    "refunds",
    "logistics",
    "orders",
    "returns_platform.apps.DeskAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.forms",
    "csp",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "django_fsm",
    "django_htmx",
    "ninja",
    "phonenumber_field",
    "simple_history",
]
MIDDLEWARE = [
    "returns_platform.api.ApiErrors",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "returns_platform.kernel.choices.AccountLanguage",
    "returns_platform.kernel.choices.DeskClock",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "returns_platform.kernel.second_factor.StaffSecondFactor",
    "returns_platform.kernel.answers.Answers",
    "returns_platform.kernel.guard.Guard",
]
ROOT_URLCONF = "returns_platform.urls"
WSGI_APPLICATION = "returns_platform.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "django.template.context_processors.i18n",
                "returns_platform.kernel.ui.frame",
            ],
            "libraries": {"ui": "returns_platform.kernel.templatetags.ui"},
        },
    }
]

FORM_RENDERER = "returns_platform.kernel.forms.Look"
CSRF_FAILURE_VIEW = "returns_platform.kernel.answers.form_too_old"

# --- database, cache, sessions ----------------------------------------------------------------------------
DATABASES = {"default": stack.database(DATABASE_URL, DATA_DIR)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
CACHES = {"default": {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "cache"}}
SESSION_ENGINE = "django.contrib.sessions.backends.db"
MEDIA_ROOT = DATA_DIR / "media"  # private: served by views that check the parties, never by URL alone

# --- worker -----------------------------------------------------------------------------------------------
CELERY_BROKER_URL = stack.broker_url(REDIS_URL, DATA_DIR)
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TIMEZONE = "UTC"
CELERY_TASK_DEFAULT_QUEUE = "default"
CELERY_TASK_ROUTES = {
    "refunds.*": {"queue": "money"},
    "logistics.*": {"queue": "courier"},
    "aftersales.media.*": {"queue": "media"},
    "aftersales.mail.*": {"queue": "mail"},
    "orders.*": {"queue": "mail"},
}
CELERY_TASK_SOFT_TIME_LIMIT = 120
CELERY_TASK_TIME_LIMIT = 150
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "socket_connect_timeout": 1,
    "socket_timeout": 1,  # no page waits longer for a broker that is frozen
    "visibility_timeout": 300,
    "unacked_restore_interval": 10,
    "unacked_restore_throttle": 1,
    "max_retries": 0,
}
NUDGE_WORKERS = env.bool("NUDGE_WORKERS", True)  # tests do without: they call the services
SWEEP_EVERY_S = env.float("SWEEP_EVERY_S", 5.0)
CELERY_BEAT_SCHEDULE = {
    "send-due-codes": {"task": "orders.send_due_codes", "schedule": SWEEP_EVERY_S},
    "complete-signed-orders": {"task": "orders.complete_signed_orders", "schedule": 3600.0},
    "forget-old-doors": {"task": "orders.forget_old_doors", "schedule": 3600.0},
    "pay-due-refunds": {"task": "refunds.pay_due_refunds", "schedule": SWEEP_EVERY_S},
    "follow-charges": {"task": "refunds.follow_charges", "schedule": SWEEP_EVERY_S},
    "take-in-channel-news": {"task": "refunds.take_in_channel_news", "schedule": SWEEP_EVERY_S},
    "write-due-vouchers": {"task": "refunds.write_due_vouchers", "schedule": 60.0},
    "take-in-balances": {"task": "refunds.take_in_balances", "schedule": 60.0},
    "match-statements": {"task": "refunds.match_statements", "schedule": 30.0},
    "follow-statements": {"task": "refunds.follow_statements", "schedule": 300.0},
    "book-due-parcels": {"task": "logistics.book_due_parcels", "schedule": SWEEP_EVERY_S},
    "poll-due-parcels": {"task": "logistics.poll_due_parcels", "schedule": 60.0},
    "take-in-courier-news": {"task": "logistics.take_in_courier_news", "schedule": SWEEP_EVERY_S},
    "follow-cases": {"task": "aftersales.follow_cases", "schedule": SWEEP_EVERY_S},
    "follow-replacements": {"task": "aftersales.follow_replacements", "schedule": SWEEP_EVERY_S},
    "sweep-deadlines": {"task": "aftersales.sweep_deadlines", "schedule": 60.0},
    "look-at-credit": {"task": "aftersales.look_at_credit", "schedule": 60.0},
    "try-drafts": {"task": "aftersales.media.try_drafts", "schedule": 20.0},
    "announce-policies": {"task": "aftersales.mail.announce_policies", "schedule": 60.0},
    "send-due-notices": {"task": "aftersales.mail.send_due_notices", "schedule": SWEEP_EVERY_S},
    "look-after-exceptions": {"task": "refunds.look_after_exceptions", "schedule": 60.0},
    "look-at-evidence": {"task": "aftersales.media.look_at_evidence", "schedule": 20.0},
    "read-waybill-photos": {"task": "aftersales.media.read_waybill_photos", "schedule": SWEEP_EVERY_S},
    "clear-unused-evidence": {"task": "aftersales.media.clear_unused_evidence", "schedule": 3600.0},
}
for _sweep in CELERY_BEAT_SCHEDULE.values():  # after an outage one look is enough, not all that were missed
    _sweep["options"] = {"expires": max(_sweep["schedule"], 10)}

# --- people -----------------------------------------------------------------------------------------------
AUTH_USER_MODEL = "orders.User"
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
STAFF_MFA_REQUIRED = not DEMO
ACCOUNT_ADAPTER = "returns_platform.kernel.accounts.Accounts"
ACCOUNT_LOGIN_METHODS = {"username", "email"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_EMAIL_NOTIFICATIONS = False
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = False
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_REAUTHENTICATION_TIMEOUT = 900
ACCOUNT_FORMS = {"login": "returns_platform.kernel.accounts.SignIn"}
ALLAUTH_TRUSTED_PROXY_COUNT = TRUSTED_PROXIES
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_ALLOW_UNVERIFIED_EMAIL = True  # accounts are made by the platform; their mailboxes are not proven here

# --- how pages introduce themselves -----------------------------------------------------------------------
PLATFORM_NAME = env.str("PLATFORM_NAME", "") or _("Corner Market")
HELP_PHONE = env.str("HELP_PHONE", "400-000-0000")

# --- language and time ------------------------------------------------------------------------------------
LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", _("Simplified Chinese")), ("en", _("English"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"
SHOP_ZONE = env.str("SHOP_ZONE", "Asia/Shanghai")
PHONENUMBER_DEFAULT_REGION = "CN"

# --- static files -----------------------------------------------------------------------------------------
STATIC_URL = "static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
# Served from where they lie, with their time as ETag: nothing to collect, nothing to go stale.
WHITENOISE_USE_FINDERS = True
WHITENOISE_MAX_AGE = 600

# --- safety -----------------------------------------------------------------------------------------------
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'self'"],
        "img-src": ["'self'", "data:", "blob:"],
        "style-src": ["'self'"],
        "script-src": ["'self'"],
        "object-src": ["'none'"],
        "base-uri": ["'none'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'none'"],
    }
}
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SAMESITE = "Lax"
if not DEMO:
    SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = True
    SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = "__Host-session", "__Host-csrf"
    SECURE_SSL_REDIRECT = env.bool("SECURE_SSL_REDIRECT", True)
    SECURE_REDIRECT_EXEMPT = [r"^(healthz|readyz)$"]  # asked by machines, inside
    SECURE_HSTS_SECONDS = env.int("SECURE_HSTS_SECONDS", 31536000)
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    if TRUSTED_PROXIES:
        SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
DATA_UPLOAD_MAX_MEMORY_SIZE = 2_500_000
DATA_UPLOAD_MAX_NUMBER_FILES = 100  # an eleventh photo is told on its page; this is for those who attack
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2000  # a draft of the policy sends its forty rules at once
FILE_UPLOAD_HANDLERS = ["aftersales.evidence.media.LimitedUpload"]

# --- API --------------------------------------------------------------------------------------------------
API_RATE_PER_MINUTE = 0 if DEMO else env.int("API_RATE_PER_MINUTE", 6000)

# --- money ------------------------------------------------------------------------------------------------
REFUND_HOLD_S = env.int("REFUND_HOLD_S", 300)
ROUTE_COOLING_OFF_S = env.int("ROUTE_COOLING_OFF_S", 86400)  # before money goes to an account in another name
TRANSFER_LIMIT = env.int("TRANSFER_LIMIT", 5_000_000)  # minor units: above it a transfer by hand is proved by a photo
BREAK_SECOND_PERSON_ABOVE = env.int("BREAK_SECOND_PERSON_ABOVE", 50_000)  # minor units of an unmatched sum

# --- mail, SMS --------------------------------------------------------------------------------------------
EMAIL_CONFIG = env.email_url("EMAIL_URL", default="dummymail://" if DEMO else "smtp://localhost:25")
vars().update(EMAIL_CONFIG)
if DEMO:
    EMAIL_BACKEND = "orders.accounts.outbox.Outbox"  # whatever EMAIL_URL says: nothing leaves the machine
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", "returns@example.com")
SMS_SENDER = env.str("SMS_SENDER", "returns_platform.kernel.outbound.sms.Console")
SMS_WEBHOOK_URL = env.str("SMS_WEBHOOK_URL", "")
SMS_WEBHOOK_SECRET = env.str("SMS_WEBHOOK_SECRET", "")

# --- the outside world: stand-ins under DEMO, the real hosts otherwise ------------------------------------
STAND_INS = {
    "wechat": "refunds.gateways.wechat.simulator.WeChatPay",
    "alipay": "refunds.gateways.alipay.simulator.Alipay",
    "stripe": "refunds.gateways.stripe.simulator.Stripe",
    "sf": "logistics.couriers.sf.simulator.SFExpress",
    "jd": "logistics.couriers.jd.simulator.JDLogistics",
    "kuaidi100": "logistics.couriers.kuaidi100.simulator.Kuaidi100",
}
COURIERS = env.list("COURIERS", default=["sf", "jd", "kuaidi100"])  # who is asked to come, the preferred one first
SF_BASE_URL = env.str("SF_BASE_URL", "" if DEMO else "https://bspgw.sf-express.com")  # empty: the stand-in
SF_PARTNER_ID = env.str("SF_PARTNER_ID", "")
SF_CHECKWORD = env.str("SF_CHECKWORD", "")
SF_MONTHLY_CARD = env.str("SF_MONTHLY_CARD", "")
SF_PUSH_TOKEN = env.str("SF_PUSH_TOKEN", "")
JD_BASE_URL = env.str("JD_BASE_URL", "" if DEMO else "https://api.jdl.com")  # empty: the stand-in
JD_APP_KEY = env.str("JD_APP_KEY", "")
JD_APP_SECRET = env.str("JD_APP_SECRET", "")
JD_ACCESS_TOKEN = env.str("JD_ACCESS_TOKEN", "")
JD_CUSTOMER_CODE = env.str("JD_CUSTOMER_CODE", "")
KUAIDI100_BASE_URL = env.str("KUAIDI100_BASE_URL", "")  # empty: its own hosts, or the stand-in under DEMO
KUAIDI100_CUSTOMER = env.str("KUAIDI100_CUSTOMER", "")
KUAIDI100_KEY = env.str("KUAIDI100_KEY", "")
KUAIDI100_SECRET = env.str("KUAIDI100_SECRET", "")
KUAIDI100_SALT = env.str("KUAIDI100_SALT", "")
KUAIDI100_PICKUP_COM = env.str("KUAIDI100_PICKUP_COM", "yuantong")  # whom it sends for pickups, by its own code
STAND_IN_TIME_SCALE = 60  # their own retry ladders run so many times faster than the real ones
GATEWAYS = {"wechat": "refunds.gateways.wechat.gateway.WeChatGateway"}
WECHAT_BASE_URL = env.str("WECHAT_BASE_URL", "" if DEMO else "https://api.mch.weixin.qq.com")  # empty: the stand-in
WECHAT_MCHID = env.str("WECHAT_MCHID", "")
WECHAT_APP_ID = env.str("WECHAT_APP_ID", "wx0000000000000000" if DEMO else "")  # customers pay in its name
WECHAT_KEY_SERIAL = env.str("WECHAT_KEY_SERIAL", "")
WECHAT_PRIVATE_KEY = env.str("WECHAT_PRIVATE_KEY", "", multiline=True)
WECHAT_API_V3_KEY = env.str("WECHAT_API_V3_KEY", "")
WECHAT_PLATFORM_KEYS = env.json("WECHAT_PLATFORM_KEYS", {})  # {serial or PUB_KEY_ID: PEM}
STRIPE_BASE_URL = env.str("STRIPE_BASE_URL", "" if DEMO else "https://api.stripe.com")  # empty: the stand-in
STRIPE_SECRET_KEY = env.str("STRIPE_SECRET_KEY", "")
STRIPE_WEBHOOK_SECRETS = env.list("STRIPE_WEBHOOK_SECRETS", default=[])  # several while one is rolled
if DEMO or STRIPE_SECRET_KEY:  # without a contract its refunds are a person's
    GATEWAYS["stripe"] = "refunds.gateways.stripe.gateway.StripeGateway"
ALIPAY_BASE_URL = env.str("ALIPAY_BASE_URL", "" if DEMO else "https://openapi.alipay.com")  # empty: the stand-in
ALIPAY_APP_ID = env.str("ALIPAY_APP_ID", "")
ALIPAY_PRIVATE_KEY = env.str("ALIPAY_PRIVATE_KEY", "", multiline=True)
ALIPAY_PUBLIC_KEY = env.str("ALIPAY_PUBLIC_KEY", "", multiline=True)
ALIPAY_SELLER_ID = env.str("ALIPAY_SELLER_ID", "")
ALIPAY_REFUND_DAYS = env.int("ALIPAY_REFUND_DAYS", 365)  # what the contract says
if DEMO or ALIPAY_APP_ID:  # likewise
    GATEWAYS["alipay"] = "refunds.gateways.alipay.gateway.AlipayGateway"
