from typing import Any

import pghistory
from csp.constants import NONE, SELF
from django.utils.translation import gettext_lazy as _

from config import env
from config.schedule import AgencyCrontab
from scripts.state import CHECKOUT, state_folder

BASE_DIR = CHECKOUT

# What kind of installation this is
DEBUG = env.flag("DEBUG", False)
DEMO = env.flag("DEMO", False)
SECRET_KEY = env.text("SECRET_KEY")
SITE_URL = env.text("SITE_URL", "http://localhost:8000")
HTTPS = SITE_URL.startswith("https://")
ALLOWED_HOSTS = env.words("ALLOWED_HOSTS", "localhost,127.0.0.1,[::1]")
CSRF_TRUSTED_ORIGINS = [SITE_URL]

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.humanize",
    "django.contrib.gis",
    "django.contrib.postgres",
    "whitenoise.runserver_nostatic",
    "config.static.StaticFiles",
    "django.forms",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "csp",
    "django_htmx",
    "pgtrigger",
    "pghistory",
    "accounts",
    "hotspots",
    "tactics",
    "notices",
    "tips",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "accounts.middleware.HeadersMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "notices.middleware.PublicMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "accounts.middleware.AgencyMiddleware",
    "accounts.middleware.SessionLimitMiddleware",
    "accounts.middleware.GateMiddleware",
    "pghistory.middleware.HistoryMiddleware",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"

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
                "accounts.context_processors.house",
            ],
        },
    },
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"
# Debian 12 has GDAL 3.6; the only spatial references that Django hands it are EPSG numbers of ours.
SILENCED_SYSTEM_CHECKS = ["gis.W001"]

# Database: the application's role owns nothing; `migrate` works through the owner (docs/adr/0002-two-database-roles.md)
_database = {
    "ENGINE": "django.contrib.gis.db.backends.postgis",
    "HOST": env.text("DB_HOST"),
    "PORT": env.text("DB_PORT", 5432),
    "NAME": env.text("DB_NAME"),
    "CONN_MAX_AGE": 60,
    "CONN_HEALTH_CHECKS": True,
    # A machine that dies is noticed on both sides within a minute, and the locks it held become free.
    "OPTIONS": {
        "connect_timeout": 5,
        "keepalives_idle": 30,
        "keepalives_interval": 10,
        "keepalives_count": 3,
        "options": "-c tcp_keepalives_idle=30 -c tcp_keepalives_interval=10 -c tcp_keepalives_count=3",
    },
}
DATABASES = {
    "default": {
        **_database,
        "USER": env.text("DB_USER"),
        "PASSWORD": env.text("DB_PASSWORD"),
        "TEST": {"MIRROR": "owner"},
    },
    "owner": {
        **_database,
        "USER": env.text("DB_OWNER", env.text("DB_USER")),
        "PASSWORD": env.text("DB_OWNER_PASSWORD", env.text("DB_PASSWORD")),
    },
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
INTAKE_DB_USER = env.text("DB_INTAKE_USER", "hotspots_intake")  # `migrate` gives it its few rights

# Queue and schedule
REDIS_URL = env.text("REDIS_URL")
CELERY_BROKER_URL = REDIS_URL
CELERY_RESULT_BACKEND = REDIS_URL
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {"visibility_timeout": 4 * 3600, "socket_timeout": 5, "socket_connect_timeout": 5}
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_IGNORE_RESULT = True
CELERY_TIMEZONE = env.text("TIME_ZONE", "America/Chicago")
CELERY_BEAT_SCHEDULE_FILENAME = str(state_folder() / "celerybeat-schedule")
CELERY_BEAT_SCHEDULE: dict[str, dict[str, Any]] = {
    "recompute-concentration": {
        "task": "hotspots.tasks.recompute_standing_runs",
        "schedule": AgencyCrontab(hour="3", minute="15"),
    },
    "clear-expired-sessions": {
        "task": "accounts.tasks.clear_expired_sessions",
        "schedule": AgencyCrontab(hour="4", minute="45"),
    },
    "remind-of-reviews": {  # again each hour: a person has one mail a day, and mail may be away
        "task": "accounts.tasks.remind_of_reviews",
        "schedule": AgencyCrontab(hour="7-17", minute="0"),
    },
    "draw-rosters": {  # after the day's changes of plans, and long before the first shift
        "task": "tactics.tasks.draw_rosters",
        "schedule": AgencyCrontab(hour="20", minute="30"),
    },
    "make-briefings": {
        "task": "tactics.tasks.make_briefings",
        "schedule": AgencyCrontab(minute="*/10"),
    },
    "remind-of-meetings": {
        "task": "notices.tasks.remind_of_meetings",  # again each hour: a person has one mail a day, and mail may be away
        "schedule": AgencyCrontab(hour="7-17", minute="30"),
    },
    "forget-contacts": {
        "task": "notices.tasks.forget_contacts",
        "schedule": AgencyCrontab(hour="4", minute="30"),
    },
    "purge-tips": {
        "task": "tips.tasks.purge_tips",
        "schedule": AgencyCrontab(hour="4", minute="40"),
    },
    "fetch-mailed-tips": {
        "task": "tips.tasks.fetch_mailed_tips",
        "schedule": AgencyCrontab(minute="*/5"),
    },
    "take-back-uncollected-rewards": {
        "task": "tips.tasks.take_back_uncollected_rewards",
        "schedule": AgencyCrontab(hour="4", minute="20"),
    },
}

# Shared by all processes, and there without Redis: a used sign-in code must be known to every one of them.
CACHES = {
    "default": {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "accounts_cache"},
    "local": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"},
}

# People
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
ACCOUNT_ADAPTER = "accounts.adapter.AccountAdapter"
ACCOUNT_FORMS = {
    "login": "accounts.forms.LoginForm",
    "reauthenticate": "accounts.forms.ReauthenticateForm",
    "change_password": "accounts.forms.ChangePasswordForm",
}
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
# A department often sits behind one address; what stops guessing is the lock-out of the person.
ACCOUNT_RATE_LIMITS = {"login": "120/m/ip", "login_failed": "60/m/ip", "reauthenticate": "10/m/user"}
MFA_ADAPTER = "accounts.adapter.SecondFactorAdapter"
MFA_FORMS = {
    "authenticate": "accounts.forms.CodeForm",
    "reauthenticate": "accounts.forms.CodeAgainForm",
    "activate_totp": "accounts.forms.ActivateAppForm",
    "add_webauthn": "accounts.forms.AddKeyForm",
    "edit_webauthn": "accounts.forms.EditKeyForm",
}
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_ALLOW_UNVERIFIED_EMAIL = True
MFA_RECOVERY_CODES_SHOW_ONCE = True
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not HTTPS
SECOND_FACTOR_REQUIRED = env.flag("SECOND_FACTOR_REQUIRED", not DEMO)
# CJIS Security Policy 5.9.5
SIGN_IN_NOTICE = env.flag("SIGN_IN_NOTICE", not DEMO)
LOCK_AFTER_FAILURES, LOCK_WINDOW_MINUTES = 5, 15
IDLE_MINUTES = env.whole_number("IDLE_MINUTES", 30, least=1)
SESSION_HOURS = 12
DISABLE_UNUSED_AFTER_DAYS = 90

# Trail: every event row is append-only and carries who and where beside it
PGHISTORY_APPEND_ONLY = True
PGHISTORY_CONTEXT_FIELD = pghistory.ContextJSONField()
PGHISTORY_CONTEXT_ID_FIELD = pghistory.ContextUUIDField()
PGHISTORY_MIDDLEWARE_METHODS = ("POST", "PUT", "PATCH", "DELETE")

# Language and time: instants are stored in UTC; pages show the agency's zone
LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("es", _("Spanish"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = CELERY_TIMEZONE
USE_TZ = True
USE_I18N = True

# Files
STATIC_URL = "static/"
STATIC_ROOT = BASE_DIR / "static-collected"
STATICFILES_DIRS = [
    BASE_DIR / "static",
    ("uswds", BASE_DIR / "node_modules/@uswds/uswds/dist"),
    ("maplibre", BASE_DIR / "node_modules/maplibre-gl/dist"),
    ("htmx", BASE_DIR / "node_modules/htmx.org/dist"),
    ("pmtiles", BASE_DIR / "node_modules/pmtiles/dist"),
]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "config.static.Storage" if not DEBUG else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}
WHITENOISE_ALLOW_ALL_ORIGINS = False
MEDIA_ROOT = env.text("MEDIA_ROOT", state_folder() / "media")
FILE_UPLOAD_PERMISSIONS = 0o600

# The browser's side of security: everything comes from this origin, nothing is inline
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "worker-src": [SELF],
        "manifest-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    },
}
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CSRF_FAILURE_VIEW = "accounts.views.errors.csrf_failure"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_AGE = SESSION_HOURS * 3600
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
CSRF_COOKIE_HTTPONLY = True
SECURE_SSL_REDIRECT = HTTPS
SECURE_HSTS_SECONDS = 63072000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = HTTPS
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if env.flag("BEHIND_PROXY", False) else None

# Hot spot analysis
STANDING_WINDOWS = (28, 91, 365)  # days
BLOCK_DISTANCE_M = env.whole_number("BLOCK_DISTANCE_M", 100, least=1)  # how far a point may lie from its block
MOST_HOT_SPOT_PLACES = env.whole_number("MOST_HOT_SPOT_PLACES", 200, least=1)
TILE_CACHE = env.text("TILE_CACHE", state_folder() / "tiles")
BASEMAP_ORIGINS = env.words(
    "BASEMAP_ORIGINS"
)  # other origins that a basemap may come from, such as https://tiles.example.gov
GI_BAND_M = env.whole_number("GI_BAND_M", 0)  # how far neighbors may lie apart; 0: chosen from the places themselves
CHANCE_DRAWS = (39, 199)  # least and most throws that a chance baseline is made of: the more incidents, the fewer
CHANCE_INCIDENTS = 2_000_000  # thrown in all
ASKED_RUNS_KEPT_DAYS = 7  # runs that somebody asked for on the map; the nightly ones are kept for good

# Place measures: clocks of the law and of the program
LEASE_NOTICE_WITHIN_DAYS = env.whole_number("LEASE_NOTICE_WITHIN_DAYS", 30, least=1)  # a notice follows a violation
LEASE_NOTICE_DAYS = env.whole_number("LEASE_NOTICE_DAYS", 30)  # a notice runs before an eviction (K.S.A. 22-3902)
LEASE_COURT_DAYS = env.whole_number("LEASE_COURT_DAYS", 30, least=1)  # then somebody asks the court for the outcome
TRESPASS_MONTHS = env.whole_number("TRESPASS_MONTHS", 12, least=1)  # an authorization holds; 12 at most
TRESPASS_REMINDER_DAYS = env.whole_number("TRESPASS_REMINDER_DAYS", 30)  # before it expires
CAMERA_CONSENT_MONTHS = env.whole_number("CAMERA_CONSENT_MONTHS", 12, least=1)  # then the owner is asked again
MOST_PHOTO_MEGABYTES = env.whole_number("MOST_PHOTO_MEGABYTES", 15, least=1)
MOST_PHOTO_MEGAPIXELS = env.whole_number("MOST_PHOTO_MEGAPIXELS", 64, least=1)

# Letters and public pages
MOST_LETTERS = env.whole_number("MOST_LETTERS", 5000, least=1)  # of one batch
PUBLIC_DELAY_DAYS = env.whole_number("PUBLIC_DELAY_DAYS", 7)  # the public sees a project so long after it began
PUBLIC_REVIEW_DAYS = env.whole_number("PUBLIC_REVIEW_DAYS", 91, least=1)  # what is public is looked at again
PUBLIC_LEAST_ADDRESSES = env.whole_number("PUBLIC_LEAST_ADDRESSES", 8, least=8)  # of an area on a public map
PUBLIC_LEAST_COUNT = env.whole_number("PUBLIC_LEAST_COUNT", 10, least=5)  # smaller counts are not told
CONTACT_KEPT_DAYS = env.whole_number("CONTACT_KEPT_DAYS", 30)  # of who asked for help, after it was given
MOST_HELP_REQUESTS = env.whole_number("MOST_HELP_REQUESTS", 60, least=1)  # in an hour, from the public site
TIP_FORM_URL = env.text("TIP_FORM_URL", "").rstrip("/")  # where the tip form is; empty: none is named

# Tips
TIP_KEPT_DAYS = env.whole_number("TIP_KEPT_DAYS", 180, least=1)  # after it was closed or referred
TIP_UNUSABLE_KEPT_DAYS = env.whole_number("TIP_UNUSABLE_KEPT_DAYS", 30, least=1)  # after it was found not actionable
TIP_ALERT_MINUTES = env.whole_number("TIP_ALERT_MINUTES", 360, least=5)  # reviewers are told of new tips this often
CELERY_BEAT_SCHEDULE["alert-reviewers"] = {"task": "tips.tasks.alert_reviewers", "schedule": 60 * TIP_ALERT_MINUTES}
REWARD_TRIGGER = env.choice("REWARD_TRIGGER", "conviction", ["arrest", "conviction"])  # what a reward is paid for
REWARD_UNCOLLECTED_DAYS = env.whole_number("REWARD_UNCOLLECTED_DAYS", 180, least=1)  # then the money is available again
REWARD_COLLECT_AT = env.text("REWARD_COLLECT_AT", "")  # counter and hours; empty: the agency's own address
# The mailbox of tips; empty: none is looked into
TIP_IMAP_HOST = env.text("TIP_IMAP_HOST", "")
TIP_IMAP_PORT = env.whole_number("TIP_IMAP_PORT", 993, least=1)
TIP_IMAP_USER = env.text("TIP_IMAP_USER", "")
TIP_IMAP_PASSWORD = env.text("TIP_IMAP_PASSWORD", "")
TIP_IMAP_TLS = env.choice("TIP_IMAP_TLS", "ssl", ["ssl", "starttls", "none"])
TIP_IMAP_FOLDER = env.text("TIP_IMAP_FOLDER", "INBOX")

# Mail: reminders to staff, and letters to owners who asked for them
EMAIL_HOST = env.text("EMAIL_HOST", "localhost")
EMAIL_PORT = env.whole_number("EMAIL_PORT", 25, least=1)
EMAIL_HOST_USER = env.text("EMAIL_HOST_USER", "")
EMAIL_HOST_PASSWORD = env.text("EMAIL_HOST_PASSWORD", "")
EMAIL_USE_TLS = env.flag("EMAIL_USE_TLS", False)
EMAIL_TIMEOUT = 20
DEFAULT_FROM_EMAIL = env.text("FROM_EMAIL", "hotspots@localhost")
SERVER_EMAIL = DEFAULT_FROM_EMAIL

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{levelname} {name}: {message}", "style": "{"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": env.text("LOG_LEVEL", "INFO")},
    "filters": {"not_of_mail": {"()": "config.logs.NotOfMail"}},
    "loggers": {
        **{name: {"level": "WARNING"} for name in ("pyogrio", "weasyprint.progress", "pikepdf")},
        "celery.app.trace": {"filters": ["not_of_mail"]},
    },
}
